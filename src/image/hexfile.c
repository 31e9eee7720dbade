/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image/hexfile.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define RECORD_MAX 260 /* bytes: count, address, type, 255 of data, sum */
#define LINE_BYTES 16  /* of data in the records we write */

/* Where the parser stands. */
struct parser {
	const uint8_t *text;
	size_t len, at;
	unsigned line;
	const char *name;
	enum hexfile_kind kind;
	uint64_t upper; /* Intel: added to a record's address */
	bool ended;     /* the record that ends the file was seen */
	bool second;    /* second pass: data are stored; the first one only looks how far they go */
	struct hexfile *file;
	struct np_error *err;
};

/* One line, decoded: everything behind the start mark. */
struct record {
	char type; /* S-records: the digit */
	uint8_t bytes[RECORD_MAX];
	size_t len;
};

static int fail(const struct parser *p, const char *what)
{
	return np_fail(p->err, NP_E_INPUT, "%s:%u: %s", p->name, p->line, what);
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (uint8_t)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next line that is not blank; its digits are left to decode(). False at the end. */
static bool next_line(struct parser *p, const uint8_t **line, size_t *len)
{
	while (p->at < p->len) {
		const uint8_t *start = p->text + p->at;
		const uint8_t *newline = memchr(start, '\n', p->len - p->at);
		size_t n = newline ? (size_t)(newline - start) : p->len - p->at;

		p->at += n + 1;
		p->line++;
		while (n && isspace(start[n - 1]))
			n--;
		while (n && isspace(*start)) {
			start++;
			n--;
		}
		if (!n)
			continue;
		*line = start;
		*len = n;
		return true;
	}
	return false;
}

static bool decode_digits(const uint8_t *text, size_t len, struct record *record)
{
	if (len % 2 || len / 2 > RECORD_MAX)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return false;
		record->bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	record->len = len / 2;
	return true;
}

static uint8_t sum_of(const struct record *record)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < record->len; i++)
		sum = (uint8_t)(sum + record->bytes[i]);
	return sum;
}

/* NULL, or what is wrong with the line. */
static const char *decode_intel(const uint8_t *line, size_t len, struct record *record)
{
	if (line[0] != ':' || !decode_digits(line + 1, len - 1, record))
		return "no Intel HEX record";
	if (record->len < 5 || record->len != 5u + record->bytes[0])
		return "the record's length does not fit its count";
	return sum_of(record) ? "the record's checksum is wrong" : NULL;
}

static const char *decode_motorola(const uint8_t *line, size_t len, struct record *record)
{
	if (len < 4 || line[0] != 'S' || !isdigit(line[1]) ||
	    !decode_digits(line + 2, len - 2, record))
		return "no S-record";
	record->type = (char)line[1];
	if (record->len < 4 || record->len != 1u + record->bytes[0])
		return "the record's length does not fit its count";
	return sum_of(record) != 0xff ? "the record's checksum is wrong" : NULL;
}

static int store(struct parser *p, uint64_t addr, const uint8_t *data, size_t len)
{
	struct hexfile *file = p->file;
	struct np_range range = {addr, len};

	if (!len)
		return 0;
	if (addr + len > HEXFILE_END_MAX)
		return fail(p, "an address beyond 256 MiB, which no SPI NOR flash has");
	if (!p->second) {
		file->len = addr + len > file->len ? (size_t)(addr + len) : file->len;
		return 0;
	}
	if (np_ranges_overlap(&file->covers, range) &&
	    (!np_ranges_contain(&file->covers, range) || memcmp(file->data + addr, data, len) != 0))
		return fail(p, "it writes bytes that an earlier record gave another value");
	memcpy(file->data + addr, data, len);
	return np_ranges_add(&file->covers, range, p->err);
}

