/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What jobs tell while they run. The command turns events into words, a bar, or JSON Lines. */
#ifndef NP_JOB_EVENT_H
#define NP_JOB_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan;
struct plan_cost;
struct layout;
struct np_ranges;

enum np_event_type {
	NP_EV_PHASE,    /* a phase begins: `phase`, `total` bytes */
	NP_EV_PROGRESS, /* `done` of `total` bytes of the phase; `addr` in work */
	NP_EV_PHASE_END,
	NP_EV_PLAN,   /* the plan is made: `plan`, `proposal`, `cost`, `layout` (valid during the
	               call), `reread` */
	NP_EV_BACKUP, /* a backup is safe on disk: `path` */
	NP_EV_STEP, /* a step was erased, programmed, verified: `index` of `total`, `addr`, `len` */
	NP_EV_REREAD, /* reads disagreed: `addr`, `len`, `text` */
	NP_EV_NOTE,   /* information: `text` */
	NP_EV_WARN,   /* something the user should act on: `text` */
	NP_EV_GATE, /* a gate was asked: `gate`, `answer`, `text` (why; "" when it passes), `hint` */
	NP_EV_BLOCK, /* what is known of bytes, or done with them, has changed: `block`, `addr`,
	                `len`; with this alone a map of the flash can be painted */
};

enum np_block {
	NP_BLOCK_NONE,
	NP_BLOCK_READ,        /* read, and compared with nothing yet */
	NP_BLOCK_READ_AGAIN,  /* once more, not compared yet */
	NP_BLOCK_AGREED,      /* two reads were alike */
	NP_BLOCK_DISAGREED,   /* they were not: it is read again and voted on */
	NP_BLOCK_VOTED,       /* the vote had a majority */
	NP_BLOCK_UNSTABLE,    /* it had none */
	NP_BLOCK_ERASING,     /* begins */
	NP_BLOCK_PROGRAMMING, /* begins */
	NP_BLOCK_VERIFYING,   /* begins */
	NP_BLOCK_WRITTEN,     /* holds what it should: told with NP_EV_STEP */
	NP_BLOCK_SAME,        /* compared with a file: alike */
	NP_BLOCK_DIFFERS,     /* compared with a file: not alike */
};

enum np_phase {
	NP_PHASE_READ,
	NP_PHASE_REREAD,
	NP_PHASE_PROBE,
	NP_PHASE_BACKUP,
	NP_PHASE_WRITE,
	NP_PHASE_VERIFY,
	NP_PHASE_RESTORE_PROTECTION,
};

/* What the plan is about, for who has to say yes or no to it. */
struct np_proposal {
	const char *file;             /* what the chip is to hold; NULL: nothing (erase) */
	const char *backup;           /* where what is there now will be, or is; NULL: nowhere */
	const struct np_ranges *kept; /* this stays as it is, and was meant to; may be empty */
	const struct np_ranges *set;  /* fields that get a value by name; NULL or empty: none */
	const struct np_ranges *only; /* the job is about this alone; NULL: about all of the chip */
	bool to_read_again;           /* `reread` is still to come: a dry run */
	uint64_t spent_us;            /* the job has taken so far */
	uint64_t rest_ns;             /* what comes is expected to take */
};

struct np_event {
	enum np_event_type type;
	enum np_phase phase;
	enum np_block block;
	uint64_t done, total, addr, len;
	uint64_t reread, reread_ns; /* bytes that are read a second time before the first erase, and
	                               what that takes; 0: they rest on one read */
	/* Of a phase: what it is expected to take, and what comes behind it; 0: not known. */
	uint64_t phase_ns, after_ns;
	bool to_plan; /* what comes behind it is only known when the plan is made */
	size_t index;
	unsigned pass, passes; /* of a read */
	const char *path, *text, *hint;
	const char *gate, *answer; /* the gate's name; "pass", "warn", "refuse", "overridden" */
	const struct np_proposal *proposal; /* with `plan` */
	const struct plan *plan;
	const struct plan_cost *cost;
	const struct layout *layout; /* given or recognised; NULL: none in force */
};

typedef void np_event_fn(void *ctx, const struct np_event *event);

#endif
