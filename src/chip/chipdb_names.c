/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/chipdb_names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define NAME_LEN   64
#define CORE_MIN   4  /* letters and digits of a name that a marking has to show at least */
#define SUFFIX_MAX 12 /* what a marking goes on with */

/* ---- IDs ---- */

/* What stands between the bytes of an ID: "0xEF, 0x40", "EF:40:18", "EFh 40h". */
static const char *behind_gap(const char *word)
{
	if (tolower((unsigned char)*word) == 'h')
		word++;
	word += strspn(word, " :,-");
	return strncasecmp(word, "0x", 2) == 0 ? word + 2 : word;
}

/* Hex digits of an ID, what separates its bytes left out; 0 where there is anything else. */
static size_t take_id(const char *word, uint8_t id[NOR_ID_MAX])
{
	size_t digits = 0;

	for (word = behind_gap(word); *word; word++) {
		const char *hex = "0123456789abcdef";
		const char *at = strchr(hex, tolower((unsigned char)*word));

		if (!at || digits == 2 * (size_t)NOR_ID_MAX)
			return 0;
		id[digits / 2] =
			(uint8_t)(digits % 2 ? id[digits / 2] << 4 | (at - hex) : at - hex);
		if (++digits % 2 == 0)
			word = behind_gap(word + 1) - 1;
	}
	return digits % 2 ? 0 : digits / 2;
}

bool chipdb_id_is(const struct nor_chip *chip, const char *word)
{
	uint8_t id[NOR_ID_MAX] = {0};
	size_t len = take_id(word, id);
	size_t common = len < chip->id_len ? len : chip->id_len;

	return len >= 2 && memcmp(chip->id, id, common) == 0;
}

/* ---- names ---- */

/* The next member of a list with '/', without its brackets or with what is in them. */
static const char *next_member(const char *list, char member[NAME_LEN], bool brackets)
{
	size_t n = 0;
	bool inside = false;

	for (; *list && (inside || *list != '/'); list++) {
		if (*list == '(' || *list == ')')
			inside = *list == '(';
		else if (n + 1 < NAME_LEN && (brackets || !inside))
			member[n++] = *list;
	}
	member[n] = '\0';
	return *list ? list + 1 : NULL;
}

/* '.' in `word` is any letters, at least one. */
static bool same_name(const char *word, const char *name)
{
	for (; *word && *word != '.'; word++, name++)
		if (tolower((unsigned char)*word) != tolower((unsigned char)*name))
			return false;
	if (!*word)
		return !*name;
	while (isalpha((unsigned char)*name))
		if (same_name(word + 1, ++name))
			return true;
	return false;
}

/* Behind the letters of the maker, and behind the number of the family where that is left out too:
 * "25Q128JV" and "Q128JV" of "W25Q128JV". */
static const char *behind_maker(const char *name)
{
	while (isalpha((unsigned char)*name))
		name++;
	return name;
}

static const char *behind_family(const char *name)
{
	const char *at = behind_maker(name);

	return at[0] == '2' && isdigit((unsigned char)at[1]) ? at + 2 : name;
}

/* How many letters of `name` the marking begins with; 'x' in a name is any letter or digit. */
static size_t begun(const char *marking, const char *name)
{
	size_t n = 0;

	for (; name[n] && isalnum((unsigned char)marking[n]); n++)
		if (name[n] != 'x' &&
		    tolower((unsigned char)name[n]) != tolower((unsigned char)marking[n]))
			break;
	return n;
}

/* Does a marking that has shown `len` letters of a name go on with something more? Three letters are
 * a name only where the marking sets them apart ("Q64-104HIP"). */
static bool goes_on(const char *marking, size_t len)
{
	size_t rest = strlen(marking + len);

	return rest && rest <= SUFFIX_MAX &&
	       (len >= CORE_MIN || (len == CORE_MIN - 1 && marking[len] == '-'));
}

/* How much of `name` the marking begins with: all of it, or all in front of letters that the order
 * code alone has ("S25FL128Sxxxxxx1"), where they are not on the package. A digit behind a digit
 * makes another number of it, but not behind such letters. */
static unsigned marked(const char *marking, const char *name)
{
	const char *open = strstr(name, "xxx");
	size_t len = begun(marking, name);

	if (name[len] && (!open || name + len < open))
		return 0;
	if (name[len])
		len = (size_t)(open - name);
	if (!open && len && isdigit((unsigned char)name[len - 1]) &&
	    isdigit((unsigned char)marking[len]))
		return 0;
	return goes_on(marking, len) ? (unsigned)len : 0;
}

static unsigned best_of(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* May these letters stand in front of the number of a part that has others there? Macronix sells
 * under a second brand; some packages show the maker's name. */
static bool maker_fits(const char *word, const char *name, const char *maker)
{
	size_t len = (size_t)(behind_maker(word) - word);

	return len == 0 || (len == strlen(maker) && strncasecmp(word, maker, len) == 0) ||
	       (len == 2 && strncasecmp(word, "KH", 2) == 0 && strncasecmp(name, "MX", 2) == 0);
}

static unsigned marking_score(const char *word, const char *name, const char *maker)
{
	unsigned whole = marked(word, name), score = 0;

	if (whole)
		return whole;
	if (maker_fits(word, name, maker)) {
		score = marked(behind_maker(word), behind_maker(name));
		if (strcasecmp(behind_maker(word), behind_maker(name)) == 0 && *behind_maker(word))
			score = best_of(score, (unsigned)strlen(word));
	}
	/* "QH128A-104HIP": nothing of the family is printed. */
	if (behind_maker(name) != behind_family(name))
		score = best_of(score, marked(word, behind_family(name)));
	return score;
}

static unsigned member_score(const char *word, const char *name, const char *maker)
{
	if (strcasecmp(word, name) == 0)
		return CHIPDB_NAME_EXACT;
	if (strchr(word, '.') && same_name(word, name))
		return CHIPDB_NAME_EXACT / 2;
	return marking_score(word, name, maker);
}

static unsigned against_row(const char *word, const struct nor_chip *chip)
{
	const char *names = chip->name;
	char name[NAME_LEN] = "";
	unsigned score = 0;

	while (names) {
		names = next_member(names, name, true);
		score = best_of(score, member_score(word, name, chip->maker));
	}
	return score;
}

unsigned chipdb_name_score(const struct nor_chip *chip, const char *word)
{
	char member[NAME_LEN] = "";
	unsigned score = 0;

	if (!*word)
		return 0;
	if (strcasecmp(word, chip->name) == 0)
		return CHIPDB_NAME_EXACT;
	for (int brackets = 0; brackets < 2; brackets++)
		for (const char *rest = word; rest;) {
			rest = next_member(rest, member, brackets);
			if (*member)
				score = best_of(score, against_row(member, chip));
		}
	return score;
}

static bool begins(const char *name, const char *word)
{
	size_t len = strlen(word);

	return len >= CORE_MIN && strncasecmp(word, name, len) == 0 && !*behind_maker(name + len);
}

bool chipdb_name_begins(const struct nor_chip *chip, const char *word)
{
	const char *names = chip->name;
	char name[NAME_LEN] = "";

	while (names) {
		names = next_member(names, name, true);
		if (begins(name, word) || begins(behind_maker(name), word))
			return true;
	}
	return false;
}
