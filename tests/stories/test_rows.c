/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: nor_aai.c */
/*
 * Every name of every row, driven end to end on the model as tests/data/parts.txt describes that
 * part. The descriptions are independent of chips/: where a row is wrong, the two disagree here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/rows.h"
#include "support/suite.h"

#define ROWS_MIN        700
#define CHIP_ERASE_MAX  (1U << 20)
#define EARLY_PAGES_MAX 8

static void is_as_found(void)
{
	rows_no_complaints();
	HOLDS(!rows.chip->mode_4byte);
	HOLDS(rows.chip->ext_addr == 0);
}

/* ---- who is it ---- */

static bool has_name(const struct nor_chip *row, const char *name)
{
	return chipdb_by_name(name, row, 1) == row;
}

static void is_among_candidates(void)
{
	const struct nor_info *info = nor_info(rows.nor);

	for (size_t i = 0; i < info->candidate_count; i++)
		if (has_name(info->candidates[i], rows.part))
			return;
	ck_abort_msg("%s: taken for %s", rows.part, info->name);
}

/* ---- erase and program ---- */

/* An odd start, whole pages, an odd end. */
static void program(uint64_t addr, size_t len)
{
	struct nor_piece pieces[40];
	uint8_t data[2048];
	uint32_t page = nor_info(rows.nor)->page;
	size_t count = 0;

	page = page < 32 ? 64 : page; /* by bytes: any piece will do */
	for (size_t at = 0; at < len;) {
		uint32_t n = page - (uint32_t)((addr + at) % page);

		n = n < len - at ? n : (uint32_t)(len - at);
		pieces[count++] = (struct nor_piece){(uint32_t)(addr + at), n, data + at};
		at += n;
	}
	for (size_t i = 0; i < len; i++)
		data[i] = rows_pattern(addr + i);
	GOOD(nor_program(rows.nor, pieces, count, NULL, NULL, NULL, &rows.err));
	HOLDS(rows_filled(addr, addr + len));
}

/* Exactly the block at `start`, whatever commands it takes. */
static void erase_block(size_t level, uint64_t start)
{
	uint64_t size = nor_info(rows.nor)->size,
		 end = start + nor_info(rows.nor)->erase[level].size;
	uint64_t before = start > 4096 ? start - 4096 : 0;
	uint64_t after = end + 4096 < size ? end + 4096 : size;

	rows_fill(before, after);
	GOOD(nor_erase(rows.nor, start, level, &rows.err));
	HOLDS(rows_filled(before, start));
	HOLDS(rows_blank(start, end));
	HOLDS(rows_filled(end, after));
}

static void erase_and_program(size_t level)
{
	uint64_t size = nor_info(rows.nor)->size, len = nor_info(rows.nor)->erase[level].size;
	uint64_t start = size - len;

	erase_block(level, 0);
	erase_block(level, size / 2 / len * len);
	erase_block(level, start);
	program(start + 3, 1000);
	program(size - 77, 77);
	HOLDS(rows_blank(start, start + 3));
	HOLDS(rows_blank(start + 1003, size - 77));
	rows_reads(start, 2048);
}

static void lift(void)
{
	GOOD(nor_protection_lift(rows.nor, (struct np_range){0, nor_info(rows.nor)->size},
	                         &rows.err));
}

static void erases_and_programs(void)
{
	const struct nor_info *info = nor_info(rows.nor);

	lift();
	for (size_t level = 0; level < info->erase_count; level++)
		erase_and_program(level);
	if (info->size <= CHIP_ERASE_MAX) {
		GOOD(nor_erase_chip(rows.nor, &rows.err));
		HOLDS(rows_blank(0, info->size));
	}
}

/* ---- stacked dies ---- */

static void reads_across_dies(void)
{
	uint32_t die = rows.chip->part->die;

	for (uint32_t at = die; die && at < norsim_size(rows.chip); at += die) {
		rows_fill(at - 200, at + 200);
		rows_reads(at - 150, 300);
	}
	HOLDS(norsim_stats(rows.chip)->die_wraps == 0);
}

static void erases_every_die(void)
{
	uint32_t die = rows.chip->part->die;

	if (!die)
		return;
	for (uint32_t at = 0; at < norsim_size(rows.chip); at += die) {
		rows_fill(at, at + 64);
		rows_fill(at + die - 64, at + die);
	}
	GOOD(nor_erase_chip(rows.nor, &rows.err));
	for (uint32_t at = 0; at < norsim_size(rows.chip); at += die)
		HOLDS(rows_blank(at, at + 64) && rows_blank(at + die - 64, at + die));
}

