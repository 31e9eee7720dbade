/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every name of every row, driven end to end on the model as tests/data/parts.txt describes that
 * part. The descriptions are independent of chips/: where a row is wrong, the two disagree here.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nor/chipdb.h"
#include "nor/nor.h"
#include "nor/nor_otp.h"
#include "norsim_int.h"
#include "sim.h"

#define PARTS           "tests/data/parts.txt"
#define NAMES_MAX       2000
#define ROWS_MIN        300
#define CHIP_ERASE_MAX  (1U << 20)
#define EARLY_PAGES_MAX 8

static char names[NAMES_MAX][24];
static size_t name_count;

static struct spi_bus *bus;
static struct norsim *chip;
static struct nor *nor;
static struct np_error err;
static const char *part;

#define GOOD(call)  ck_assert_msg((call) == 0, "%s: %s: %s (%s)", part, #call, err.message, err.hint)
#define HOLDS(what) ck_assert_msg(what, "%s: %s", part, #what)

static void open_engine(void)
{
	struct nor_options options = {0};

	GOOD(nor_open(bus, &options, &nor, &err));
}

static void close_engine(void)
{
	GOOD(nor_close(nor, &err));
	nor = NULL;
}

static void put_in(void)
{
	struct sim_config config;
	void *self;

	memset(&err, 0, sizeof(err));
	sim_config_default(&config);
	config.chip.part = part;
	config.chip.parts_file = PARTS;
	GOOD(sim_open_bus(&config, &bus, &self, &err));
	chip = sim_chip(self);
}

static void take_out(void)
{
	spi_close(bus);
	bus = NULL;
}

/* Nothing that the engine did was beyond this part. */
static void no_complaints(void)
{
	const struct norsim_stats *s = norsim_stats(chip);

	ck_assert_msg(chip->odd_op == 0, "%s: did not take %02Xh", part, chip->odd_op);
	HOLDS(s->ignored_busy == 0);
	HOLDS(s->ignored_latch == 0);
	HOLDS(s->ignored_protected == 0);
	HOLDS(s->ignored_asleep == 0);
	HOLDS(s->malformed == 0);
	HOLDS(s->lost_bits == 0);
	HOLDS(s->page_wraps == 0);
	HOLDS(s->once_set == 0);
	HOLDS(!chip->otp_mode);
	HOLDS(!chip->wel);
}

static void is_as_found(void)
{
	no_complaints();
	HOLDS(!chip->mode_4byte);
	HOLDS(chip->ext_addr == 0);
}

/* ---- who is it ---- */

static bool has_name(const struct nor_chip *row, const char *name)
{
	return chipdb_by_name(name, row, 1) == row;
}

static void is_among_candidates(void)
{
	const struct nor_info *info = nor_info(nor);

	for (size_t i = 0; i < info->candidate_count; i++)
		if (has_name(info->candidates[i], part))
			return;
	ck_abort_msg("%s: taken for %s", part, info->name);
}

/* ---- erase and program ---- */

static uint8_t pattern(uint64_t addr)
{
	return (uint8_t)(addr * 7 + (addr >> 8) * 13 + 5) & 0xFE;
}

static void fill(uint64_t from, uint64_t to)
{
	for (uint64_t at = from; at < to; at++)
		norsim_mem(chip)[at] = pattern(at);
}

static bool is_filled(uint64_t from, uint64_t to)
{
	for (uint64_t at = from; at < to; at++)
		if (norsim_mem(chip)[at] != pattern(at))
			return false;
	return true;
}

static bool is_blank(uint64_t from, uint64_t to)
{
	for (uint64_t at = from; at < to; at++)
		if (norsim_mem(chip)[at] != 0xFF)
			return false;
	return true;
}

static void reads_exactly(uint64_t addr, size_t len)
{
	uint8_t *back = malloc(len);

	GOOD(nor_read(nor, addr, back, len, NULL, NULL, &err));
	ck_assert_msg(memcmp(back, norsim_mem(chip) + addr, len) == 0, "%s: read at 0x%llx", part,
	              (unsigned long long)addr);
	free(back);
}

