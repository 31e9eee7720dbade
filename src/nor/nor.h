/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chip engine: who is on the clip, and how to read, program, erase, protect and wait for it
 * over any bus. It reads the bus's caps and never asks which adapter it is.
 */
#ifndef NP_NOR_NOR_H
#define NP_NOR_NOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/units.h"
#include "chip/chip.h"
#include "chip/nor_supply.h"
#include "spi/spi.h"

#define NOR_CANDIDATES 16
#define NOR_UID_MAX    16

struct nor; /* an open chip */

struct nor_options {
	const char *chip;             /* --chip: must agree with the ID; NULL: by ID */
	uint64_t size_override;       /* 0: none. It decides between sources that contradict each
	                                 other, and lets a chip of which nothing is known be read
	                                 with 03h. Any other chip so overridden can be read, never
	                                 erased or programmed */
	uint32_t hz;                  /* 0: find the fastest that works; else keep this */
	const struct nor_chip *extra; /* user's own rows, searched first; may be NULL */
	size_t extra_count;
	bool ask_for_pair; /* ask ordinary chips, too, whether a NAND shares their package: with C2h,
	                      which most of them do not know. For commands that only report */
};

/* Sources that contradict each other about the size. */
struct nor_size_doubt {
	uint64_t by_table; /* the row, or without one the third ID byte, or else what was seen
	                      behind the end that SFDP names; 0: silent */
	uint64_t by_sfdp;
	bool open; /* neither what the chip holds nor the user settles it: read, never changed */
	char text[192]; /* the contradiction and what became of it, a clause; "": there is none */
};

/* What was found out; strings and pointers live as long as the nor. */
struct nor_info {
	uint8_t jedec_id[NOR_ID_MAX];
	uint8_t jedec_id_len;
	const struct nor_chip *chip; /* the row in force, SFDP merged in */
	const struct nor_chip
		*candidates[NOR_CANDIDATES]; /* rows not told apart; all driven alike */
	size_t candidate_count;
	char name[128]; /* "W25Q64FV" or "W25Q64BV/CV" or "unknown (SFDP)" */
	bool known;     /* a row or SFDP tells how it is driven; else it is read alone, by --size */
	/* A part that is not in the tables, and whose ID is a bit or two off this known one, which
	 * hints at bad contact; NULL: there is none. */
	const struct nor_chip *near;
	uint64_t size;
	uint32_t page;
	struct nor_erase erase[NOR_ERASE_TYPES]; /* in force, smallest first */
	size_t erase_count;
	bool has_sfdp;
	uint8_t sfdp_major, sfdp_minor;
	uint8_t uid[NOR_UID_MAX];
	uint8_t uid_len;              /* 0: none, or its reads differ */
	uint32_t id_reads, id_agreed; /* quality of the contact */
	bool woken, was_busy, reset;  /* what it took to make it answer */
	bool size_overridden;
	struct nor_size_doubt size_doubt;
	const char *other_die;    /* in the package beside this chip, and not saved; NULL: none */
	struct nor_supply supply; /* what it may be fed */
	uint32_t hz;              /* clock settled on */
	uint32_t hz_tried;        /* clock first tried; > hz: stepped down */
};

/*
 * Identify what is on the bus: wait out a running operation, read the JEDEC ID several times, wake
 * or reset only if that fails, look up the tables, read SFDP, tell candidates apart, read the
 * unique ID, settle on a clock. Blocks under 200 ms on a healthy chip (longer when it is found
 * busy, up to a minute; a stop request ends that wait). Takes no ownership of the bus. Errors:
 * NP_E_NO_CHIP (all FF, all 00: each with its likely cause), NP_E_UNSTABLE (IDs disagree),
 * NP_E_UNKNOWN_CHIP, NP_E_CHIP_MISMATCH, NP_E_TIMEOUT and NP_E_INTERRUPTED (of that wait), bus
 * errors.
 */
int nor_open(struct spi_bus *bus, const struct nor_options *options, struct nor **nor,
             struct np_error *err);

/* Restore address mode and protection, free. The bus stays open. Returns an error when the chip
 * could not be put back as it was found; the nor is freed all the same. NULL is fine. */
int nor_close(struct nor *nor, struct np_error *err);

const struct nor_info *nor_info(const struct nor *nor);
struct spi_bus *nor_bus(const struct nor *nor);

/* Is the same chip still there? A clip that slipped reads as a chip full of FFh or 00h, the same
 * every time: ask after reading, before the data are used. Errors: NP_E_NO_CHIP, bus errors. */
int nor_check_present(struct nor *nor, struct np_error *err);

