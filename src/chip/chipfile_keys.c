/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a chip file: what each takes, and what it does to the row. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/units.h"
#include "chip/chipfile_priv.h"

#define SIZE_MIN      (32 * 1024)
#define SIZE_MAX_BITS 28 /* 256 MiB */
#define PAGE_MAX      1024
#define ERASE_MAX_MS  600000
#define TIME_MAX_US   10000000
#define OTP_AREAS     4
#define OTP_BYTES     2048

int chipfile_fail_at(struct chipfile_parser *p, unsigned line, const char *what, const char *value)
{
	np_fail(p->err, NP_E_INPUT, "%s:%u: %s%s%s%s", p->name, line, what, value ? ": '" : "",
	        value ? value : "", value ? "'" : "");
	return np_hint(p->err, "doc/CHIPS.md describes the file");
}

int chipfile_fail(struct chipfile_parser *p, const char *what, const char *value)
{
	return chipfile_fail_at(p, p->ini.line, what, value);
}

/* ---- values ---- */

static bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
	return np_parse_size(text, value) && *value <= max;
}

static int take_number(struct chipfile_parser *p, const char *value, uint64_t max, uint64_t *number)
{
	return parse_number(value, max, number) ? 0
	                                        : chipfile_fail(p, "not a number that fits", value);
}

static int take_u16(struct chipfile_parser *p, const char *value, uint64_t max, uint16_t *to)
{
	uint64_t number = 0;
	int ret = take_number(p, value, max, &number);

	*to = (uint16_t)number;
	return ret;
}

/* "40": two hex digits. */
static bool parse_byte(const char *text, uint8_t *byte)
{
	return np_parse_hex_byte(text, byte) && !text[2];
}

/* The next word of *rest, cut at any of `gaps`; NULL past the last. */
static char *next_word(char **rest, const char *gaps)
{
	char *word = *rest + strspn(*rest, gaps);

	if (!*word)
		return NULL;
	*rest = word + strcspn(word, gaps);
	if (**rest)
		*(*rest)++ = '\0';
	return word;
}

/* "TYPICAL LARGEST" */
static int take_times(struct chipfile_parser *p, const char *value, uint64_t max, uint32_t *typ,
                      uint32_t *most)
{
	char copy[NP_INI_LINE + 2], *rest = copy, *word[2];
	uint64_t low = 0, high = 0;

	snprintf(copy, sizeof(copy), "%s", value);
	word[0] = next_word(&rest, " \t");
	word[1] = next_word(&rest, " \t");
	if (!word[0] || !word[1] || next_word(&rest, " \t") || !parse_number(word[0], max, &low) ||
	    !parse_number(word[1], max, &high) || !low)
		return chipfile_fail(p, "not a typical and a largest value", value);
	if (high < low)
		return chipfile_fail(p, "the largest is smaller than the typical", value);
	*typ = (uint32_t)low;
	*most = (uint32_t)high;
	return 0;
}

static int take_word(struct chipfile_parser *p, const char *value,
                     const struct chipfile_word *words, uint32_t *to)
{
	for (; words->name; words++) {
		if (strcmp(words->name, value) != 0)
			continue;
		*to = words->value;
		return 0;
	}
	return chipfile_fail(p, "not one of the words of this key", value);
}

/* ---- keys: those that fill one member of the row, which p->key names, and all others ---- */

struct chipfile_key {
	const char *name;
	int (*take)(struct chipfile_parser *p, const char *value);
	bool required;
	size_t at; /* of struct nor_chip; for a text, of struct chipfile_own */
	uint64_t max;
	const struct chipfile_word *words;
};

static void *member(const struct chipfile_parser *p)
{
	return (char *)p->chip + p->key->at;
}

static int key_text(struct chipfile_parser *p, const char *value)
{
	if (!*value || strlen(value) >= CHIPFILE_TEXT)
		return chipfile_fail(p, "empty or too long", value);
	strcpy((char *)p->own + p->key->at, value);
	return 0;
}

static int key_number8(struct chipfile_parser *p, const char *value)
{
	uint64_t number = 0;
	int ret = take_number(p, value, p->key->max, &number);

	*(uint8_t *)member(p) = (uint8_t)number;
	return ret;
}

static int key_number16(struct chipfile_parser *p, const char *value)
{
	return take_u16(p, value, p->key->max, member(p));
}

/* "SR2.1" */
static int key_bit(struct chipfile_parser *p, const char *value)
{
	unsigned reg, at;
	char end;

	if (sscanf(value, "SR%1u.%1u%c", &reg, &at, &end) != 2 || reg < 1 || reg > 3 || at > 7)
		return chipfile_fail(p, "not a bit like SR2.1", value);
	*(uint8_t *)member(p) = NOR_BIT(reg, at);
	return 0;
}

