/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part as tests/data/parts.txt describes it, and the engine that drives it by its row: what the
 * tests of all rows share. */
#ifndef TESTS_SUPPORT_ROWS_H
#define TESTS_SUPPORT_ROWS_H

#include <check.h>

#include "chip/chipdb.h"
#include "nor/nor.h"
#include "sim/norsim_int.h"

#define ROWS_PARTS     "tests/data/parts.txt"
#define ROWS_NAMES_MAX 3000

struct rows {
	const char *part;
	struct spi_bus *bus;
	struct norsim *chip;
	struct nor *nor;
	struct np_error err;
};

extern struct rows rows;

#define GOOD(call)                                                                        \
	ck_assert_msg((call) == 0, "%s: %s: %s (%s)", rows.part, #call, rows.err.message, \
	              rows.err.hint)
#define HOLDS(what) ck_assert_msg(what, "%s: %s", rows.part, #what)

/* Every name of every row, by rows_collect(). */
extern char rows_names[ROWS_NAMES_MAX][24];
extern size_t rows_count;
void rows_collect(void);

/* rows.part on a simulated programmer, and the engine on top. */
void rows_put_in(void);
void rows_take_out(void);
void rows_open(void);
void rows_open_as(const char *name); /* with --chip */
void rows_close(void);

/* Nothing that the engine did was beyond this part. */
void rows_no_complaints(void);

/* Contents that tell where they are, put in and looked at behind the chip's back. */
uint8_t rows_pattern(uint64_t addr);
void rows_fill(uint64_t from, uint64_t to);
bool rows_filled(uint64_t from, uint64_t to);
bool rows_blank(uint64_t from, uint64_t to);

/* The engine reads what is there. */
void rows_reads(uint64_t addr, size_t len);

#endif
