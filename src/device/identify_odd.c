/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device/identify_odd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/units.h"
#include "image/front.h"
#include "image/transform.h"

#define SMALLEST_CHIP ((size_t)256 << 10)
#define LONG_ENOUGH   ((size_t)1 << 20) /* shorter files hold two copies of an environment */

bool odd_shifted(size_t len, struct image_report *report)
{
	uint64_t at;
	int by = front_shift(len, &report->parts, &at);

	if (!by)
		return false;
	report->kind = IMAGE_SWAPPED;
	snprintf(report->text, sizeof(report->text), "dump with %d byte%s too %s in front", abs(by),
	         abs(by) == 1 ? "" : "s", by > 0 ? "many" : "few");
	snprintf(report->why, sizeof(report->why),
	         "what begins at 0x%llx begins a block in a flash; read the chip again, slower",
	         (unsigned long long)at);
	snprintf(report->mend, sizeof(report->mend),
	         "read the chip again, slower: norprog read NEW --speed 2M");
	return true;
}

/* The shortest piece of a chip's length that all of it consists of; 0: none. */
static size_t find_period(const uint8_t *data, size_t len)
{
	for (size_t period = SMALLEST_CHIP; period <= len / 2; period *= 2)
		if (len % period == 0 && memcmp(data, data + period, len - period) == 0)
			return period;
	return 0;
}

bool odd_repeated(const uint8_t *data, size_t len, struct image_report *report)
{
	size_t period = len < LONG_ENOUGH ? 0 : find_period(data, len);
	char size[32];

	if (!period || bytes_all(data, period, data[0]))
		return false;
	np_format_size(period, size, sizeof(size));
	report->kind = IMAGE_DUMP_AND_MORE;
	if (len == 2 * period)
		snprintf(report->text, sizeof(report->text),
		         "the same %s twice: read beyond the end of its chip?", size);
	else
		snprintf(report->text, sizeof(report->text),
		         "the same %s %zu times: read beyond the end of its chip?", size,
		         len / period);
	snprintf(report->why, sizeof(report->why), "behind 0x%zx it begins again", period);
	snprintf(report->mend, sizeof(report->mend), "norprog image extract FILE 0+%zuK -o NEW",
	         period >> 10);
	return true;
}

bool odd_swapped(const uint8_t *data, size_t len, struct image_report *report)
{
	enum transform transform = transform_guess(data, len);

	if (transform == TRANSFORM_NONE)
		return false;
	report->kind = IMAGE_SWAPPED;
	snprintf(report->text, sizeof(report->text), "dump with %s", transform_name(transform));
	snprintf(report->mend, sizeof(report->mend), "norprog %s", transform_command(transform));
	snprintf(report->why, sizeof(report->why), "put right, it reads as firmware: %s",
	         report->mend);
	return true;
}