/* Of an enumeration, which takes a byte (NOR_IN_A_BYTE). */
static int key_word(struct chipfile_parser *p, const char *value)
{
	uint32_t word = 0;
	int ret = take_word(p, value, p->key->words, &word);

	*(uint8_t *)member(p) = (uint8_t)word;
	return ret;
}

static int key_id(struct chipfile_parser *p, const char *value)
{
	char copy[NP_INI_LINE + 2], *rest = copy, *word;
	struct nor_chip *chip = p->chip;

	snprintf(copy, sizeof(copy), "%s", value);
	while ((word = next_word(&rest, " \t"))) {
		if (chip->id_len == NOR_ID_MAX || !parse_byte(word, &chip->id[chip->id_len]))
			return chipfile_fail(p, "not 3 to 6 bytes in hex", value);
		chip->id_len++;
	}
	if (chip->id_len < 3)
		return chipfile_fail(p, "not 3 to 6 bytes in hex", value);
	if (chip->id[0] == 0x00 || chip->id[0] == 0xff)
		return chipfile_fail(p, "no chip answers with this ID", value);
	return 0;
}

static int key_size(struct chipfile_parser *p, const char *value)
{
	uint64_t size = 0;
	int ret = take_number(p, value, UINT64_C(1) << SIZE_MAX_BITS, &size);

	if (!ret && (size < SIZE_MIN || size & (size - 1)))
		ret = chipfile_fail(p, "not a power of two from 32K to 256M", value);
	p->chip->size = (uint32_t)size;
	return ret;
}

static int key_die(struct chipfile_parser *p, const char *value)
{
	uint64_t number = 0;

	if (!parse_number(value, UINT64_C(1) << (SIZE_MAX_BITS - 1), &number) ||
	    number < SIZE_MIN || number & (number - 1))
		return chipfile_fail(p, "not a power of two that fits", value);
	p->chip->die = (uint32_t)number;
	return 0;
}

static int key_page(struct chipfile_parser *p, const char *value)
{
	uint16_t page = 0;
	int ret = take_u16(p, value, PAGE_MAX, &page);

	if (!ret && (page == 0 || page & (page - 1)))
		ret = chipfile_fail(p, "not a power of two up to 1024", value);
	p->chip->page = page;
	return ret;
}

/* "20" or "20/21": with three, with four address bytes. */
static bool parse_opcodes(char *text, struct nor_erase *erase)
{
	char *slash = strchr(text, '/');

	if (slash)
		*slash++ = '\0';
	if (!parse_byte(text, &erase->op) || !chipfile_is_erase_opcode(erase->op))
		return false;
	return !slash || (parse_byte(slash, &erase->op4) && chipfile_is_erase_opcode(erase->op4));
}

/* "4K 20/21 45 400": size, opcodes, typical and largest milliseconds. */
static int take_erase(struct chipfile_parser *p, char *text, struct nor_erase *erase)
{
	char *rest = text, shown[NP_INI_LINE + 2];
	char *size = next_word(&rest, " \t"), *ops = next_word(&rest, " \t");
	uint64_t bytes = 0;
	int ret;

	snprintf(shown, sizeof(shown), "%s", size ? size : "");
	if (!size || !ops || !parse_number(size, UINT64_C(1) << SIZE_MAX_BITS, &bytes) ||
	    bytes < 256 || bytes & (bytes - 1))
		return chipfile_fail(p, "an erase is SIZE OPCODE[/OPCODE] TYPICAL LARGEST", shown);
	if (!parse_opcodes(ops, erase))
		return chipfile_fail(p, "not an opcode that erases a block", ops);
	erase->size = (uint32_t)bytes;
	ret = take_times(p, rest, ERASE_MAX_MS, &erase->typ_us, &erase->max_us);
	erase->typ_us *= 1000;
	erase->max_us *= 1000;
	return ret;
}

static int key_erase(struct chipfile_parser *p, const char *value)
{
	char copy[NP_INI_LINE + 2], *rest = copy, *part;
	struct nor_erase *list = p->own->erase;
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", value);
	while ((part = next_word(&rest, ","))) {
		int ret = n == NOR_ERASE_TYPES
		                  ? chipfile_fail(p, "more than four erase sizes", value)
		                  : take_erase(p, part, &list[n]);

		if (ret)
			return ret;
		if (n && list[n].size <= list[n - 1].size)
			return chipfile_fail(p, "erase sizes go from small to large", value);
		for (size_t i = 0; i < n; i++)
			if (list[i].op == list[n].op || (list[n].op4 && list[i].op4 == list[n].op4))
				return chipfile_fail(p, "one opcode for two erase sizes", value);
		n++;
	}
	return n ? 0 : chipfile_fail(p, "no erase size", value);
}

