/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people type who know flashrom, as norprog's command line. */
#ifndef NP_CLI_HABITS_H
#define NP_CLI_HABITS_H

#include <stdbool.h>
#include <stddef.h>

/* Does this read like a command line for flashrom? Then norprog's is put into buf, ready to paste:
 * "norprog read backup.bin -p ch341a_spi". argv as main() has it. */
bool habits_answer(int argc, char **argv, char *buf, size_t len);

#endif
