/* tzif.c - TZif tables: sizes are checked before anything is read. */
#include "codec/tzif.h"

enum {
    HEADER_BYTES = 44,
    COUNTS_AT = 20,
    TYPE_BYTES = 6,
    HOURS_MAX = 167, /* of a change's time */
    DEFAULT_CHANGE = 2 * 3600
};

struct counts {
    uint32_t isut;
    uint32_t isstd;
    uint32_t leap;
    uint32_t time;
    uint32_t type;
    uint32_t letters;
};

static bool read_header(struct slice bytes, struct counts *counts)
{
    uint32_t *const fields[] = {&counts->isut, &counts->isstd, &counts->leap,
                                &counts->time, &counts->type,  &counts->letters};

    if (bytes.len < HEADER_BYTES || memcmp(bytes.data, "TZif", 4) != 0) return false;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        *fields[i] = get_be32(bytes.data + COUNTS_AT + 4 * i);
    }
    return true;
}

static uint64_t block_bytes(const struct counts *counts, uint32_t time_bytes)
{
    return (uint64_t)counts->time * (time_bytes + 1U) + (uint64_t)counts->type * TYPE_BYTES +
           counts->letters + (uint64_t)counts->leap * (time_bytes + 4U) + counts->isstd +
           counts->isut;
}

static enum status skip(struct slice *bytes, uint64_t count)
{
    if (count > bytes->len) return STATUS_INVALID;
    bytes->data += count;
    bytes->len -= (size_t)count;
    return STATUS_OK;
}

/* --- the rule ----------------------------------------------------------------------------------------- */

struct rule_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
};

static bool try_byte(struct rule_reader *reader, char byte)
{
    bool found = reader->at < reader->end && *reader->at == (uint8_t)byte;

    if (found) reader->at++;
    return found;
}

static int32_t read_number(struct rule_reader *reader, int32_t least, int32_t most)
{
    const uint8_t *start = reader->at;
    int32_t number = 0;

    while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        number = number * 10 + (*reader->at++ - '0');
        if (number > most) break;
    }
    if (reader->at == start || number < least || number > most) reader->bad = true;
    return reader->bad ? least : number;
}

/* "CET" or "<+01>": the names are of no use here. */
static void skip_name(struct rule_reader *reader)
{
    const uint8_t *start = reader->at;
    bool quoted = try_byte(reader, '<');

    while (reader->at < reader->end) {
        bool letter = (*reader->at | 0x20) >= 'a' && (*reader->at | 0x20) <= 'z';
        if (quoted ? *reader->at == '>' : !letter) break;
        reader->at++;
    }
    if (quoted && !try_byte(reader, '>')) reader->bad = true;
    if (reader->at == start) reader->bad = true;
}

static int32_t read_seconds(struct rule_reader *reader)
{
    bool negative = try_byte(reader, '-');
    if (!negative) (void)try_byte(reader, '+');
    int32_t seconds = read_number(reader, 0, HOURS_MAX) * 3600;

    if (try_byte(reader, ':')) seconds += read_number(reader, 0, 59) * 60;
    if (try_byte(reader, ':')) seconds += read_number(reader, 0, 59);
    return negative ? -seconds : seconds;
}

static void read_change(struct rule_reader *reader, struct zone_change *change)
{
    *change = (struct zone_change){.kind = ZONE_DAY_ZERO, .seconds = DEFAULT_CHANGE};
    if (!try_byte(reader, ',')) reader->bad = true;
    if (try_byte(reader, 'M')) {
        change->kind = ZONE_DAY_MONTH_WEEK;
        change->month = read_number(reader, 1, 12);
        if (!try_byte(reader, '.')) reader->bad = true;
        change->week = read_number(reader, 1, 5);
        if (!try_byte(reader, '.')) reader->bad = true;
        change->weekday = read_number(reader, 0, 6);
    } else if (try_byte(reader, 'J')) {
        change->kind = ZONE_DAY_JULIAN;
        change->day = read_number(reader, 1, 365);
    } else {
        change->day = read_number(reader, 0, 365);
    }
    if (try_byte(reader, '/')) change->seconds = read_seconds(reader);
}

