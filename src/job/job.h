/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs: read, write, restore, erase, verify, resume on an open chip. This is where trust lives:
 * what must survive is read twice and is on disk before the first erase; nothing is called good
 * that was not read back; a failed check never widens the run. Jobs print nothing and ask nothing:
 * they emit events and call confirm().
 */
#ifndef NP_JOB_JOB_H
#define NP_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/io.h"
#include "nor/nor.h"
#include "job/event.h"
#include "layout/layout.h"
#include "plan/plan.h"
#include "base/ranges.h"

/* What all jobs share. Strings and pointers stay the caller's and outlive the job. */
struct job {
	struct nor *nor;
	const struct layout *layout; /* NULL: none in force */
	const char *programmer;      /* for manifests */
	const char *state_dir;       /* backups/ and jobs/ live below; created on need */
	np_event_fn *event;
	void *event_ctx;
	/* Asked once, before the first erase, after NP_EV_PLAN: 0 go ahead; negative: the job ends
	 * with that code and *err as set. NULL: go ahead. */
	int (*confirm)(void *ctx, const struct plan *plan, struct np_error *err);
	void *confirm_ctx;
	const char
		*backup; /* resume: where the job's backup is now; NULL: where the record says, or
	                       by its digest in the state folder */
	bool voltage_ok; /* resume of a job on a 1.8 V part (other jobs: write_options) */
	bool keep_clock; /* the user chose the clock: never lowered when reads disagree */
	const struct np_io_hook *io_hook; /* for tests: see base/io.h; NULL in the command */
	/* Test hook and stop test: called before every bus operation of a job with a running
	 * number; non-zero ends the job as if the power had gone. NULL in the command. */
	int (*step_hook)(void *ctx, uint64_t step);
	void *step_ctx;
};

/* ---- read ---- */

struct read_options {
	const struct np_ranges *only; /* NULL: whole chip */
	unsigned passes;              /* 1..5 */
};

struct read_result {
	unsigned passes;           /* made over everything */
	uint64_t disagreed_blocks; /* 4 KiB blocks that were voted on */
	struct np_ranges unstable; /* blocks without a majority; owned by the result */
	bool all_ff, all_00, equal_halves, zero_bursts; /* suspicious contents */
};

/* Fill image[0..chip size) with what the chip holds inside `only` (elsewhere untouched), reading
 * `passes` times and voting per 4 KiB block (up to five more reads, strict majority). Returns
 * NP_E_UNSTABLE when blocks have no majority: image and result are filled all the same. */
int job_read(struct job *job, const struct read_options *options, uint8_t *image,
             struct read_result *result, struct np_error *err);
void read_result_free(struct read_result *result);

/* ---- write, restore, erase ---- */

struct write_options {
	const uint8_t
		*image; /* chip-sized; only bytes in `select` are looked at; NULL: blank (erase) */
	bool image_whole; /* `image` is true everywhere: a dump, of which `select` is a part */
	const struct np_ranges *select; /* what to write, keeps already removed; NULL: everything */
	const struct np_ranges *keep;   /* must survive, read twice; may be NULL */
	bool partial; /* --only/--range: read and save just the erase blocks to be touched */
	bool dry_run;
	bool no_backup;
	const char *backup_path; /* --backup; NULL: below state_dir */
	const uint8_t *base;     /* --base: chip-sized, known contents to sample; NULL: none */
	bool verify_none;
	bool verify_all; /* of a part too: what the job does not look at is compared with the last
	                    whole backup of this chip, and what there is none for is told */
	unsigned passes; /* 1: skip the second read of a partial job; 0: default */
	bool chip_erase;
	bool allow_chip_erase; /* `erase` of everything, nothing kept */
	bool boot_last;
	bool unit_named; /* the user named the unit regions to overwrite, or keeps them */
	bool recognise;  /* without a layout: let the built-in profile that is recognised guard */
	bool raw_named;  /* the selection was given as addresses, not as region names */
	bool keep_blank; /* keeping unit regions that are blank on this chip is meant so */
	const struct np_ranges *unit_set; /* unit bytes the user gave a value; may be NULL */
	bool voltage_ok;
	bool digest; /* compute result->target_sha256 even if it takes a pass of its own */
	const char *image_path; /* the file `image` was made from: with its manifest it may be the
	                           last backup of this chip; may be NULL */
	const char *operation;  /* "write", "restore", "erase": for messages and the journal */
};

struct write_result {
	bool nothing_to_do;
	uint64_t changed_bytes, erased_bytes, programmed_bytes, verified_bytes;
	uint64_t retried_blocks;
	char backup_path[4096];   /* "" when none */
	char target_sha256[65];   /* of the target image; "" when it was not asked for */
	uint64_t neighbour_bytes; /* on a line that protects nothing: around the job's blocks, found
	                          as before */
	/* verify_all of a part: the rest of the chip */
	char outside_path[4096];  /* the backup it was compared with; "" when there is none */
	uint64_t outside_bytes;   /* found equal to it */
	uint64_t outside_unknown; /* compared with nothing */
	uint64_t duration_us;
};

/*
 * Make the chip hold the image inside `select`. Order: journal check, read (trusted in degrees),
 * guard of unit data, plan, confirm, second read of what must survive, backup + target + journal on
 * disk and synced, protection lifted, erase -> program -> verify per step, protection put back,
 * journal closed. Errors: NP_E_JOURNAL, NP_E_UNIT, NP_E_VOLTAGE, NP_E_POLICY (size override),
 * NP_E_UNSTABLE before any erase, NP_E_VERIFY after the one retry (or, the journal closed: all is
 * written, but bytes the job was not to change are not as in the backup), NP_E_PROTECTED,
 * NP_E_INTERRUPTED (journal stays), bus errors (journal stays; the message names the block in
 * flux).
 */
int job_write(struct job *job, const struct write_options *options, struct write_result *result,
              struct np_error *err);

/* ---- verify ---- */

struct verify_result {
	uint64_t differing_bytes;
	uint64_t first; /* address of the first difference */
	uint8_t chip_byte, image_byte;
	bool unstable; /* a second read of the place gave something else */
};

/* Compare the chip with the image (NULL: FFh) inside `only` (NULL: everything). NP_E_VERIFY on a
 * difference, NP_E_UNSTABLE when re-reads of it disagree. */
int job_verify(struct job *job, const uint8_t *image, const struct np_ranges *only,
               struct verify_result *result, struct np_error *err);

/* ---- resume ---- */

enum resume_mode { RESUME_FINISH, RESUME_UNDO, RESUME_DISCARD };

/* Finish, undo or forget the open journal of this chip. Errors: NP_E_INPUT (no open job), as
 * job_write() what the chip itself forbids,
 * NP_E_POLICY (a block equals neither backup nor target and is not the one in flux: another chip).
 */
int job_resume(struct job *job, enum resume_mode mode, struct write_result *result,
               struct np_error *err);

#endif
