/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates: the checks that stand between an intent and the first erase. Each protects one thing from
 * one danger, lives in a file of its own with one row in table.h, and answers with a verdict. The
 * library asks all of them, in the order of the table, for write, restore, erase and resume alike;
 * doc/GATES.md is made from the table.
 *
 * To add one: gate/NAME.c that defines `const struct gate gate_NAME`, a row in gate/table.h, a test
 * in tests/unit/job/gate. (doc/how-to has it in steps.)
 */
#ifndef NP_JOB_GATE_GATE_H
#define NP_JOB_GATE_GATE_H

#include "base/err.h"
#include "job/intent.h"
#include "job/job.h"

struct run;
struct resume;
struct recognition;

/* When a gate can be asked at the earliest. */
enum gate_stage {
	GATE_ASKED, /* nothing of the flash was read: the intent, the file, the chip's identity, the
	                 state folder. A gate may read a little itself. */
	GATE_READ,  /* what the chip holds and shall hold is known, and whose flash it is */
	GATE_PLANNED, /* the plan is made: which blocks are erased, which programmed */
};

enum gate_job {
	GATE_WRITE = 1 << 0,
	GATE_RESTORE = 1 << 1,
	GATE_ERASE = 1 << 2,
	GATE_FINISH = 1 << 3, /* resume */
	GATE_UNDO = 1 << 4,   /* resume --undo */
	GATE_VERIFY = 1 << 5, /* a comparison: gates that only warn */
};
#define GATE_NEW    (GATE_WRITE | GATE_RESTORE | GATE_ERASE)
#define GATE_IMAGE  (GATE_WRITE | GATE_RESTORE)
#define GATE_RESUME (GATE_FINISH | GATE_UNDO)
#define GATE_ALL    (GATE_NEW | GATE_RESUME)

/* What a gate may look at. What its stage has not brought, or its job has not got, is NULL. All
 * pointers are the job's. */
struct facts {
	enum gate_job job_bit;
	struct run *run; /* for small reads: facts_read() */
	const struct job *job;
	const struct nor_info *chip;
	uint64_t size;                       /* of the chip */
	const struct write_options *options; /* how; NULL in a resume */
	struct intent *intent;               /* what; NULL in a resume */
	const struct overrides *overrides;
	bool dry_run;
	bool explain; /* as a dry run, but nothing is passed over for being one */

	/* from GATE_READ on; `guard` earlier, where a file's length fits nothing */
	const struct layout *guard; /* whose unit data are guarded: the job's layout where that
				       is a profile, else the recognised one; NULL: not known */
	bool guard_recognised;      /* by contents, not given */
	bool guard_by_image;        /* by what the image is: the chip itself is not recognised */
	const struct recognition *found; /* what the chip's contents say; NULL: not asked */
	const struct recognition
		*image_found;       /* the same of the image; NULL: it is no whole dump */
	const uint8_t *have, *want; /* chip-sized; true inside `known` */
	const struct np_ranges *known;
	bool based; /* `have` is partly what --base says */

	/* from GATE_PLANNED on */
	const struct plan *plan;
	bool chip_erase; /* all at once, before the steps */

	const struct resume *resume; /* the unfinished job; NULL in a new one */
};

enum gate_answer { GATE_PASS, GATE_WARN, GATE_REFUSE };

struct verdict {
	enum gate_answer answer;
	struct np_error why;     /* of a refusal or the last warning */
	const struct gate *gate; /* who gives it */
	struct run *run;         /* where warnings are told */
};

struct gate {
	const char
		*name; /* in public: --override, --json, doc/GATES.md. kebab-case, never changed */
	enum gate_stage stage;
	unsigned jobs;          /* enum gate_job */
	bool can_be_overridden; /* its name given beforehand turns the refusal into a warning */
	bool ends; /* a refusal makes later gates meaningless: --explain ends there too */
	const char *lifted_by; /* how else, in words of the command, or NULL */
	const char *protects;  /* a sentence: what, from what */
	/* Fill the verdict, which is a pass before. Errors (not refusals): NP_E_MEMORY, bus errors. */
	int (*ask)(const struct facts *facts, struct verdict *verdict, struct np_error *err);
};

/* All of them, in the order in which they are asked; NULL ends. */
extern const struct gate *const gate_table[];

const struct gate *gate_find(const char *name);

/* ---- for the gates ---- */

/*
 * Give the verdict. All return 0, so that `return gate_refuse(...)` reads well. A warning is told at
 * once, and there may be several; a refusal is one, and ends the gate. gate_refuse_as() takes the
 * words of another room, where `code` is what that returned (0: it passes).
 */
int gate_refuse(struct verdict *verdict, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int gate_refuse_as(struct verdict *verdict, int code, const struct np_error *why);
int gate_hint(struct verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int gate_warn(struct verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Is all of the range known in `have` and `want`? */
bool facts_know(const struct facts *facts, struct np_range range);

/* A few bytes of the chip, from `have` where they are known there. Bus errors. */
int facts_read(const struct facts *facts, struct np_range range, uint8_t *buf,
               struct np_error *err);

/* Tell NP_EV_GATE: `answer` is "pass", "warn", "refuse" or "overridden". */
void gate_tell(struct run *run, const struct gate *gate, const char *answer,
               const struct np_error *why);

/* ---- for the jobs ---- */

/* The first refusal of a job. */
struct refusal {
	const struct gate *gate; /* NULL: none */
	struct np_error why;
};

/*
 * Ask all gates of this stage that concern the job. Each verdict is told as NP_EV_GATE, a warning
 * or an overridden refusal also as NP_EV_WARN. Returns 0 to go on; else the code of the refusal,
 * which is in *refusal and *err, or of an error. With `explain` all gates are asked, and a refusal
 * is only remembered unless it makes the later ones meaningless.
 */
int gates_ask(const struct facts *facts, enum gate_stage stage, bool explain,
              struct refusal *refusal, struct np_error *err);

#endif
