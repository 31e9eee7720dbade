/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts described in a text file. A line is a comment (#), a protection scheme or a part, in words:
 *
 *   prot NAME MASK VALUE=RANGE...   all hexadecimal: SR1, SR2, CR and Eon's SR of the OTP mode, SR1
 *                                   lowest. RANGE: none, all, t64K, b512K, t/64, b/2; ~t64K (the
 *                                   rest), !t64K (the rest; all where there is none)
 *   part NAME[/NAME...] KEY=VALUE...
 *     id=EF4017  size=8M  page=256
 *     die=32M                       of a stack: bytes of each die
 *     erase=20:4K,D8:64K,C7:chip    opcode:size[@K]: only below K
 *     sr1=WRITABLE[/ONCE[/FACTORY]] hexadecimal; also sr2, sr3, cr
 *     wr=sr1,sr2                    what the bytes of 01h are; "clears": a short one clears the
 * rest prot=NAME|any:MASK            any: a bit set protects everything has=WORD,... see `words`
 *     uid=8  otp=FIRST:COUNT:BYTES
 *     time=page:700,sr:10000,4k:45,32k:120,64k:150,256k:0,chip:20000   us, us, then ms
 *     sfdp=1.6,qer4,...             see norsim_sfdp_word(); none where the key is missing
 */
#include "norsim_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define LINE_LEN  8192
#define NAMES_LEN 256
#define SIZE_MAX_ (512U << 20)

/* One file being read. */
struct reader {
	FILE *file;
	const char *path;
	unsigned line;
	char text[LINE_LEN];
	struct np_error *err;
};

static int bad(const struct reader *r, const char *what, const char *word)
{
	return np_fail(r->err, NP_E_INPUT, "%s:%u: %s: '%.80s'", r->path, r->line, what, word);
}

/* ---- numbers ---- */

static bool hex(const char *text, uint32_t max, uint32_t *value)
{
	char *end;
	unsigned long number;

	if (!*text || *text == '-' || *text == '+')
		return false;
	number = strtoul(text, &end, 16);
	*value = (uint32_t)number;
	return !*end && number <= max;
}

static bool number(const char *text, uint64_t max, uint32_t *value)
{
	uint64_t wide;

	if (!np_parse_size(text, &wide) || wide > max)
		return false;
	*value = (uint32_t)wide;
	return true;
}

/* The next word of a list, or NULL. */
static char *next(char **at, const char *between)
{
	char *word = strsep(at, between);

	while (word && !*word)
		word = strsep(at, between);
	return word;
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
		return number(text, 1U << 30, &range->bytes);
	if (!number(text + 1, 1U << 16, &value) || !value || value & (value - 1))
		return false;
	range->share = (uint8_t)(__builtin_ctz(value) + 1);
	return true;
}

static int parse_scheme(const struct reader *r, char *rest, struct norsim_ranges *ranges)
{
	const char *mask = next(&rest, " ");
	char *word;

	memset(ranges, 0, sizeof(*ranges));
	if (!mask || !hex(mask, 0xFFFFFFFF, &ranges->mask))
		return bad(r, "not a mask", mask ? mask : "");
	while ((word = next(&rest, " "))) {
		struct norsim_range *range = &ranges->list[ranges->count++];
		char *value = word, *what = strchr(word, '=');

		if (ranges->count > NORSIM_RANGES_MAX)
			return bad(r, "too many ranges", word);
		if (!what)
			return bad(r, "not VALUE=RANGE", word);
		*what++ = '\0';
		if (!hex(value, 0xFFFFFFFF, &range->value) || range->value & ~ranges->mask)
			return bad(r, "not a value under the mask", value);
		if (!parse_range(what, range))
			return bad(r, "not a range", what);
	}
	return 0;
}

/* ---- the words of a part ---- */

static const struct {
	const char *name;
	uint64_t features;
} words[] = {
	{"sr2", NF_SR2_35},
	{"sr3", NF_SR3_15},
	{"wr31", NF_WRITE_31},
	{"vol50", NF_VOLATILE_50},
	{"uid4b", NF_UID_4B},
	{"uideon", NF_UID_EON},
	{"secreg", NF_SECREGS},
	{"otpeon", NF_OTP_EON},
	{"otpmxic", NF_OTP_MXIC},
	{"otp4b", NF_OTP_4B},
	{"sleep", NF_SLEEP},
	{"reset", NF_RESET},
	{"b7", NF_4BYTE_MODE},
	{"b7we", NF_4BYTE_MODE | NF_4BYTE_WE},
	{"ear", NF_EXT_ADDR},
	{"earexit", NF_EXT_ADDR_ON_EXIT},
	{"bank", NF_BANK_17},
	{"read4", NF_READ4},
	{"write4", NF_WRITE4},
	{"fsr", NF_FLAG_STATUS},
	{"spansion", NF_SPANSION},
	{"cr15", NF_CONFIG_15},
	{"wps", NF_BLOCK_LOCKS},
	{"gbulk", NF_GBULK},
	{"rems", NF_REMS},
	{"byte", NF_BYTE},
	{"aai", NF_BYTE | NF_AAI},
	{"ewsr", NF_EWSR},
	{"relock", NF_RELOCK},
	{"atmel", NF_ATMEL},
	{"sst26", NF_SST26},
	{"diestatus", NF_DIE_STATUS},
	{"secregtop", NF_SECREGS | NF_SECREG_TOP},
	{"irow", NF_IROW},
	{"irowerase", NF_IROW | NF_IROW_ERASE},
	{"fsrdue", NF_FLAG_STATUS | NF_FSR_DUE},
	{"fr48", NF_FUNCTION_48},
};

static bool take_has(struct norsim_described *d, char *text)
{
	char *word;

	while ((word = next(&text, ","))) {
		size_t i = 0;

		while (i < sizeof(words) / sizeof(words[0]) && strcmp(words[i].name, word) != 0)
			i++;
		if (i == sizeof(words) / sizeof(words[0]))
			return false;
		d->part.features |= words[i].features;
	}
	return true;
}

static bool take_id(struct norsim_described *d, char *text)
{
	size_t len = strlen(text) / 2;

	if (strlen(text) % 2 || len < 3 || len > sizeof(d->part.id))
		return false;
	for (size_t i = 0; i < len; i++) {
		char two[3] = {text[2 * i], text[2 * i + 1], '\0'};
		uint32_t byte;

		if (!hex(two, 0xFF, &byte))
			return false;
		d->part.id[i] = (uint8_t)byte;
	}
	d->part.id_len = (uint8_t)len;
	return true;
}

static bool take_size(struct norsim_described *d, char *text)
{
	return number(text, SIZE_MAX_, &d->part.size) && d->part.size >= 0x1000 &&
	       !(d->part.size & (d->part.size - 1));
}

static bool take_die(struct norsim_described *d, char *text)
{
	return number(text, d->part.size / 2, &d->part.die) && d->part.die >= 0x10000 &&
	       !(d->part.die & (d->part.die - 1));
}

static bool take_page(struct norsim_described *d, char *text)
{
	uint32_t page;

	if (!number(text, NORSIM_PAGE_MAX, &page) || !page || page & (page - 1))
		return false;
	d->part.page = (uint16_t)page;
	return true;
}

static bool take_one_erase(struct norsim_part *part, char *op)
{
	struct norsim_erase_op *erase = &part->erases[part->erase_count];
	char *size = strchr(op, ':'), *below = strchr(op, '@');
	uint32_t value;

	if (!size || part->erase_count == NORSIM_ERASES_MAX)
		return false;
	*size++ = '\0';
	if (below)
		*below++ = '\0';
	if (!hex(op, 0xFF, &value) || (below && !number(below, SIZE_MAX_, &erase->below)))
		return false;
	erase->op = (uint8_t)value;
	part->erase_count++;
	if (strcmp(size, "chip") == 0)
		return true;
	return number(size, SIZE_MAX_, &erase->size) && erase->size >= 256 &&
	       !(erase->size & (erase->size - 1));
}

static bool take_erase(struct norsim_described *d, char *text)
{
	char *word;

	while ((word = next(&text, ",")))
		if (!take_one_erase(&d->part, word))
			return false;
	return true;
}

static bool take_reg(struct norsim_described *d, enum norsim_reg_index index, char *text)
{
	uint8_t *const fields[] = {&d->part.regs[index].writable, &d->part.regs[index].once,
	                           &d->part.regs[index].factory};
	size_t n = 0;
	char *word;

	while ((word = next(&text, "/"))) {
		uint32_t value;

		if (n == 3 || !hex(word, 0xFF, &value))
			return false;
		*fields[n++] = (uint8_t)value;
	}
	return n > 0;
}

static bool take_sr1(struct norsim_described *d, char *text)
{
	return take_reg(d, NR_SR1, text);
}

static bool take_sr2(struct norsim_described *d, char *text)
{
	return take_reg(d, NR_SR2, text);
}

static bool take_sr3(struct norsim_described *d, char *text)
{
	return take_reg(d, NR_SR3, text);
}

static bool take_cr(struct norsim_described *d, char *text)
{
	return take_reg(d, NR_CR, text);
}

static bool take_wr(struct norsim_described *d, char *text)
{
	static const char *const names[NR_COUNT] = {"sr1", "sr2", "sr3", "cr"};
	char *word;

	while ((word = next(&text, ","))) {
		size_t i = 0;

		if (strcmp(word, "clears") == 0) {
			d->part.wr01_short_clears = true;
			continue;
		}
		while (i < NR_COUNT && strcmp(word, names[i]) != 0)
			i++;
		if (i == NR_COUNT || d->part.wr01_count == sizeof(d->part.wr01))
			return false;
		d->part.wr01[d->part.wr01_count++] = (uint8_t)i;
	}
	return true;
}

static bool take_uid(struct norsim_described *d, char *text)
{
	uint32_t len;

	if (!number(text, NORSIM_UID_MAX, &len) || !len)
		return false;
	d->part.uid_len = (uint8_t)len;
	return true;
}

static bool take_otp(struct norsim_described *d, char *text)
{
	uint32_t values[3];

	for (size_t i = 0; i < 3; i++) {
		const char *word = next(&text, ":");

		if (!word || !number(word, NORSIM_OTP_MAX, &values[i]))
			return false;
	}
	if (values[0] > 15 || !values[1] || !values[2] || values[1] * values[2] > NORSIM_OTP_MAX)
		return false;
	d->part.otp_first = (uint8_t)values[0];
	d->part.otp_regs = (uint8_t)values[1];
	d->part.otp_size = (uint16_t)values[2];
	return !text;
}

static bool take_time(struct norsim_described *d, char *text)
{
	const struct {
		const char *name;
		uint32_t *value;
	} times[] = {
		{"page", &d->times.page_us},     {"sr", &d->times.sr_us},
		{"4k", &d->times.erase_4k_ms},   {"32k", &d->times.erase_32k_ms},
		{"64k", &d->times.erase_64k_ms}, {"256k", &d->times.erase_256k_ms},
		{"chip", &d->times.chip_ms},
	};
	char *word;

	while ((word = next(&text, ","))) {
		char *value = strchr(word, ':');
		size_t i = 0;

		if (!value)
			return false;
		*value++ = '\0';
		while (i < 7 && strcmp(times[i].name, word) != 0)
			i++;
		if (i == 7 || !number(value, 10000000, times[i].value))
			return false;
	}
	return true;
}

static bool take_sfdp(struct norsim_described *d, char *text)
{
	struct norsim_sfdp_want want = {0};
	char *word;

	if (!d->part.size || !d->part.erase_count)
		return false;
	while ((word = next(&text, ",")))
		if (!norsim_sfdp_word(&want, word))
			return false;
	norsim_sfdp_build(d, &want);
	return true;
}

/* In the order in which a line has to state them: SFDP is built from the rest. */
static const struct {
	const char *key;
	bool (*take)(struct norsim_described *d, char *text);
} keys[] = {
	{"id", take_id},       {"size", take_size}, {"die", take_die},   {"page", take_page},
	{"erase", take_erase}, {"sr1", take_sr1},   {"sr2", take_sr2},   {"sr3", take_sr3},
	{"cr", take_cr},       {"wr", take_wr},     {"uid", take_uid},   {"otp", take_otp},
	{"has", take_has},     {"time", take_time}, {"sfdp", take_sfdp},
};

static int take_word(const struct reader *r, struct norsim_described *d, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return bad(r, "not KEY=VALUE", word);
	*value++ = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(word, keys[i].key) == 0)
			return keys[i].take(d, value) ? 0 : bad(r, "bad value of", word);
	return bad(r, "unknown key", word);
}

