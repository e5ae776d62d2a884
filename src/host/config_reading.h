/* config_reading.h - inside of reading a configuration: between config.c, config_tree.c and config_value.c. */
#pragma once
#include <yaml.h>

#include "host/config.h"

struct config_asked { /* a secret that some value names, and where */
    const char *name;
    yaml_mark_t mark;
};

struct config_reading {
    struct config *config;
    struct buffer *message;
    yaml_document_t document;
    const char *folder; /* of the file, for relative paths */
    struct config_asked asked[CONFIG_ITEMS_MAX];
    uint32_t asked_count;
};

/* Writes "file:line:column: what "which"" (mark, which: may be NULL) and is INVALID. */
enum status config_complain(struct config_reading *reading, const yaml_mark_t *mark,
                            const char *what, const char *which) MUST_USE;

/* A copy in the configuration's arena; NULL: no room. */
char *config_keep(struct config *config, const char *text, size_t len);

/* Reads `text` as the row's kind into the item. mark NULL: a default, which is not judged. */
enum status config_set(struct config_reading *reading, const struct config_row *row, void *item,
                       const char *text, const yaml_mark_t *mark) MUST_USE;

/* Judges the name of an item or one entry of a free mapping. */
enum status config_judge_name(struct config_reading *reading, enum config_kind kind,
                              const char *name, const yaml_mark_t *mark) MUST_USE;
enum status config_judge_pair(struct config_reading *reading, enum config_kind kind,
                              const struct config_pair *pair, const yaml_mark_t *name_mark,
                              const yaml_mark_t *value_mark) MUST_USE;

/* The defaults of a section into its item. */
enum status config_set_defaults(struct config_reading *reading,
                                const struct config_section *section, void *item) MUST_USE;

/* Every section of the file, whose root this is. */
enum status config_read_tree(struct config_reading *reading, const yaml_node_t *root) MUST_USE;
