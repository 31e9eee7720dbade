/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files behind include/norprog.h share. Each public function on a handle stands between
 * api_enter() and api_leave(): these make sure that one thing happens at a time, that stop requests
 * and log lines are those of this handle, and that the error is kept in it.
 */
#ifndef NP_API_API_PRIV_H
#define NP_API_API_PRIV_H

/* What the header declares is exported, and all else hidden by -fvisibility. */
#pragma GCC visibility push(default)
#include <norprog.h>
#pragma GCC visibility pop

#include <stdatomic.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "base/stop.h"
#include "chip/chipfile.h"
#include "doctor/doctor.h"
#include "job/job.h"
#include "layout/layout.h"
#include "nor/nor.h"
#include "nor/nor_otp.h"
#include "spi/spi.h"

#define API_OPTIONS  (NORPROG_TRACE + 1)
#define API_ALSO_MAX 512

/* The public view of a chip and the texts it points to. */
struct api_chip {
	struct norprog_chip pub;
	char name[128], maker[64], note[256], programmer[128];
	char jedec_id[2 * NOR_ID_MAX + 1], unique_id[2 * NOR_UID_MAX + 1];
};

struct api_protection {
	struct norprog_protection pub;
	struct norprog_range ranges[NOR_PROT_RANGES];
	char text[256], meaning[1024];
};

struct api_otp {
	struct nor_otp_area areas[NOR_OTP_AREAS];
	size_t count;
};

struct api_device {
	struct norprog_device pub;
	char name[LAYOUT_NAME_MAX], device[160], why[400], also[API_ALSO_MAX];
};

struct api_diagnosis {
	struct norprog_diagnosis pub;
	struct norprog_check checks[DOCTOR_CHECKS];
	struct doctor_facts facts;
	struct doctor_verdict verdict;
};

struct norprog_layout {
	struct norprog_layout_info info;
	struct norprog_region *regions; /* owned; ends with a NULL name */
	struct layout layout;           /* owned */
};

struct norprog {
	atomic_flag busy;
	struct np_stop stop;
	struct np_log_sink sink; /* feeds log_fn */
	norprog_log_fn *log_fn;
	norprog_event_fn *event_fn;
	norprog_question_fn *question_fn;
	void *log_ctx, *event_ctx, *question_ctx;

	char *options
		[API_OPTIONS]; /* owned; NULL: not set. Of the state folder only in state_dir */
	char state_dir[3072];
	uint32_t clock_hz;               /* of NORPROG_CLOCK */
	uint64_t size;                   /* of NORPROG_SIZE */
	struct norprog_layout *in_force; /* owned: fitted to the chip */

	struct spi_bus *bus;
	char bus_name[128];
	uint32_t spec_hz;       /* the clock that the programmer's spec asks for; 0: none */
	struct chipfile *chips; /* NORPROG_CHIPS_FILE; the nor points into it */
	struct nor *nor;
	bool detected;
	struct api_chip chip;
	struct api_protection protection;
	struct api_otp otp;
	struct api_device device;
	struct api_diagnosis diagnosis;

	struct np_error err;
	char gate[64]; /* that refused, or "" */
	struct norprog_error error;
};

struct api_scope {
	bool work; /* stop requests are for this */
	struct np_stop *stop;
	const struct np_log_sink *sink;
};

/*
 * Begin a function on the handle: it is this thread's until api_leave(). NORPROG_E_USAGE for a NULL
 * handle, NORPROG_E_BUSY when something runs on it: then there is nothing to leave.
 */
int api_enter(norprog *np, struct api_scope *scope);

/* As api_enter(), and NORPROG_E_INTERRUPTED (left already) where a stop request is waiting: for what
 * takes time. */
int api_enter_work(norprog *np, struct api_scope *scope);

/* End it. Keeps the error (np->err, when ret is not 0) and returns ret. */
int api_leave(norprog *np, struct api_scope *scope, int ret);

/* The two halves of it: put np->err in form for norprog_error(); give the handle back. */
void api_settle_error(norprog *np, int ret);
void api_unbind(norprog *np, const struct api_scope *scope);

/* NORPROG_E_USAGE "NAME is NULL". */
int api_null(norprog *np, const char *name);

#ifdef __clang_analyzer__
/* The analyser sees one file at a time: tell it that this is never 0. */
#define api_null(np, name) (api_null((np), (name)), NORPROG_E_USAGE)
#endif

/* NORPROG_E_NO_PROGRAMMER, NORPROG_E_NO_CHIP unless there is a chip to work with. */
int api_need_chip(norprog *np);

/* NORPROG_E_OUTPUT unless there is a state folder. */
int api_need_state(norprog *np);

/* What jobs need of the handle; layout: the one in force. */
struct job api_job(norprog *np);

/* np_event_fn; ctx is the handle. */
void api_event(void *ctx, const struct np_event *event);

/* Ask the question. Errors: NORPROG_E_CONFIRM, NORPROG_E_INTERRUPTED. */
int api_ask(norprog *np, const char *text, const norprog_job *job);

/* Replace *text by a copy. Errors: NORPROG_E_MEMORY. */
int api_copy_text(norprog *np, char **text, const char *value);

/* Wrap a layout, which is taken over (also on failure). Errors: NORPROG_E_MEMORY. */
int api_layout_wrap(struct layout *layout, norprog_layout **out, struct np_error *err);

/* Load a layout, fitted to the chip where there is one. *out is the caller's. Errors: as
 * layout_load() and layout_fit(). */
int api_layout_make(norprog *np, const char *spec, norprog_layout **out);

/* Fit NORPROG_LAYOUT to the chip, as the layout in force; without it there is none. Errors:
 * NORPROG_E_RANGE, NORPROG_E_SIZE, NORPROG_E_MEMORY. */
int api_layout_fit(norprog *np);

/* Find out the device, and put its profile in force where none was given. */
int api_recognise(norprog *np);

/* Load NORPROG_CHIPS_FILE, where it is set. */
int api_load_chips(norprog *np);

/* Close nor, bus and all that hangs on them. Returns the failure to put the chip back. */
int api_close(norprog *np);

/* The chip may hold something else now: a layout that was recognised on it means nothing more. */
void api_layout_doubt(norprog *np);

#endif
