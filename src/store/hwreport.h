/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware reports, as `norprog report` writes and people send them: which chip was read, erased
 * and programmed by norprog in the real world. Those in chips/reports/ are built in. Nothing proves
 * such a file: sizes are bounded, words are checked, and all that is taken from it is whose row it
 * speaks for and how far it went.
 */
#ifndef NP_STORE_HWREPORT_H
#define NP_STORE_HWREPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "chip/chip.h"

#define HWREPORT_BYTES_MAX 65536
#define HWREPORT_FILES_MAX 4096

struct hwreport {
	char name
		[128]; /* of the row; of several that could not be told apart "A/B", which is no row's */
	uint8_t id[NOR_ID_MAX];
	size_t id_len;
	uint64_t size;
	bool read;    /* twice the same */
	bool written; /* erased and programmed, and verified */
};

struct hwreports {
	struct hwreport *at; /* owned */
	size_t count;
};

/* Understand the text of one; `path` is for messages. Errors: NP_E_INPUT. */
int hwreport_parse(const char *text, size_t len, const char *path, struct hwreport *report,
                   struct np_error *err);

/* Those built in, and with `dir` not NULL each plain file *.json in that folder. A file there that
 * is no report is an error. Errors: NP_E_INPUT, NP_E_MEMORY. Free with hwreports_free() in any
 * case. */
int hwreports_load(const char *dir, struct hwreports *reports, struct np_error *err);
void hwreports_free(struct hwreports *reports);

/* How many speak for this row; *written: one of them of erasing and programming, too. */
size_t hwreports_count(const struct hwreports *reports, const struct nor_chip *row, bool *written);

/* Their texts, as the build found them in chips/reports/, NULL-terminated. */
extern const char *const hwreport_builtin[];

#endif