/* An odd start, whole pages, an odd end. */
static void program(uint64_t addr, size_t len)
{
	struct nor_piece pieces[32];
	uint8_t data[2048];
	uint32_t page = nor_info(nor)->page;
	size_t count = 0;

	page = page < 64 ? 64 : page;
	for (size_t at = 0; at < len;) {
		uint32_t n = page - (uint32_t)((addr + at) % page);

		n = n < len - at ? n : (uint32_t)(len - at);
		pieces[count++] = (struct nor_piece){(uint32_t)(addr + at), n, data + at};
		at += n;
	}
	for (size_t i = 0; i < len; i++)
		data[i] = pattern(addr + i);
	GOOD(nor_program(nor, pieces, count, NULL, NULL, NULL, &err));
	HOLDS(is_filled(addr, addr + len));
}

static void erase_and_program(size_t level)
{
	uint64_t size = nor_info(nor)->size, len = nor_info(nor)->erase[level].size;
	uint64_t start = size - len, before = start > 4096 ? start - 4096 : 0;

	fill(before, size);
	GOOD(nor_erase(nor, start, level, &err));
	HOLDS(is_filled(before, start));
	HOLDS(is_blank(start, size));
	program(start + 3, 1000);
	program(size - 77, 77);
	HOLDS(is_blank(start, start + 3));
	HOLDS(is_blank(start + 1003, size - 77));
	reads_exactly(start, 2048);
}

static void lift(void)
{
	GOOD(nor_protection_lift(nor, (struct np_range){0, nor_info(nor)->size}, &err));
}

static void erases_and_programs(void)
{
	const struct nor_info *info = nor_info(nor);

	lift();
	for (size_t level = 0; level < info->erase_count; level++)
		erase_and_program(level);
	if (info->size <= CHIP_ERASE_MAX) {
		GOOD(nor_erase_chip(nor, &err));
		HOLDS(is_blank(0, info->size));
	}
}

/* ---- stacked dies ---- */

static void reads_across_dies(void)
{
	uint32_t die = chip->part->die;

	for (uint32_t at = die; die && at < norsim_size(chip); at += die) {
		fill(at - 200, at + 200);
		reads_exactly(at - 150, 300);
	}
	HOLDS(norsim_stats(chip)->die_wraps == 0);
}

static void erases_every_die(void)
{
	uint32_t die = chip->part->die;

	if (!die)
		return;
	for (uint32_t at = 0; at < norsim_size(chip); at += die) {
		fill(at, at + 64);
		fill(at + die - 64, at + die);
	}
	GOOD(nor_erase_chip(nor, &err));
	for (uint32_t at = 0; at < norsim_size(chip); at += die)
		HOLDS(is_blank(at, at + 64) && is_blank(at + die - 64, at + die));
}

/* ---- registers and protection ---- */

/* Set what no protection needs: it has to be there at the end. */
static void set_other_bits(uint8_t others[NR_COUNT])
{
	const struct norsim_part *p = chip->part;
	uint32_t mask = p->ranges ? p->ranges->mask : 0x3C;

	memset(others, 0, NR_COUNT);
	if (p->features & (NF_ATMEL | NF_SST26))
		return;
	others[NR_SR1] = p->regs[NR_SR1].writable & (uint8_t)~mask & 0x40;
	others[NR_SR2] = p->regs[NR_SR2].writable & 0x02 & (uint8_t) ~(mask >> 8);
	others[NR_CR] = p->regs[NR_CR].writable & 0x02 & (uint8_t) ~(mask >> 16);
	for (size_t i = 0; i < NR_COUNT; i++) {
		chip->regs[i] |= others[i];
		chip->nv.regs[i] |= others[i];
	}
}

static bool has_bits(const uint8_t others[NR_COUNT])
{
	for (size_t i = 0; i < NR_COUNT; i++)
		if ((chip->nv.regs[i] & others[i]) != others[i])
			return false;
	return true;
}

/* Is exactly this protected? Looked at where it starts and ends. */
static void protects(struct np_range r, bool exactly)
{
	uint32_t size = (uint32_t)nor_info(nor)->size, start = (uint32_t)r.start;
	uint32_t end = start + (uint32_t)r.len;

	ck_assert_msg(norsim_protected(chip, start, 1) && norsim_protected(chip, end - 1, 1),
	              "%s: 0x%x to 0x%x is not protected", part, start, end - 1);
	if (!exactly)
		return;
	ck_assert_msg((!start || !norsim_protected(chip, start - 1, 1)) &&
	                      (end == size || !norsim_protected(chip, end, 1)),
	              "%s: more than 0x%x to 0x%x is protected", part, start, end - 1);
}