/* ---- registers and protection ---- */

/* Set what no protection needs: it has to be there at the end. */
static void set_other_bits(uint8_t others[NR_COUNT])
{
	const struct norsim_part *p = rows.chip->part;
	uint32_t mask = p->ranges ? p->ranges->mask : 0x3C;

	memset(others, 0, NR_COUNT);
	if (p->features & (NF_ATMEL | NF_SST26))
		return;
	others[NR_SR1] = p->regs[NR_SR1].writable & (uint8_t)~mask & 0x40;
	others[NR_SR2] = p->regs[NR_SR2].writable & 0x02 & (uint8_t) ~(mask >> 8);
	others[NR_CR] = p->regs[NR_CR].writable & 0x02 & (uint8_t) ~(mask >> 16);
	for (size_t i = 0; i < NR_COUNT; i++) {
		rows.chip->regs[i] |= others[i];
		rows.chip->nv.regs[i] |= others[i];
	}
}

static bool has_bits(const uint8_t others[NR_COUNT])
{
	for (size_t i = 0; i < NR_COUNT; i++)
		if ((rows.chip->nv.regs[i] & others[i]) != others[i])
			return false;
	return true;
}

/* Is exactly this protected? Looked at where it starts and ends. */
static void protects(struct np_range r, bool exactly)
{
	uint32_t size = (uint32_t)nor_info(rows.nor)->size, start = (uint32_t)r.start;
	uint32_t end = start + (uint32_t)r.len;

	ck_assert_msg(norsim_protected(rows.chip, start, 1) &&
	                      norsim_protected(rows.chip, end - 1, 1),
	              "%s: 0x%x to 0x%x is not protected", rows.part, start, end - 1);
	if (!exactly)
		return;
	ck_assert_msg((!start || !norsim_protected(rows.chip, start - 1, 1)) &&
	                      (end == size || !norsim_protected(rows.chip, end, 1)),
	              "%s: more than 0x%x to 0x%x is protected", rows.part, start, end - 1);
}

/* An erase and a program that the part refuses: some makers' parts say so, others do nothing. The
 * program goes round the engine, which would take its page time from it. */
static void is_refused(uint32_t addr)
{
	bool four = rows.chip->mode_4byte || nor_info(rows.nor)->size > 1U << 24;
	struct spi_msg msgs[2] = {{.cmd = {0x06}, .cmd_len = 1},
	                          {.cmd_len = four ? 6 : 5, .pause_us = 10000}};
	uint8_t *cmd = msgs[1].cmd;

	rows_fill(addr, addr + 64);
	nor_erase(rows.nor, addr, 0, &rows.err);
	HOLDS(norsim_stats(rows.chip)->ignored_protected >= 1);
	*cmd++ = four && !rows.chip->mode_4byte ? 0x12 : 0x02;
	for (int shift = four ? 24 : 16; shift >= 0; shift -= 8)
		*cmd++ = (uint8_t)(addr >> shift);
	GOOD(spi_run(rows.bus, msgs, 2, NULL, NULL, NULL, &rows.err));
	msgs[0].cmd[0] = norsim_has(rows.chip, NF_SPANSION) ? 0x30 : 0x50;
	if (rows.chip->part->features & (NF_SPANSION | NF_FLAG_STATUS))
		GOOD(spi_run(rows.bus, msgs, 1, NULL, NULL, NULL, &rows.err));
	HOLDS(norsim_stats(rows.chip)->ignored_protected > 1);
	HOLDS(rows_filled(addr, addr + 64));
	HOLDS(norsim_stats(rows.chip)->once_set == 0);
	norsim_clear_stats(rows.chip);
	rows.chip->odd_op = 0;
}

/* A job that has to lift the protection, and puts it back. */
static void job_inside(struct np_range r)
{
	const struct nor_erase *erase = &nor_info(rows.nor)->erase[0];
	uint64_t addr = r.start + r.len - erase->size;
	uint8_t before[NR_COUNT];

	if (r.len < erase->size || addr % erase->size)
		return;
	memcpy(before, rows.chip->regs, sizeof(before));
	is_refused((uint32_t)addr);
	GOOD(nor_protection_lift(rows.nor, r, &rows.err));
	GOOD(nor_erase(rows.nor, addr, 0, &rows.err));
	HOLDS(rows_blank(addr, addr + 64));
	GOOD(nor_protection_restore(rows.nor, &rows.err));
	ck_assert_msg(memcmp(before, rows.chip->regs, sizeof(before)) == 0,
	              "%s: registers after the job differ", rows.part);
}

