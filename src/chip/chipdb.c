/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/chipdb.h"
#include "chip/chipdb_names.h"
#include "chip/nor_supply.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct nor_chip_table *const tables[] = {
	&chips_winbond,  &chips_eon,   &chips_macronix, &chips_gigadevice, &chips_micron,
	&chips_spansion, &chips_issi,  &chips_xmc,      &chips_puya,       &chips_boya,
	&chips_fudan,    &chips_xtx,   &chips_sst,      &chips_atmel,      &chips_pmc,
	&chips_esmt,     &chips_small, &chips_others,   &chips_readonly,
};

static const struct {
	uint8_t id;
	const char *name;
} makers[] = {
	{0x01, "Spansion"}, {0x0b, "XTX"},     {0x0e, "Fremont"},    {0x1c, "Eon"},
	{0x1f, "Atmel"},    {0x20, "Micron"},  {0x34, "Infineon"},   {0x37, "AMIC"},
	{0x4a, "ESI"},      {0x51, "MD"},      {0x52, "Nor-Mem"},    {0x54, "DouQi"},
	{0x5e, "Zbit"},     {0x62, "Sanyo"},   {0x68, "Boya"},       {0x7f, "PMC"},
	{0x85, "Puya"},     {0x89, "Intel"},   {0x8c, "ESMT"},       {0x9d, "ISSI"},
	{0xa1, "Fudan"},    {0xb3, "UCUN"},    {0xba, "Zetta"},      {0xbf, "SST"},
	{0xc2, "Macronix"}, {0xc4, "Giantec"}, {0xc8, "GigaDevice"}, {0xd5, "Nantronics"},
	{0xd8, "YC"},       {0xe0, "Paragon"}, {0xe5, "Dosilicon"},  {0xef, "Winbond"},
	{0xf8, "Fidelix"},
};

const char *chipdb_maker(uint8_t id)
{
	for (size_t i = 0; i < COUNT(makers); i++)
		if (makers[i].id == id)
			return makers[i].name;
	return NULL;
}

const struct nor_chip *chipdb_at(size_t index)
{
	for (size_t t = 0; t < COUNT(tables); t++) {
		if (index < tables[t]->count)
			return &tables[t]->rows[index];
		index -= tables[t]->count;
	}
	return NULL;
}

/* ---- names ---- */

static bool name_has(const char *names, const char *wanted)
{
	size_t len = strlen(wanted);

	if (strcasecmp(names, wanted) == 0)
		return true;
	while (names) {
		size_t part = strcspn(names, "/");

		if (part == len && strncasecmp(names, wanted, len) == 0)
			return true;
		names = names[part] ? names + part + 1 : NULL;
	}
	return false;
}

const struct nor_chip *chipdb_by_name(const char *name, const struct nor_chip *extra,
                                      size_t extra_count)
{
	const struct nor_chip *chip;

	for (size_t i = 0; i < extra_count; i++)
		if (name_has(extra[i].name, name))
			return &extra[i];
	for (size_t i = 0; (chip = chipdb_at(i)); i++)
		if (name_has(chip->name, name))
			return chip;
	return NULL;
}

struct fit {
	const struct nor_chip *chip;
	unsigned score;
};

static void fit_better(struct fit *best, const struct nor_chip *chip, const char *word,
                       const uint8_t *id, size_t id_len)
{
	size_t common = chip->id_len < id_len ? chip->id_len : id_len;
	unsigned score = 2 * chipdb_name_score(chip, word);

	if (score && common && memcmp(chip->id, id, common) == 0)
		score++;
	if (score > best->score)
		*best = (struct fit){chip, score};
}

const struct nor_chip *chipdb_by_marking(const char *word, const uint8_t *id, size_t id_len,
                                         const struct nor_chip *extra, size_t extra_count)
{
	const struct nor_chip *chip = chipdb_by_name(word, extra, extra_count);
	struct fit best = {0};

	if (chip)
		return chip;
	for (size_t i = 0; i < extra_count; i++)
		fit_better(&best, &extra[i], word, id, id_len);
	for (size_t i = 0; (chip = chipdb_at(i)); i++)
		fit_better(&best, chip, word, id, id_len);
	return best.chip;
}