/* An erase and a program that the part refuses: some makers' parts say so, others do nothing. The
 * program goes round the engine, which would take its page time from it. */
static void is_refused(uint32_t addr)
{
	bool four = chip->mode_4byte || nor_info(nor)->size > 1U << 24;
	struct spi_msg msgs[2] = {{.cmd = {0x06}, .cmd_len = 1},
	                          {.cmd_len = four ? 6 : 5, .pause_us = 10000}};
	uint8_t *cmd = msgs[1].cmd;

	fill(addr, addr + 64);
	nor_erase(nor, addr, 0, &err);
	HOLDS(norsim_stats(chip)->ignored_protected == 1);
	*cmd++ = four && !chip->mode_4byte ? 0x12 : 0x02;
	for (int shift = four ? 24 : 16; shift >= 0; shift -= 8)
		*cmd++ = (uint8_t)(addr >> shift);
	GOOD(spi_run(bus, msgs, 2, NULL, NULL, NULL, &err));
	msgs[0].cmd[0] = norsim_has(chip, NF_SPANSION) ? 0x30 : 0x50;
	if (chip->part->features & (NF_SPANSION | NF_FLAG_STATUS))
		GOOD(spi_run(bus, msgs, 1, NULL, NULL, NULL, &err));
	HOLDS(norsim_stats(chip)->ignored_protected > 1);
	HOLDS(is_filled(addr, addr + 64));
	HOLDS(norsim_stats(chip)->once_set == 0);
	norsim_clear_stats(chip);
	chip->odd_op = 0;
}

/* A job that has to lift the protection, and puts it back. */
static void job_inside(struct np_range r)
{
	const struct nor_erase *erase = &nor_info(nor)->erase[0];
	uint64_t addr = r.start + r.len - erase->size;
	uint8_t before[NR_COUNT];

	if (r.len < erase->size || addr % erase->size)
		return;
	memcpy(before, chip->regs, sizeof(before));
	is_refused((uint32_t)addr);
	GOOD(nor_protection_lift(nor, r, &err));
	GOOD(nor_erase(nor, addr, 0, &err));
	HOLDS(is_blank(addr, addr + 64));
	GOOD(nor_protection_restore(nor, &err));
	ck_assert_msg(memcmp(before, chip->regs, sizeof(before)) == 0,
	              "%s: registers after the job differ", part);
}

/* What is not protected can be changed with nothing lifted. */
static void job_outside(struct np_range r)
{
	uint32_t len = nor_info(nor)->erase[0].size;
	uint64_t size = nor_info(nor)->size, addr = r.start ? 0 : size - len;

	if ((r.start ? r.start : size - r.len) < len)
		return;
	fill(addr, addr + 1000);
	GOOD(nor_erase(nor, addr, 0, &err));
	HOLDS(is_blank(addr, addr + len));
	program(addr + 5, 300);
	no_complaints();
}

static struct np_range range_of(const struct norsim_range *r)
{
	uint64_t size = norsim_size(chip), len = r->share ? size >> (r->share - 1) : r->bytes;

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
		uint8_t *reg = &chip->regs[where[i]];

		*reg = (uint8_t)((*reg & ~(mask >> 8 * i)) | (value >> 8 * i & 0xFF));
		chip->nv.regs[where[i]] = *reg;
	}
	if (mask >> 24)
		chip->nv.otp_flags = (uint8_t)((chip->nv.otp_flags & ~(mask >> 24)) | value >> 24);
}

/* Every value that the part's own table lists reads as what it protects. False: the row knows no
 * ranges. */
static bool decodes_every_value(const struct norsim_ranges *table)
{
	struct nor_protection now = {.known = true};

	for (size_t i = 0; i < table->count && now.known; i++) {
		struct np_range r = range_of(&table->list[i]), *got = &now.ranges[0];

		put_value(table->mask, table->list[i].value);
		GOOD(nor_protection_read(nor, &now, &err));
		if (now.known)
			ck_assert_msg(
				now.range_count == (r.len > 0) &&
					(!r.len || (got->start == r.start && got->len == r.len)),
				"%s: %06X protects 0x%llx+0x%llx: %s", part, table->list[i].value,
				(unsigned long long)r.start, (unsigned long long)r.len, now.text);
	}
	put_value(table->mask, 0);
	return now.known;
}