/* What is not protected can be changed with nothing lifted. */
static void job_outside(struct np_range r)
{
	uint32_t len = nor_info(rows.nor)->erase[0].size;
	uint64_t size = nor_info(rows.nor)->size, addr = r.start ? 0 : size - len;

	if ((r.start ? r.start : size - r.len) < len)
		return;
	rows_fill(addr, addr + 1000);
	GOOD(nor_erase(rows.nor, addr, 0, &rows.err));
	HOLDS(rows_blank(addr, addr + len));
	program(addr + 5, 300);
	rows_no_complaints();
}

static struct np_range range_of(const struct norsim_range *r)
{
	uint64_t size = norsim_size(rows.chip), len = r->share ? size >> (r->share - 1) : r->bytes;

	len = len < size ? len : size;
	if (r->rest && !(r->or_all && len == size))
		return (struct np_range){r->bottom ? len : 0, size - len};
	return (struct np_range){r->bottom ? 0 : size - len, len};
}

/* Put one value of the part's own table into the registers. */
static void put_value(uint32_t mask, uint32_t value)
{
	static const enum norsim_reg_index where[3] = {NR_SR1, NR_SR2, NR_CR};

	for (size_t i = 0; i < 3; i++) {
		uint8_t *reg = &rows.chip->regs[where[i]];

		*reg = (uint8_t)((*reg & ~(mask >> 8 * i)) | (value >> 8 * i & 0xFF));
		rows.chip->nv.regs[where[i]] = *reg;
	}
	if (mask >> 24)
		rows.chip->nv.otp_flags =
			(uint8_t)((rows.chip->nv.otp_flags & ~(mask >> 24)) | value >> 24);
}

/* Ranges that are not known are lifted and put back all the same. */
static void lifts_and_restores(const struct nor_protection *before)
{
	struct nor_protection after;

	GOOD(nor_protection_lift(rows.nor, (struct np_range){0, 1}, &rows.err));
	HOLDS(!norsim_protected(rows.chip, 0, (uint32_t)nor_info(rows.nor)->size));
	GOOD(nor_protection_restore(rows.nor, &rows.err));
	GOOD(nor_protection_read(rows.nor, &after, &rows.err));
	HOLDS(memcmp(after.sr, before->sr, sizeof(after.sr)) == 0);
}

/* Every value that the part's own table lists reads as what it protects, or, among twins, as not
 * known. False: some are not known. */
static bool decodes_every_value(const struct norsim_ranges *table)
{
	struct nor_protection now;
	bool all = true;

	for (size_t i = 0; i < table->count; i++) {
		struct np_range r = range_of(&table->list[i]), *got = &now.ranges[0];

		if (table->list[i].value & 0xFF00 && !(rows.chip->part->features & NF_SR2_35))
			continue; /* a register that nobody knows how to reach */
		put_value(table->mask, table->list[i].value);
		GOOD(nor_protection_read(rows.nor, &now, &rows.err));
		if (now.known)
			ck_assert_msg(
				now.range_count == (r.len > 0) &&
					(!r.len || (got->start == r.start && got->len == r.len)),
				"%s: %06X protects 0x%llx+0x%llx: %s", rows.part,
				table->list[i].value, (unsigned long long)r.start,
				(unsigned long long)r.len, now.text);
		else
			lifts_and_restores(&now);
		all = all && now.known;
	}
	put_value(table->mask, 0);
	return all;
}

/* Where the row knows the part's ranges, every one of them can be set. */
static void protects_and_opens(struct np_range r, bool exactly, bool possible)
{
	struct nor_protection now;

	int ret = nor_protection_set(rows.nor, r, &rows.err);

	if (ret == NP_E_RANGE && !possible)
		return;
	ck_assert_msg(!ret, "%s: protect 0x%llx+0x%llx: %s", rows.part, (unsigned long long)r.start,
	              (unsigned long long)r.len, rows.err.message);
	GOOD(nor_protection_read(rows.nor, &now, &rows.err));
	protects(r, exactly);
	rows_no_complaints();
	job_inside(r);
	protects(r, exactly);
	if (exactly)
		job_outside(r);
	GOOD(nor_protection_set(rows.nor, (struct np_range){0, 0}, &rows.err));
	HOLDS(!norsim_protected(rows.chip, 0, (uint32_t)nor_info(rows.nor)->size));
}

/* They answer like another rows.part, whose ranges the row states, and differ in the ones past a
 * half (EN25Q16: it has no T/B). The row's note says so. */
