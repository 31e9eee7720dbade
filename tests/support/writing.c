/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/writing.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct rig rig;
uint8_t *image, *before;
struct write_result result;
struct np_error err;

void writing_setup(void)
{
	rig_init(&rig);
	memset(&err, 0, sizeof(err));
}

void writing_start(void)
{
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
	rig_fill(norsim_mem(rig.chip), rig.size, 1);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	rig_fill(image, rig.size, 2);
	norsim_clear_stats(rig.chip);
}

void writing_teardown(void)
{
	rig_free(&rig);
	free(image);
	free(before);
	image = before = NULL;
}

struct np_ranges writing_range(uint64_t start, uint64_t len)
{
	struct np_ranges set = {0};

	ck_assert_int_eq(np_ranges_add(&set, (struct np_range){start, len}, NULL), 0);
	return set;
}
