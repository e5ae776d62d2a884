/* object.c - objects from text and back: identifiers, codes, names.
 *
 * Codes and names are looked up in tables of words between spaces. Names of locales are checked by
 * their language alone, as any country may stand behind it.
 */
#include "value/object.h"
#include "value/number.h"

static const char currencies[] =
    " ADP AED AFA AFN ALL AMD ANG AOA ARS ATS AUD AWG AYM AZM AZN BAM BBD BDT BEF BGL BGN BHD "
    "BIF BMD BND BOB BOV BRL BSD BTN BWP BYB BYN BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP "
    "COU CRC CSD CUC CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB EUR FIM FJD FKP "
    "FRF GBP GEL GHC GHS GIP GMD GNF GRD GTQ GWP GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD "
    "IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF "
    "LVL LYD MAD MDL MGA MGF MKD MMK MNT MOP MRO MRU MTL MUR MVR MWK MXN MXV MYR MZM MZN NAD "
    "NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON RSD RUB RUR RWF "
    "SAR SBD SCR SDD SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD SRG SSP STD STN SVC SYP SZL THB "
    "TJS TMM TMT TND TOP TPE TRL TRY TTD TWD TZS UAH UGX USD USN USS UYI UYU UZS VEB VED VEF "
    "VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XFO XFU XOF XPD XPF XPT XSU XTS "
    "XUA XXX YER YUM ZAR ZMK ZMW ZWD ZWG ZWL ZWN ZWR";

static const char languages[] =
    " af agq ak am ar as asa ast az bas be bem bez bg bm bn bo br brx bs ca ccp ce ceb cgg "
    "chr ckb cs cy da dav de dje doi dsb dua dyo dz ebu ee el en eo es et eu ewo fa ff fi fil "
    "fo fr fur fy ga gd gl gsw gu guz gv ha haw he hi hr hsb hu hy ia id ig ii is it ja jgo "
    "jmc jv ka kab kam kde kea khq ki kk kkj kl kln km kn ko kok ks ksb ksf ksh ku kw ky lag "
    "lb lg lkt ln lo lrc lt lu luo luy lv mai mas mer mfe mg mgh mgo mi mk ml mn mni mr ms mt "
    "mua my mzn naq nb nd nds ne nl nmg nn nnh no nus nyn om or os pa pcm pl ps pt qu rm rn "
    "ro rof ru rw rwk sa sah saq sat sbp sd se seh ses sg shi si sk sl smn sn so sq sr su sv "
    "sw ta te teo tg th ti tk to tr tt twq tzm ug uk ur uz vai vi vun wae wo xh xog yav yi yo "
    "yue zgh zh zu";

struct charset {
    const char *name;
    const char *java_class;
    const char *aliases;
};

static const struct charset charsets[] = {
#define CHARSET(name, java_class, aliases) {name, java_class, aliases},
#include "value/charsets.def"
#undef CHARSET
};

struct value value_object(enum class_id class_id, const struct value *parts)
{
    return (struct value){.kind = VALUE_OBJECT,
                          .class_id = (uint8_t)class_id,
                          .count = object_part_count(class_id),
                          .items = parts};
}

uint32_t object_part_count(enum class_id class_id)
{
    switch ((int)class_id) {
    case CLASS_UUID:
    case CLASS_Point:
    case CLASS_Locale: return 2;
    case CLASS_Currency:
    case CLASS_Optional:
    case CLASS_Charset: return 1;
    default: return 0;
    }
}

bool object_is_valid(struct value object)
{
    static const uint8_t kinds[] = {VALUE_LONG, VALUE_DOUBLE, VALUE_STRING};
    uint32_t count = object_part_count((enum class_id)object.class_id);
    uint32_t kind = object.class_id == CLASS_UUID ? 0 : object.class_id == CLASS_Point ? 1 : 2;

    if (count == 0 || object.count != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (object.items[i].kind != kinds[kind]) return false;
    }
    return true;
}

/* --- UUID -------------------------------------------------------------------------------------- */

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* Five hexadecimal numbers between dashes; of too long ones Java takes the last digits. */
enum status uuid_parse(struct slice text, int64_t bits[2])
{
    static const uint32_t digits[] = {8, 4, 4, 4, 12};
    uint64_t words[2] = {0};
    size_t at = 0;

    if (text.len > 36) return STATUS_INVALID;
    for (uint32_t part = 0; part < COUNT_OF(digits); part++) {
        uint64_t number = 0;
        size_t start = at;
        for (; at < text.len && hex_digit(text.data[at]) >= 0; at++)
            number = number << 4 | (uint64_t)hex_digit(text.data[at]);
        if (at == start || at - start > 15) return STATUS_INVALID;
        bool last = part + 1 == COUNT_OF(digits);
        if (last ? at != text.len : at >= text.len || text.data[at++] != '-') return STATUS_INVALID;
        uint64_t *word = &words[part >= 3];
        *word = *word << (4 * digits[part]) | (number & ((1ULL << (4 * digits[part])) - 1));
    }
    bits[0] = (int64_t)words[0];
    bits[1] = (int64_t)words[1];
    return STATUS_OK;
}

