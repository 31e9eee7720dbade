/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the jobs share: bus access with events and stops, reading with trust, executing
 * a plan. Not for anyone above. */
#ifndef NP_JOB_RUN_H
#define NP_JOB_RUN_H

#include "base/io.h"
#include "job/gate/gate.h"
#include "job/job.h"
#include "store/state.h"

#define JOB_BLOCK     4096u       /* what is voted on */
#define JOB_CHUNK     (1u << 20)  /* second reads and verifies compare this much at a time */
#define JOB_CRC       (64u << 10) /* what one far-end CRC covers */
#define JOB_READS_MAX 7           /* of one block: two, and up to five more for the vote */

/* The state folder as this job's chip sees it; the caller ends with store_close(). */
static inline struct store job_store(const struct job *job)
{
	return (struct store){.dir = job->state_dir,
	                      .programmer = job->programmer,
	                      .chip = nor_info(job->nor),
	                      .hook = job->io_hook};
}

/* One job under way. */
struct run {
	struct job *job;
	struct nor *nor;
	struct store store;
	uint64_t size;  /* of the chip */
	uint8_t *chunk; /* owned; chunk_len bytes */
	size_t chunk_len;
	uint8_t *ballots; /* owned; JOB_READS_MAX blocks */
	uint64_t steps;   /* bus operations so far, for step_hook */
	bool dead;        /* step_hook ended the job: nothing more may reach the bus */
	bool writing;     /* a first stop request lets the block in work end */
	bool clock_lowered;
	uint64_t voted; /* 4 KiB blocks whose reads disagreed */
	bool shifted;   /* one of them held the same a few bytes early or late */
	bool looked;    /* `contents` are those of the whole image, after so many votes */
	uint64_t looked_voted;
	struct manifest_contents contents;
	struct np_ranges unstable; /* owned: blocks without a majority */
	enum np_phase phase;
	uint64_t done, total;   /* bytes of the phase */
	uint64_t addr, in_work; /* of the operation in work */
	enum np_block reading;  /* what reads are told as; NP_BLOCK_NONE: not told */
	uint64_t told;          /* bytes of the read in work that were */
	struct ahead *ahead;    /* writes what is read; not owned; NULL: none, or not any more */
	bool following;         /* reads go up through all that it wants */
	unsigned pass, passes;
	uint64_t started_us;
	/* What the user waits for: expected of the phase, and of all phases that are to come. */
	uint64_t phase_ns, rest_ns;
	uint64_t write_ns; /* expected of NP_PHASE_WRITE */
	bool to_plan;      /* no plan yet: the rest is not known */
};

int run_open(struct run *run, struct job *job, size_t chunk_len, struct np_error *err);
void run_close(struct run *run);

/* ---- events (run.c) ---- */

/* Every event of a job goes through here: what the event leaves open of phase, pass and progress is
 * filled in. */
