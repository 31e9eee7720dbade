/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all searches for marks use: the list of what was found, and looks at single bytes. */
#include "device/marks_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

void mark_add(struct mark_search *s, enum unit_mark_kind kind, struct np_range at,
              const char *format, ...)
{
	struct unit_marks *marks = s->marks;
	va_list args;

	if (at.start >= s->len)
		return;
	if (at.len > s->len - at.start)
		at.len = s->len - at.start;
	if (s->known && !np_ranges_contain(s->known, at))
		return;
	if (marks->count == UNIT_MARKS_MAX) {
		marks->more = true;
		return;
	}
	marks->at[marks->count] = (struct unit_mark){.kind = kind, .at = at};
	va_start(args, format);
	vsnprintf(marks->at[marks->count].what, sizeof(marks->at[0].what), format, args);
	va_end(args);
	marks->count++;
}

void mark_anchor(struct mark_search *s, const uint8_t *mac, uint64_t at)
{
	for (size_t i = 0; i < s->anchor_count; i++)
		if (memcmp(s->anchors[i].mac, mac, IDNUM_MAC_LEN) == 0)
			return;
	if (s->anchor_count == ANCHORS_MAX)
		return;
	memcpy(s->anchors[s->anchor_count].mac, mac, IDNUM_MAC_LEN);
	s->anchors[s->anchor_count++].at = at;
}

bool mark_mac_real(const uint8_t *mac)
{
	static const uint8_t example[] = {0x00, 0xaa, 0xbb};

	return !idnum_mac_flaw(mac) && !idnum_mac_placeholder(mac) && !(mac[0] & 2) &&
	       memcmp(mac, example, sizeof(example)) != 0 &&
	       memcmp(mac, mac + 1, IDNUM_MAC_LEN - 1) != 0;
}

bool mark_blank(const struct mark_search *s, int64_t from, size_t n)
{
	int64_t end = from + (int64_t)n;

	if (from < 0)
		from = 0;
	if (end > (int64_t)s->len)
		end = (int64_t)s->len;
	return end <= from || bytes_blank(s->data + from, (size_t)(end - from));
}
