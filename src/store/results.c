/* results.c - latest results in stripes of a hash table, each with a lock and its own bound.
 *
 * An entry is one block and never changes: a new result replaces it whole. A stripe keeps its entries
 * in the order of writing; over the bound the one written longest ago goes. Entries that the last
 * checkpoint known to be committed does not hold stand in a list of their own. Whether a checkpoint was
 * committed is read from the state itself: each writes its number as a tag in the same transaction.
 */
#include "store/results_room.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/popular.h"
#include "store/state.h"

enum {
    STRIPE_SLOTS_FIRST = 16,
    RESULT_VERSION = 1,
};
static const char token_domain[] = "headrace visitor"; /* its NUL is hashed, too */

const struct results_options results_options_default = {
    .visitors_max = 1000000,
    .popular_items_max = 10000,
    .popular_half_life_ms = 86400000,
};

void visitor_token(struct slice name_space, struct slice visitor, char token[VISITOR_TOKEN_BYTES])
{
    crypto_hash_sha256_state hash;
    uint8_t digest[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof(digest), sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

    (void)crypto_hash_sha256_init(&hash);
    (void)crypto_hash_sha256_update(&hash, (const uint8_t *)token_domain, sizeof(token_domain));
    (void)crypto_hash_sha256_update(&hash, name_space.data, name_space.len);
    (void)crypto_hash_sha256_update(&hash, (const uint8_t *)"", 1);
    (void)crypto_hash_sha256_update(&hash, visitor.data, visitor.len);
    (void)crypto_hash_sha256_final(&hash, digest);
    (void)sodium_bin2base64(text, sizeof(text), digest, sizeof(digest),
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    memcpy(token, text, VISITOR_TOKEN_BYTES);
}

/* --- entries ------------------------------------------------------------------------------------- */

/* | version u8 | offset u64 | time_ms i64 | event_id sized | model sized | candidates sized | */
static size_t entry_bytes(const struct result *result)
{
    return 1 + 8 + 8 + (size_t)3 * VARINT_BYTES_MAX + result->event_id.len + result->model.len +
           result->candidates.len;
}

static uint8_t *put_sized(uint8_t *at, struct slice bytes)
{
    at += put_varint(at, bytes.len);
    if (bytes.len > 0) memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

static void entry_write(struct entry *entry, const struct result *result)
{
    uint8_t *at = entry->bytes;

    *at++ = RESULT_VERSION;
    put_le64(at, result->offset);
    put_le64(at + 8, (uint64_t)result->time_ms);
    at = put_sized(at + 16, result->event_id);
    at = put_sized(at, result->model);
    at = put_sized(at, result->candidates);
    entry->len = (size_t)(at - entry->bytes);
    entry->time_ms = result->time_ms;
}

enum status result_entry_read(struct slice bytes, struct result *result)
{
    struct byte_reader reader = byte_reader(bytes);

    if (read_u8(&reader) != RESULT_VERSION) return STATUS_CORRUPT;
    result->offset = read_le64(&reader);
    result->time_ms = (int64_t)read_le64(&reader);
    result->event_id = read_sized(&reader);
    result->model = read_sized(&reader);
    result->candidates = read_sized(&reader);
    return reader.bad || reader.next != reader.end ? STATUS_CORRUPT : STATUS_OK;
}

struct entry *result_entry_create(const char *token, const struct result *result)
{
    struct entry *entry = malloc(sizeof(*entry) + entry_bytes(result));

    if (entry == NULL) return NULL;
    *entry = (struct entry){0};
    memcpy(entry->token, token, VISITOR_TOKEN_BYTES);
    entry_write(entry, result);
    return entry;
}

static uint64_t token_hash(const char *token)
{
    return hash_bytes((struct slice){(const uint8_t *)token, VISITOR_TOKEN_BYTES}, 0);
}

/* --- a stripe; its lock is held ------------------------------------------------------------------ */

struct stripe *stripe_of(struct results *results, const char *token)
{
    return &results->stripes[token_hash(token) % STRIPES];
}

static struct entry **stripe_slot(const struct stripe *stripe, const char *token)
{
    return &stripe->slots[token_hash(token) / STRIPES & (stripe->slot_count - 1)];
}

struct entry **stripe_find(const struct stripe *stripe, const char *token)
{
    struct entry **link = stripe_slot(stripe, token);

    while (*link != NULL && memcmp((*link)->token, token, VISITOR_TOKEN_BYTES) != 0)
        link = &(*link)->chain;
    return link;
}

static void stripe_grow(struct stripe *stripe)
{
    struct entry **old = stripe->slots;
    uint32_t old_count = stripe->slot_count;
    struct entry **slots = calloc((size_t)old_count * 2, sizeof(struct entry *));

    if (slots == NULL) return; /* longer chains, then */
    stripe->slots = slots;
    stripe->slot_count = old_count * 2;
    for (uint32_t i = 0; i < old_count; i++) {
        while (old[i] != NULL) {
            struct entry *entry = old[i];
            struct entry **slot = stripe_slot(stripe, entry->token);

            old[i] = entry->chain;
            entry->chain = *slot;
            *slot = entry;
        }
    }
    free(old);
}

void stripe_order_push(struct stripe *stripe, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = stripe->newest;
    *(stripe->newest == NULL ? &stripe->oldest : &stripe->newest->newer) = entry;
    stripe->newest = entry;
}

static void order_remove(struct stripe *stripe, struct entry *entry)
{
    *(entry->older == NULL ? &stripe->oldest : &entry->older->newer) = entry->newer;
    *(entry->newer == NULL ? &stripe->newest : &entry->newer->older) = entry->older;
}

static void changed_push(struct stripe *stripe, struct entry *entry)
{
    entry->changed = true;
    entry->changed_previous = NULL;
    entry->changed_next = stripe->changed;
    if (stripe->changed != NULL) stripe->changed->changed_previous = entry;
    stripe->changed = entry;
}

void stripe_changed_remove(struct stripe *stripe, struct entry *entry)
{
    if (!entry->changed) return;
    *(entry->changed_previous == NULL ? &stripe->changed : &entry->changed_previous->changed_next) =
        entry->changed_next;
    if (entry->changed_next != NULL)
        entry->changed_next->changed_previous = entry->changed_previous;
    entry->changed = false;
}

/* Unlinks and frees the entry a link points at. */
static void entry_drop(struct stripe *stripe, struct entry **link)
{
    struct entry *entry = *link;

    ASSERT(entry != NULL);
    *link = entry->chain;
    order_remove(stripe, entry);
    stripe_changed_remove(stripe, entry);
    stripe->count--;
    free(entry);
}

/* Out of memory here leaves a stored row of a visitor who went: it would come back by a restart, as
 * the oldest, and go again. */
static void gone_push(struct stripe *stripe, const char *token)
{
    struct gone *gone = malloc(sizeof(*gone));

    if (gone == NULL) return;
    *gone = (struct gone){.next = stripe->gone};
    memcpy(gone->token, token, VISITOR_TOKEN_BYTES);
    stripe->gone = gone;
}

void stripe_bound(struct stripe *stripe, uint32_t entries_max)
{
    while (stripe->count > entries_max) {
        struct entry *oldest = stripe->oldest;

        if (oldest->stored) gone_push(stripe, oldest->token);
        entry_drop(stripe, stripe_find(stripe, oldest->token));
    }
}

void stripe_put(struct stripe *stripe, struct entry *entry, bool changed)
{
    struct entry **link = stripe_find(stripe, entry->token);

    if (*link != NULL) {
        entry->stored = (*link)->stored;
        entry_drop(stripe, link);
    }
    if (stripe->count >= stripe->slot_count) stripe_grow(stripe);
    link = stripe_slot(stripe, entry->token);
    entry->chain = *link;
    *link = entry;
    stripe->count++;
    stripe_order_push(stripe, entry);
    if (changed) changed_push(stripe, entry);
}

/* --- creating ------------------------------------------------------------------------------------ */

enum status results_create(const struct results_options *options, struct results **results)
{
    struct results *made = calloc(1, sizeof(*made));
    int failed = 0;

    if (made == NULL) return STATUS_LIMIT;
    made->options = *options;
    made->stripe_entries_max = (options->visitors_max + STRIPES - 1) / STRIPES;
    made->popular = popular_create(options->popular_items_max, options->popular_half_life_ms);
    bool whole = made->popular != NULL;
    for (int i = 0; i < STRIPES; i++) {
        struct stripe *stripe = &made->stripes[i];

        failed |= pthread_mutex_init(&stripe->lock, NULL);
        stripe->slots = calloc(STRIPE_SLOTS_FIRST, sizeof(struct entry *));
        stripe->slot_count = STRIPE_SLOTS_FIRST;
        whole = whole && stripe->slots != NULL;
    }
    failed |= pthread_mutex_init(&made->popular_lock, NULL);
    ASSERT(failed == 0);
    if (!whole) {
        results_destroy(made);
        return STATUS_LIMIT;
    }
    *results = made;
    return STATUS_OK;
}

static void stripe_free(struct stripe *stripe)
{
    while (stripe->oldest != NULL) {
        struct entry *next = stripe->oldest->newer;

        free(stripe->oldest);
        stripe->oldest = next;
    }
    while (stripe->gone != NULL) {
        struct gone *next = stripe->gone->next;

        free(stripe->gone);
        stripe->gone = next;
    }
    free(stripe->slots);
    (void)pthread_mutex_destroy(&stripe->lock);
}

void results_destroy(struct results *results)
{
    if (results == NULL) return;
    for (int i = 0; i < STRIPES; i++)
        stripe_free(&results->stripes[i]);
    popular_destroy(results->popular);
    (void)pthread_mutex_destroy(&results->popular_lock);
    free(results);
}

/* --- putting and getting ------------------------------------------------------------------------- */

void results_on_put(struct results *results, void (*notify)(void *context, const char *token),
                    void *context)
{
    results->notify = notify;
    results->notify_context = context;
}

enum status results_put(struct results *results, const char token[VISITOR_TOKEN_BYTES],
                        const struct result *result, struct slice viewed)
{
    struct stripe *stripe = stripe_of(results, token);
    struct entry *entry =
        entry_bytes(result) > RESULT_BYTES_MAX ? NULL : result_entry_create(token, result);
    enum status status = STATUS_OK;

    if (entry == NULL) return STATUS_LIMIT;
    (void)pthread_mutex_lock(&stripe->lock);
    stripe_put(stripe, entry, true);
    stripe_bound(stripe, results->stripe_entries_max);
    (void)pthread_mutex_unlock(&stripe->lock);
    if (viewed.len > 0) {
        (void)pthread_mutex_lock(&results->popular_lock);
        status = popular_add(results->popular, viewed, result->time_ms);
        (void)pthread_mutex_unlock(&results->popular_lock);
    }
    if (results->notify != NULL) results->notify(results->notify_context, token);
    return status;
}

enum status results_get(struct results *results, struct slice token, struct arena *arena,
                        struct result *result)
{
    struct slice bytes = {NULL, 0};

    if (token.len != VISITOR_TOKEN_BYTES) return STATUS_NOT_FOUND;
    const char *text = (const char *)token.data;
    struct stripe *stripe = stripe_of(results, text);
    (void)pthread_mutex_lock(&stripe->lock);
    const struct entry *entry = *stripe_find(stripe, text);
    enum status status = STATUS_NOT_FOUND;
    if (entry != NULL) status = arena_copy(arena, (struct slice){entry->bytes, entry->len}, &bytes);
    (void)pthread_mutex_unlock(&stripe->lock);
    return status == STATUS_OK ? result_entry_read(bytes, result) : status;
}

uint32_t results_popular(struct results *results, int64_t now_ms, struct arena *arena,
                         struct candidate *items, uint32_t capacity)
{
    (void)pthread_mutex_lock(&results->popular_lock);
    uint32_t count = popular_best(results->popular, now_ms, arena, items, capacity);
    (void)pthread_mutex_unlock(&results->popular_lock);
    return count;
}

uint64_t results_count(struct results *results)
{
    uint64_t count = 0;

    for (int i = 0; i < STRIPES; i++) {
        (void)pthread_mutex_lock(&results->stripes[i].lock);
        count += results->stripes[i].count;
        (void)pthread_mutex_unlock(&results->stripes[i].lock);
    }
    return count;
}
