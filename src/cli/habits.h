/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command line for flashrom, translated into norprog's. */
#ifndef NP_CLI_HABITS_H
#define NP_CLI_HABITS_H

#include <stdbool.h>
#include <stddef.h>

/* Does this read like a command line for flashrom? Then norprog's is put into buf, ready to paste:
 * "norprog read backup.bin -p ch341a_spi". argv as main() has it. */
bool habits_answer(int argc, char **argv, char *buf, size_t len);

#endif
