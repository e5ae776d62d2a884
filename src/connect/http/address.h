/* address.h - which network addresses a scenario may reach (D10).
 *
 * Judged on the binary address a connection is about to use, so spelling (decimal, octal, hex),
 * name tricks and rebinding make no difference. source  IANA special-purpose registries
 */
#pragma once
#include <sys/socket.h>

#include "base/base.h"

enum address_class {
    ADDRESS_PUBLIC,
    ADDRESS_PRIVATE, /* loopback, private, carrier-grade NAT: only where the configuration allows */
    ADDRESS_NEVER,   /* link-local and metadata, multicast, unspecified, reserved, tunnels */
};

/* Anything but IPv4 and IPv6 is NEVER. IPv4 inside IPv6 (mapped, NAT64) is judged as IPv4. */
enum address_class address_classify(const struct sockaddr *address, socklen_t len);

/* The same for its text form as getnameinfo writes it; what is no address is NEVER. */
enum address_class address_classify_text(const char *text);
