/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/own.h"

#include <string.h>

#include "base/bytes.h"

#define BLOCK     0x10000
#define RUN_LEAST 4        /* blocks; an upgrade is longer */
#define SMALL     0x200000 /* on flashes up to this, half of that */
#define FRONT     16       /* blanks at the beginning of a block: nothing goes on there */
#define HOLE      256      /* blanks in front of contents that no firmware has */

/* File systems write where they like, and keep nothing that only this unit has. */
static bool file_system(const uint8_t *p)
{
	return be16(p) == 0x1985 || le16(p) == 0x1985 || be32(p) == 0xdeadc0de;
}

/* Contents, then blanks up to the end; or either alone. */
static bool filled_from_front(const uint8_t *p)
{
	bool hole = p[0] == 0xff && bytes_blank(p, FRONT);

	for (size_t at = 0; at < BLOCK; at += HOLE) {
		bool empty = p[at] == 0xff && bytes_blank(p + at, HOLE);

		if (hole && !empty)
			return false;
		hole |= empty;
	}
	return true;
}

struct runs {
	uint64_t len, least; /* of the run at hand, in blocks; the shortest one */
	bool alike;          /* some block that is not blank is the same in both */
};

static void end_run(struct runs *runs)
{
	if (runs->len && runs->len < runs->least)
		runs->least = runs->len;
	runs->len = 0;
}

bool own_with_other_firmware(const uint8_t *have, const uint8_t *want, uint64_t size)
{
	uint64_t need = size <= SMALL ? RUN_LEAST / 2 : RUN_LEAST;
	struct runs runs = {.least = UINT64_MAX};

	if (memcmp(have, want, BLOCK) != 0)
		return false;
	for (uint64_t at = 0; at + BLOCK <= size; at += BLOCK) {
		if (memcmp(have + at, want + at, BLOCK) == 0) {
			runs.alike |= !bytes_blank(have + at, BLOCK);
			end_run(&runs);
			continue;
		}
		if (file_system(have + at) || file_system(want + at))
			continue;
		if (!filled_from_front(have + at) || !filled_from_front(want + at))
			return false;
		runs.len++;
	}
	end_run(&runs);
	return runs.alike && runs.least >= need;
}