/* Where the row knows the part's ranges, every one of them can be set. */
static void protects_and_opens(struct np_range r, bool exactly, bool possible)
{
	struct nor_protection now;

	int ret = nor_protection_set(nor, r, &err);

	if (ret == NP_E_RANGE && !possible)
		return;
	ck_assert_msg(!ret, "%s: protect 0x%llx+0x%llx: %s", part, (unsigned long long)r.start,
	              (unsigned long long)r.len, err.message);
	GOOD(nor_protection_read(nor, &now, &err));
	protects(r, exactly);
	no_complaints();
	job_inside(r);
	protects(r, exactly);
	if (exactly)
		job_outside(r);
	GOOD(nor_protection_set(nor, (struct np_range){0, 0}, &err));
	HOLDS(!norsim_protected(chip, 0, (uint32_t)nor_info(nor)->size));
}

/* They answer like another part, whose ranges the row states, and differ in the ones past a half
 * (EN25Q16: it has no T/B). The row's note says so. */
static bool counts_otherwise(void)
{
	static const char *const parts[] = {"MX25L12839F", "IS25LP128D", "IS25WP128D",
	                                    "IS25LP256E",  "IS25WP256E", "EN25Q16"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(part, parts[i]) == 0)
			return true;
	return false;
}

/* All ranges in the part's own table that need no one-time bit, and two plain ones. */
static void protection_works(void)
{
	const struct norsim_ranges *table = chip->part->ranges;
	uint64_t size = nor_info(nor)->size;
	bool known = table && table->count && !counts_otherwise() && decodes_every_value(table);

	protects_and_opens((struct np_range){0, size}, true, known);
	if (!counts_otherwise())
		protects_and_opens((struct np_range){size / 2, size / 2}, known, false);
	for (size_t i = 0; known && i < table->count; i++) {
		struct np_range r = range_of(&table->list[i]);

		if (r.len && !(table->list[i].value >> 16))
			protects_and_opens(r, true, true);
	}
}

/* ---- OTP areas ---- */

#define OTP_TEXT "one time only"

static struct nor_otp_area areas[NOR_OTP_AREAS];
static size_t area_count;

/* Where an area may be written: Spansion's first bytes are the factory's. */
static uint32_t otp_offset(const struct nor_otp_area *area)
{
	return area->len - 2 * sizeof(OTP_TEXT);
}

static void otp_holds(const struct nor_otp_area *area, bool text)
{
	uint8_t back[NOR_OTP_LEN_MAX], blank[sizeof(OTP_TEXT)];
	uint32_t at = otp_offset(area);

	memset(blank, 0xFF, sizeof(blank));
	GOOD(nor_otp_read(nor, area, back, &err));
	ck_assert_msg(memcmp(back + at, text ? OTP_TEXT : (const char *)blank, sizeof(blank)) == 0,
	              "%s: %s does not hold what it should", part, area->name);
	HOLDS(back[at - 1] == 0xFF && back[area->len - 1] == 0xFF);
	if (chip->part->features & NF_SPANSION && chip->part->features & NF_OTP_4B)
		HOLDS(memcmp(back, chip->uid, NORSIM_UID_MAX) == 0);
}

static void otp_writes(const struct nor_otp_area *area)
{
	const uint8_t ones[] = {0xFF, 0xFF};
	uint32_t at = otp_offset(area);

	otp_holds(area, false);
	GOOD(nor_otp_write(nor, area, at, (const uint8_t *)OTP_TEXT, sizeof(OTP_TEXT), &err));
	otp_holds(area, true);
	HOLDS(nor_otp_write(nor, area, at, ones, sizeof(ones), &err) == NP_E_POLICY);
	otp_holds(area, true);
	if (!area->erasable)
		return;
	GOOD(nor_otp_erase(nor, area, &err));
	otp_holds(area, false);
	GOOD(nor_otp_write(nor, area, at, (const uint8_t *)OTP_TEXT, sizeof(OTP_TEXT), &err));
}

/* The first W25Q16V and W25Q32V answer like their successors, and have no lock bits. */
static bool has_no_locks(void)
{
	return chip->part->features & NF_SECREGS && !chip->part->regs[NR_SR2].once;
}

