/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Digits first: strtoull() alone would take signs and spaces. */
static bool parse_number(const char *text, uint64_t *value, char **end)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*value = strtoull(text, end, hex ? 16 : 10);
	return errno == 0 && *end != text && !(hex && *end < text + 3);
}

static bool parse_size_until(const char *text, uint64_t *value, char **end)
{
	unsigned shift = 0;

	if (!parse_number(text, value, end))
		return false;
	if (**end == 'k' || **end == 'K')
		shift = 10;
	else if (**end == 'm' || **end == 'M')
		shift = 20;
	else if (**end == 'g' || **end == 'G')
		shift = 30;
	if (!shift)
		return true;
	(*end)++;
	if (**end == 'i' && (*end)[1] == 'B')
		*end += 2;
	if (*value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

bool np_parse_size(const char *text, uint64_t *value)
{
	char *end;

	return parse_size_until(text, value, &end) && *end == '\0';
}

bool np_parse_hz(const char *text, uint32_t *hz)
{
	char *end;
	double value, unit = 1;

	if ((text[0] < '0' || text[0] > '9') || strspn(text, "0x") >= 2)
		return false;
	value = strtod(text, &end);
	if (*end == 'k' || *end == 'K')
		unit = 1e3;
	else if (*end == 'm' || *end == 'M')
		unit = 1e6;
	if (unit > 1)
		end++;
	if (strcmp(end, "Hz") == 0 || strcmp(end, "hz") == 0)
		end += 2;
	value *= unit;
	if (*end != '\0' || value < 1 || value > UINT32_MAX)
		return false;
	*hz = (uint32_t)(value + 0.5);
	return true;
}

bool np_parse_range(const char *text, struct np_range *range)
{
	uint64_t start, second;
	char *end;
	char separator;

	if (!parse_size_until(text, &start, &end))
		return false;
	separator = *end;
	if ((separator != '+' && separator != '-') || !np_parse_size(end + 1, &second))
		return false;
	if (separator == '-') {
		if (second < start || second - start == UINT64_MAX)
			return false;
		second = second - start + 1;
	}
	if (second == 0 || start > UINT64_MAX - second)
		return false;
	range->start = start;
	range->len = second;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool np_parse_hex_byte(const char *text, uint8_t *byte)
{
	int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

	*byte = low < 0 ? 0 : (uint8_t)(high << 4 | low);
	return low >= 0;
}

void np_format_hex(const uint8_t *bytes, size_t len, char *hex)
{
	hex[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

const char *np_format_size(uint64_t bytes, char *buf, size_t len)
{
	if (bytes && bytes % (1 << 20) == 0)
		snprintf(buf, len, "%llu MiB", (unsigned long long)(bytes >> 20));
	else if (bytes && bytes % (1 << 10) == 0)
		snprintf(buf, len, "%llu KiB", (unsigned long long)(bytes >> 10));
	else
		snprintf(buf, len, "%llu byte%s", (unsigned long long)bytes, bytes == 1 ? "" : "s");
	return buf;
}

const char *np_format_hz(uint32_t hz, char *buf, size_t len)
{
	if (hz >= 1000000)
		snprintf(buf, len, "%.4g MHz", hz / 1e6);
	else if (hz >= 1000)
		snprintf(buf, len, "%.4g kHz", hz / 1e3);
	else
		snprintf(buf, len, "%u Hz", hz);
	return buf;
}

const char *np_format_duration(uint64_t us, char *buf, size_t len)
{
	uint64_t s = us / 1000000;

	if (s >= 60)
		snprintf(buf, len, "%llu min %02llu s", (unsigned long long)(s / 60),
		         (unsigned long long)(s % 60));
	else if (s >= 10)
		snprintf(buf, len, "%llu s", (unsigned long long)s);
	else
		snprintf(buf, len, "%.2f s", us / 1e6);
	return buf;
}

char *np_bare_host(char *text)
{
	size_t len = strlen(text);

	if (len < 2 || text[0] != '[' || text[len - 1] != ']')
		return text;
	text[len - 1] = '\0';
	return text + 1;
}
