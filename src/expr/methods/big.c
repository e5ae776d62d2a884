/* big.c - BigInteger: Java's methods on it. */
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/big_bits.h"
#include "value/decimal.h"

/* ZERO, ONE, TWO, TEN */
enum status method_number_constant(struct call *call)
{
    static const char *const names[] = {"ZERO", "ONE", "TWO"};
    int64_t number = 10;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(call->method->name, names[i]) == 0) number = (int64_t)i;
    }
    return call_return(call, call_receiver_kind(call) == VALUE_BIG_INTEGER ? big_from_i64(number)
                                                                           : decimal_of(number, 0));
}

static enum status fail(struct call *call, const char *message)
{
    return call_fail(call, message, (struct slice){0});
}

/* Work that grows with the square of the digits, `rounds` times. */
static enum status spend(struct call *call, struct value number, uint64_t rounds)
{
    uint64_t limbs = big_bit_length(number) / 64 + 1;

    return machine_spend(call->machine, rounds * (limbs * limbs / 16 + 1));
}

/* --- arithmetic --------------------------------------------------------------------------------------- */

enum status method_big_add(struct call *call)
{
    return call_operate(call, OPERATOR_ADD);
}

enum status method_big_subtract(struct call *call)
{
    return call_operate(call, OPERATOR_SUBTRACT);
}

enum status method_big_multiply(struct call *call)
{
    return call_operate(call, OPERATOR_MULTIPLY);
}

enum status method_big_divide(struct call *call)
{
    return call_operate(call, OPERATOR_DIVIDE);
}

enum status method_big_remainder(struct call *call)
{
    return call_operate(call, OPERATOR_REMAINDER);
}

enum status method_big_divide_and_remainder(struct call *call)
{
    struct value other;
    struct value parts[2];
    enum status status = call_same_kind(call, 1, &other);

    if (status != STATUS_OK) return status;
    status = big_divide(call->arguments[0], other, call_arena(call), &parts[0], &parts[1]);
    if (status != STATUS_OK) return call_status(call, status, "BigInteger divide by zero");
    return call_give_array(call, CLASS_BigInteger, parts, 2);
}

static enum status modulus_of(struct call *call, uint32_t index, struct value *modulus)
{
    enum status status = call_same_kind(call, index, modulus);

    if (status != STATUS_OK) return status;
    return big_sign(*modulus) > 0 ? STATUS_OK : fail(call, "BigInteger: modulus not positive");
}

enum status method_big_mod(struct call *call)
{
    struct value modulus;
    struct value rest;
    enum status status = modulus_of(call, 1, &modulus);

    if (status == STATUS_OK) status = call_operate(call, OPERATOR_REMAINDER);
    if (status != STATUS_OK || big_sign(*call->result) >= 0) return status;
    return call_give(call, big_add(*call->result, modulus, call_arena(call), &rest), rest);
}

static enum status invert(struct call *call, struct value modulus, struct value *inverse)
{
    enum status status = spend(call, modulus, 64);

    if (status != STATUS_OK) return status;
    status = big_inverse_mod(call->arguments[0], modulus, call_arena(call), inverse);
    return call_status(call, status, "BigInteger not invertible.");
}

enum status method_big_mod_inverse(struct call *call)
{
    struct value modulus;
    struct value inverse;
    enum status status = modulus_of(call, 1, &modulus);

    if (status == STATUS_OK) status = invert(call, modulus, &inverse);
    return status == STATUS_OK ? call_return(call, inverse) : status;
}

enum status method_big_mod_pow(struct call *call)
{
    struct value modulus;
    struct value exponent;
    struct value base = call->arguments[0];
    struct value power;
    enum status status = call_same_kind(call, 1, &exponent);

    if (status == STATUS_OK) status = modulus_of(call, 2, &modulus);
    if (status == STATUS_OK && big_sign(exponent) < 0) {
        status = invert(call, modulus, &base);
        if (status == STATUS_OK) {
            status = big_negate(exponent, call_arena(call), &exponent);
            status = call_status(call, status, "");
        }
    }
    if (status == STATUS_OK) status = spend(call, modulus, big_bit_length(exponent));
    if (status != STATUS_OK) return status;
    return call_give(call, big_power_mod(base, exponent, modulus, call_arena(call), &power), power);
}

enum status method_big_max(struct call *call)
{
    return call_extreme(call, 1);
}

enum status method_big_min(struct call *call)
{
    return call_extreme(call, -1);
}

enum status method_big_abs(struct call *call)
{
    return method_decimal_abs(call);
}

enum status method_big_negate(struct call *call)
{
    return method_decimal_negate(call);
}

enum status method_big_pow(struct call *call)
{
    return method_decimal_pow(call);
}

enum status method_big_signum(struct call *call)
{
    return call_return(call, value_integer(big_sign(call->arguments[0])));
}

enum status method_big_gcd(struct call *call)
{
    struct value other;
    struct value result = value_null();
    enum status status = call_same_kind(call, 1, &other);

    if (status != STATUS_OK) return status;
    return call_give(call, big_gcd(call->arguments[0], other, call_arena(call), &result), result);
}

static enum status root(struct call *call, struct value parts[2])
{
    enum status status;

    if (big_sign(call->arguments[0]) < 0) return fail(call, "Negative BigInteger");
    status = big_root(call->arguments[0], call_arena(call), &parts[0], &parts[1]);
    return call_status(call, status, "");
}

