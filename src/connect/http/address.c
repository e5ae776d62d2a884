/* address.c - two tables of prefixes; the longest list is the one of things nobody should call. */
#include "connect/http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/bytes.h"

struct prefix4 {
    uint32_t network; /* host order */
    uint8_t bits;
    enum address_class class;
};

static const struct prefix4 prefixes4[] = {
    {0x00000000, 8, ADDRESS_NEVER},    /* this host */
    {0x0A000000, 8, ADDRESS_PRIVATE},  /* 10/8 */
    {0x64400000, 10, ADDRESS_PRIVATE}, /* 100.64/10 carrier-grade NAT; one cloud's metadata too */
    {0x7F000000, 8, ADDRESS_PRIVATE},  /* loopback */
    {0xA83F8110, 32, ADDRESS_NEVER},   /* 168.63.129.16: a cloud's host agent */
    {0xA9FE0000, 16, ADDRESS_NEVER},   /* 169.254/16 link-local, metadata */
    {0xAC100000, 12, ADDRESS_PRIVATE}, /* 172.16/12 */
    {0xC0000000, 24, ADDRESS_NEVER},   /* 192.0.0/24 protocol assignments */
    {0xC0000200, 24, ADDRESS_NEVER},   /* 192.0.2/24 documentation */
    {0xC0586300, 24, ADDRESS_NEVER},   /* 192.88.99/24 6to4 relays */
    {0xC0A80000, 16, ADDRESS_PRIVATE}, /* 192.168/16 */
    {0xC6120000, 15, ADDRESS_NEVER},   /* 198.18/15 benchmarks */
    {0xC6336400, 24, ADDRESS_NEVER},   /* 198.51.100/24 documentation */
    {0xCB007100, 24, ADDRESS_NEVER},   /* 203.0.113/24 documentation */
    {0xE0000000, 3, ADDRESS_NEVER},    /* multicast, reserved, broadcast */
};

struct prefix6 {
    uint8_t network[16];
    uint8_t bits;
    enum address_class class;
};

/* Only 2000::/3 is handed out; what these rows do not name outside it is NEVER. */
static const struct prefix6 prefixes6[] = {
    {{[15] = 1}, 128, ADDRESS_PRIVATE},            /* ::1 */
    {{0xFC}, 7, ADDRESS_PRIVATE},                  /* unique local */
    {{0x20, 0x01, 0x00, 0x00}, 23, ADDRESS_NEVER}, /* protocol assignments, Teredo */
    {{0x20, 0x01, 0x0D, 0xB8}, 32, ADDRESS_NEVER}, /* documentation */
    {{0x20, 0x02}, 16, ADDRESS_NEVER},             /* 6to4 */
    {{0x3F, 0xFF, 0x00}, 20, ADDRESS_NEVER},       /* documentation */
    {{0xFD, 0x00, 0x0E, 0xC2}, 32, ADDRESS_NEVER}, /* a cloud's metadata: fd00:ec2::254 */
    {{0x20}, 3, ADDRESS_PUBLIC},
};

static const uint8_t mapped_prefix[12] = {[10] = 0xFF, [11] = 0xFF};
static const uint8_t nat64_prefix[12] = {0x00, 0x64, 0xFF, 0x9B};

static enum address_class classify4(uint32_t address)
{
    for (size_t i = 0; i < COUNT_OF(prefixes4); i++) {
        uint32_t mask = UINT32_MAX << (32U - prefixes4[i].bits);

        if ((address & mask) == prefixes4[i].network) return prefixes4[i].class;
    }
    return ADDRESS_PUBLIC;
}

static bool has_prefix6(const uint8_t address[16], const struct prefix6 *prefix)
{
    size_t whole = prefix->bits / 8U;
    unsigned rest = prefix->bits % 8U;
    uint8_t mask = (uint8_t)(0xFF00U >> rest);

    if (memcmp(address, prefix->network, whole) != 0) return false;
    return rest == 0 || (address[whole] & mask) == prefix->network[whole];
}

/* The strictest row that holds counts: a metadata address is inside unique local ones. */
static enum address_class classify6(const uint8_t address[16])
{
    enum address_class class = ADDRESS_PUBLIC;
    bool known = false;

    if (memcmp(address, mapped_prefix, sizeof(mapped_prefix)) == 0 ||
        memcmp(address, nat64_prefix, sizeof(nat64_prefix)) == 0)
        return classify4(get_be32(address + 12));
    for (size_t i = 0; i < COUNT_OF(prefixes6); i++) {
        if (!has_prefix6(address, &prefixes6[i])) continue;
        known = true;
        if (prefixes6[i].class > class) class = prefixes6[i].class;
    }
    return known ? class : ADDRESS_NEVER;
}

enum address_class address_classify(const struct sockaddr *address, socklen_t len)
{
    if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof(in));
        return classify4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 in6;

        memcpy(&in6, address, sizeof(in6));
        return classify6(in6.sin6_addr.s6_addr);
    }
    return ADDRESS_NEVER;
}

enum address_class address_classify_text(const char *text)
{
    char copy[INET6_ADDRSTRLEN + 32];
    uint8_t bytes[16];
    size_t len = strcspn(text, "%"); /* a zone says which interface, not which address */

    if (len >= sizeof(copy)) return ADDRESS_NEVER;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET, copy, bytes) == 1) return classify4(get_be32(bytes));
    if (inet_pton(AF_INET6, copy, bytes) == 1) return classify6(bytes);
    return ADDRESS_NEVER;
}