static void uuid_to_text(const struct value *parts, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";

    for (uint32_t i = 0; i < 32; i++) {
        uint64_t word = (uint64_t)parts[i / 16].i64;
        if (i == 8 || i == 12 || i == 16 || i == 20) buffer_append_byte(out, '-');
        buffer_append_byte(out, (uint8_t)digits[word >> (60 - 4 * (i % 16)) & 15]);
    }
}

/* --- codes and names --------------------------------------------------------------------------- */

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
}

/* Is the text one of the words, which stand between spaces? */
static bool is_listed(const char *words, struct slice text, bool ignoring_case)
{
    if (text.len == 0 || memchr(text.data, ' ', text.len) != NULL) return false;
    for (const char *at = words; *at != '\0'; at++) {
        size_t len = 0;
        while (len < text.len &&
               (uint8_t)at[len] == (ignoring_case ? lower(text.data[len]) : text.data[len])) {
            len++;
        }
        bool ends = at[len] == '\0' || at[len] == ' ';
        if (len == text.len && ends && at > words && at[-1] == ' ') return true;
    }
    return false;
}

static const struct charset *charset_find(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(charsets); i++) {
        if (slice_equal_ignoring_case(name, slice_of(charsets[i].name)) ||
            is_listed(charsets[i].aliases, name, true)) {
            return &charsets[i];
        }
    }
    return NULL;
}

/* "pl", "pl-PL", "pl_PL". */
static bool locale_split(struct slice text, struct slice parts[2])
{
    size_t dash = 0;

    while (dash < text.len && text.data[dash] != '-' && text.data[dash] != '_')
        dash++;
    parts[0] = (struct slice){text.data, dash};
    parts[1] = (struct slice){0};
    if (!is_listed(languages, parts[0], false)) return false;
    if (dash == text.len) return true;
    parts[1] = (struct slice){text.data + dash + 1, text.len - dash - 1};
    if (parts[1].len != 2) return false;
    for (size_t i = 0; i < 2; i++) {
        if (parts[1].data[i] < 'A' || parts[1].data[i] > 'Z') return false;
    }
    return true;
}

/* --- texts ------------------------------------------------------------------------------------- */

static enum status make(enum class_id class_id, const struct slice *texts, struct arena *arena,
                        struct value *object)
{
    uint32_t count = object_part_count(class_id);
    struct value *parts = arena_alloc(arena, count, sizeof(*parts));
    enum status status = parts != NULL ? STATUS_OK : STATUS_LIMIT;

    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        struct slice copy;
        status = arena_copy(arena, texts[i], &copy);
        if (status == STATUS_OK) parts[i] = value_string(copy);
    }
    if (status == STATUS_OK) *object = value_object(class_id, parts);
    return status;
}

static enum status uuid_from_text(struct slice text, struct arena *arena, struct value *object)
{
    int64_t bits[2];
    enum status status = uuid_parse(text, bits);

    if (status != STATUS_OK || arena == NULL) return status;
    struct value *parts = arena_alloc(arena, 2, sizeof(*parts));
    if (parts == NULL) return STATUS_LIMIT;
    parts[0] = value_long(bits[0]);
    parts[1] = value_long(bits[1]);
    *object = value_object(CLASS_UUID, parts);
    return STATUS_OK;
}

enum status object_from_text(struct slice text, enum class_id class_id, struct arena *arena,
                             struct value *object)
{
    struct slice parts[OBJECT_PARTS_MAX] = {text};
    bool found = false;

    switch ((int)class_id) {
    case CLASS_UUID: return uuid_from_text(text, arena, object);
    case CLASS_Locale: found = locale_split(text, parts); break;
    case CLASS_Currency: found = is_listed(currencies, text, false); break;
    case CLASS_Charset: {
        const struct charset *charset = charset_find(text);
        found = charset != NULL;
        if (found) parts[0] = slice_of(charset->name);
        break;
    }
    default: return STATUS_NOT_FOUND;
    }
    if (!found) return STATUS_INVALID;
    return arena != NULL ? make(class_id, parts, arena, object) : STATUS_OK;
}

void object_to_text(struct value object, struct buffer *out)
{
    const struct value *parts = object.items;

    if (object.class_id == CLASS_UUID) {
        uuid_to_text(parts, out);
    } else if (object.class_id == CLASS_Point) {
        buffer_append_text(out, "Point(");
        number_double_to_text(parts[0].f64, out);
        buffer_append_byte(out, ',');
        number_double_to_text(parts[1].f64, out);
        buffer_append_byte(out, ')');
    } else if (object.class_id == CLASS_Optional) {
        buffer_append_text(out, "Optional[");
        value_to_text(parts[0], out);
        buffer_append_byte(out, ']');
    } else {
        buffer_append(out, value_text(parts[0]));
        if (object.count < 2 || parts[1].len == 0) return;
        buffer_append_byte(out, '_');
        buffer_append(out, value_text(parts[1]));
    }
}

const char *object_class_name(struct value object)
{
    if (object.class_id == CLASS_Charset) {
        const struct charset *charset = charset_find(value_text(object.items[0]));
        if (charset != NULL) return charset->java_class;
    }
    return class_infos[object.class_id].java_name;
}
