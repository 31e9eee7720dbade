/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From options to an open chip: layout, programmer, identification, and the job that uses them. */
#ifndef NP_CLI_SESSION_H
#define NP_CLI_SESSION_H

#include "cli/cli.h"
#include "chip/chipfile.h"
#include "nor/nor.h"
#include "job/job.h"
#include "layout/layout.h"
#include "spi/spi.h"

struct session {
	struct cli *cli;
	struct layout layout;
	bool has_layout;
	struct chipfile *chips; /* --chips; outlives the nor that points into it */
	bool wants_layout;      /* region names were given, but no --layout: the chip has to say */
	bool keep_clock;        /* the user chose the clock */
	struct spi_bus *bus;
	struct nor *nor;
	const struct nor_info *info; /* of nor, or kept_info once the chip was let go */
	struct nor_info kept_info;
	struct nor_chip kept_chip;
	char bus_name[128]; /* spi_name(), which goes with the bus */
	char state_dir[3072];
	bool unfinished;    /* an interrupted job is open on the chip */
	const char *levels; /* of the driver, see there; NULL: none */
	struct job job;     /* wired to the report; ready once the session is open */
};

/* Load --layout and --chips, and check that the words of --only and --keep mean something, before
 * any programmer is opened. Without --layout names wait until the chip is recognised. Errors:
 * NP_E_INPUT, NP_E_RANGE. */
int session_prepare(struct session *session, struct cli *cli, struct np_error *err);

/* Choose and open the programmer, identify the chip, say who it is, fit the layout to it.
 * Errors: as spi_open(), nor_open(), layout_fit(). */
int session_open(struct session *session, struct np_error *err);

/* The chip has answered all there is to ask: put it back and release the adapter, so that the board
 * need not wait for disks and digests. What was found out about it stays. Errors: as nor_close().
 */
int session_let_go(struct session *session, struct np_error *err);

/* Put the chip back and release everything, whatever the state. Returns `ret`, or when that is 0
 * the failure to put the chip back. */
int session_close(struct session *session, int ret, struct np_error *err);

/* The refusals that the options lift: --override, --voltage-ok. NP_E_USAGE: there is none of such a
 * name. */
int session_overrides(const struct session *session, struct overrides *overrides,
                      struct np_error *err);

/* --wait: return once 64 ID reads in a row agree. NP_E_NO_CHIP when the time given is over,
 * NP_E_INTERRUPTED, bus errors (contact.c). */
int contact_wait(struct cli *cli, struct spi_bus *bus, struct np_error *err);

/* NULL when no layout is in force. */
const struct layout *session_layout(const struct session *session);

/* Read and parse the file of --chips; *chips NULL without one. Errors: NP_E_INPUT. */
int session_load_chips(const struct cli_options *opt, struct chipfile **chips,
                       struct np_error *err);

/* "Winbond W25Q64FV" into buf. */
const char *session_chip_name(const struct session *session, char *buf, size_t len);

/* The programmer to use when -p was not given: into spec. NP_E_NO_PROGRAMMER after telling what
 * there is. */
int programmer_default(struct cli *cli, char *spec, size_t len, struct np_error *err);

#endif
