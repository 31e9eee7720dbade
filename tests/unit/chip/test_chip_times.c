/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No wait ends before the part may be ready: the largest times that makers state, for a sample of
 * parts across makers, against the limits in force.
 * Figures: the makers' data sheets as they are known (ms; 0: not stated), rounded up.
 */
#include <check.h>

#include "chip/chipdb.h"
#include "support/suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
	const char *name;
	uint32_t page, sr, e4k, e64k, chip;
} most[] = {
	{"W25X40", 3, 15, 0, 2000, 10000},
	{"W25Q80DV", 3, 15, 400, 1000, 6000},
	{"W25Q16JV", 3, 15, 400, 2000, 25000},
	{"W25Q32FV", 3, 15, 400, 2000, 50000},
	{"W25Q64FV", 3, 15, 400, 2000, 100000},
	{"W25Q64JV", 3, 15, 400, 2000, 100000},
	{"W25Q128FV", 3, 15, 400, 2000, 200000},
	{"W25Q128JV", 3, 15, 400, 2000, 200000},
	{"W25Q256FV", 3, 15, 400, 2000, 400000},
	{"W25Q256JV", 3, 15, 400, 2000, 400000},
	{"W25Q512JV", 4, 15, 400, 2000, 1000000},
	{"W25Q01JV", 4, 15, 400, 2000, 1000000},
	{"W25Q64FW", 5, 15, 400, 2000, 100000},
	{"GD25Q80C", 3, 30, 400, 1200, 7000},
	{"GD25Q32C", 3, 30, 400, 1200, 30000},
	{"GD25Q64C", 3, 30, 400, 1200, 60000},
	{"GD25Q128C", 3, 30, 400, 1200, 140000},
	{"GD25Q256D", 3, 30, 400, 1200, 280000},
	{"GD25WQ16E", 6, 50, 500, 2500, 60000},
	{"GD25WQ32E", 6, 50, 500, 2500, 120000},
	{"GD25WQ64E", 6, 50, 500, 2500, 240000},
	{"GD25LQ64", 3, 30, 500, 1600, 70000},
	{"MX25L1606E", 3, 40, 300, 2000, 14000},
	{"MX25L3206E", 3, 40, 300, 2000, 30000},
	{"MX25L6406E", 5, 100, 300, 2000, 80000},
	{"MX25L6433F", 2, 40, 240, 2000, 75000},
	{"MX25L12835F", 3, 40, 200, 2000, 150000},
	{"MX25L25635F", 3, 40, 200, 2000, 300000},
	{"MX25L51245G", 1, 40, 400, 2000, 600000},
	{"MX25U6435F", 3, 40, 200, 2000, 100000},
	{"EN25Q64", 5, 15, 300, 2000, 70000},
	{"EN25QH128A", 5, 50, 300, 2000, 140000},
	{"EN25F80", 5, 15, 300, 2000, 20000},
	{"M25P16", 5, 15, 0, 3000, 40000},
	{"M25P128", 5, 15, 0, 6000, 250000},
	{"M25PX16", 5, 15, 150, 3000, 80000},
	{"M25PX80", 5, 15, 150, 3000, 80000},
	{"M25PX64", 5, 15, 150, 3000, 160000},
	{"N25Q064A13", 5, 8, 800, 3000, 120000},
	{"N25Q128A13", 5, 8, 800, 3000, 250000},
	{"N25Q256A13", 5, 8, 800, 3000, 480000},
	{"S25FL128Sxxxxxx0", 1, 750, 750, 650, 165000},
	{"S25FL256Sxxxxxx0", 1, 750, 750, 650, 330000},
	{"S25FL064L", 2, 750, 250, 725, 150000},
	{"S25FL128L", 2, 750, 250, 725, 300000},
	{"S25FL064P", 3, 100, 800, 2000, 128000},
	{"IS25LP064", 1, 15, 300, 1000, 90000},
	{"IS25LP128", 1, 15, 300, 1000, 180000},
	{"IS25LP256D", 1, 15, 300, 1000, 180000},
	{"XM25QH64A", 5, 15, 400, 2000, 100000},
	{"XM25QH128A", 5, 15, 400, 2000, 200000},
	{"BY25Q64AS", 3, 30, 500, 2000, 120000},
	{"P25Q16H", 3, 12, 20, 20, 20},
	{"FM25Q08A", 3, 30, 300, 1000, 30000},
	{"FM25Q32", 3, 30, 300, 1000, 120000},
	{"SST25VF016B", 1, 1, 25, 25, 50},
	{"SST26VF032B", 2, 25, 25, 25, 50},
	{"AT25DF321A", 3, 1, 200, 950, 112000},
	{"Pm25LQ032C", 2, 15, 150, 1500, 60000},
	{"F25L32QA", 5, 15, 300, 2000, 100000},
	{"XT25F64B", 3, 30, 500, 2000, 100000},
	{"ZB25VQ64A", 4, 60, 400, 2000, 100000},
};

static void no_less(const char *name, const char *what, uint64_t limit, uint64_t stated)
{
	ck_assert_msg(limit >= stated, "%s, %s: waits %llu, the data sheet says %llu", name, what,
	              (unsigned long long)limit, (unsigned long long)stated);
}

static void check(int i)
{
	const struct nor_chip *row = chipdb_by_name(most[i].name, NULL, 0);
	struct nor_erase erase[NOR_ERASE_TYPES];
	struct np_error err = {0};
	struct nor_times times;
	struct nor_chip out;

	ck_assert_msg(row != NULL, "%s", most[i].name);
	ck_assert_int_eq(chipdb_resolve(&row, 1, NULL, &out, erase, &times, &err), 0);
	no_less(most[i].name, "page", times.page_max_us, most[i].page * UINT64_C(1000));
	no_less(most[i].name, "status", times.sr_max_us, most[i].sr * UINT64_C(1000));
	no_less(most[i].name, "4K", times.erase_4k_max_us, most[i].e4k * UINT64_C(1000));
	no_less(most[i].name, "64K", times.erase_64k_max_us, most[i].e64k * UINT64_C(1000));
	no_less(most[i].name, "chip", times.chip_max_ms, most[i].chip);
}

START_TEST(limits_of_the_tables)
{
	check(_i);
}
END_TEST

/* Whatever size: an unknown chip, and the limit of a chip erase grows with the chip. */
START_TEST(a_chip_erase_may_take_longer_on_a_larger_chip)
{
	const struct nor_chip *row;

	for (size_t i = 0; (row = chipdb_at(i)); i++) {
		struct nor_erase erase[NOR_ERASE_TYPES];
		struct np_error err = {0};
		struct nor_times times;
		struct nor_chip out;

		ck_assert_int_eq(chipdb_resolve(&row, 1, NULL, &out, erase, &times, &err), 0);
		no_less(row->name, "chip", times.chip_max_ms, (row->size >> 20) * UINT64_C(15000));
		no_less(row->name, "chip", times.chip_max_ms, 80000);
		no_less(row->name, "status", times.sr_max_us, 750000);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("chip times");
	TCase *tcase = tcase_create("times");

	tcase_add_loop_test(tcase, limits_of_the_tables, 0, COUNT(most));
	tcase_add_test(tcase, a_chip_erase_may_take_longer_on_a_larger_chip);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
