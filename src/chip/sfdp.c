/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/sfdp.h"

#include <string.h>

#define SIGNATURE      0x50444653U /* "SFDP" read as little-endian */
#define HEADER_LEN     8U          /* of SFDP itself, and of each parameter header */
#define SPACE_MAX      4096U       /* as much of the SFDP space as is ever looked at */
#define ID_BFPT        0xff00U
#define ID_ADDR4       0xff84U
#define ID_SECTOR_MAP  0xff81U
#define SECTOR_MAP_MAX 64U /* dwords followed */

#define BFPT_MIN       9U /* JESD216; below that there is no erase table */
#define BFPT_WITH_TIME 11U
#define BFPT_WITH_QER  15U
#define BFPT_WITH_ADDR 16U

#define SIZE_MIN    4096U
#define SIZE_MAX_   (UINT64_C(1) << 31) /* what a chip row can hold */
#define ADDR3_LIMIT (UINT64_C(1) << 24)
#define PAGE_MAX    4096U

#define SUPPLY_MIN_MV 1000U
#define SUPPLY_MAX_MV 5500U

/* One parameter header. */
struct table {
	uint16_t id;
	uint8_t major, minor;
	uint32_t dwords, pointer;
};

static uint32_t dword_at(const uint8_t *data, size_t offset)
{
	return (uint32_t)data[offset] | (uint32_t)data[offset + 1] << 8 |
	       (uint32_t)data[offset + 2] << 16 | (uint32_t)data[offset + 3] << 24;
}

static uint32_t field(uint32_t dword, unsigned low, unsigned bits)
{
	return dword >> low & ((1U << bits) - 1);
}

static size_t headers_end(const uint8_t *data)
{
	return HEADER_LEN + HEADER_LEN * ((size_t)data[6] + 1);
}

static struct table header_at(const uint8_t *data, size_t index)
{
	const uint8_t *h = data + HEADER_LEN * (index + 1);

	return (struct table){
		.id = (uint16_t)(h[7] << 8 | h[0]),
		.minor = h[1],
		.major = h[2],
		.dwords = h[3],
		.pointer = (uint32_t)h[4] | (uint32_t)h[5] << 8 | (uint32_t)h[6] << 16,
	};
}

/* Of the two kinds of owners, makers have an ID byte of odd parity, and the functions that JEDEC
 * defines one of even parity. */
static bool is_makers(const struct table *table)
{
	return __builtin_parity(table->id & 0xff) && table->dwords;
}

/* Dwords of a table that the parser reads; later revisions only append. */
static uint32_t dwords_wanted(const struct table *table)
{
	uint32_t most = table->id == ID_BFPT         ? SFDP_BFPT_MAX
	                : table->id == ID_ADDR4      ? 2
	                : table->id == ID_SECTOR_MAP ? SECTOR_MAP_MAX
	                : is_makers(table)           ? 1
	                                             : 0;

	return table->dwords < most ? table->dwords : most;
}

size_t sfdp_needed(const uint8_t *data, size_t got)
{
	size_t needed;

	if (got < 2 * HEADER_LEN)
		return 2 * HEADER_LEN;
	if (dword_at(data, 0) != SIGNATURE)
		return 0;
	needed = headers_end(data);
	if (got < needed)
		return needed;
	for (size_t i = 0; i <= data[6]; i++) {
		struct table table = header_at(data, i);
		size_t end = table.pointer + 4 * (size_t)dwords_wanted(&table);

		if (dwords_wanted(&table) && end <= SPACE_MAX && end > needed)
			needed = end;
	}
	return needed;
}

size_t sfdp_extent(const uint8_t *data, size_t got)
{
	size_t extent;

	if (got < 2 * HEADER_LEN || dword_at(data, 0) != SIGNATURE || got < headers_end(data))
		return 0;
	extent = headers_end(data);
	for (size_t i = 0; i <= data[6]; i++) {
		struct table table = header_at(data, i);
		size_t end = table.pointer + 4 * (size_t)table.dwords;

		if (end <= SPACE_MAX && end > extent)
			extent = end;
	}
	return extent;
}