static int take_intel(struct parser *p, const struct record *record)
{
	const uint8_t *b = record->bytes;
	uint64_t addr = (uint64_t)(b[1] << 8 | b[2]);

	switch (b[3]) {
	case 0: /* data */
		return store(p, p->upper + addr, b + 4, b[0]);
	case 1: /* end */
		p->ended = true;
		return 0;
	case 2: /* segment, in paragraphs */
	case 4: /* upper half of the address */
		if (b[0] != 2)
			return fail(p, "an address record of two bytes was expected");
		p->upper = (uint64_t)(b[4] << 8 | b[5]) << (b[3] == 2 ? 4 : 16);
		return 0;
	case 3: /* where a processor would start */
	case 5:
		return 0;
	default:
		return fail(p, "a record type that Intel HEX does not have");
	}
}

static int take_motorola(struct parser *p, const struct record *record)
{
	size_t addr_len = record->type == '1' ? 2 : record->type == '2' ? 3 : 4;
	uint64_t addr = 0;

	switch (record->type) {
	case '1':
	case '2':
	case '3':
		break;
	case '7':
	case '8':
	case '9':
		p->ended = true;
		return 0;
	case '0': /* a title; counts of records */
	case '5':
	case '6':
		return 0;
	default:
		return fail(p, "a record type that S-records do not have");
	}
	if (record->len < addr_len + 2)
		return fail(p, "the record is too short for its address");
	for (size_t i = 0; i < addr_len; i++)
		addr = addr << 8 | record->bytes[1 + i];
	return store(p, addr, record->bytes + 1 + addr_len, record->len - addr_len - 2);
}

static int take_line(struct parser *p, const uint8_t *line, size_t len)
{
	struct record record = {.len = 0};
	bool intel = p->kind == HEXFILE_INTEL;
	const char *flaw =
		intel ? decode_intel(line, len, &record) : decode_motorola(line, len, &record);

	if (flaw)
		return fail(p, flaw);
	if (p->ended)
		return fail(p, "a record behind the one that ends the file");
	return intel ? take_intel(p, &record) : take_motorola(p, &record);
}

static int pass(struct parser *p)
{
	const uint8_t *line;
	size_t len;
	int rc = 0;

	p->at = 0;
	p->line = 0;
	p->upper = 0;
	p->ended = false;
	while (!rc && next_line(p, &line, &len))
		rc = take_line(p, line, len);
	if (!rc && !p->ended) {
		rc = fail(p, "the record that ends the file is missing: it is cut short");
		np_hint(p->err, "get the file again, whole");
	}
	return rc;
}

enum hexfile_kind hexfile_detect(const uint8_t *text, size_t len)
{
	struct parser p = {.text = text, .len = len};
	struct record record = {.len = 0};
	const uint8_t *line;
	size_t n;

	if (!next_line(&p, &line, &n))
		return HEXFILE_NONE;
	if (!decode_intel(line, n, &record))
		return HEXFILE_INTEL;
	return decode_motorola(line, n, &record) ? HEXFILE_NONE : HEXFILE_MOTOROLA;
}

const char *hexfile_kind_name(enum hexfile_kind kind)
{
	switch (kind) {
	case HEXFILE_INTEL:
		return "Intel HEX";
	case HEXFILE_MOTOROLA:
		return "Motorola S-records";
	case HEXFILE_NONE:
		break;
	}
	return "";
}

int hexfile_parse(const uint8_t *text, size_t len, const char *name, struct hexfile *file,
                  struct np_error *err)
{
	struct parser p = {.text = text, .len = len, .name = name, .file = file, .err = err};
	int rc;

	*file = (struct hexfile){0};
	p.kind = hexfile_detect(text, len);
	if (p.kind == HEXFILE_NONE)
		return np_fail(err, NP_E_INPUT, "%s is neither Intel HEX nor S-records", name);
	rc = pass(&p);
	if (!rc && !file->len)
		rc = fail(&p, "it holds no data");
	if (rc)
		return rc;
	file->data = malloc(file->len);
	if (!file->data)
		return np_fail(err, NP_E_MEMORY, "out of memory for %s", name);
	memset(file->data, 0xff, file->len);
	p.second = true;
	return pass(&p);
}