static int key_page_us(struct chipfile_parser *p, const char *value)
{
	return take_times(p, value, TIME_MAX_US, &p->own->times.page_typ_us,
	                  &p->own->times.page_max_us);
}

static int key_status_us(struct chipfile_parser *p, const char *value)
{
	return take_times(p, value, TIME_MAX_US, &p->own->times.sr_typ_us,
	                  &p->own->times.sr_max_us);
}

static int key_chip_ms(struct chipfile_parser *p, const char *value)
{
	return take_times(p, value, 4 * ERASE_MAX_MS, &p->own->times.chip_typ_ms,
	                  &p->own->times.chip_max_ms);
}

static int key_protection(struct chipfile_parser *p, const char *value)
{
	for (const struct chipfile_prot *prot = chipfile_prots; prot->name; prot++) {
		if (strcmp(prot->name, value) != 0)
			continue;
		p->chip->prot = prot->prot;
		return 0;
	}
	return chipfile_fail(p, "not a protection scheme", value);
}

static int key_supply_mv(struct chipfile_parser *p, const char *value)
{
	uint32_t low = 0, high = 0;
	int ret = take_times(p, value, 5500, &low, &high);

	if (!ret && low < 1000)
		ret = chipfile_fail(p, "not a lowest and a highest supply in millivolts", value);
	p->chip->vcc_min_mv = (uint16_t)low;
	p->chip->vcc_max_mv = (uint16_t)high;
	return ret;
}

static int key_flags(struct chipfile_parser *p, const char *value)
{
	char copy[NP_INI_LINE + 2], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", value);
	while ((word = next_word(&rest, " \t,"))) {
		uint32_t flag = 0;
		int ret = take_word(p, word, chipfile_flags, &flag);

		if (ret)
			return ret;
		p->chip->flags |= flag;
	}
	return 0;
}

_Static_assert(sizeof(enum nor_otp) == 1 && sizeof(enum nor_uid) == 1 &&
                       sizeof(enum nor_addr4) == 1 && sizeof(enum nor_sr_write) == 1,
               "key_word() fills a byte");

#define ROW(member) offsetof(struct nor_chip, member)
#define OWN(member) offsetof(struct chipfile_own, member)

/* clang-format off */
static const struct chipfile_key keys[] = {
	{"id", key_id, .required = true},
	{"size", key_size, .required = true},
	{"erase", key_erase, .required = true},
	{"maker", key_text, .at = OWN(maker)},
	{"die", .take = key_die},
	{"page", .take = key_page},
	{"page_us", .take = key_page_us},
	{"status_us", .take = key_status_us},
	{"chip_erase_ms", .take = key_chip_ms},
	{"protection", .take = key_protection},
	{"status", key_word, .at = ROW(sr_write), .words = chipfile_sr_writes},
	{"quad_enable", key_bit, .at = ROW(qe)},
	{"address4", key_word, .at = ROW(addr4), .words = chipfile_addr4s},
	{"address4_bit", key_bit, .at = ROW(addr4_bit)},
	{"unique_id", key_word, .at = ROW(uid), .words = chipfile_uids},
	{"otp", key_word, .at = ROW(otp), .words = chipfile_otps},
	{"otp_areas", key_number8, .at = ROW(otp_regs), .max = OTP_AREAS},
	{"otp_first", key_number8, .at = ROW(otp_first), .max = 1},
	{"otp_size", key_number16, .at = ROW(otp_reg_size), .max = OTP_BYTES},
	{"read_mhz", key_number16, .at = ROW(read_mhz), .max = 200},
	{"fast_mhz", key_number16, .at = ROW(fast_mhz), .max = 200},
	{"supply_mv", .take = key_supply_mv},
	{"flags", .take = key_flags},
	{"source", key_text, .at = OWN(source)},
	{"note", key_text, .at = OWN(note)},
};
/* clang-format on */

#define KEYS (sizeof(keys) / sizeof(keys[0]))

int chipfile_take_key(struct chipfile_parser *p, const char *name, const char *value)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (p->seen & 1U << i)
			return chipfile_fail(p, "given twice", name);
		p->seen |= 1U << i;
		p->key = &keys[i];
		return keys[i].take(p, value);
	}
	return chipfile_fail(p, "unknown key", name);
}

const char *chipfile_missing_key(const struct chipfile_parser *p)
{
	for (size_t i = 0; i < KEYS; i++)
		if (keys[i].required && !(p->seen & 1U << i))
			return keys[i].name;
	return NULL;
}