const char *chipdb_names(const struct nor_chip *const *rows, size_t count, char *buf, size_t len)
{
	size_t used = 0;

	if (!len)
		return buf;
	buf[0] = '\0';
	for (size_t i = 0; i < count && used < len; i++) {
		int n = snprintf(buf + used, len - used, "%s%s", i ? "/" : "", rows[i]->name);

		used += n > 0 ? (size_t)n : 0;
	}
	if (used >= len && len > 4)
		memcpy(buf + len - 4, "...", 4);
	return buf;
}

/* ---- who fits ---- */

static bool match_is_plain(const struct nor_match *match)
{
	return !match->want_sfdp && !match->want_no_sfdp && !match->sfdp_minor_min &&
	       !match->sfdp_minor_max && !match->bfpt_dword;
}

static bool match_holds(const struct nor_match *match, const struct sfdp *sfdp)
{
	if (match_is_plain(match))
		return true;
	if (!sfdp)
		return match->want_no_sfdp;
	if (match->want_no_sfdp || sfdp->bfpt_minor < match->sfdp_minor_min)
		return false;
	if (match->sfdp_minor_max && sfdp->bfpt_minor > match->sfdp_minor_max)
		return false;
	if (!match->bfpt_dword)
		return true;
	return match->bfpt_dword <= sfdp->bfpt_len &&
	       (sfdp->bfpt[match->bfpt_dword - 1] & match->bfpt_mask) == match->bfpt_value;
}

static bool id_holds(const struct nor_chip *chip, const uint8_t *id, size_t id_len)
{
	return chip->id_len <= id_len && memcmp(chip->id, id, chip->id_len) == 0;
}

static bool size_contradicts(const struct nor_chip *chip, const struct sfdp *sfdp)
{
	return sfdp && !(chip->flags & (NOR_F_NO_SFDP | NOR_F_BAD_SFDP)) &&
	       sfdp->size != chip->size;
}

/*
 * How well a row fits, 0: not at all. What SFDP says counts most, then how much of the ID the row
 * states, then whether it states anything about SFDP at all. A row with the right ID whose SFDP
 * condition fails still counts for something, so that an unusual revision of a known part is
 * recognised.
 */
static unsigned row_score(const struct nor_chip *chip, const uint8_t *id, size_t id_len,
                          const struct sfdp *sfdp)
{
	unsigned score;

	if (!id_holds(chip, id, id_len) || chip->match.want_dies)
		return 0;
	score = 4U * chip->id_len;
	if (match_holds(&chip->match, sfdp))
		score += match_is_plain(&chip->match) ? 64 : 65;
	if (!size_contradicts(chip, sfdp))
		score += 2;
	return score;
}

/* The best rows of one list, added to found[]. */
struct search {
	const struct nor_chip **found;
	size_t max, count;
	unsigned best;
};

static void consider(struct search *search, const struct nor_chip *chip, unsigned score)
{
	if (!score || score < search->best)
		return;
	if (score > search->best)
		search->count = 0;
	search->best = score;
	if (search->count < search->max)
		search->found[search->count++] = chip;
}

size_t chipdb_find(const uint8_t *id, size_t id_len, const struct sfdp *sfdp,
                   const struct nor_chip *extra, size_t extra_count, const struct nor_chip **found,
                   size_t max)
{
	struct search search = {.found = found, .max = max};
	const struct nor_chip *chip;

	for (size_t i = 0; i < extra_count; i++)
		consider(&search, &extra[i], row_score(&extra[i], id, id_len, sfdp));
	if (search.count)
		return search.count;
	for (size_t i = 0; (chip = chipdb_at(i)); i++)
		consider(&search, chip, row_score(chip, id, id_len, sfdp));
	return search.count;
}

const struct nor_chip *chipdb_stack(const uint8_t *id, size_t id_len)
{
	const struct nor_chip *chip;

	for (size_t i = 0; (chip = chipdb_at(i)); i++)
		if (chip->match.want_dies && id_holds(chip, id, id_len))
			return chip;
	return NULL;
}

const struct nor_chip *chipdb_low_twin(const uint8_t *id, size_t id_len)
{
	const struct nor_chip *chip;

	for (size_t i = 0; (chip = chipdb_at(i)); i++)
		if (id_holds(chip, id, id_len) && chip->vcc_max_mv &&
		    !nor_supply_takes_3v3(chip->vcc_max_mv))
			return chip;
	return NULL;
}