/* May it be driven at 3.3 V without asking? NP_E_VOLTAGE when that is not known or known to harm
 * it. Asked before erasing and programming; reading is not refused, because the board itself may
 * feed the part. */
int nor_check_supply(const struct nor_info *info, struct np_error *err);

/* May it be changed at all? NP_E_UNKNOWN_CHIP (nothing tells how), NP_E_UNSUPPORTED (it is one that
 * is only read), NP_E_POLICY (its size was overridden, or is not certain). */
int nor_check_writable(const struct nor_info *info, struct np_error *err);

/* Is its size certain? NP_E_POLICY where sources contradict each other and nothing settled it. */
int nor_check_size(const struct nor_info *info, struct np_error *err);

/* After how many bytes do its contents begin again? *len is the size where they do not; 0 where it
 * holds too little to tell. By samples, a few reads: for a verdict take nor_image_repeats(). */
int nor_repeats(struct nor *nor, uint64_t *len, struct np_error *err);

/* The same of all that a chip holds, exact; `len` is a power of two. 0: it holds one value
 * alone. */
uint64_t nor_image_repeats(const uint8_t *image, uint64_t len);

/* Read the JEDEC ID `count` times: *agreed were that of nor_info(). Bus errors. */
int nor_id_repeat(struct nor *nor, size_t count, size_t *agreed, struct np_error *err);

/* Called while a long operation runs: bytes done of this call (of nor_program(): pieces). Non-zero
 * asks it to stop (NP_E_INTERRUPTED). */
typedef int nor_progress_fn(void *ctx, uint64_t done);

/* Read len bytes at addr. One message where the bus allows. Errors: NP_E_RANGE, bus errors,
 * NP_E_INTERRUPTED. */
int nor_read(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len, nor_progress_fn *progress,
             void *ctx, struct np_error *err);

/* The same, and then nor_check_present(), which costs no round trip of its own where the queue has
 * room: NP_E_NO_CHIP, and what was read means nothing. */
int nor_read_present(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len,
                     nor_progress_fn *progress, void *ctx, struct np_error *err);

/* Read `len` bytes (at most caps.max_rx) at each of `count` addresses, in ascending order, into buf
 * one after the other: small samples, hundreds in one queue. Errors as nor_read(). */
int nor_read_spots(struct nor *nor, const uint32_t *addrs, size_t count, size_t len, uint8_t *buf,
                   struct np_error *err);

/* CRC-32 of what the chip holds, computed at the far end where caps.crc, else by reading. */
int nor_crc(struct nor *nor, uint64_t addr, size_t len, uint32_t *crc, struct np_error *err);

/* The CRCs of `count` pieces in ascending order, as few round trips as the bus allows. Progress tells
 * the bytes done. Errors as nor_read(). */
int nor_crc_list(struct nor *nor, const struct np_range *pieces, size_t count, uint32_t *crcs,
                 nor_progress_fn *progress, void *ctx, struct np_error *err);

/* A piece to program: inside one page. `data` stays the caller's. */
struct nor_piece {
	uint32_t addr, len;
	const uint8_t *data;
};

/*
 * Program pieces in order. On a bus with depth > 1 whole trains of write enable + program + status
 * go down the wire with one round trip; where a status tail ends busy the chip is waited for and
 * what followed is sent again. The engine learns the chip's real busy time from the tails. `done`
 * (may be NULL) is the number of pieces known to be programmed. The caller verifies. Stops between
 * trains at stop level 2. Errors: NP_E_RANGE (beyond the chip, or across a page: nothing is sent),
 * NP_E_TIMEOUT (busy beyond the data sheet's maximum), NP_E_PROTECTED, bus errors,
 * NP_E_INTERRUPTED.
 */
int nor_program(struct nor *nor, const struct nor_piece *pieces, size_t count, size_t *done,
                nor_progress_fn *progress, void *ctx, struct np_error *err);

/* Erase one block with info.erase[level]; addr must be aligned to it. Waits until it is done. */
int nor_erase(struct nor *nor, uint64_t addr, size_t level, struct np_error *err);

#define NOR_LOOKS_MOST 16
#define NOR_CRC_MOST   (64u << 10) /* one look covers */

/* A block to be erased, programmed and looked at in one run of the bus. */
struct nor_rewrite {
	uint64_t addr;
	int level; /* of info.erase; below 0: it is not erased */
	const struct nor_piece *pieces;
	size_t count;                 /* at most 256 */
	const struct np_range *looks; /* CRCs to be taken when all is written */
	size_t look_count;
	nor_progress_fn *progress; /* pieces done; NULL: none */
	void *ctx;
};

struct nor_rewritten {
	bool erased;
	size_t pages;
	uint32_t crc[NOR_LOOKS_MOST]; /* valid when all went well */
};

