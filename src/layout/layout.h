/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layouts: named regions of a flash, which of them belong to this unit, and fields inside them.
 * From built-in device profiles (layouts/NAME.ini), a user's profile, or a flashrom layout file.
 * Parsing works on text in memory; files are device/load.h's.
 */
#ifndef NP_LAYOUT_LAYOUT_H
#define NP_LAYOUT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ranges.h"

#define LAYOUT_NAME_MAX 64
#define LAYOUT_ALIASES  6
#define LAYOUT_SIZE_MAX ((uint64_t)1 << 32) /* no SPI NOR is bigger than 4 GiB */

enum layout_field_type {
	FIELD_MAC,      /* 6 raw bytes */
	FIELD_MAC_TEXT, /* 17 or 12 ASCII characters */
	FIELD_PIN,      /* 8 ASCII digits, WPS checksum */
	FIELD_IMEI,     /* 15 ASCII digits, Luhn */
	FIELD_SERIAL,   /* text */
	FIELD_CAL,      /* calibration: begins with a chip number, little endian, in `expect` */
	FIELD_BYTES,    /* anything else */
	FIELD_GBE_MAC,  /* both 4 KiB copies of an Intel GbE region: MAC, and a sum of words */
};

struct layout_field {
	char name[LAYOUT_NAME_MAX]; /* "mac", "imei", "pin", "cal-2g" */
	enum layout_field_type type;
	uint64_t start, len; /* absolute address, bytes */
	uint16_t expect[8];  /* FIELD_CAL: accepted chip numbers; 0 ends */
	char doubt[160];     /* why the address may be wrong, or "" */
	bool unit;           /* this unit's own even where its region is not */
};

/* Another value the device computes from a field: `wan = mac+1`. */
struct layout_derived {
	char name[LAYOUT_NAME_MAX];
	char field[LAYOUT_NAME_MAX]; /* a MAC field of the same layout */
	int offset;
};

#define LAYOUT_SIGN_MAX 64
#define LAYOUT_TOGETHER 96 /* a list of field names, commas between them */

/* What a dump of this device shows: `len` bytes that begin somewhere in [start, start + span). */
struct layout_sign {
	uint64_t start, span; /* span 1: exactly at start */
	uint8_t bytes[LAYOUT_SIGN_MAX];
	size_t len;
	bool need;     /* without it the dump is another device's */
	bool identity; /* no other device shows it: names this one; else it only speaks for it */
	char with[LAYOUT_TOGETHER]; /* "mac,cal-5g": names it only where these fields are good */
};

struct layout_region {
	char name[LAYOUT_NAME_MAX];
	char alias[LAYOUT_NAME_MAX]; /* vendor's or OpenWrt's other name, or "" */
	char holds[160];             /* what is in it */
	uint64_t start, len;
	bool unit;       /* this unit's own */
	bool boot;       /* the boot loader */
	bool open_end;   /* to the end of a flash of unknown size: up to LAYOUT_SIZE_MAX so far */
	char doubt[160]; /* where the sources disagree, or "" */
};

struct layout {
	char name[LAYOUT_NAME_MAX];                    /* "tplink-mr200-v1" */
	char device[160];                              /* "TP-Link Archer MR200 v1" */
	char aliases[LAYOUT_ALIASES][LAYOUT_NAME_MAX]; /* OpenWrt's and the vendor's names of it */
	size_t alias_count;
	char source[256];              /* where the facts come from */
	char path[256];                /* file it was read from, or "built-in" */
	uint64_t size;                 /* flash size; 0: any */
	bool profile;                  /* a device profile (has unit knowledge), not just names */
	struct layout_region *regions; /* owned, sorted by start, disjoint */
	size_t region_count;
	struct layout_region *groups; /* owned; each holds whole regions and lends them its name */
	size_t group_count;
	struct layout_field *fields; /* owned */
	size_t field_count;
	struct layout_derived *derived; /* owned */
	size_t derived_count;
	struct layout_sign *signs; /* owned */
	size_t sign_count;
	char together
		[LAYOUT_TOGETHER]; /* fields that name the device when all of them are good, and
	                                   nothing names another one; or "" */
	char doubt[160];           /* about the profile as a whole, or "" */
	struct np_ranges unit;     /* everything that is this unit's own */
};

/* Parse a profile (inih syntax; the schema is doc/PROFILES.md). `name` is for messages.
 * Errors: NP_E_INPUT with "NAME:LINE: ..." */
int layout_parse_profile(const char *text, size_t len, const char *name, struct layout *layout,
                         struct np_error *err);

/* Parse a flashrom layout file ("START:END name" per line, hex, inclusive; # comments). */
int layout_parse_flashrom(const char *text, size_t len, const char *name, struct layout *layout,
                          struct np_error *err);

/* The built-in profiles (compiled in from layouts/): names, NULL-terminated. */
const char *const *layout_builtin_names(void);

/* Which of them `name` means: one's own name, or an alias of its device whatever the case. NULL:
 * none. */
const char *layout_builtin_name(const char *name);

/* The built-in profile that `name` means, parsed; *found is false, and the layout empty, when there
 * is none. Errors: as layout_parse_profile(). */
int layout_load_builtin(const char *name, struct layout *layout, bool *found, struct np_error *err);

/* NP_E_INPUT: nothing is named `spec`; the hint lists built-in profiles of near names. */
int layout_fail_unknown_name(const char *spec, struct np_error *err);

/* The next field of a list ("mac,cal-5g"), *list moved behind it; NULL at its end, or when the
 * layout has no field of that name. */
const struct layout_field *layout_field_next(const struct layout *layout, const char **list);

/* The field by name, whatever the case, or NULL. */
const struct layout_field *layout_field(const struct layout *layout, const char *name);

/* Check against a flash of `chip_size` bytes: regions inside, fields inside. NP_E_RANGE /
 * NP_E_SIZE. */
int layout_check(const struct layout *layout, uint64_t chip_size, struct np_error *err);

/* The flash has `chip_size` bytes: end there what runs to its end, then layout_check(). NP_E_RANGE
 * when nothing is left for it. */
int layout_fit(struct layout *layout, uint64_t chip_size, struct np_error *err);

/* Add what `word` means to `set`: the name of a region or group, an alias, the group "unit", or a
 * raw range. `layout` may be NULL (then only raw ranges). Errors: NP_E_RANGE naming the regions
 * there are, or the chip's end. */
int layout_resolve(const struct layout *layout, const char *word, uint64_t chip_size,
                   struct np_ranges *set, struct np_error *err);

/* The region or group by name or alias, whatever the case unless two differ in it; or NULL. */
const struct layout_region *layout_find(const struct layout *layout, const char *name);

/* The region that holds `addr`, or NULL. */
const struct layout_region *layout_at(const struct layout *layout, uint64_t addr);

/* Do the layout's MAC fields in `image` (chip contents) look like MACs? A device may have fewer
 * addresses than there are places for them: beside a good one, blank ones are none. False with the
 * offending bytes and address in `why`. True when the layout has no MAC field. */
bool layout_plausible(const struct layout *layout, const uint8_t *image, size_t len, char *why,
                      size_t why_len);

void layout_free(struct layout *layout);

#endif
