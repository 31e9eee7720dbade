/* SPDX-License-Identifier: GPL-2.0-or-later */
/* inih splits the lines, chipfile_keys.c takes the keys, and flaw_of() says whether together they
 * make a chip that can be driven. */
#include <ctype.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "nor/chipfile_priv.h"

#define SECTION_BYTES 48 /* inih cuts longer names silently; we refuse them */
#define ADDR3_LIMIT   (16 * 1024 * 1024)

int chipfile_fail_at(struct chipfile_parser *p, unsigned line, const char *what, const char *value)
{
	p->failed = true;
	np_fail(p->err, NP_E_INPUT, "%s:%u: %s%s%s%s", p->name, line, what, value ? ": '" : "",
	        value ? value : "", value ? "'" : "");
	return np_hint(p->err, "doc/CHIPS.md describes the file");
}

int chipfile_fail(struct chipfile_parser *p, const char *what, const char *value)
{
	return chipfile_fail_at(p, p->line, what, value);
}

/* ---- a whole chip ---- */

static const char *flaw_of_erases(const struct nor_chip *chip)
{
	for (size_t i = 0; i < NOR_ERASE_TYPES && chip->erase[i].size; i++) {
		if (chip->erase[i].size > chip->size)
			return "an erase size is larger than the chip";
		if (chip->page > chip->erase[i].size)
			return "an erase size is smaller than a page";
		if (chip->addr4 == NOR_ADDR4_NATIVE && !chip->erase[i].op4)
			return "address4 = native needs OPCODE/OPCODE4 for every erase size";
	}
	return NULL;
}

static bool comes_in_several(enum nor_otp otp)
{
	return otp == NOR_OTP_SECREG || otp == NOR_OTP_SECREG_TOP || otp == NOR_OTP_ISSI ||
	       otp == NOR_OTP_ISSI_ONCE;
}

/* What single keys cannot know. NULL: nothing wrong. */
static const char *flaw_of(const struct nor_chip *chip)
{
	unsigned last = chip->otp_first + (chip->otp_regs ? chip->otp_regs - 1U : 0U);

	if (chip->size > ADDR3_LIMIT && chip->addr4 == NOR_ADDR4_NONE)
		return "a chip above 16M needs address4";
	if (chip->die >= chip->size)
		return "a die is as large as the chip";
	if (chip->flags & (NOR_F_DIE_ERASE | NOR_F_DIE_STATUS) && !chip->die)
		return "die-erase and die-status need die";
	if (chip->otp != NOR_OTP_NONE && !chip->otp_reg_size)
		return "otp needs otp_size";
	if (chip->otp == NOR_OTP_NONE && (chip->otp_reg_size || chip->otp_regs || chip->otp_first))
		return "otp_areas, otp_first and otp_size need otp";
	if (comes_in_several(chip->otp) && last > 3)
		return "security registers have the numbers 0 to 3";
	if (chip->otp != NOR_OTP_NONE && !comes_in_several(chip->otp) && chip->otp_regs > 1)
		return "only registers come in several areas";
	if (chip->flags & NOR_F_BYTE_PROGRAM && chip->flags & NOR_F_AAI_WORD)
		return "byte-program and aai-word exclude each other";
	if (chip->read_mhz && chip->fast_mhz && chip->read_mhz > chip->fast_mhz)
		return "read_mhz is above fast_mhz";
	return flaw_of_erases(chip);
}

static int end_chip(struct chipfile_parser *p)
{
	const char *flaw;

	if (!p->open_line)
		return 0;
	if (chipfile_missing_key(p))
		return chipfile_fail_at(p, p->open_line, "this chip lacks the key",
		                        chipfile_missing_key(p));
	flaw = flaw_of(p->chip);
	if (flaw)
		return chipfile_fail_at(p, p->open_line, flaw, p->own->name);
	p->chip->note = p->own->note[0] ? p->own->note : NULL;
	p->file->count++;
	return 0;
}

static int take_name(struct chipfile_parser *p, const char *name)
{
	unsigned line = p->section_line;

	if (!*name)
		return chipfile_fail_at(p, line, "a chip needs a name", NULL);
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.+", *c))
			return chipfile_fail_at(p, line,
			                        "a name is made of letters, digits and -_.+", name);
	for (size_t i = 0; i < p->file->count; i++)
		if (strcasecmp(p->file->rows[i].name, name) == 0)
			return chipfile_fail_at(p, line, "described twice", name);
	strcpy(p->own->name, name);
	return 0;
}