/* ---- headers ---- */

static int check_table(const uint8_t *data, size_t len, const struct table *table, const char *what,
                       struct np_error *err)
{
	size_t end = table->pointer + 4 * (size_t)dwords_wanted(table);

	if (table->pointer < headers_end(data))
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: the %s table at 0x%06x lies inside the headers", what,
		               table->pointer);
	if (end > len)
		return np_fail(
			err, NP_E_UNSUPPORTED,
			"SFDP refused: the %s table at 0x%06x ends beyond the %zu bytes read", what,
			table->pointer, len);
	return 0;
}

/* The newest table of that id; false when there is none. */
static bool find_table(const uint8_t *data, uint16_t id, struct table *found)
{
	bool any = false;

	for (size_t i = 0; i <= data[6]; i++) {
		struct table table = header_at(data, i);

		if (table.id != id || table.major != 1)
			continue;
		if (any && (table.minor < found->minor ||
		            (table.minor == found->minor && table.dwords <= found->dwords)))
			continue;
		*found = table;
		any = true;
	}
	return any;
}

static int check_signature(const uint8_t *data, size_t len, struct np_error *err)
{
	if (len < 2 * HEADER_LEN)
		return np_fail(err, NP_E_UNSUPPORTED, "SFDP refused: truncated, %zu bytes", len);
	if (dword_at(data, 0) != SIGNATURE)
		return np_fail(err, NP_E_UNSUPPORTED, "the chip has no SFDP");
	if (data[5] != 1)
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: revision %u.%u is not understood", data[5], data[4]);
	if (len < headers_end(data))
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: truncated, %zu bytes of headers for %u tables", len,
		               data[6] + 1U);
	return 0;
}

/* ---- the basic table ---- */

static uint32_t bfpt(const struct sfdp *sfdp, unsigned number)
{
	return sfdp->bfpt[number - 1];
}

static int parse_size(struct sfdp *sfdp, struct np_error *err)
{
	uint32_t density = bfpt(sfdp, 2);
	unsigned power = density & 0x7fffffffU;
	uint64_t bits = (uint64_t)density + 1;

	if (density >> 31) {
		if (power < 32 || power > 34)
			return np_fail(err, NP_E_UNSUPPORTED,
			               "SFDP refused: a size of 2^%u bits makes no sense", power);
		bits = UINT64_C(1) << power;
	}
	sfdp->size = bits / 8;
	if (bits % 8 || sfdp->size < SIZE_MIN || sfdp->size % SIZE_MIN || sfdp->size > SIZE_MAX_)
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: a size of %llu bits makes no sense",
		               (unsigned long long)bits);
	return 0;
}

static int parse_address(struct sfdp *sfdp, struct np_error *err)
{
	uint32_t bytes = field(bfpt(sfdp, 1), 17, 2);

	if (bytes == 3)
		return np_fail(err, NP_E_UNSUPPORTED, "SFDP refused: reserved address length");
	if (bytes == 0 && sfdp->size > ADDR3_LIMIT)
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: %llu MiB but only three address bytes",
		               (unsigned long long)(sfdp->size >> 20));
	/* No chip that three bytes reach takes four alone; one that says so would be read shifted by
	 * a byte. */
	sfdp->addr4_only = bytes == 2 && sfdp->size > ADDR3_LIMIT;
	return 0;
}

/* A table that names anything else for "erase" may be asking for a chip erase or a lock. */
static bool is_erase_opcode(uint8_t op)
{
	static const uint8_t known[] = {0x20, 0x21, 0x40, 0x52, 0x53, 0x5c, 0x81, 0xd7, 0xd8, 0xdc};

	return memchr(known, op, sizeof(known)) != NULL;
}

