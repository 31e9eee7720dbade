/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "device/evidence.h"
#include "device/loss.h"
#include "device/own.h"

#define MARKS_FLASH 0x20000u

/* The bytes as a flash of their own length, then twice in a flash of a fixed one: what is lost when
 * the second half of them replaces the first? */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *have = malloc(MARKS_FLASH), *want = malloc(MARKS_FLASH);
	struct unit_view view = {.have = have, .want = want, .size = MARKS_FLASH};
	struct evidence_list list = {0};
	struct unit_losses losses;
	struct unit_marks marks;
	size_t half = size / 2;

	if (!have || !want || half > MARKS_FLASH)
		goto out;
	if (size && unit_marks_find(data, size, NULL, &marks, NULL))
		abort();
	for (size_t i = 0; size && i < marks.count; i++)
		if (!marks.at[i].at.len || marks.at[i].at.start + marks.at[i].at.len > size)
			abort();
	if (size)
		unit_marks_free(&marks);
	evidence_of_header(data, size, 0, &list);
	memset(have, 0xff, MARKS_FLASH);
	memset(want, 0xff, MARKS_FLASH);
	memcpy(have + MARKS_FLASH - half, data, half);
	memcpy(want + MARKS_FLASH - half, data + half, half);
	if (unit_losses_find(&view, &losses, NULL))
		abort();
	for (size_t i = 0; i < losses.ranges.count; i++)
		if (losses.ranges.at[i].start + losses.ranges.at[i].len > MARKS_FLASH)
			abort();
	unit_losses_free(&losses);
	own_with_other_firmware(have, want, MARKS_FLASH);
out:
	free(have);
	free(want);
	return 0;
}