static bool offset_fits(int32_t offset)
{
    return offset >= -ZONE_OFFSET_MAX && offset <= ZONE_OFFSET_MAX;
}

enum status tzif_read_rule(struct slice rule, struct zone *zone)
{
    struct rule_reader reader = {.at = rule.data, .end = rule.data + rule.len};

    /* POSIX counts offsets west of Greenwich. */
    skip_name(&reader);
    zone->standard = -read_seconds(&reader);
    zone->summer = zone->standard;
    zone->tail = false;
    if (!reader.bad && reader.at < reader.end) {
        skip_name(&reader);
        bool given = reader.at < reader.end && *reader.at != ',';
        zone->summer = given ? -read_seconds(&reader) : zone->standard + 3600;
        read_change(&reader, &zone->summer_begins);
        read_change(&reader, &zone->summer_ends);
        zone->tail = zone->summer != zone->standard;
    }
    bool good = !reader.bad && reader.at == reader.end && offset_fits(zone->standard) &&
                offset_fits(zone->summer);
    return good ? STATUS_OK : STATUS_INVALID;
}

/* --- the table ---------------------------------------------------------------------------------------- */

static enum status type_offset(struct slice types, uint32_t type_count, uint32_t type,
                               int32_t *offset)
{
    if (type >= type_count) return STATUS_INVALID;
    *offset = (int32_t)get_be32(types.data + (size_t)type * TYPE_BYTES);
    return offset_fits(*offset) ? STATUS_OK : STATUS_INVALID;
}

static enum status read_block(struct slice block, const struct counts *counts, struct arena *arena,
                              struct zone *zone)
{
    const uint8_t *type_of = block.data + (size_t)counts->time * 8;
    struct slice types = {type_of + counts->time, (size_t)counts->type * TYPE_BYTES};
    int64_t *moments = arena_alloc(arena, counts->time + 1, sizeof(*moments));
    int32_t *offsets = arena_alloc(arena, counts->time + 1, sizeof(*offsets));
    int64_t last = INT64_MIN;

    if (moments == NULL || offsets == NULL) return STATUS_LIMIT;
    enum status status = type_offset(types, counts->type, 0, &offsets[0]);
    zone->count = 0;
    for (uint32_t i = 0; i < counts->time && status == STATUS_OK; i++) {
        int64_t moment = (int64_t)__builtin_bswap64(get_le64(block.data + (size_t)i * 8));
        int32_t offset = 0;
        status = type_offset(types, counts->type, type_of[i], &offset);
        if (i > 0 && moment <= last) status = STATUS_INVALID;
        last = moment;
        if (offset == offsets[zone->count]) continue;
        moments[zone->count++] = moment;
        offsets[zone->count] = offset;
    }
    zone->moments = moments;
    zone->offsets = offsets;
    return status;
}

enum status tzif_read(struct slice bytes, struct arena *arena, struct zone *zone)
{
    struct counts counts;

    *zone = (struct zone){0};
    if (!read_header(bytes, &counts) || bytes.data[4] < '2') return STATUS_INVALID;
    enum status status = skip(&bytes, HEADER_BYTES + block_bytes(&counts, 4));
    if (status != STATUS_OK || !read_header(bytes, &counts)) return STATUS_INVALID;
    if (counts.time > TZIF_TRANSITIONS_MAX || counts.type == 0 || counts.type > TZIF_TYPES_MAX) {
        return STATUS_INVALID;
    }
    (void)skip(&bytes, HEADER_BYTES);
    struct slice block = bytes;
    if (skip(&bytes, block_bytes(&counts, 8)) != STATUS_OK) return STATUS_INVALID;
    status = read_block(block, &counts, arena, zone);
    if (status != STATUS_OK) return status;
    zone->standard = zone->offsets[zone->count];
    if (bytes.len < 2 || bytes.data[0] != '\n' || bytes.data[bytes.len - 1] != '\n') {
        return STATUS_INVALID;
    }
    struct slice rule = {bytes.data + 1, bytes.len - 2};
    return rule.len == 0 ? STATUS_OK : tzif_read_rule(rule, zone);
}
