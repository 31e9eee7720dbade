/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SFDP space, byte by byte: signature, parameter headers, tables, FFh between. */
#include "sim/norsim_int.h"

#include <string.h>

#include "base/units.h"

static uint8_t byte_of(uint32_t dword, uint32_t index)
{
	return (uint8_t)(dword >> (8 * (index & 3)));
}

/* Parameter header: ID LSB, minor, major, dwords, 3-byte pointer, ID MSB. */
static uint8_t header_byte(uint16_t id, uint8_t minor, uint8_t dwords, uint16_t at, uint32_t index)
{
	const uint8_t header[8] = {
		(uint8_t)id,       minor, 1, dwords, (uint8_t)at, (uint8_t)(at >> 8), 0,
		(uint8_t)(id >> 8)};

	return header[index];
}

uint8_t norsim_sfdp_byte(const struct norsim_sfdp *sfdp, uint32_t addr)
{
	static const uint8_t signature[4] = {'S', 'F', 'D', 'P'};
	uint8_t tables;

	if (!sfdp)
		return 0xFF;
	tables = sfdp->addr4_at ? 2 : 1;
	if (addr < 4)
		return signature[addr];
	if (addr == 4)
		return sfdp->minor;
	if (addr == 5)
		return 1;
	if (addr == 6)
		return (uint8_t)(tables - 1);
	if (addr >= 8 && addr < 16)
		return header_byte(0xFF00, sfdp->minor, sfdp->dwords, sfdp->bfpt_at, addr - 8);
	if (tables == 2 && addr >= 16 && addr < 24)
		return header_byte(0xFF84, 0, 2, sfdp->addr4_at, addr - 16);
	if (addr >= sfdp->bfpt_at && addr < sfdp->bfpt_at + 4U * sfdp->dwords)
		return byte_of(sfdp->bfpt[(addr - sfdp->bfpt_at) / 4], addr - sfdp->bfpt_at);
	if (tables == 2 && addr >= sfdp->addr4_at && addr < sfdp->addr4_at + 8U)
		return byte_of(sfdp->addr4[(addr - sfdp->addr4_at) / 4], addr - sfdp->addr4_at);
	return 0xFF;
}

/* ---- built from what a described part can do ---- */

bool norsim_sfdp_word(struct norsim_sfdp_want *want, const char *word)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{"quad-out", &want->quad_out},
		{"quad-io", &want->quad_io},
		{"qpi", &want->qpi},
		{"addr4", &want->addr4},
	};
	uint64_t value;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(word, flags[i].name) == 0)
			return *flags[i].flag = true;
	if (strncmp(word, "qer", 3) == 0 && np_parse_size(word + 3, &value) && value <= 7) {
		want->qer = (uint8_t)value;
		return true;
	}
	if (strncmp(word, "1.", 2) != 0 || !np_parse_size(word + 2, &value) || value > 15)
		return false;
	want->minor = (uint8_t)value;
	return true;
}

/* "count times unit" in a field of five bits and its unit of two, rounded up. */
static uint32_t coded(uint32_t value, const uint32_t units[4])
{
	for (uint32_t unit = 0; unit < 4; unit++) {
		uint32_t count = (value + units[unit] - 1) / units[unit];

		if (count <= 32)
			return (count ? count - 1 : 0) | unit << 5;
	}
	return 0x7F;
}

static uint32_t erase_ms_of(const struct norsim_times *t, uint32_t size)
{
	return size <= 0x1000    ? t->erase_4k_ms
	       : size <= 0x8000  ? t->erase_32k_ms
	       : size <= 0x10000 ? t->erase_64k_ms
	                         : t->erase_256k_ms;
}

/* Erase types 1 to 4: sizes that a three-byte opcode erases anywhere. */
static size_t erase_types(const struct norsim_part *part, struct norsim_erase_op types[4])
{
	size_t n = 0;

	for (size_t i = 0; i < part->erase_count && n < 4; i++) {
		const struct norsim_erase_op *e = &part->erases[i];
		bool known = e->op == 0x21 || e->op == 0x5C || e->op == 0xDC || e->op == 0xC4 ||
		             !e->size;

		for (size_t k = 0; k < n; k++)
			known |= types[k].size == e->size;
		if (!known && !e->below && e->size < part->size)
			types[n++] = *e;
	}
	return n;
}

