/* zoneinfo.h - the system's time zone tables: TZif files in one folder, listed in its tzdata.zi. */
#pragma once
#include "base/arena.h"
#include "value/zone.h"

#define ZONEINFO_DIRECTORY "/usr/share/zoneinfo"

/* Reads every table that Java knows by an id too; an empty set if there are none (STATUS_NOT_FOUND).
 * lives    in `arena`
 * fails    NOT_FOUND, IO, INVALID: a file that is no table; LIMIT */
enum status zoneinfo_load(const char *directory, struct arena *arena, struct zones *zones) MUST_USE;
