/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *board_firmware(unsigned mhz, uint32_t baud)
{
	static char path[512];
	const char *build = getenv("BUILD");

	snprintf(path, sizeof(path), "%s/firmware/norprog-atmega328p-%umhz-%u.elf",
	         build ? build : "build", mhz, baud);
	return access(path, R_OK) == 0 ? path : NULL;
}

void board_open_elf(struct board *board, const char *elf, const struct line_faults *faults)
{
	struct norsim_config chip = {.part = "W25Q64FV"};
	struct avrdev_config config = {.elf = elf, .latency_ns = 1000000, .boot_ns = 500000000};

	memset(board, 0, sizeof(*board));
	ck_assert(avrdev_parse_name(elf, &config.f_cpu, &config.baud));
	if (faults)
		config.faults = *faults;
	ck_assert_msg(norsim_open(&chip, &board->chip, &board->err) == 0, "%s", board->err.message);
	config.chip = board->chip;
	ck_assert_msg(avrdev_open(&config, &board->dev, &board->err) == 0, "%s",
	              board->err.message);
}

void board_open(struct board *board, uint32_t baud, const struct line_faults *faults)
{
	const char *elf = board_firmware(16, baud);

	ck_assert_ptr_nonnull(elf);
	board_open_elf(board, elf, faults);
}

void board_open_built(struct board *board, const char *name)
{
	const char *build = getenv("BUILD");
	char elf[512];

	snprintf(elf, sizeof(elf), "%s/%s.elf", build ? build : "build", name);
	board_open_elf(board, elf, NULL);
}

int board_connect(struct board *board, uint32_t baud, bool plain)
{
	struct serprog_options options = {
		.baud = baud, .boot_us = 2500000, .plain = plain, .token = 0x600df00d};
	struct spi_opened opened;
	struct serial serial;
	int ret;

	avrline_open(board->dev, &serial);
	ret = serprog_start(&serial, &options, &opened, &board->err);
	return ret ? ret : spi_wrap(&opened, &board->bus, &board->err);
}

void board_start(struct board *board, uint32_t baud, bool plain)
{
	board_open(board, baud, NULL);
	ck_assert_msg(board_connect(board, baud, plain) == 0, "%s", board->err.message);
}

void board_close(struct board *board)
{
	spi_close(board->bus);
	avrdev_close(board->dev);
	norsim_close(board->chip);
	memset(board, 0, sizeof(*board));
}
