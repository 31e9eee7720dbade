/* SPDX-License-Identifier: GPL-2.0-or-later */
/* base/ini.c splits the lines, chipfile_keys.c takes the keys, and flaw_of() says whether together
 * they make a chip that can be driven. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "chip/chipfile_priv.h"

/* What a description is taken to mean that says nothing about its supply. */
#define SUPPLY_MIN_MV 2700
#define SUPPLY_MAX_MV 3600

#define ADDR3_LIMIT (16 * 1024 * 1024)

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

static int end_chip(void *ctx)
{
	struct chipfile_parser *p = ctx;
	const char *flaw;

	if (chipfile_missing_key(p))
		return chipfile_fail_at(p, p->ini.open_line, "this chip lacks the key",
		                        chipfile_missing_key(p));
	flaw = flaw_of(p->chip);
	if (flaw)
		return chipfile_fail_at(p, p->ini.open_line, flaw, p->own->name);
	p->chip->note = p->own->note[0] ? p->own->note : NULL;
	p->file->count++;
	return 0;
}

static int take_name(struct chipfile_parser *p, const char *name)
{
	unsigned line = p->ini.section_line;

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

static int begin_chip(void *ctx, const char *section)
{
	struct chipfile_parser *p = ctx;
	size_t n = p->file->count;

	if (strncmp(section, "chip ", 5) != 0)
		return chipfile_fail_at(p, p->ini.section_line, "a section is [chip NAME]",
		                        section);
	if (n == CHIPFILE_CHIPS)
		return chipfile_fail_at(p, p->ini.section_line, "more than 64 chips", NULL);
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
	p->chip->vcc_min_mv = SUPPLY_MIN_MV;
	p->chip->vcc_max_mv = SUPPLY_MAX_MV;
	return take_name(p, section + 5);
}

/* ---- the file ---- */

static int take_key(void *ctx, const char *name, const char *value)
{
	return chipfile_take_key(ctx, name, value);
}

static int bad_line(void *ctx, unsigned line, const char *what, const char *value)
{
	return chipfile_fail_at(ctx, line, what, value);
}

static const struct np_ini_user chips_of = {
	.begin = begin_chip, .key = take_key, .end = end_chip, .fail = bad_line};

static int parse(struct chipfile_parser *p)
{
	int ret = np_ini_read(&p->ini, p);

	if (!ret && !p->file->count)
		ret = chipfile_fail_at(p, p->ini.line, "no chip is described here", NULL);
	return ret;
}

int chipfile_parse(const char *text, size_t len, const char *name, struct chipfile **file,
                   struct np_error *err)
{
	struct chipfile_parser p = {
		.ini = {.text = text, .len = len, .user = &chips_of}, .name = name, .err = err};
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