/* Which scheme, by name; the word is cut out of the line's list for later. */
static int take_prot(const struct reader *r, struct norsim_described *d, const char *value,
                     char *scheme, size_t len)
{
	d->part.ranges = &d->ranges;
	if (strncmp(value, "any:", 4) == 0)
		return hex(value + 4, 0xFFFFFF, &d->ranges.mask) ? 0 : bad(r, "not a mask", value);
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
	while (!ret && (word = next(&rest, " ")))
		ret = strncmp(word, "prot=", 5) == 0 ? take_prot(r, d, word + 5, scheme, len)
		                                     : take_word(r, d, word);
	return ret ? ret : check_part(r, d);
}

/* ---- the file ---- */

static int open_file(struct reader *r, const char *path, struct np_error *err)
{
	*r = (struct reader){.path = path, .err = err};
	r->file = fopen(path, "re");
	if (!r->file)
		return np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(errno));
	return 0;
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
		*kind = next(rest, " ");
		if (*kind && **kind != '#')
			return 0;
	}
	return 1;
}

static bool named(const char *names, const char *wanted)
{
	size_t len = strlen(wanted);

	while (names) {
		if (strncmp(names, wanted, len) == 0 && (names[len] == '/' || !names[len]))
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
		names = next(rest, " ");
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
	int ret = r && d ? open_file(r, path, err) : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret) {
		ret = read_part(r, name, d);
		fclose(r->file);
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
	char scheme[64], *names = next(&rest, " ");

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
	int ret = r && d ? open_file(r, path, err) : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret) {
		while (!ret && !(ret = next_line(r, &kind, &rest)))
			ret = check_line(r, kind, rest, d, &parts);
		fclose(r->file);
	}
	free(r);
	free(d);
	if (count)
		*count = parts;
	return ret == 1 ? 0 : ret;
}
