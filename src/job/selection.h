/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What part of the chip is meant, and how it was named. Region names, groups and addresses
 * become ranges; the names are kept beside them, because a range that merely covers this unit's
 * own data does not name them. */
#ifndef NP_JOB_SELECTION_H
#define NP_JOB_SELECTION_H

#include "base/ranges.h"
#include "layout/layout.h"

enum named_how {
	NAMED_REGION,  /* by the name of a region or group of the layout */
	NAMED_UNIT,    /* by the group "unit" */
	NAMED_ADDRESS, /* as START+LEN, or by the address a file is put at */
	NAMED_BY_FILE, /* by the file: a folder or partial backup says itself where it belongs */
};

/* One thing that was named. */
struct part {
	char name[LAYOUT_NAME_MAX]; /* the region, or "0x7d0000-0x7dffff" */
	struct np_range range;
	enum named_how how;
};

struct parts {
	struct part *at; /* owned; in the order named, each range once */
	size_t count;
};

/* Zero-initialised: the whole chip, nothing kept. */
struct selection {
	struct parts parts;    /* what was selected; none: everything */
	struct parts kept;     /* what stays as it is */
	bool keep_nothing;     /* "--keep nothing" was given */
	bool placed;           /* selected by the place of a file, not by its extent */
	struct np_ranges only; /* owned: the union of `parts`; the chip when there are none */
	struct np_ranges keep; /* owned: the union of `kept` */
	struct np_ranges todo; /* owned: only - keep */
};

/* Nothing was selected by name, by address or by a file: the job is about all of the chip. */
bool selection_is_whole(const struct selection *sel);

/*
 * Add what `word` names: a region or group, "unit", START+LEN, START-LAST. `layout` may be NULL
 * (addresses only). Errors: NP_E_RANGE (unknown name, beyond the chip), NP_E_MEMORY.
 */
int selection_add(struct selection *sel, const struct layout *layout, const char *word,
                  uint64_t chip_size, struct np_error *err);
/* Also "nothing": on a device that is not known, everything may go. */
int selection_keep(struct selection *sel, const struct layout *layout, const char *word,
                   uint64_t chip_size, struct np_error *err);

/* Does `word` look like the name of a region or group, which only a layout can place? */
bool selection_is_name(const char *word);

/* Select where a file of `len` bytes comes to lie: `where` is an address or a region. Errors:
 * NP_E_RANGE, NP_E_SIZE (longer than the region). */
int selection_place(struct selection *sel, const struct layout *layout, const char *where,
                    uint64_t len, uint64_t chip_size, struct np_error *err);

/* Everything was selected and the file says itself what it holds: only that is meant. */
int selection_by_file(struct selection *sel, const struct np_ranges *covers, struct np_error *err);

/* All is named: compute `only` and `todo` (anew). NP_E_RANGE when nothing is left. */
int selection_settle(struct selection *sel, uint64_t chip_size, struct np_error *err);

/* Were all parts given as addresses, and is there at least one? */
bool parts_all_addresses(const struct parts *parts);

void selection_free(struct selection *sel);

/* "0x7d0000-0x7dffff" into buf. */
const char *range_text(struct np_range range, char *buf, size_t len);

/* "0x7d0000+65536,0x7f0000+65536" into buf: as --only and --keep take ranges. */
const char *ranges_list(const struct np_ranges *set, char *buf, size_t len);

/* The regions that the set, or the range, touches, "boot,os", as --only takes them; "" without
 * layout; into buf. */
const char *regions_text(const struct layout *layout, const struct np_ranges *set, char *buf,
                         size_t len);
const char *region_names(const struct layout *layout, struct np_range range, char *buf, size_t len);

#endif