enum status method_big_sqrt(struct call *call)
{
    struct value parts[2];
    enum status status = root(call, parts);

    return status == STATUS_OK ? call_return(call, parts[0]) : status;
}

enum status method_big_sqrt_and_remainder(struct call *call)
{
    struct value parts[2];
    enum status status = root(call, parts);

    return status == STATUS_OK ? call_give_array(call, CLASS_BigInteger, parts, 2) : status;
}

/* --- making ------------------------------------------------------------------------------------------- */

enum status method_big_value_of(struct call *call)
{
    int64_t number = 0;
    enum status status = call_integer(call, 1, &number);

    return status == STATUS_OK ? call_return(call, big_from_i64(number)) : status;
}

enum status method_big_new(struct call *call)
{
    struct value text;
    struct value result = value_null();
    enum status status = call_string(call, 1, &text);

    if (status != STATUS_OK) return status;
    bool sign = text.len > 0 && (text.text[0] == '-' || text.text[0] == '+');
    if (text.len == (uint32_t)sign) return fail(call, "Zero length BigInteger");
    for (uint32_t i = 1; i < text.len; i++) {
        if (text.text[i] == '-' || text.text[i] == '+') {
            return fail(call, "Illegal embedded sign character");
        }
    }
    status = big_parse(value_text(text), call_arena(call), &result);
    return status == STATUS_INVALID ? call_fail_format(call, text)
                                    : call_give(call, status, result);
}

enum status method_big_to_string(struct call *call)
{
    enum { TEXT_BYTES_MAX = BIG_LIMBS_MAX * 64 + 1 };
    struct value number = call->arguments[0];
    int64_t radix = 10;
    uint32_t bytes_max = big_bit_length(number) + 2;
    enum status status = call_integer(call, 1, &radix);

    if (status == STATUS_OK) status = spend(call, number, 1);
    if (status != STATUS_OK) return status;
    uint8_t *memory = machine_alloc(call->machine, bytes_max, 1);
    struct buffer text = {.data = memory, .capacity = bytes_max, .bytes_max = bytes_max};
    if (memory == NULL) return machine_limit(call->machine);
    big_to_radix(number, radix < 2 || radix > RADIX_MAX ? 10 : (uint32_t)radix, &text);
    return call_return(call, value_string(buffer_slice(&text)));
}

/* --- primes ------------------------------------------------------------------------------------------- */

static enum status is_prime(struct call *call, struct value number, bool *prime)
{
    enum { ROUNDS = 32 };
    enum status status = spend(call, number, (uint64_t)big_bit_length(number) + ROUNDS);

    if (status != STATUS_OK) return status;
    *prime = false;
    if (big_compare(number, big_from_i64(1)) <= 0) return STATUS_OK;
    return call_status(call, big_is_prime(number, call_arena(call), prime), "");
}

enum status method_big_is_probable_prime(struct call *call)
{
    int64_t certainty = 0;
    bool prime = true;
    struct value number = call->arguments[0];
    enum status status = call_integer(call, 1, &certainty);

    if (status == STATUS_OK) {
        status = arithmetic_absolute(number, call_arena(call), &number);
        status = call_status(call, status, "");
    }
    if (status == STATUS_OK && certainty > 0) status = is_prime(call, number, &prime);
    return status == STATUS_OK ? call_return(call, value_boolean(prime)) : status;
}

enum status method_big_next_probable_prime(struct call *call)
{
    struct value number = call->arguments[0];
    struct slice text;
    bool prime = false;
    enum status status = STATUS_OK;

    if (big_sign(number) < 0) {
        status = machine_text(call->machine, number, &text);
        return status == STATUS_OK ? call_fail(call, "start < 0: %", text) : status;
    }
    while (status == STATUS_OK && !prime) {
        status = big_add(number, big_from_i64(1), call_arena(call), &number);
        status =
            status == STATUS_OK ? is_prime(call, number, &prime) : call_status(call, status, "");
    }
    return status == STATUS_OK ? call_return(call, number) : status;
}

enum status method_big_probable_prime(struct call *call)
{
    int64_t bits = 0;
    enum status status = call_integer(call, 1, &bits);

    if (status != STATUS_OK) return status;
    if (bits < 2) return fail(call, "bitLength < 2");
    return call_fail_null(call, 2,
                          "Cannot invoke \"java.util.Random.nextInt()\" because \"rnd\" is null");
}

/* --- exact narrowing ---------------------------------------------------------------------------------- */

static enum status narrow(struct call *call, enum value_kind kind, const char *message)
{
    struct value result;
    struct value number = call->arguments[0];

    if ((number.flags & VALUE_WIDE) != 0) return fail(call, message);
    if (number_convert(number, kind, call_arena(call), &result) != STATUS_OK) {
        return fail(call, message);
    }
    return call_return(call, result);
}

enum status method_big_long_value_exact(struct call *call)
{
    return narrow(call, VALUE_LONG, "BigInteger out of long range");
}

enum status method_big_int_value_exact(struct call *call)
{
    return narrow(call, VALUE_INTEGER, "BigInteger out of int range");
}

enum status method_big_short_value_exact(struct call *call)
{
    return narrow(call, VALUE_SHORT, "BigInteger out of short range");
}

enum status method_big_byte_value_exact(struct call *call)
{
    return narrow(call, VALUE_BYTE, "BigInteger out of byte range");
}