static int check_erase(const struct sfdp *sfdp, unsigned type, unsigned exponent, uint8_t op,
                       struct np_error *err)
{
	if (exponent < 8 || exponent > 30 || (UINT64_C(1) << exponent) > sfdp->size ||
	    sfdp->size % (UINT64_C(1) << exponent))
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: erase type %u of 2^%u bytes does not fit the chip",
		               type, exponent);
	if (!is_erase_opcode(op))
		return np_fail(
			err, NP_E_UNSUPPORTED,
			"SFDP refused: erase type %u uses opcode %02Xh, which is no block erase",
			type, op);
	return 0;
}

static int parse_erase(struct sfdp *sfdp, struct nor_erase types[NOR_ERASE_TYPES],
                       struct np_error *err)
{
	bool any = false;

	for (unsigned i = 0; i < NOR_ERASE_TYPES; i++) {
		uint32_t half = field(bfpt(sfdp, 8 + i / 2), i % 2 * 16, 16);
		unsigned exponent = half & 0xff;
		int rc;

		if (!exponent)
			continue;
		rc = check_erase(sfdp, i + 1, exponent, (uint8_t)(half >> 8), err);
		if (rc)
			return rc;
		types[i].size = 1U << exponent;
		types[i].op = (uint8_t)(half >> 8);
		any = true;
	}
	if (!any && field(bfpt(sfdp, 1), 0, 2) == 1) {
		types[0].size = 4096;
		types[0].op = (uint8_t)field(bfpt(sfdp, 1), 8, 8);
		return check_erase(sfdp, 1, 12, types[0].op, err);
	}
	if (!any)
		return np_fail(err, NP_E_UNSUPPORTED, "SFDP refused: no erase types");
	return 0;
}

/* ---- times (JESD216A) ---- */

static void parse_times(struct sfdp *sfdp, struct nor_erase types[NOR_ERASE_TYPES])
{
	static const uint32_t erase_unit_ms[] = {1, 16, 128, 1000};
	static const uint32_t chip_unit_ms[] = {16, 256, 4000, 64000};
	uint32_t erase = bfpt(sfdp, 10), program = bfpt(sfdp, 11);
	uint32_t factor = 2 * (field(erase, 0, 4) + 1);

	for (unsigned i = 0; i < NOR_ERASE_TYPES; i++) {
		uint32_t count = field(erase, 4 + 7 * i, 5) + 1;
		uint32_t unit = field(erase, 9 + 7 * i, 2);

		if (!types[i].size)
			continue;
		types[i].typ_us = count * erase_unit_ms[unit] * 1000;
		types[i].max_us = types[i].typ_us * factor;
	}
	factor = 2 * (field(program, 0, 4) + 1);
	sfdp->page_typ_us = (field(program, 8, 5) + 1) * (field(program, 13, 1) ? 64 : 8);
	sfdp->page_max_us = sfdp->page_typ_us * factor;
	sfdp->chip_typ_ms = (field(program, 24, 5) + 1) * chip_unit_ms[field(program, 29, 2)];
	sfdp->chip_max_ms = sfdp->chip_typ_ms * factor;
	sfdp->has_times = true;
}

static int parse_page(struct sfdp *sfdp, struct np_error *err)
{
	sfdp->page = field(bfpt(sfdp, 1), 2, 1) ? 256 : 1;
	if (sfdp->bfpt_len < BFPT_WITH_TIME)
		return 0;
	sfdp->page = 1U << field(bfpt(sfdp, 11), 4, 4);
	if (sfdp->page > PAGE_MAX)
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: a page of %u bytes makes no sense", sfdp->page);
	return 0;
}

static void parse_modes(struct sfdp *sfdp)
{
	uint32_t first = bfpt(sfdp, 1), last;

	sfdp->volatile_sr = field(first, 3, 1);
	sfdp->volatile_sr_50h = field(first, 3, 1) && !field(first, 4, 1);
	sfdp->has_qer = sfdp->bfpt_len >= BFPT_WITH_QER;
	if (sfdp->has_qer)
		sfdp->qer = (uint8_t)field(bfpt(sfdp, 15), 20, 3);
	if (sfdp->bfpt_len < BFPT_WITH_ADDR)
		return;
	last = bfpt(sfdp, 16);
	if (field(last, 2, 2))
		sfdp->volatile_sr_50h = true;
	sfdp->soft_reset = field(last, 12, 1);
	sfdp->addr4_enter = field(last, 24, 1);
	sfdp->addr4_enter_we = field(last, 25, 1);
	sfdp->addr4_bank = field(last, 26, 1);
	sfdp->addr4_brwr = field(last, 27, 1);
	if (field(last, 30, 1) && sfdp->size > ADDR3_LIMIT)
		sfdp->addr4_only = true;
}