/* For ever, and for this area alone. */
static void otp_locks(size_t i)
{
	const uint8_t zero = 0;

	HOLDS(areas[i].lock_known && !areas[i].locked);
	if (has_no_locks()) {
		HOLDS(nor_otp_lock(nor, &areas[i], &err) == NP_E_VERIFY);
		return;
	}
	GOOD(nor_otp_lock(nor, &areas[i], &err));
	GOOD(nor_otp_list(nor, areas, &area_count, &err));
	for (size_t k = 0; k < area_count; k++)
		HOLDS(areas[k].locked == (k <= i));
	HOLDS(nor_otp_write(nor, &areas[i], areas[i].len - 1, &zero, 1, &err) == NP_E_PROTECTED);
	if (areas[i].erasable)
		HOLDS(nor_otp_erase(nor, &areas[i], &err) == NP_E_PROTECTED);
	HOLDS(norsim_stats(chip)->once_set <= i + 1);
}

/* The chip itself refuses what the engine would: the lock it showed was the right one. */
static void otp_is_locked(struct nor_otp_area area)
{
	const uint8_t zero = 0;

	area.locked = false;
	HOLDS(nor_otp_write(nor, &area, area.len - 1, &zero, 1, &err) != 0);
	otp_holds(&area, true);
	HOLDS(chip->part->features & NF_SPANSION || norsim_stats(chip)->ignored_protected > 0);
	norsim_clear_stats(chip);
	chip->odd_op = 0;
}

static void otp_works(void)
{
	uint64_t size = norsim_size(chip), edge = size < 0x20000 ? size / 2 : 0x10000;

	GOOD(nor_otp_list(nor, areas, &area_count, &err));
	fill(0, edge);
	fill(size - edge, size);
	for (size_t i = 0; i < area_count; i++)
		otp_writes(&areas[i]);
	no_complaints();
	for (size_t i = 0; i < area_count; i++)
		otp_locks(i);
	HOLDS(norsim_stats(chip)->malformed == 0 && norsim_stats(chip)->ignored_latch == 0);
	norsim_clear_stats(chip);
	for (size_t i = 0; i < area_count && !has_no_locks(); i++)
		otp_is_locked(areas[i]);
	HOLDS(is_filled(0, edge) && is_filled(size - edge, size));
	reads_exactly(size - 4096, 4096);
}

/* ---- one name ---- */

START_TEST(drives_the_part)
{
	uint8_t others[NR_COUNT];

	part = names[_i];
	put_in();
	set_other_bits(others);
	open_engine();
	is_among_candidates();
	ck_assert_msg(nor_info(nor)->size == norsim_size(chip), "%s: size", part);
	reads_exactly(0, 4096);
	reads_exactly(nor_info(nor)->size / 2 - 100, 300);
	reads_across_dies();
	erases_and_programs();
	erases_every_die();
	close_engine();
	is_as_found();
	HOLDS(has_bits(others));
	norsim_power_on(chip);
	open_engine();
	protection_works();
	otp_works();
	close_engine();
	is_as_found();
	HOLDS(has_bits(others));
	take_out();
}
END_TEST

/* ---- how many ---- */

static void collect_names(void)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		for (const char *at = row->name; at && name_count < NAMES_MAX;) {
			size_t len = strcspn(at, "/");

			snprintf(names[name_count++], sizeof(names[0]), "%.*s", (int)len, at);
			at = at[len] ? at + len + 1 : NULL;
		}
	}
}

/* Every one of them has its test below, and no row says less of itself than that. */
START_TEST(every_row_is_driven)
{
	const struct nor_chip *row;
	unsigned rows = 0;

	for (; (row = chipdb_at(rows)); rows++)
		ck_assert_msg(row->proof != NOR_PROOF_TABLE,
		              "%s is driven here, and does not say so", row->name);
	printf("%u rows, %zu names driven on the model\n", rows, name_count);
	ck_assert_uint_lt(name_count, NAMES_MAX);
	ck_assert_uint_ge(rows, ROWS_MIN);
}
END_TEST

START_TEST(every_description_is_sound)
{
	struct np_error why = {0};
	size_t count = 0;

	ck_assert_msg(norsim_check_parts(PARTS, &count, &why) == 0, "%s", why.message);
	ck_assert_uint_ge(count, ROWS_MIN);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rows");
	TCase *tcase = tcase_create("rows");
	SRunner *runner = srunner_create(suite);
	int failed;

	collect_names();
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, every_description_is_sound);
	tcase_add_test(tcase, every_row_is_driven);
	tcase_add_loop_test(tcase, drives_the_part, 0, (int)name_count);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
