/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clang-format off */
/*
 * Parts described in text: a file (`parts=`) or drivers/sim/parts.txt, which is built in. A line is a
 * comment (#), a protection scheme or a part, in words:
 *
 *   prot NAME MASK VALUE=RANGE...   all hexadecimal: SR1, SR2, CR and Eon's SR of the OTP mode, SR1
 *                                   lowest. RANGE: none, all, t64K, b512K, t/64, b/2; ~t64K (the
 *                                   rest), !t64K (the rest; all where there is none)
 *   part NAME[/NAME...] KEY=VALUE...
 *     id=EF4017  size=8M  page=256
 *     dev=16                        device ID of 90h and ABh, hexadecimal
 *     die=32M                       of a stack: bytes of each die
 *     pair=EFAA21                   C2h 01h selects a NAND die that answers so (W25M161)
 *     erase=20:4K,D8:64K,C7:chip    opcode:size[@K]: only below K
 *     sr1=WRITABLE[/ONCE[/FACTORY]] hexadecimal; also sr2, sr3, cr
 *     wr=sr1,sr2                    what the bytes of 01h are; "clears": a short one clears the rest
 *     prot=NAME|any:MASK            any: a bit set protects everything
 *     lock=80/01                    SRP in SR1 / registers locked until power-up in SR2
 *     has=WORD,...                  see `words`
 *     uid=8  otp=FIRST:COUNT:BYTES
 *     time=page:700,sr:10000,4k:45,32k:120,64k:150,256k:0,chip:20000   us, us, then ms
 *     sfdp=1.6,qer4,...             built from the rest, see norsim_sfdp_word(); or
 *     bfpt=5@80:FFF920E5,...        its revision's last digit @ where the table lies: its dwords
 *     addr4=D0:00000AFF,FFDCFF21    ... and the table of four-byte opcodes; or
 *     rawsfdp=53464450...           its bytes as they are, true or not; no SFDP without these keys
 */
/* clang-format on */
#include "sim/norsim_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/io.h"

#define LINE_LEN  8192
#define NAMES_LEN 256
#define FILE_MAX  (1u << 20)

/* One file being read. */
struct reader {
	uint8_t *data; /* owned: the whole file, for a pipe cannot be rewound; NULL: built in */
	FILE *file;    /* on the text */
	const char *path;
	unsigned line;
	char text[LINE_LEN];
	struct np_error *err;
};

static int bad(const struct reader *r, const char *what, const char *word)
{
	return np_fail(r->err, NP_E_INPUT, "%s:%u: %s: '%.80s'", r->path, r->line, what, word);
}

/* ---- protection schemes ---- */

static bool parse_range(char *text, struct norsim_range *range)
{
	uint32_t value;

	if (strcmp(text, "none") == 0)
		return true;
	if (strcmp(text, "all") == 0) {
		range->rest = true;
		return true;
	}
	range->or_all = *text == '!';
	range->rest = *text == '~' || range->or_all;
	text += range->rest;
	range->bottom = *text == 'b';
	if (*text != 'b' && *text != 't')
		return false;
	text++;
	if (*text != '/')
		return norsim_text_number(text, 1U << 30, &range->bytes);
	if (!norsim_text_number(text + 1, 1U << 16, &value) || !value || value & (value - 1))
		return false;
	range->share = (uint8_t)(__builtin_ctz(value) + 1);
	return true;
}

static int parse_scheme(const struct reader *r, char *rest, struct norsim_ranges *ranges)
{
	const char *mask = norsim_text_next(&rest, " ");
	char *word;

	memset(ranges, 0, sizeof(*ranges));
	if (!mask || !norsim_text_hex(mask, 0xFFFFFFFF, &ranges->mask))
		return bad(r, "not a mask", mask ? mask : "");
	while ((word = norsim_text_next(&rest, " "))) {
		struct norsim_range *range = &ranges->list[ranges->count++];
		char *value = word, *what = strchr(word, '=');

		if (ranges->count > NORSIM_RANGES_MAX)
			return bad(r, "too many ranges", word);
		if (!what)
			return bad(r, "not VALUE=RANGE", word);
		*what++ = '\0';
		if (!norsim_text_hex(value, 0xFFFFFFFF, &range->value) ||
		    range->value & ~ranges->mask)
			return bad(r, "not a value under the mask", value);
		if (!parse_range(what, range))
			return bad(r, "not a range", what);
	}
	return 0;
}

