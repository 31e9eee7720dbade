/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status registers in words. */
#include "chip/nor_status.h"

#include <stdio.h>
#include <string.h>

/* A condition and what it means; the first lines are about what can be done, the last about what
 * never happens. */
struct line {
	bool holds;
	const char *text;
};

/* A register of all ones does not exist: the line is not driven. */
static bool is_set(const uint8_t sr[4], uint8_t where)
{
	unsigned reg = where >> 4;

	if (reg < 1 || reg > 4 || ((reg == 2 || reg == 3) && sr[reg - 1] == 0xff))
		return false;
	return sr[reg - 1] >> (where & 7) & 1;
}

static const char *join(const struct line *lines, size_t count, char *buf, size_t len)
{
	size_t used = 0;

	if (len)
		buf[0] = '\0';
	for (size_t i = 0; i < count && used < len; i++) {
		int n = lines[i].holds ? snprintf(buf + used, len - used, "%s%s", used ? "\n" : "",
		                                  lines[i].text)
		                       : 0;

		used += n > 0 ? (size_t)n : 0;
	}
	return buf;
}

/* A bit and what it is called. */
struct named_bit {
	uint8_t where;
	const char *name;
};

#define NAMES_MAX (NOR_BP_MAX + 5)

/* The names of one scheme. For a part that is not in the tables they say what else the bit may
 * be. */
static size_t name_bits(const struct nor_prot *prot, struct named_bit names[NAMES_MAX])
{
	static const uint8_t usual[NOR_BP_MAX] = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4),
	                                          NOR_BIT(1, 5)};
	static const char *const known[NOR_BP_MAX] = {"BP0", "BP1", "BP2", "BP3", "BP4"};
	static const char *const guessed[NOR_BP_MAX] = {"BP0", "BP1", "BP2", "BP3 or TB",
	                                                "SEC or TB"};
	const uint8_t *bp = prot && prot->bp[0] ? prot->bp : usual;
	bool guess = prot && prot->kind == NOR_PROT_GUESS;
	size_t n = 0;

	for (size_t i = 0; i < NOR_BP_MAX; i++)
		names[n++] = (struct named_bit){bp[i], guess ? guessed[i] : known[i]};
	names[n++] = (struct named_bit){prot ? prot->cmp : NOR_NO_BIT, "CMP"};
	names[n++] = (struct named_bit){prot ? prot->wps : NOR_NO_BIT, "WPS"};
	names[n++] = (struct named_bit){prot ? prot->contested : NOR_NO_BIT, "BP3 or TB"};
	if (!guess)
		return n;
	names[n++] = (struct named_bit){prot->srp0, "SRP0"};
	names[n++] = (struct named_bit){prot->srp1, "SRP1"};
	return n;
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at++)
		if ((at == list || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static void add_bits(const struct nor_prot *prot, const uint8_t sr[4], char *buf, size_t len)
{
	struct named_bit names[NAMES_MAX];
	size_t count = name_bits(prot, names);

	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(buf);

		if (is_set(sr, names[i].where) && !has_word(buf, names[i].name))
			snprintf(buf + used, len - used, "%s%s", used ? " " : "", names[i].name);
	}
}

const char *nor_status_bits_set(const struct nor_chip *chip, const uint8_t sr[4], char *buf,
                                size_t len)
{
	if (len)
		buf[0] = '\0';
	if (len && !chip->twins[0])
		add_bits(chip->prot, sr, buf, len);
	for (size_t i = 0; len && i < NOR_TWINS && chip->twins[i]; i++)
		add_bits(chip->twins[i], sr, buf, len);
	return buf;
}

static const char *explain(const struct nor_chip *chip, const uint8_t sr[4], bool srp0, bool srp1,
                           char *buf, size_t len)
{
	static const struct nor_prot unknown = {.kind = NOR_PROT_NONE};
	const struct nor_prot *prot = chip->prot ? chip->prot : &unknown;
	bool sectors = prot->kind == NOR_PROT_SECTORS, shown = sectors && prot->bp[0];
	bool tb = is_set(sr, prot->tb);
	struct np_range range;
	const struct line lines[] = {
		{!nor_status_protected(chip, sr, &range),
	         "which addresses those bits protect is not known for this part: a job lifts all of "
	         "them and puts them back"},
		{srp0 && !srp1 && !sectors,
	         "SRP0 is set: while WP# (pin 3) is low the registers cannot be changed"},
		{srp0 && shown,
	         "SPRL is set: the sector locks hold until it is cleared, which WP# (pin 3) low "
	         "forbids"},
		{srp1 && !srp0, "SRP1 is set: the registers cannot be changed until power-off"},
		{srp1 && srp0, "SRP1 and SRP0 are set: the registers can never be changed again"},
		{is_set(sr, prot->wps) && prot->kind != NOR_PROT_GUESS,
	         "WPS is set: every block has a lock of its own, closed at power-up; a job uses "
	         "the ranges instead and puts WPS back"},
		{shown, "every sector has a lock of its own, closed at power-up on most of these "
	                "parts: what is set here holds until power-off"},
		{sectors && !shown, "every block has a lock of its own, closed at power-up and not "
	                            "shown; a job opens all until power-off"},
		{prot->tb_otp && tb, "T/B is one-time and set: ranges count from the bottom, for "
	                             "ever"},
		{prot->tb_otp && !tb, "T/B is one-time and not set: ranges count from the top; "
	                              "norprog never sets it"},
		{is_set(sr, chip->qe) && prot->srp0,
	         "QE is set: WP# and HOLD# are data lines, and WP# protects nothing"},
	};

	return join(lines, sizeof(lines) / sizeof(lines[0]), buf, len);
}

const char *nor_status_explain(const struct nor_chip *chip, const uint8_t sr[4], char *buf,
                               size_t len)
{
	bool srp0, srp1;

	nor_status_locks(chip, sr, &srp0, &srp1);
	return explain(chip, sr, srp0, srp1, buf, len);
}