static unsigned bits_apart(const struct nor_chip *chip, const uint8_t *id)
{
	unsigned bits = 0;

	for (size_t i = 0; i < 3; i++)
		bits += (unsigned)__builtin_popcount(chip->id[i] ^ id[i]);
	return bits;
}

const struct nor_chip *chipdb_near(const uint8_t *id)
{
	const struct nor_chip *chip, *nearest = NULL;
	unsigned least = 3;

	if (chipdb_maker(id[0]))
		return NULL;
	for (size_t i = 0; (chip = chipdb_at(i)); i++) {
		if (bits_apart(chip, id) >= least)
			continue;
		least = bits_apart(chip, id);
		nearest = chip;
	}
	return nearest;
}

const struct nor_chip *chipdb_shifted(const uint8_t *id)
{
	uint32_t bits = (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2];
	/* The bit that was shifted out may have been a one. */
	const uint32_t meant[] = {bits << 1, bits << 1 | 1, bits >> 1, bits >> 1 | 0x800000};
	const struct nor_chip *row;

	for (size_t i = 0; i < COUNT(meant); i++) {
		const uint8_t id3[3] = {(uint8_t)(meant[i] >> 16), (uint8_t)(meant[i] >> 8),
		                        (uint8_t)meant[i]};

		if (chipdb_find(id3, 3, NULL, NULL, 0, &row, 1))
			return row;
	}
	return NULL;
}

/* ---- no SPI NOR ---- */

static const struct {
	uint8_t id[3];
	uint8_t len;
	const char *what;
} other_kinds[] = {
	{{0x1f, 0x20, 0x06}, 3, "a DataFlash AT45DQ161"},
	{{0x1f, 0x22}, 2, "a DataFlash AT45DB011"},
	{{0x1f, 0x23}, 2, "a DataFlash AT45DB021"},
	{{0x1f, 0x24}, 2, "a DataFlash AT45DB041"},
	{{0x1f, 0x25}, 2, "a DataFlash AT45DB081"},
	{{0x1f, 0x26}, 2, "a DataFlash AT45DB161"},
	{{0x1f, 0x27}, 2, "a DataFlash AT45DB321"},
	{{0x1f, 0x28}, 2, "a DataFlash AT45DB641"},
	{{0x1f, 0x29}, 2, "a DataFlash AT45CS1282"},
	{{0x7f, 0x7f, 0x7f}, 3, "an FRAM (Ramtron, Cypress FM25)"},
	{{0x04, 0x2c, 0xc2}, 3, "an FRAM CY15x104Q"},
	{{0x04, 0x7f}, 2, "an FRAM (Fujitsu MB85RS)"},
	{{0xef, 0xaa}, 2, "an SPI NAND (Winbond W25N)"},
	{{0xef, 0xab}, 2, "an SPI NAND (Winbond W25M02)"},
	{{0xef, 0xba}, 2, "an SPI NAND (Winbond W25N, 1.8 V)"},
	{{0xef, 0xbb}, 2, "an SPI NAND (Winbond W25M02, 1.8 V)"},
};

const char *chipdb_other_kind(const uint8_t *id)
{
	for (size_t i = 0; i < COUNT(other_kinds); i++)
		if (memcmp(id, other_kinds[i].id, other_kinds[i].len) == 0)
			return other_kinds[i].what;
	return NULL;
}

bool chipdb_prots_equal(const struct nor_prot *a, const struct nor_prot *b)
{
	if (a == b)
		return true;
	if (!a || !b)
		return false;
	return a->kind == b->kind && a->shape == b->shape && a->unit_kib == b->unit_kib &&
	       a->reg4 == b->reg4 && memcmp(a->bp, b->bp, sizeof(a->bp)) == 0 && a->tb == b->tb &&
	       a->sec == b->sec && a->cmp == b->cmp && a->wps == b->wps && a->idle == b->idle &&
	       a->srp0 == b->srp0 && a->srp1 == b->srp1 && a->tb_otp == b->tb_otp &&
	       a->inverted == b->inverted && a->turned == b->turned && a->contested == b->contested;
}
