/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a described part: what each takes, and what the model makes of it. norsim_describe.c
 * tells the format. */
#include "sim/norsim_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define SIZE_MAX_ (512U << 20)

/* ---- numbers ---- */

bool norsim_text_hex(const char *text, uint32_t max, uint32_t *value)
{
	char *end;
	unsigned long long number;

	if (!*text || *text == '-' || *text == '+')
		return false;
	number = strtoull(text, &end, 16);
	*value = (uint32_t)number;
	return !*end && number <= max;
}

bool norsim_text_number(const char *text, uint64_t max, uint32_t *value)
{
	uint64_t wide;

	if (!np_parse_size(text, &wide) || wide > max)
		return false;
	*value = (uint32_t)wide;
	return true;
}

/* The next word of a list, or NULL. */
char *norsim_text_next(char **at, const char *between)
{
	char *word = strsep(at, between);

	while (word && !*word)
		word = strsep(at, between);
	return word;
}

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
	{"abid", NF_DEVICE_ID},
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
	{"wpsel", NF_OTP_MXIC | NF_WPSEL},
	{"bootb", NF_BOOT_BOTTOM},
	{"boott", NF_BOOT_TOP},
	{"dieselect", NF_DIE_STATUS | NF_DIE_SELECT},
	{"secregtop", NF_SECREGS | NF_SECREG_TOP},
	{"edges", NF_EDGES},
	{"s25fs", NF_SPANSION | NF_S25FS},
	{"irow", NF_IROW},
	{"irowerase", NF_IROW | NF_IROW_ERASE},
	{"fsrdue", NF_FLAG_STATUS | NF_FSR_DUE},
	{"fr48", NF_FUNCTION_48},
};

static bool take_has(struct norsim_described *d, char *text)
{
	char *word;

	while ((word = norsim_text_next(&text, ","))) {
		size_t i = 0;

		while (i < sizeof(words) / sizeof(words[0]) && strcmp(words[i].name, word) != 0)
			i++;
		if (i == sizeof(words) / sizeof(words[0]))
			return false;
		d->part.features |= words[i].features;
	}
	return true;
}

/* How many bytes; 0: it says none, or more than `max`. */
static size_t take_bytes(const char *text, uint8_t *bytes, size_t max)
{
	size_t len = strlen(text) / 2;

	if (strlen(text) % 2 || len > max)
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!np_parse_hex_byte(text + 2 * i, &bytes[i]))
			return 0;
	return len;
}

static bool take_id(struct norsim_described *d, char *text)
{
	d->part.id_len = (uint8_t)take_bytes(text, d->part.id, sizeof(d->part.id));
	return d->part.id_len >= 3;
}

static bool take_pair(struct norsim_described *d, char *text)
{
	d->part.features |= NF_PAIR;
	return take_bytes(text, d->part.pair_id, sizeof(d->part.pair_id)) == 3;
}

static bool take_size(struct norsim_described *d, char *text)
{
	return norsim_text_number(text, SIZE_MAX_, &d->part.size) && d->part.size >= 0x1000 &&
	       !(d->part.size & (d->part.size - 1));
}

static bool take_die(struct norsim_described *d, char *text)
{
	return norsim_text_number(text, d->part.size / 2, &d->part.die) && d->part.die >= 0x10000 &&
	       !(d->part.die & (d->part.die - 1));
}

static bool take_page(struct norsim_described *d, char *text)
{
	uint32_t page;

	if (!norsim_text_number(text, NORSIM_PAGE_MAX, &page) || !page || page & (page - 1))
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
	if (!norsim_text_hex(op, 0xFF, &value) ||
	    (below && !norsim_text_number(below, SIZE_MAX_, &erase->below)))
		return false;
	erase->op = (uint8_t)value;
	part->erase_count++;
	if (strcmp(size, "chip") == 0)
		return true;
	return norsim_text_number(size, SIZE_MAX_, &erase->size) && erase->size >= 256 &&
	       !(erase->size & (erase->size - 1));
}