static int take_word(const struct reader *r, struct norsim_described *d, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return bad(r, "not KEY=VALUE", word);
	*value++ = '\0';
	switch (norsim_take_key(d, word, value)) {
	case NK_TAKEN:
		return 0;
	case NK_BAD:
		return bad(r, "bad value of", word);
	case NK_UNKNOWN:
		break;
	}
	return bad(r, "unknown key", word);
}

/* Which scheme, by name; the word is cut out of the line's list for later. */
static int take_prot(const struct reader *r, struct norsim_described *d, const char *value,
                     char *scheme, size_t len)
{
	d->part.ranges = &d->ranges;
	if (strncmp(value, "any:", 4) == 0)
		return norsim_text_hex(value + 4, 0xFFFFFF, &d->ranges.mask)
		               ? 0
		               : bad(r, "not a mask", value);
	if (strlen(value) >= len)
		return bad(r, "name too long", value);
	strcpy(scheme, value);
	return 0;
}

/* What the model's buffers rely on. */
static bool sizes_fit(const struct norsim_part *part)
{
	for (size_t i = 0; i < part->erase_count; i++)
		if (part->erases[i].size > part->size)
			return false;
	/* A security register is whole pages, and its address wraps. */
	return !(part->features & (NF_SECREGS | NF_IROW)) ||
	       (part->otp_size >= part->page && !(part->otp_size & (part->otp_size - 1)));
}

static int check_part(const struct reader *r, const struct norsim_described *d)
{
	const struct norsim_part *part = &d->part;

	if (!part->id_len || !part->size || !part->erase_count || !part->wr01_count)
		return bad(r, "id, size, erase and wr are due", d->name);
	if (part->features & (NF_UID_4B | NF_UID_EON) && !part->uid_len)
		return bad(r, "uid= is due", d->name);
	if (part->features & (NF_SECREGS | NF_IROW | NF_OTP_EON | NF_OTP_MXIC | NF_OTP_4B) &&
	    !part->otp_size)
		return bad(r, "otp= is due", d->name);
	if (!sizes_fit(part))
		return bad(r, "an erase or security register of impossible size", d->name);
	if (part->features & NF_DIE_STATUS && !part->die)
		return bad(r, "die= is due", d->name);
	if (part->features & NF_DIE_SELECT && part->size / part->die > NORSIM_DIES_MAX)
		return bad(r, "too many dies", d->name);
	if (!d->times.page_us || !d->times.sr_us)
		return bad(r, "time= is due", d->name);
	return 0;
}

/* `rest`: the words behind the names. The scheme's name goes to scheme[]. */
static int parse_part(const struct reader *r, const char *name, char *rest,
                      struct norsim_described *d, char *scheme, size_t len)
{
	char *word;
	int ret = 0;

	memset(d, 0, sizeof(*d));
	*scheme = '\0';
	if (strlen(name) >= sizeof(d->name))
		return bad(r, "name too long", name);
	strcpy(d->name, name);
	d->part.name = d->name;
	d->part.page = 256;
	d->part.times = &d->times;
	while (!ret && (word = norsim_text_next(&rest, " ")))
		ret = strncmp(word, "prot=", 5) == 0 ? take_prot(r, d, word + 5, scheme, len)
		                                     : take_word(r, d, word);
	return ret ? ret : check_part(r, d);
}

/* ---- the file ---- */

/* `path` NULL: what is built in. */
static int open_text(struct reader *r, const char *path, struct np_error *err)
{
	size_t len = strlen(norsim_builtin_text);
	int ret = 0;

	*r = (struct reader){.path = path ? path : "drivers/sim/parts.txt", .err = err};
	if (path)
		ret = np_io_read(path, FILE_MAX, &r->data, &len, err);
	if (ret)
		return ret;
	/* Opened for reading only, so the text stays as it is. */
	r->file =
		fmemopen(path ? (void *)r->data : (void *)norsim_builtin_text, len ? len : 1, "r");
	if (r->file)
		return 0;
	free(r->data);
	return np_fail(err, NP_E_MEMORY, "%s: %s", r->path, strerror(errno));
}

