/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of all boards that OpenWrt runs from SPI NOR, from the facts themselves
 * (tests/data/boards.jsonl.gz) and not from the table in the program; and device trees made of it.
 */
#ifndef NP_TESTS_BOARDS_H
#define NP_TESTS_BOARDS_H

#include <jansson.h>

#include "support/firmware.h"

/* An array of objects: board, title, compatible, also, end, parts, cells, signs. Read anew; freed
 * with json_decref(). Dies when the file cannot be read. */
json_t *boards_facts(void);

/* The board's device tree, as dtc would make it: a decoy flash first, then the SPI NOR flash with
 * its partitions and cells, and whoever uses these. */
struct blob boards_tree(const json_t *board);

const char *boards_text(const json_t *object, const char *key);
uint64_t boards_number(const json_t *object, const char *key);

#endif
