/* carets.h - an expression with its caret as '|', and what an editor is told there. */
#pragma once
#include "test.h"

#include "expr/complete/complete.h"
#include "expr/sample.h"
#include "value/utf8.h"

static const char variables[] =
    "[{\"name\":\"input\",\"type\":\"Record{id: String, count: Integer, my-key: Long, seen: "
    "LocalDate}\",\"value\":null},"
    "{\"name\":\"items\",\"type\":\"List[Record{name: String, price: "
    "BigDecimal}]\",\"value\":null},"
    "{\"name\":\"text\",\"type\":\"String\",\"value\":null},"
    "{\"name\":\"number\",\"type\":\"Integer\",\"value\":null},"
    "{\"name\":\"prices\",\"type\":\"Map[String,Double]\",\"value\":null},"
    "{\"name\":\"either\",\"type\":\"String | Integer\",\"value\":null},"
    "{\"name\":\"deep\",\"type\":\"Record{a: Record{b: List[Record{c: Map[String,LocalDate]}]}}\","
    "\"value\":null},"
    "{\"name\":\"shape\",\"type\":\"Record{x: Integer, r: Double} | Record{x: String, side: "
    "Long}\","
    "\"value\":null},"
    "{\"name\":\"month\",\"type\":\"Month\",\"value\":null},"
    "{\"name\":\"any\",\"type\":\"Unknown\",\"value\":null}]";

#define ADDRESS "Record{city: String, my-zip: Integer}"
#define COUNTRIES                                                       \
    "{\"pl\":\"Poland\",\"de\":\"Germany\",\"gr-1\":\"The \\\"old\\\" " \
    "islands\",\"at\":\"Germany\"}"

/* What JSON literals of the tests must be. */
static const char literal[] = "Record{id: String, tags: List[Integer], ok: Boolean, "
                              "address: " ADDRESS ", more: Map[String," ADDRESS "]}";

struct fixture {
    struct arena arena;
    struct dictionary dictionary;
    struct dictionaries dictionaries;
    const struct type *literal;
    struct sample sample;
    struct expr_scope scope;
    struct complete_answer answer;
    struct slice text; /* without the '|' */
};

static inline void setup(struct fixture *fixture)
{
    struct slice why;

    *fixture = (struct fixture){0};
    arena_init(&fixture->arena, (size_t)256 * 1024 * 1024);
    assert_ok(sample_read(SLICE(variables), NULL, &fixture->arena, &fixture->sample, &why));
    fixture->scope.variables = fixture->sample.variables;
    fixture->scope.count = fixture->sample.count;
    struct dictionary_fault fault;
    assert_ok(dictionary_read(SLICE("countries"), CLASS_String, SLICE(COUNTRIES), &fixture->arena,
                              &fixture->dictionary, &fault));
    fixture->dictionaries = (struct dictionaries){&fixture->dictionary, 1};
    fixture->scope.dictionaries = &fixture->dictionaries;
    assert_ok(type_from_text(slice_of(literal), &fixture->arena, &fixture->literal));
}

static inline void ask_at(struct fixture *fixture, struct slice text, enum expr_language language,
                          uint32_t caret)
{
    struct complete_request request = {.text = text,
                                       .language = language,
                                       .scope = &fixture->scope,
                                       .expected = fixture->literal,
                                       .dictionary = SLICE("countries"),
                                       .caret = caret};

    fixture->text = text;
    assert_ok(complete_run(&request, &fixture->arena, &fixture->answer));
}

static inline void ask(struct fixture *fixture, const char *marked, enum expr_language language)
{
    const char *bar = strchr(marked, '|');
    size_t len = strlen(marked) - 1;
    uint8_t *text = arena_alloc(&fixture->arena, len, 1);

    assert_non_null(bar);
    assert_non_null(text);
    size_t before = (size_t)(bar - marked);
    memcpy(text, marked, before);
    memcpy(text + before, bar + 1, len - before);
    ask_at(fixture, (struct slice){text, len}, language,
           (uint32_t)utf8_units((struct slice){text, before}));
}

#define SPEL     EXPR_SPEL
#define TEMPLATE EXPR_TEMPLATE
#define JSON     EXPR_JSON
#define KEY      EXPR_DICT_KEY
#define TABLE    EXPR_TABULAR