/* Is that worth while, and does this chip take it? Only where a round trip is long, and the bus waits
 * and computes CRCs by itself. */
bool nor_can_rewrite(const struct nor *nor);

/* As nor_erase() and nor_program(), then the CRCs; *done says how far it came, also on failure. The
 * caller compares. Stops at stop level 2. */
int nor_rewrite(struct nor *nor, const struct nor_rewrite *job, struct nor_rewritten *done,
                struct np_error *err);

/* Erase everything (C7h). Only for `erase` of a whole chip and --chip-erase. */
int nor_erase_chip(struct nor *nor, struct np_error *err);

/* What the planner wants to know: typical time of one page / one erase on this chip and wire,
 * nanoseconds, command and waiting included; and of reading. */
uint64_t nor_cost_page_ns(const struct nor *nor);
uint64_t nor_cost_erase_ns(const struct nor *nor, size_t level);
uint64_t nor_cost_read_ns(const struct nor *nor, uint64_t len);

/* How long this chip was seen to be busy, in microseconds; 0: not seen, or by an adapter that waits
 * by itself. */
struct nor_measured {
	uint64_t page_us;
	uint64_t erase_us[NOR_ERASE_TYPES]; /* by the index of nor_info.erase */
};

void nor_measured(const struct nor *nor, struct nor_measured *measured);

/* ---- protection ---- */

#define NOR_PROT_RANGES 8

/* The status registers, decoded. */
struct nor_protection {
	uint8_t sr[4]; /* SR1, SR2, SR3, CR; only the first sr_count were read */
	uint8_t sr_count;
	bool known;                              /* the ranges below are meaningful */
	struct np_range ranges[NOR_PROT_RANGES]; /* protected now */
	size_t range_count;
	bool srp;       /* status register protect set: WP# decides */
	bool locked;    /* cannot be lifted until power-up or for ever */
	bool lifted;    /* we lifted it; nor_close() puts it back */
	bool wpsel;     /* Macronix: single block locks for ever, and BP bits mean nothing */
	char text[256]; /* "SR1=7C SR2=02: protects 0x000000-0x7fffff; SRP0 clear" */
};

int nor_protection_read(struct nor *nor, struct nor_protection *protection, struct np_error *err);

/* The same, for a record of a chip that nor_read_present() was just used on: where each round trip is
 * long, that has read the registers along with the last bytes. */
int nor_protection_found(struct nor *nor, struct nor_protection *protection, struct np_error *err);

/* Read now: is any of `range` protected? False also when that cannot be known. */
bool nor_protects(struct nor *nor, struct np_range range);

/* What those bits mean and what can be done about them, a line each, several or none, into buf.
 * Returns `buf`. */
const char *nor_protection_explain(const struct nor *nor, const struct nor_protection *protection,
                                   char *buf, size_t len);

/* Lift protection of everything, volatile where the part allows, remembering what was there. Does
 * nothing when nothing that overlaps `need` is protected. Reads back. Errors: NP_E_PROTECTED (the
 * hint names WP# or the lock), bus errors. */
int nor_protection_lift(struct nor *nor, struct np_range need, struct np_error *err);

/* Put back what nor_protection_lift() changed. Called by nor_close() as well; idempotent. */
int nor_protection_restore(struct nor *nor, struct np_error *err);

/* Non-volatile: protect exactly `range` (len 0: nothing). NP_E_RANGE when the part cannot express
 * it: the hint gives the nearest it can. Never touches one-time bits. */
int nor_protection_set(struct nor *nor, struct np_range range, struct np_error *err);

/* ---- SFDP ---- */

#define NOR_SFDP_MAX 4096
#define NOR_SFDP_ODD 256

/* All of SFDP that its headers name, from 0, also when norprog refused to use it. A part without
 * answers something too: its first NOR_SFDP_ODD bytes, *is_sfdp false. Two reads that agree, else
 * NP_E_UNSTABLE; bus errors. */
int nor_sfdp(struct nor *nor, uint8_t buf[NOR_SFDP_MAX], size_t *len, bool *is_sfdp,
             struct np_error *err);

/* The same of a chip that nor_open() refuses, for its owner to send to who can enter it. `hz` as in
 * nor_options. Errors also as nor_open() while it identifies. */
int nor_sfdp_of_unknown(struct spi_bus *bus, uint32_t hz, uint8_t buf[NOR_SFDP_MAX], size_t *len,
                        bool *is_sfdp, struct np_error *err);

/* SFDP decoded, several lines; "" when the part has none or it was refused. Returns `buf`. */
const char *nor_sfdp_text(const struct nor *nor, char *buf, size_t len);

#endif
