/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A board, a chip and a bus over it, for the tests of the bridge. Fails the test when it cannot. */
#ifndef TESTS_AVR_BOARD_H
#define TESTS_AVR_BOARD_H

#include "avrline.h"
#include "serprog/serprog.h"

struct board {
	struct norsim *chip;
	struct avrdev *dev;
	struct spi_bus *bus;
	struct np_error err;
};

/* The firmware for a board of `mhz` and `baud` as the build left it; NULL when it is not there. */
const char *board_firmware(unsigned mhz, uint32_t baud);

/* A W25Q64FV behind a board on a line with `faults` (NULL: none). board_connect() opens the bus.
 * board_open() takes norprog's firmware for 16 MHz, board_open_elf() one whose name says its clock
 * and rate. */
void board_open(struct board *board, uint32_t baud, const struct line_faults *faults);
void board_open_elf(struct board *board, const char *elf, const struct line_faults *faults);

/* `name` is a path below the build's folder, without ".elf". */
void board_open_built(struct board *board, const char *name);
int board_connect(struct board *board, uint32_t baud, bool plain);
void board_close(struct board *board);

/* As one call that must succeed, without faults. */
void board_start(struct board *board, uint32_t baud, bool plain);

#endif