/* ---- the other tables ---- */

static int parse_addr4(const uint8_t *data, size_t len, struct sfdp *sfdp,
                       struct nor_erase types[NOR_ERASE_TYPES], struct np_error *err)
{
	struct table table;
	uint32_t support, ops;
	bool erases = false;
	int rc;

	if (!find_table(data, ID_ADDR4, &table) || table.dwords < 2)
		return 0;
	rc = check_table(data, len, &table, "4-byte address", err);
	if (rc)
		return rc;
	support = dword_at(data, table.pointer);
	ops = dword_at(data, table.pointer + 4);
	for (unsigned i = 0; i < NOR_ERASE_TYPES; i++) {
		uint8_t op = (uint8_t)field(ops, 8 * i, 8);

		if (!field(support, 9 + i, 1) || !types[i].size || !is_erase_opcode(op))
			continue;
		types[i].op4 = op;
		erases = true;
	}
	/* 13h or 0Ch to read, 12h to program */
	sfdp->addr4_native = field(support, 0, 2) && field(support, 6, 1) && erases;
	return 0;
}

/* The erase types that every region of every map of an uneven chip takes, as a mask. A map that
 * does not parse leaves none. */
static unsigned uniform_types(const uint8_t *data, const struct table *table)
{
	uint32_t dwords = dwords_wanted(table), i = 0;
	unsigned mask = 0xf;
	bool last = false;

	while (!last && i < dwords) {
		uint32_t head = dword_at(data, table->pointer + 4 * (size_t)i++);

		last = field(head, 0, 1);
		if (!field(head, 1, 1)) { /* a detection command: one dword of address follows */
			i++;
			last = false;
			continue;
		}
		for (uint32_t n = field(head, 16, 8) + 1; n > 0; n--) {
			if (i >= dwords)
				return 0;
			mask &= dword_at(data, table->pointer + 4 * (size_t)i++);
		}
	}
	return last ? mask & 0xf : 0;
}

static int parse_sector_map(const uint8_t *data, size_t len, struct sfdp *sfdp,
                            struct nor_erase types[NOR_ERASE_TYPES], struct np_error *err)
{
	struct table table;
	unsigned mask;
	int rc;

	if (!find_table(data, ID_SECTOR_MAP, &table))
		return 0;
	rc = check_table(data, len, &table, "sector map", err);
	if (rc)
		return rc;
	sfdp->has_sector_map = true;
	mask = uniform_types(data, &table);
	for (unsigned i = 0; i < NOR_ERASE_TYPES; i++)
		if (!(mask >> i & 1))
			types[i].size = 0;
	return 0;
}

/* Four decimal digits, 0 where they are none. */
static uint16_t bcd(uint32_t digits)
{
	uint16_t value = 0;

	for (int shift = 12; shift >= 0; shift -= 4) {
		if ((digits >> shift & 0xf) > 9)
			return 0;
		value = (uint16_t)(10 * value + (digits >> shift & 0xf));
	}
	return value;
}

/* Most makers begin their table with the supply: the highest in the upper half, the lowest in the
 * lower, in millivolts. What makes no sense as such is something else. */