static int begin_chip(struct chipfile_parser *p, const char *section)
{
	size_t n = p->file->count;

	if (strncmp(section, "chip ", 5) != 0)
		return chipfile_fail_at(p, p->section_line, "a section is [chip NAME]", section);
	if (n == CHIPFILE_CHIPS)
		return chipfile_fail_at(p, p->section_line, "more than 64 chips", NULL);
	p->open_line = p->section_line;
	p->seen = 0;
	p->chip = &p->file->rows[n];
	p->own = &p->file->own[n];
	strcpy(p->own->maker, "own");
	strcpy(p->own->source, "a file of the user's");
	p->chip->name = p->own->name;
	p->chip->maker = p->own->maker;
	p->chip->source = p->own->source;
	p->chip->erase = p->own->erase;
	p->chip->times = &p->own->times;
	return take_name(p, section + 5);
}

/* ---- inih ---- */

static int handle(void *user, const char *section, const char *name, const char *value)
{
	struct chipfile_parser *p = user;
	int ret = 0;

	if (p->failed)
		return 0;
	if (!p->section_line)
		ret = chipfile_fail(p, "a key before the first [chip NAME]", name);
	if (!ret && p->open_line != p->section_line) {
		ret = end_chip(p);
		if (!ret)
			ret = begin_chip(p, section);
	}
	if (!ret)
		ret = chipfile_take_key(p, name, value);
	return !ret;
}

static int check_line(struct chipfile_parser *p, const char *line, size_t len)
{
	if (len > CHIPFILE_LINE)
		return chipfile_fail(p, "longer than 190 bytes", NULL);
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)line[i] < ' ' || line[i] == 0x7f) && !strchr("\t\r", line[i]))
			return chipfile_fail(p, "holds a byte that is not text", NULL);
	if (memchr(line, '\0', len))
		return chipfile_fail(p, "holds a byte that is not text", NULL);
	/* inih would take it for a continuation of the value above. */
	if (len > 1 && (line[0] == ' ' || line[0] == '\t'))
		for (size_t i = 0; i < len; i++)
			if (!strchr(" \t\r", line[i]))
				return chipfile_fail(p, "the line is indented", NULL);
	if (len && line[0] == '[') {
		if (len > SECTION_BYTES)
			return chipfile_fail(p, "section name longer than 48 bytes", NULL);
		if (p->section_line != p->open_line)
			return chipfile_fail_at(p, p->section_line, "the section is empty", NULL);
		p->section_line = p->line;
	}
	return 0;
}

/* inih's reader: one line of our text, or the end after a failure. */
static char *next_line(char *str, int room, void *stream)
{
	struct chipfile_parser *p = stream;
	const char *line = p->text + p->at, *newline;
	size_t left = p->len - p->at, len;

	if (!left || p->failed)
		return NULL;
	newline = memchr(line, '\n', left);
	len = newline ? (size_t)(newline - line) : left;
	p->line++;
	if (check_line(p, line, len) || len + 2 > (size_t)room) {
		p->failed = true;
		return NULL;
	}
	memcpy(str, line, len);
	strcpy(str + len, "\n");
	p->at += newline ? len + 1 : len;
	return str;
}

static int parse(struct chipfile_parser *p)
{
	int ret = ini_parse_stream(next_line, p, handle, p);

	if (p->failed)
		return NP_E_INPUT;
	if (ret)
		return chipfile_fail_at(p, ret > 0 ? (unsigned)ret : 0,
		                        "neither [chip NAME] nor key = value", NULL);
	if (p->section_line != p->open_line)
		return chipfile_fail_at(p, p->section_line, "the section is empty", NULL);
	ret = end_chip(p);
	if (!ret && !p->file->count)
		ret = chipfile_fail_at(p, p->line, "no chip is described here", NULL);
	return ret;
}

int chipfile_parse(const char *text, size_t len, const char *name, struct chipfile **file,
                   struct np_error *err)
{
	struct chipfile_parser p = {.text = text, .name = name, .len = len, .err = err};
	int ret;

	*file = NULL;
	if (len > CHIPFILE_BYTES)
		return np_fail(err, NP_E_INPUT, "%s: longer than %d KiB", name,
		               CHIPFILE_BYTES / 1024);
	p.file = calloc(1, sizeof(*p.file));
	if (!p.file)
		return np_fail(err, NP_E_MEMORY, "%s: out of memory", name);
	ret = parse(&p);
	if (ret)
		chipfile_free(p.file);
	else
		*file = p.file;
	return ret;
}

const struct nor_chip *chipfile_rows(const struct chipfile *file)
{
	return file ? file->rows : NULL;
}

size_t chipfile_count(const struct chipfile *file)
{
	return file ? file->count : 0;
}

void chipfile_free(struct chipfile *file)
{
	free(file);
}