static void close_file(struct reader *r)
{
	fclose(r->file);
	free(r->data);
}

/* The next line that says something; its first word goes to *kind. 1 at the end. */
static int next_line(struct reader *r, char **kind, char **rest)
{
	while (fgets(r->text, sizeof(r->text), r->file)) {
		size_t len = strlen(r->text);

		r->line++;
		if (len == sizeof(r->text) - 1)
			return bad(r, "line too long", r->text);
		if (len && r->text[len - 1] == '\n')
			r->text[len - 1] = '\0';
		*rest = r->text;
		*kind = norsim_text_next(rest, " ");
		if (*kind && **kind != '#')
			return 0;
	}
	return 1;
}

static bool named(const char *names, const char *wanted)
{
	size_t len = strlen(wanted);

	while (names) {
		if (strncasecmp(names, wanted, len) == 0 && (names[len] == '/' || !names[len]))
			return true;
		names = strchr(names, '/');
		names += names != NULL;
	}
	return false;
}

/* Find the line `kind NAME ...`; *rest is what follows the name. 1: none. */
static int find_line(struct reader *r, const char *kind, const char *name, char **rest)
{
	char *first, *names;
	int ret;

	rewind(r->file);
	r->line = 0;
	while (!(ret = next_line(r, &first, rest))) {
		if (strcmp(first, kind) != 0)
			continue;
		names = norsim_text_next(rest, " ");
		if (names && named(names, name))
			return 0;
	}
	return ret;
}

static int read_part(struct reader *r, const char *name, struct norsim_described *d)
{
	char scheme[64] = "", *rest;
	int ret = find_line(r, "part", name, &rest);

	if (ret == 1)
		return np_fail(r->err, NP_E_USAGE, "%s describes no part '%s'", r->path, name);
	if (!ret)
		ret = parse_part(r, name, rest, d, scheme, sizeof(scheme));
	if (ret || !*scheme)
		return ret;
	ret = find_line(r, "prot", scheme, &rest);
	if (ret == 1)
		return np_fail(r->err, NP_E_INPUT, "%s: no protection scheme '%s'", r->path,
		               scheme);
	return ret ? ret : parse_scheme(r, rest, &d->ranges);
}

int norsim_describe(const char *path, const char *name, struct norsim_described **out,
                    struct np_error *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	struct norsim_described *d = calloc(1, sizeof(*d));
	int ret = r && d ? open_text(r, path, err) : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret) {
		ret = read_part(r, name, d);
		close_file(r);
	}
	free(r);
	if (ret)
		free(d);
	else
		*out = d;
	return ret;
}

static int check_line(struct reader *r, const char *kind, char *rest, struct norsim_described *d,
                      size_t *count)
{
	char scheme[64], *names = norsim_text_next(&rest, " ");

	if (!names || strlen(names) >= NAMES_LEN)
		return bad(r, "a name is due", kind);
	if (strcmp(kind, "prot") == 0)
		return parse_scheme(r, rest, &d->ranges);
	if (strcmp(kind, "part") != 0)
		return bad(r, "neither part nor prot", kind);
	(*count)++;
	return parse_part(r, strsep(&names, "/"), rest, d, scheme, sizeof(scheme));
}

int norsim_check_parts(const char *path, size_t *count, struct np_error *err)
{
	struct reader *r = calloc(1, sizeof(*r));
	struct norsim_described *d = calloc(1, sizeof(*d));
	char *kind, *rest;
	size_t parts = 0;
	int ret = r && d ? open_text(r, path, err) : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret) {
		while (!ret && !(ret = next_line(r, &kind, &rest)))
			ret = check_line(r, kind, rest, d, &parts);
		close_file(r);
	}
	free(r);
	free(d);
	if (count)
		*count = parts;
	return ret == 1 ? 0 : ret;
}

const char *const *norsim_parts(void)
{
	return norsim_builtin_names;
}