static bool take_erase(struct norsim_described *d, char *text)
{
	char *word;

	while ((word = norsim_text_next(&text, ",")))
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

	while ((word = norsim_text_next(&text, "/"))) {
		uint32_t value;

		if (n == 3 || !norsim_text_hex(word, 0xFF, &value))
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

	while ((word = norsim_text_next(&text, ","))) {
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

	if (!norsim_text_number(text, NORSIM_UID_MAX, &len) || !len)
		return false;
	d->part.uid_len = (uint8_t)len;
	return true;
}

static bool take_otp(struct norsim_described *d, char *text)
{
	uint32_t values[3];

	for (size_t i = 0; i < 3; i++) {
		const char *word = norsim_text_next(&text, ":");

		if (!word || !norsim_text_number(word, NORSIM_OTP_MAX, &values[i]))
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

	while ((word = norsim_text_next(&text, ","))) {
		char *value = strchr(word, ':');
		size_t i = 0;

		if (!value)
			return false;
		*value++ = '\0';
		while (i < 7 && strcmp(times[i].name, word) != 0)
			i++;
		if (i == 7 || !norsim_text_number(value, 10000000, times[i].value))
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
	while ((word = norsim_text_next(&text, ",")))
		if (!norsim_sfdp_word(&want, word))
			return false;
	norsim_sfdp_build(d, &want);
	return true;
}

/* The next number of a list of hexadecimal ones. */
static bool next_hex(char **text, const char *between, uint32_t max, uint32_t *value)
{
	const char *word = norsim_text_next(text, between);

	return word && norsim_text_hex(word, max, value);
}

/* MINOR@ADDRESS:DWORD,... */
static bool take_bfpt(struct norsim_described *d, char *text)
{
	uint32_t minor, at;
	size_t count = 0;

	if (!next_hex(&text, "@", 0xFF, &minor) || !next_hex(&text, ":", 0xFFF, &at))
		return false;
	while (text && count < sizeof(d->bfpt) / sizeof(d->bfpt[0]))
		if (!next_hex(&text, ",", 0xFFFFFFFF, &d->bfpt[count++]))
			return false;
	d->sfdp = (struct norsim_sfdp){.minor = (uint8_t)minor,
	                               .dwords = (uint8_t)count,
	                               .bfpt_at = (uint16_t)at,
	                               .bfpt = d->bfpt};
	d->part.sfdp = &d->sfdp;
	return count && !text;
}

/* ADDRESS:DWORD,DWORD, behind bfpt= */
static bool take_addr4(struct norsim_described *d, char *text)
{
	uint32_t at;

	if (!next_hex(&text, ":", 0xFFF, &at) || !at ||
	    !next_hex(&text, ",", 0xFFFFFFFF, &d->sfdp.addr4[0]) ||
	    !next_hex(&text, ",", 0xFFFFFFFF, &d->sfdp.addr4[1]))
		return false;
	d->sfdp.addr4_at = (uint16_t)at;
	return d->part.sfdp && !text;
}

static bool take_dev(struct norsim_described *d, char *text)
{
	uint32_t id;

	if (!norsim_text_hex(text, 0xFF, &id))
		return false;
	d->part.device_id = (uint8_t)id;
	return true;
}

/* SRP in SR1 / lock until power-up in SR2. */
static bool take_lock(struct norsim_described *d, char *text)
{
	uint32_t srp, lock;

	if (!next_hex(&text, "/", 0xFF, &srp) || !next_hex(&text, "/", 0xFF, &lock))
		return false;
	d->part.srp_mask = (uint8_t)srp;
	d->part.lock_mask = (uint8_t)lock;
	return !text;
}

static bool take_raw_sfdp(struct norsim_described *d, char *text)
{
	d->part.raw_sfdp = d->raw_sfdp;
	d->part.raw_sfdp_len = (uint16_t)take_bytes(text, d->raw_sfdp, sizeof(d->raw_sfdp));
	return d->part.raw_sfdp_len != 0;
}

/* In the order in which a line has to state them: SFDP is built from the rest. */
static const struct {
	const char *key;
	bool (*take)(struct norsim_described *d, char *text);
} keys[] = {
	{"id", take_id},       {"size", take_size},
	{"die", take_die},     {"page", take_page},
	{"erase", take_erase}, {"sr1", take_sr1},
	{"sr2", take_sr2},     {"sr3", take_sr3},
	{"cr", take_cr},       {"wr", take_wr},
	{"uid", take_uid},     {"otp", take_otp},
	{"has", take_has},     {"time", take_time},
	{"sfdp", take_sfdp},   {"rawsfdp", take_raw_sfdp},
	{"bfpt", take_bfpt},   {"addr4", take_addr4},
	{"dev", take_dev},     {"lock", take_lock},
	{"pair", take_pair},
};

enum norsim_key norsim_take_key(struct norsim_described *d, const char *key, char *value)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i].key) == 0)
			return keys[i].take(d, value) ? NK_TAKEN : NK_BAD;
	return NK_UNKNOWN;
}