void hexfile_free(struct hexfile *file)
{
	free(file->data);
	np_ranges_free(&file->covers);
	*file = (struct hexfile){0};
}

/* ---- writing ---- */

struct writer {
	char *at;
	enum hexfile_kind kind;
	uint64_t upper; /* Intel: the upper half that was said last, plus one; 0: none yet */
};

static void put_byte(struct writer *w, uint8_t byte, uint8_t *sum)
{
	static const char digits[] = "0123456789ABCDEF";

	*w->at++ = digits[byte >> 4];
	*w->at++ = digits[byte & 15];
	*sum = (uint8_t)(*sum + byte);
}

static void put_intel(struct writer *w, uint8_t type, uint16_t addr, const uint8_t *data, uint8_t n)
{
	uint8_t sum = 0, ignored = 0;

	*w->at++ = ':';
	put_byte(w, n, &sum);
	put_byte(w, (uint8_t)(addr >> 8), &sum);
	put_byte(w, (uint8_t)addr, &sum);
	put_byte(w, type, &sum);
	for (uint8_t i = 0; i < n; i++)
		put_byte(w, data[i], &sum);
	put_byte(w, (uint8_t)-sum, &ignored);
	*w->at++ = '\n';
}

static void put_motorola(struct writer *w, char type, uint32_t addr, const uint8_t *data, uint8_t n)
{
	uint8_t sum = 0, ignored = 0;

	*w->at++ = 'S';
	*w->at++ = type;
	put_byte(w, (uint8_t)(n + 5), &sum);
	for (int shift = 24; shift >= 0; shift -= 8)
		put_byte(w, (uint8_t)(addr >> shift), &sum);
	for (uint8_t i = 0; i < n; i++)
		put_byte(w, data[i], &sum);
	put_byte(w, (uint8_t)~sum, &ignored);
	*w->at++ = '\n';
}

static void put_data(struct writer *w, uint64_t addr, const uint8_t *data, uint8_t n)
{
	uint8_t upper[2] = {(uint8_t)(addr >> 24), (uint8_t)(addr >> 16)};

	if (w->kind == HEXFILE_MOTOROLA) {
		put_motorola(w, '3', (uint32_t)addr, data, n);
		return;
	}
	if (w->upper != (addr >> 16) + 1)
		put_intel(w, 4, 0, upper, 2);
	w->upper = (addr >> 16) + 1;
	put_intel(w, 0, (uint16_t)addr, data, n);
}

int hexfile_format(enum hexfile_kind kind, const uint8_t *data, size_t len, uint64_t base,
                   char **text, size_t *text_len, struct np_error *err)
{
	struct writer w = {.kind = kind};
	size_t lines = len / LINE_BYTES + 2;

	*text = NULL;
	if (base > HEXFILE_END_MAX || len > HEXFILE_END_MAX - base)
		return np_fail(err, NP_E_RANGE, "%s: too long for a flash",
		               hexfile_kind_name(kind));
	/* A data line and, in the worst case, the line of an upper half in front of each. */
	*text = malloc(2 * lines * (2 * LINE_BYTES + 24) + 32);
	if (!*text)
		return np_fail(err, NP_E_MEMORY, "out of memory for %zu lines", lines);
	w.at = *text;
	for (size_t at = 0, n; at < len; at += n) {
		/* Records begin at multiples of their length, so that none crosses 64 KiB. */
		n = LINE_BYTES - (base + at) % LINE_BYTES;
		n = len - at < n ? len - at : n;
		if (!bytes_all(data + at, n, 0xff))
			put_data(&w, base + at, data + at, (uint8_t)n);
	}
	if (kind == HEXFILE_INTEL)
		put_intel(&w, 1, 0, NULL, 0);
	else
		put_motorola(&w, '7', 0, NULL, 0);
	*w.at = '\0';
	*text_len = (size_t)(w.at - *text);
	return 0;
}
