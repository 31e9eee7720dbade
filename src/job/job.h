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
#include "device/recognise.h"
#include "job/event.h"
#include "job/intent.h"
#include "layout/layout.h"
#include "plan/plan.h"
#include "base/ranges.h"
#include "store/manifest.h"

/* What all jobs share. Strings and pointers stay the caller's and outlive the job. */
struct job {
	struct nor *nor;
	const struct layout *layout; /* NULL: none in force */
	const char *programmer;      /* for manifests */
	const char *state_dir;       /* backups/ and jobs/ live below; created on need */
	np_event_fn *event;
	void *event_ctx;
	/* Asked once, before the first erase, after NP_EV_PLAN: 0 go ahead; negative: the job ends
	 * with that code and *err as set. NULL: go ahead. Also asked before a record is discarded,
	 * with `plan` NULL. */
	int (*confirm)(void *ctx, const struct plan *plan, struct np_error *err);
	void *confirm_ctx;
	const char
		*backup; /* resume: where the job's backup is now; NULL: where the record says, or
	                       by its digest in the state folder */
	bool keep_clock; /* the user chose the clock: never lowered when reads disagree */
	const struct np_io_hook *io_hook; /* for tests: see base/io.h; NULL in the command */
	/* Test hook and stop test: called before every bus operation of a job with a running
	 * number; non-zero ends the job as if the power had gone. NULL in the command. */
	int (*step_hook)(void *ctx, uint64_t step);
	void *step_ctx;
};

/* ---- read ---- */

struct ahead;

struct read_options {
	const struct np_ranges *only; /* NULL: whole chip */
	unsigned passes;              /* 1..5 */
	struct ahead
		*ahead; /* writes the image while it is read (store/ahead.h); NULL: nobody does */
};

struct read_result {
	unsigned passes;           /* made over everything */
	uint64_t disagreed_blocks; /* 4 KiB blocks that were voted on */
	struct np_ranges unstable; /* blocks without a majority; owned by the result */
	struct manifest_contents contents;
};

/* Fill image[0..chip size) with what the chip holds inside `only` (elsewhere untouched), reading
 * `passes` times and voting per 4 KiB block (up to five more reads, strict majority). Returns
 * NP_E_UNSTABLE when blocks have no majority: image and result are filled all the same. */
int job_read(struct job *job, const struct read_options *options, uint8_t *image,
             struct read_result *result, struct np_error *err);
void read_result_free(struct read_result *result);

/* Begin the manifest of a file of `ranges` that were read of the chip `info`, which may be closed by now.
 * `status`: the status registers as they were found; all zero: not known. NP_E_MEMORY. */
int job_read_manifest(const struct job *job, const struct nor_info *info,
                      const struct read_result *result, const struct nor_protection *status,
                      const struct np_ranges *ranges, struct manifest *manifest,
                      struct np_error *err);

/* What of the bytes inside `ranges` betrays a bad read; what only reading tells stays as it is.
 * (contents.c) */
void contents_look(struct manifest_contents *contents, const uint8_t *image,
                   const struct np_ranges *ranges);

/* ---- write, restore, erase ---- */

/* How an intent is carried out. Zero-initialised: with all care. */
struct write_options {
	bool dry_run;            /* read, judge and plan; change nothing */
	bool explain;            /* as dry_run; ask every gate, also behind a refusal */
	bool no_backup;          /* keep none once the job is done */
	const char *backup_path; /* NULL: below state_dir */
	const uint8_t *base;     /* chip-sized, known contents to sample; NULL: none */
	bool verify_none;
	bool verify_all; /* of a part too: what the job does not look at is compared with the last
	                    whole backup of this chip, and what there is none for is told */
	unsigned passes; /* 1: skip the second read of a partial job; 0: default */
	bool chip_erase; /* erase everything at once first */
	bool boot_last;  /* the region marked as boot loader last */
	bool digest;     /* compute result->target_sha256 even if it takes a pass of its own */
};

struct write_result {
	const char *gate; /* the name of the gate that refused, or NULL */
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
 * Make the chip hold the intent's image inside its selection (which is settled here). Order: the
 * gates that need no read, read (trusted in degrees), whose flash this is, the gates that judge
 * contents, plan, the last gates, confirm, second read of what must survive, backup + target +
 * journal on disk and synced, protection lifted, erase -> program -> verify per step, protection put
 * back, journal closed. A refusal has the gate's code and result->gate. Errors: NP_E_UNSTABLE before
 * any erase, NP_E_VERIFY after the one retry (or, the journal closed: all is written, but bytes the
 * job was not to change are not as in the backup), NP_E_PROTECTED, NP_E_INTERRUPTED (journal stays),
 * bus errors (journal stays; the message names the block in flux).
 */
int job_write(struct job *job, struct intent *intent, const struct write_options *options,
              struct write_result *result, struct np_error *err);

/* Find the built-in profile that fits what the chip holds, told apart by reading a few places;
 * over a slow line the last whole backup of this chip tells instead (`own_file` may be that
 * backup; may be NULL). For callers that must place names before there is a layout; job_write()
 * does it by itself. *layout is filled, and *found->name set, when one profile fits; where none
 * does, it is the chip's own map (device/chip_map.h) if it has one, else empty. Errors:
 * NP_E_MEMORY, bus errors. */
int job_recognise(struct job *job, const char *own_file, struct recognition *found,
                  struct layout *layout, struct np_error *err);

/* ---- verify ---- */

struct verify_result {
	uint64_t differing_bytes;
	uint64_t first; /* address of the first difference */
	uint8_t chip_byte, image_byte;
	bool unstable; /* a second read of the place gave something else */
};

/* Compare the chip with the intent's image (none: FFh) inside its selection, which is settled here.
 * NP_E_VERIFY on a difference, NP_E_UNSTABLE when re-reads of it disagree, NP_E_SIZE. */
int job_verify(struct job *job, struct intent *intent, struct verify_result *result,
               struct np_error *err);

/* ---- resume ---- */

enum resume_mode { RESUME_FINISH, RESUME_UNDO, RESUME_DISCARD };

struct resume_options {
	enum resume_mode mode;
	bool explain;               /* ask every gate and change nothing */
	struct overrides overrides; /* refusals that are answered beforehand */
};

/* Finish, undo or forget the open journal of this chip. Errors: NP_E_INPUT (no open job), those of
 * gates (result->gate), and as job_write(). */
int job_resume(struct job *job, const struct resume_options *options, struct write_result *result,
               struct np_error *err);

#endif