static bool counts_otherwise(void)
{
	static const char *const parts[] = {"MX25L12839F", "IS25LP128D", "IS25WP128D",
	                                    "IS25LP256E",  "IS25WP256E", "EN25Q16"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(rows.part, parts[i]) == 0)
			return true;
	return false;
}

static bool has_twins(void)
{
	return nor_info(rows.nor)->chip->twins[0];
}

/* All ranges in the part's own table that need no one-time bit, and two plain ones. */
static void protection_works(void)
{
	const struct norsim_ranges *table = rows.chip->part->ranges;
	uint64_t size = nor_info(rows.nor)->size;
	bool known;

	/* Each die has its own: tests/unit/nor/test_nor_dies.c. */
	if (norsim_has(rows.chip, NF_DIE_SELECT))
		return;
	known = table && table->count && !counts_otherwise() && decodes_every_value(table);
	protects_and_opens((struct np_range){0, size}, true, known);
	if (!counts_otherwise())
		protects_and_opens((struct np_range){size / 2, size / 2}, known, false);
	for (size_t i = 0; (known || has_twins()) && i < table->count; i++) {
		struct np_range r = range_of(&table->list[i]);

		if (r.len && !(table->list[i].value >> 16))
			protects_and_opens(r, true, known);
	}
}

/* ---- one name ---- */

/* What is only read is read to its end, and nothing else happens to it. */
static void only_reads(void)
{
	uint64_t size = nor_info(rows.nor)->size;
	struct nor_piece piece = {0, 4, (const uint8_t *)"norp"};

	rows_fill(size - 300, size);
	rows_reads(size - 300, 300);
	reads_across_dies();
	HOLDS(nor_info(rows.nor)->erase_count == 0);
	HOLDS(nor_program(rows.nor, &piece, 1, NULL, NULL, NULL, &rows.err) == NP_E_UNSUPPORTED);
	HOLDS(nor_erase_chip(rows.nor, &rows.err) == NP_E_UNSUPPORTED);
	HOLDS(nor_protection_set(rows.nor, (struct np_range){0, 0}, &rows.err) == NP_E_UNSUPPORTED);
	HOLDS(rows_filled(size - 300, size));
}

START_TEST(drives_the_part)
{
	uint8_t others[NR_COUNT];

	rows.part = rows_names[_i];
	rows_put_in();
	set_other_bits(others);
	rows_open();
	is_among_candidates();
	ck_assert_msg(nor_info(rows.nor)->size == norsim_size(rows.chip), "%s: size", rows.part);
	if (nor_info(rows.nor)->chip->flags & NOR_F_READ_ONLY) {
		only_reads();
		rows_close();
		is_as_found();
		rows_take_out();
		return;
	}
	rows_reads(0, 4096);
	rows_reads(nor_info(rows.nor)->size / 2 - 100, 300);
	reads_across_dies();
	erases_and_programs();
	erases_every_die();
	rows_close();
	is_as_found();
	HOLDS(has_bits(others));
	norsim_power_on(rows.chip);
	rows_open();
	if (has_twins()) {
		protection_works();
		rows_close();
		norsim_power_on(rows.chip);
		rows_open_as(rows.part);
	}
	protection_works();
	rows_close();
	is_as_found();
	HOLDS(has_bits(others));
	rows_take_out();
}
END_TEST

/* ---- how many ---- */

/* Every one of them has its test below, and no row says less of itself than that. */
START_TEST(every_row_is_driven)
{
	const struct nor_chip *row;
	unsigned count = 0;

	for (; (row = chipdb_at(count)); count++)
		ck_assert_msg(row->proof != NOR_PROOF_TABLE,
		              "%s is driven here, and does not say so", row->name);
	printf("%u rows, %zu names driven on the model\n", count, rows_count);
	ck_assert_uint_lt(rows_count, ROWS_NAMES_MAX);
	ck_assert_uint_ge(count, ROWS_MIN);
}
END_TEST

START_TEST(every_description_is_sound)
{
	struct np_error why = {0};
	size_t count = 0;

	ck_assert_msg(norsim_check_parts(ROWS_PARTS, &count, &why) == 0, "%s", why.message);
	ck_assert_uint_ge(count, ROWS_MIN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rows");
	TCase *tcase = tcase_create("rows");

	rows_collect();
	tcase_add_test(tcase, every_description_is_sound);
	tcase_add_test(tcase, every_row_is_driven);
	tcase_add_loop_test(tcase, drives_the_part, 0, (int)rows_count);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
