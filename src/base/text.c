/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The letter at `text`: its length in bytes and number; 0 when the bytes are no letter. */
static size_t letter_at(const unsigned char *text, uint32_t *letter)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = text[0] < 0x80             ? 1
	             : (text[0] & 0xe0) == 0xc0 ? 2
	             : (text[0] & 0xf0) == 0xe0 ? 3
	             : (text[0] & 0xf8) == 0xf0 ? 4
	                                        : 0;

	if (!len)
		return 0;
	*letter = len == 1 ? text[0] : text[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*letter = *letter << 6 | (text[i] & 0x3f);
	}
	if (*letter < least[len] || *letter > 0x10ffff || (*letter >= 0xd800 && *letter < 0xe000))
		return 0;
	return len;
}

/* Unicode's line ends, and the marks that turn the direction of writing, by which a text can
 * look like another. */
static bool is_order(uint32_t letter)
{
	return letter < 0x20 || (letter >= 0x7f && letter < 0xa0) || letter == 0x200e ||
	       letter == 0x200f || (letter >= 0x2028 && letter <= 0x202e) ||
	       (letter >= 0x2066 && letter <= 0x2069);
}

const char *np_text_printable(const char *text, char *buf, size_t len)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n = 0;

	while (*at) {
		uint32_t letter = 0;
		size_t bytes = letter_at(at, &letter);
		bool plain = bytes && !is_order(letter);
		size_t need = plain ? bytes : 4;

		if (n + need + 1 > len)
			break;
		if (plain)
			memcpy(buf + n, at, bytes);
		else
			snprintf(buf + n, len - n, "\\x%02X", *at);
		n += need;
		at += plain ? bytes : 1;
	}
	if (len)
		buf[n] = '\0';
	return buf;
}

/* ---- words and lines ---- */

static size_t width(const char *text, size_t bytes)
{
	size_t letters = 0;

	for (size_t i = 0; i < bytes; i++)
		letters += ((unsigned char)text[i] & 0xc0) != 0x80;
	return letters;
}

/* Bytes of the word at `text`: up to the next space outside of backticks. */
static size_t word_len(const char *text)
{
	const char *end = text;
	bool quoted = false;

	for (; *end && (quoted || *end != ' '); end++)
		if (*end == '`')
			quoted = quoted ? false : strchr(end + 1, '`') != NULL;
	return (size_t)(end - text);
}

/* The column where the last field of a row begins, if that leaves half of the line. */
static size_t hanging(const char *line, size_t columns)
{
	size_t indent = strspn(line, " "), hang = indent + 2, at = indent;

	while (line[at]) {
		size_t gap;

		at += strcspn(line + at, " ");
		gap = strspn(line + at, " ");
		if (gap >= 2 && line[at + gap] && width(line, at + gap) <= columns / 2)
			hang = width(line, at + gap);
		at += gap;
	}
	return hang <= columns / 2 ? hang : 2;
}

struct wrapped {
	char *buf;
	size_t len, used;
	bool full;
};

static void put(struct wrapped *out, const char *text, size_t bytes, char fill)
{
	if (out->used + bytes + 1 > out->len) {
		out->full = true;
		return;
	}
	if (text)
		memcpy(out->buf + out->used, text, bytes);
	else
		memset(out->buf + out->used, fill, bytes);
	out->used += bytes;
}

const char *np_text_wrap(const char *line, size_t columns, char *buf, size_t len)
{
	struct wrapped out = {buf, len, 0, false};
	size_t hang = hanging(line, columns), column = 0, at = 0;
	bool first = true;

	while (columns && line[at] && !out.full) {
		size_t gap = strspn(line + at, " "), word = word_len(line + at + gap);
		size_t wide = width(line + at + gap, word);

		if (!word)
			break;
		/* A word longer than a line is not broken, so that it can still be copied. */
		if (!first && column + gap + wide > columns && hang + wide <= columns) {
			put(&out, NULL, 1, '\n');
			put(&out, NULL, hang, ' ');
			column = hang;
		} else {
			put(&out, NULL, gap, ' ');
			column += gap;
		}
		put(&out, line + at + gap, word, 0);
		column += wide;
		at += gap + word;
		first = false;
	}
	if (len)
		buf[out.used] = '\0';
	if (out.full || !columns)
		snprintf(buf, len, "%s", line);
	return buf;
}

bool np_text_line(const char *text, size_t len, size_t *at, char *line, size_t size)
{
	const char *begin = text + *at, *end;
	size_t n;

	if (*at >= len)
		return false;
	end = memchr(begin, '\n', len - *at);
	n = end ? (size_t)(end - begin) : len - *at;
	*at += n + 1;
	n = n < size ? n : size - 1;
	memcpy(line, begin, n);
	line[n] = '\0';
	return true;
}
