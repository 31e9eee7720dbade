/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The diagnosis: what was measured on programmer, wires and chip, and what follows from it. The
 * verdict is pure; measure.c asks the hardware and only reads.
 */
#ifndef NP_DOCTOR_DOCTOR_H
#define NP_DOCTOR_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "nor/nor.h"

#define DOCTOR_CLOCKS 6
#define DOCTOR_IDS    64 /* read at each clock */
#define DOCTOR_PLACES 64 /* of the map */
#define DOCTOR_CHECKS 12

/* What 64 reads of the ID came to. */
struct doctor_ids {
	unsigned reads;
	unsigned agreed;   /* like the commonest answer */
	unsigned ones;     /* all FFh */
	unsigned zeros;    /* all 00h */
	unsigned runs;     /* of neighbours that differ from the commonest: 1 = all in one go */
	unsigned bad;      /* differ from the commonest; constants among them are counted above */
	uint8_t common[3]; /* the commonest */
	uint8_t other[3];  /* one that differs; 0 when none does */
};

struct doctor_clock {
	uint32_t hz; /* 0: this row was not measured */
	unsigned ids_agreed, ids;
	unsigned pages_differ, pages; /* against the slowest clock; pages 0: not read */
};

enum doctor_place { DOCTOR_UNREAD, DOCTOR_STABLE, DOCTOR_UNSTABLE };

/* What was measured; zero is "not". */
struct doctor_facts {
	/* the programmer */
	bool opened;
	int open_exit; /* exit code of the failure to open it */
	char open_why[512], open_hint[512];
	char driver[32];      /* "ch341a"; "": not known */
	char programmer[128]; /* "ch341a at 1-1" */
	const char *host_own; /* a part of this computer; NULL: no */
	const char *levels;   /* what its supply and signals may do to a chip; NULL: nothing */
	/* the lines */
	bool lost; /* the adapter failed while we asked */
	char lost_why[512], lost_hint[512];
	struct doctor_ids ids; /* at the slowest clock */
	uint8_t status;        /* the first status register, when ids could not be had */
	bool busy;             /* busy all the time that was waited */
	bool one_clock;        /* the adapter's clock cannot be changed */
	struct doctor_clock clocks[DOCTOR_CLOCKS];
	/* the chip */
	bool known;
	int chip_exit; /* exit code of the failure to identify it */
	char chip_why[512], chip_hint[512];
	char shifted_from[64]; /* the ID is this part's, each bit a clock early or late; "": no */
	char chip[128];
	uint64_t size;
	bool woken, reset, was_busy, voltage_ok;
	bool low_voltage; /* known not to take 3.3 V */
	char supply[256]; /* what is known of it, in words; "" : 3.3 V suits */
	bool protection_known, is_protected;
	bool wp_decides; /* the protection lifts only with WP# high */
	/* the contents */
	bool read;
	uint64_t bytes;         /* read twice, in all places together */
	unsigned zeros_differ;  /* places of which one read is zeros where the other is not */
	unsigned ones_differ;   /* the same with ones */
	unsigned shifted;       /* places of which one read is the other with a byte lost */
	uint64_t repeats_after; /* contents repeat at this length; 0: they do not */
	uint64_t lost_line;     /* the weight of an address bit that changes nothing; 0: none */
	bool zero_bursts;       /* stretches of zeros a like distance apart */
	bool blank;             /* every place read is FFh */
	bool zeros;             /* every place read is 00h */
	uint8_t stuck_ones,
		stuck_zeros; /* bits that are the same in every byte of mixed contents */
	unsigned entropy;    /* thousandths of a bit per byte */
	enum doctor_place places[DOCTOR_PLACES];
	bool unfinished_job;
	char job[512]; /* which */
};

enum doctor_level { DOCTOR_OK, DOCTOR_DOUBT, DOCTOR_WRONG, DOCTOR_UNKNOWN };

struct doctor_check {
	const char *name; /* "programmer", "wires", ...; static */
	enum doctor_level level;
	char text[256];
};

struct doctor_verdict {
	struct doctor_check checks[DOCTOR_CHECKS];
	size_t count;
	const char *name; /* of the conclusion, for --json: "ok", "no-answer-high", ...; static */
	char conclusion[512], action[512];
	int exit_code; /* 0: a backup may be trusted; 3 programmer, 4 contact or chip, 7 refused */
};

/* What follows from the facts. Pure: no I/O, no clock, no memory of its own. */
void doctor_judge(const struct doctor_facts *facts, struct doctor_verdict *verdict);

/* "ok", "doubtful", "wrong", "not known". */
const char *doctor_level_name(enum doctor_level level);

/* The wiring of this adapter ("ch341a", NULL: any) to a chip in this package ("SOIC8", "WSON8",
 * "SOIC16"; NULL: SOIC8), as lines of ASCII. Static. */
const char *doctor_wiring(const char *driver, const char *package);

/* Read the ID DOCTOR_IDS times at a slow clock, waking a chip that sleeps. Bus errors. */
int doctor_contact(struct spi_bus *bus, struct doctor_ids *ids, struct np_error *err);

/* Is the commonest of them an answer, not a line that stays high or low? */
bool doctor_ids_answer(const struct doctor_ids *ids);

/* Called with the open chip, for what only the caller can ask. */
typedef void doctor_look_fn(void *ctx, struct nor *nor);

/* Ask the wires and the chip; only reads. What fails becomes a fact. The bus stays the caller's.
 * Blocks up to about ten seconds of device time. NP_E_INTERRUPTED when a stop was asked for, else
 * 0. */
int doctor_measure(struct spi_bus *bus, const struct nor_options *options, doctor_look_fn *look,
                   void *ctx, struct doctor_facts *facts, struct np_error *err);

/* Read what the chip holds, twice, in DOCTOR_PLACES places: all of it where that takes but a few
 * seconds, else a part of each place, so that it stays a few seconds. Fills in the part "the contents" of the facts. Errors as
 * nor_read(). */
int doctor_look_at_contents(struct nor *nor, struct doctor_facts *facts, struct np_error *err);

/* The same as a drawing: SVG into buf, for which DOCTOR_DRAWING bytes are room enough. Returns buf. */
#define DOCTOR_DRAWING 8192
const char *doctor_drawing(const char *driver, const char *package, char *buf, size_t len);

struct doctor_request {
	const char *programmer; /* as -p names it */
	const char *trace;      /* a file that receives every message; NULL: none */
	struct nor_options chip;
	doctor_look_fn *look; /* or NULL */
	void *ctx;
};

/* Open the programmer, measure, close it. What fails becomes a fact. Blocks as doctor_measure().
 * Errors: NP_E_USAGE (the programmer's name makes no sense), NP_E_INTERRUPTED. */
int doctor_examine(const struct doctor_request *request, struct doctor_facts *facts,
                   struct np_error *err);

/* Note why there is no programmer to open. */
void doctor_not_opened(struct doctor_facts *facts, const struct np_error *err);

#endif