static void build_times(struct norsim_described *d, const struct norsim_erase_op *types, size_t n)
{
	static const uint32_t erase_units[4] = {1, 16, 128, 1000};
	static const uint32_t chip_units[4] = {16, 256, 4000, 64000};
	uint32_t page = d->times.page_us, page_exp = (uint32_t)__builtin_ctz(d->part.page);
	uint32_t code =
		page <= 256 ? (page + 7) / 8 - 1 : 0x20 | (page < 2048 ? (page + 63) / 64 - 1 : 31);

	d->bfpt[9] = 9; /* the longest: twenty times the typical */
	for (size_t i = 0; i < n; i++)
		d->bfpt[9] |= coded(erase_ms_of(&d->times, types[i].size), erase_units)
		              << (4 + 7 * i);
	d->bfpt[10] = 9 | page_exp << 4 | code << 8 | coded(d->times.chip_ms, chip_units) << 24;
}

static void build_addr4(struct norsim_described *d, const struct norsim_erase_op *types, size_t n)
{
	d->sfdp.addr4_at = 0x100;
	d->sfdp.addr4[0] = 0x43; /* 13h, 0Ch, 12h */
	d->sfdp.addr4[1] = 0xFFFFFFFF;
	for (size_t i = 0; i < n; i++) {
		uint8_t wide = types[i].size == 0x1000   ? 0x21
		               : types[i].size == 0x8000 ? 0x5C
		                                         : 0xDC;

		for (size_t k = 0; k < d->part.erase_count; k++) {
			if (d->part.erases[k].op != wide || d->part.erases[k].size != types[i].size)
				continue;
			d->sfdp.addr4[0] |= 0x200U << i;
			d->sfdp.addr4[1] &= ~(0xFFU << (8 * i));
			d->sfdp.addr4[1] |= (uint32_t)wide << (8 * i);
		}
	}
}

/* The sixteenth: how to reset, to write a volatile register, and to address beyond 16 MiB. */
static uint32_t build_modes(const struct norsim_described *d)
{
	uint64_t f = d->part.features;

	return (f & NF_VOLATILE_50 ? 0x08U : 0x01U) | (f & NF_RESET ? 1U << 12 : 0) |
	       (f & NF_4BYTE_MODE ? (f & NF_4BYTE_WE ? 1U << 25 : 1U << 24) : 0) |
	       (f & NF_EXT_ADDR ? 1U << 26 : 0) | (f & NF_WRITE4 ? 1U << 29 : 0);
}

/* Of a stack whose dies C2h selects, each tells of itself. */
static uint32_t told_size(const struct norsim_part *part)
{
	return part->features & NF_DIE_SELECT ? part->die : part->size;
}

void norsim_sfdp_build(struct norsim_described *d, const struct norsim_sfdp_want *want)
{
	struct norsim_erase_op types[4];
	size_t n = erase_types(&d->part, types);
	uint32_t first = 0xFF800000;

	first |= n && types[0].size == 0x1000 ? 0x01 | (uint32_t)types[0].op << 8 : 0xFF03;
	first |= 0x04 | 0x10000; /* pages; 1-1-2 */
	first |= d->part.features & NF_VOLATILE_50 ? 0x08 : 0;
	first |= told_size(&d->part) > 16U << 20 ? 0x20000 : 0;
	first |= want->quad_io ? 1U << 21 : 0;
	first |= want->quad_out ? 1U << 22 : 0;
	d->bfpt[0] = first;
	d->bfpt[1] = (uint32_t)((uint64_t)told_size(&d->part) * 8 - 1);
	d->bfpt[2] = (want->quad_io ? 0xEB44U : 0) | (want->quad_out ? 0x6B080000U : 0);
	d->bfpt[3] = 0x3B08;
	d->bfpt[4] = want->qpi ? 0xFFFFFFFE : 0xFFFFFFEE;
	d->bfpt[5] = 0xFFFF;
	d->bfpt[6] = want->qpi ? 0xEB40FFFF : 0xFFFF;
	for (size_t i = 0; i < n; i++)
		d->bfpt[7 + i / 2] |=
			((uint32_t)__builtin_ctz(types[i].size) | (uint32_t)types[i].op << 8)
			<< (16 * (i & 1));
	d->sfdp = (struct norsim_sfdp){.minor = want->minor, .bfpt_at = 0x40, .bfpt = d->bfpt};
	d->sfdp.dwords = want->minor < 5 ? 9 : want->minor < 7 ? 16 : 20;
	if (want->minor >= 5) {
		build_times(d, types, n);
		d->bfpt[13] = d->part.features & NF_SLEEP ? 0x5CD5A200 : 0x80000000;
		d->bfpt[14] = (uint32_t)want->qer << 20 | 0xFF000000;
		d->bfpt[15] = build_modes(d);
	}
	if (want->addr4)
		build_addr4(d, types, n);
	d->part.sfdp = &d->sfdp;
}