void run_emit(struct run *run, struct np_event *event);
void run_phase(struct run *run, enum np_phase phase, uint64_t total);
void run_phase_end(struct run *run);
void run_progress(struct run *run, uint64_t addr, uint64_t done);
void run_block(struct run *run, enum np_block block, uint64_t addr, uint64_t len);
void run_tell(struct run *run, enum np_event_type type, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- the bus (run.c) ---- */

/* Before each bus operation: the hook, the stop request, and whether what is read can be kept.
 * NP_E_INTERRUPTED, NP_E_GONE, NP_E_OUTPUT. */
int run_step(struct run *run, struct np_error *err);

/* One nor_read(), counted into the phase. */
int run_read(struct run *run, uint64_t addr, uint8_t *buf, size_t len, struct np_error *err);

/* run_read() and run_alive() in one. */
int run_read_last(struct run *run, uint64_t addr, uint8_t *buf, size_t len, struct np_error *err);

/* contents_look(), and once only where the gate and the backup both ask for the whole chip. Stays
 * the run's, until it is asked again. */
const struct manifest_contents *run_contents(struct run *run, const uint8_t *image,
                                             const struct np_ranges *ranges);

/* NP_E_NO_CHIP when the chip has gone: then what was read last means nothing. */
int run_alive(struct run *run, struct np_error *err);

bool run_has_crc(const struct run *run);

/* Does asking for a CRC take less than reading would: is the line slower than the chip? */
bool run_crc_is_quick(const struct run *run);

#define LOOKS_MOST 64u /* CRCs that are asked for together */

/* A comparison under way (looks.c); `by_crc`: of CRCs alone, the bytes were not read. */
struct looks {
	bool by_crc;
	struct np_walk walk;
	struct np_range at[LOOKS_MOST];
	uint32_t crc[LOOKS_MOST];
	size_t count, next;
};

/* Walk through `ranges`, which must stay as they are meanwhile, in pieces of at most `most` bytes
 * (<= chunk_len). Then for each piece: is it as wanted? Where not by_crc its bytes are in run->chunk
 * afterwards. */
void run_looks_begin(const struct run *run, struct looks *looks, const struct np_ranges *ranges,
                     size_t most);
int run_looks_next(struct run *run, struct looks *looks, struct np_range *piece, bool *more,
                   struct np_error *err);
int run_looks_equal(struct run *run, const struct looks *looks, const uint8_t *want, bool *equal,
                    struct np_error *err);

/*
 * Compare the chip with `want`, len bytes at addr, and read again what differs: whole 4 KiB blocks
 * that differ, and read the same a second time, go to `bad`. NP_E_UNSTABLE when they do not, which
 * is bad contact and says nothing of the contents. (compare.c)
 */
int run_compare(struct run *run, uint64_t addr, const uint8_t *want, size_t len,
                struct np_ranges *bad, struct np_error *err);

/* "0x020000+0x10000,...": the first few, as --only takes them. Returns `buf`. (outside.c) */
const char *ranges_text(const struct np_ranges *set, char *buf, size_t len);

/* Does the line between host and adapter protect commands and data? (neighbours.c) */
bool run_line_is_safe(const struct run *run);

/* ---- reading with trust (read.c) ---- */

/* Every range into image, one nor_read() each. Like all reading here it ends with run_alive(). */
int run_read_once(struct run *run, const struct np_ranges *ranges, uint8_t *image,
                  struct np_error *err);

/* The same, and run->ahead follows: all that it wants lies in the ranges, or is known already. */
int run_read_followed(struct run *run, const struct np_ranges *ranges, uint8_t *image,
                      struct np_error *err);

/* Read the ranges again, compare with image, vote where they disagree (image gets the majority;
 * blocks without one go to run->unstable). `made` is how many equal reads image stands for. */
int run_read_again(struct run *run, const struct np_ranges *ranges, uint8_t *image, unsigned made,
                   struct np_error *err);

/* NP_E_UNSTABLE when run->unstable is not empty. */
int run_check_stable(const struct run *run, struct np_error *err);

/* NP_E_UNSTABLE when one of two reads ran some bytes ahead of the other: blocks that agree behind that
 * may be shifted alike. */
int run_check_shifted(const struct run *run, struct np_error *err);

/* Into a manifest of `saved`: how often each part of it was read. `twice`: what two reads agreed on;
 * NULL: not known. NP_E_MEMORY. */
int run_note_reads(const struct run *run, const struct np_ranges *saved,
                   const struct np_ranges *twice, struct manifest *manifest, struct np_error *err);

/* Read sampled pages of every 256 KiB again; *agrees tells. */
int run_probe(struct run *run, const uint8_t *image, bool *agrees, struct np_error *err);

/* Halve the clock once per job where there is a lower one and the user did not choose it; true when
 * done. */
bool run_lower_clock(struct run *run);

/* The end of a job that a gate may have refused: its name into the result, its words into *err.
 * Returns the code to end with. (write.c) */
int refusal_report(const struct refusal *refusal, int ret, struct write_result *result,
                   struct np_error *err);

/* ---- fingerprints (fingerprint.c) ---- */

struct journal;

/* How the places that a record's fingerprint names compare with the chip. */
struct match {
	unsigned same; /* places and blocks that are as they were, and not all of one byte */
	bool differs;  /* a place is not as it was, however often it is read */
	uint64_t addr; /* which */
};

/* A few reads; none where the record names no places. Errors: NP_E_NO_CHIP, bus errors. */
int run_match_fingerprints(struct run *run, const struct journal *journal, struct match *match,
                           struct np_error *err);

/* ---- jobs open under another name (orphan.c) ---- */

/* Look for a record under another name that fits what this chip holds. `stem` receives its path,
 * or "". A record that fits by its blocks but not by its fingerprint is told as a warning. Reads
 * nothing when there is no record. `journal` is the caller's to free in any case. */
int orphan_find(struct run *run, struct journal *journal, char stem[NP_PATH_MAX],
                struct np_error *err);

/* ---- executing (execute.c) ---- */

#define EXEC_SPOTS    64
#define EXEC_SPOT_LEN 16

/* Places that a smaller chip would have written over, and what they must hold in the end. */
struct exec_spots {
	size_t count;
	uint32_t at[EXEC_SPOTS];
	uint8_t hold[EXEC_SPOTS][EXEC_SPOT_LEN];
};

/* Make these blocks hold the target: what a new job and a resumed one have in common. */
struct exec {
	struct run *run;
	const struct plan *plan;
	const struct plan_cost *cost;
	uint8_t *have; /* kept true as blocks are done */
	const uint8_t *want;
	const struct np_ranges *saved;  /* read and on disk: only these may be erased */
	const struct np_ranges *unread; /* of these, what is known only from --base: never erased */
	bool chip_erase;                /* before the steps */
	bool verify_none;
	struct np_range protect; /* put this protection back where there is none; len 0: none */
	/* When all is written: look again at these, and at what is not the job's to change. */
	const struct np_ranges *again, *neighbours; /* `have` is true there */
	bool knows_all;                             /* `want` is true all over the chip */
	bool looks_around;       /* also at what the job neither reads nor writes: a few places */
	struct exec_spots spots; /* used while it runs */
	const struct np_ranges *twice; /* what two reads agreed on; NULL: not known */
	uint64_t reread; /* bytes read twice before the first erase; shown with the plan */
	struct np_proposal proposal; /* filled in by exec_propose() as far as the times go */
	const char *backup; /* that keeps the neighbours; NULL: a new one is made on need */
	struct write_result *result;
	bool begun;    /* something may have changed */
	bool finished; /* every step is done and verified, and `again` too */
	bool in_flux;  /* a block is neither what it was nor what it is to be */
	struct np_range flux;
	struct nor_piece *pieces; /* owned while it runs */
};

/* What planning needs to know about chip and wire. */
void exec_cost(struct nor *nor, struct plan_cost *cost);

/* Show the plan, and `ask` whether to go ahead. `layout` names its regions, or is NULL. */
int exec_propose(struct exec *exec, const struct layout *layout, bool ask, struct np_error *err);

/* Lift the protection, run all steps, and put the protection back whatever happened; then look
 * at `again` and at the neighbours. The message of a failure names the block in flux.
 * NP_E_VERIFY with `finished`: blocks outside the job have changed. */
int exec_run(struct exec *exec, struct np_error *err);

/* Before anything is changed: choose the places, and read those that are not known. When all is
 * written: are they as they were? NP_E_VERIFY: they were written over. (resample.c) */
int exec_choose_spots(struct exec *exec, struct np_error *err);
int exec_check_spots(struct exec *exec, struct np_error *err);

/* Are the neighbours as they were? Part of exec_run(). (neighbours.c) */
int exec_check_neighbours(struct exec *exec, struct np_error *err);

#endif