static void parse_makers(const uint8_t *data, size_t len, struct sfdp *sfdp)
{
	for (size_t i = 0; i <= data[6]; i++) {
		struct table table = header_at(data, i);
		uint16_t low, high;

		if (!is_makers(&table) || table.pointer + 4 > len)
			continue;
		low = bcd(field(dword_at(data, table.pointer), 0, 16));
		high = bcd(field(dword_at(data, table.pointer), 16, 16));
		if (low < SUPPLY_MIN_MV || high <= low || high > SUPPLY_MAX_MV)
			continue;
		sfdp->maker_id = (uint8_t)table.id;
		sfdp->vcc_min_mv = low;
		sfdp->vcc_max_mv = high;
		return;
	}
}

/* ---- all together ---- */

/* Smallest first, each size once. The same opcode for two sizes is a contradiction. */
static int take_erase(struct sfdp *sfdp, const struct nor_erase types[NOR_ERASE_TYPES],
                      struct np_error *err)
{
	for (unsigned i = 0; i < NOR_ERASE_TYPES; i++) {
		size_t at = 0;
		bool twice = false;

		if (!types[i].size)
			continue;
		for (size_t k = 0; k < sfdp->erase_count; k++) {
			if (sfdp->erase[k].op == types[i].op &&
			    sfdp->erase[k].size != types[i].size)
				return np_fail(
					err, NP_E_UNSUPPORTED,
					"SFDP refused: opcode %02Xh erases both %u and %u bytes",
					types[i].op, sfdp->erase[k].size, types[i].size);
			twice |= sfdp->erase[k].size == types[i].size;
			at += sfdp->erase[k].size < types[i].size;
		}
		if (twice)
			continue;
		memmove(&sfdp->erase[at + 1], &sfdp->erase[at],
		        (sfdp->erase_count - at) * sizeof(sfdp->erase[0]));
		sfdp->erase[at] = types[i];
		sfdp->erase_count++;
	}
	return 0;
}

static int load_bfpt(const uint8_t *data, size_t len, struct sfdp *sfdp, struct np_error *err)
{
	struct table table;
	int rc;

	if (!find_table(data, ID_BFPT, &table))
		return np_fail(err, NP_E_UNSUPPORTED, "SFDP refused: no basic parameter table");
	if (table.dwords < BFPT_MIN)
		return np_fail(err, NP_E_UNSUPPORTED,
		               "SFDP refused: the basic table has %u dwords, at least %u are due",
		               table.dwords, BFPT_MIN);
	rc = check_table(data, len, &table, "basic parameter", err);
	if (rc)
		return rc;
	sfdp->minor = data[4];
	sfdp->major = data[5];
	sfdp->bfpt_major = table.major;
	sfdp->bfpt_minor = table.minor;
	sfdp->bfpt_len = dwords_wanted(&table);
	for (size_t i = 0; i < sfdp->bfpt_len; i++)
		sfdp->bfpt[i] = dword_at(data, table.pointer + 4 * i);
	return 0;
}

static int parse_tables(const uint8_t *data, size_t len, struct sfdp *sfdp, struct np_error *err)
{
	struct nor_erase types[NOR_ERASE_TYPES] = {{0}};
	int rc = load_bfpt(data, len, sfdp, err);

	if (!rc)
		rc = parse_size(sfdp, err);
	if (!rc)
		rc = parse_address(sfdp, err);
	if (!rc)
		rc = parse_page(sfdp, err);
	if (!rc)
		rc = parse_erase(sfdp, types, err);
	if (rc)
		return rc;
	if (sfdp->bfpt_len >= BFPT_WITH_TIME && bfpt(sfdp, 10))
		parse_times(sfdp, types);
	parse_modes(sfdp);
	parse_makers(data, len, sfdp);
	rc = parse_addr4(data, len, sfdp, types, err);
	if (!rc)
		rc = parse_sector_map(data, len, sfdp, types, err);
	return rc ? rc : take_erase(sfdp, types, err);
}

int sfdp_parse(const uint8_t *data, size_t len, struct sfdp *sfdp, struct np_error *err)
{
	int rc = check_signature(data, len, err);

	memset(sfdp, 0, sizeof(*sfdp));
	if (!rc)
		rc = parse_tables(data, len, sfdp, err);
	if (rc)
		memset(sfdp, 0, sizeof(*sfdp));
	return rc;
}
