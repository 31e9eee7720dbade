/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programmer, the chip, and the one job. A thread of its own works on the handle; what it finds
 * and how far it is goes to the hub. A job goes on whoever watches, until it is done or is stopped.
 */
#ifndef NP_UI_BENCH_H
#define NP_UI_BENCH_H

#include <norprog.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/desk.h"
#include "ui/hub.h"
#include "ui/order.h"
#include "ui/ui.h"

struct ui_bench;

/* Start the thread, which opens the programmer at once. Errors: NORPROG_E_MEMORY, NORPROG_E_FAIL
 * (no thread), NORPROG_E_INPUT (no such layout). The strings of `options` stay the caller's, as
 * long as the bench lives. */
int ui_bench_new(const struct ui_options *options, struct ui_hub *hub, struct ui_desk *desk,
                 struct ui_bench **bench, struct ui_error *err);

/* Ask what runs to stop, wait for it, put the chip back. */
void ui_bench_free(struct ui_bench *bench);

/* Things to do. They begin at once, or return NORPROG_E_BUSY while another is under way; what comes
 * of them is published by the hub. */

/* Open this programmer (NULL: again what was open) and look who is on the clip. */
int ui_bench_open(struct ui_bench *bench, const char *spec);

/* Find out what is wrong with the connection: norprog_doctor(), and open again. */
int ui_bench_examine(struct ui_bench *bench);

/* Use this layout; NULL: the one that is recognised. */
int ui_bench_layout(struct ui_bench *bench, const char *spec);

/* Begin a job, which takes the order over (on failure, too). What changes the chip is only planned,
 * and gets a number that the hub tells. */
int ui_bench_order(struct ui_bench *bench, struct ui_order *order);

/* Do what was planned under this number. NORPROG_E_CONFIRM: that is not the plan that was shown. */
int ui_bench_go(struct ui_bench *bench, json_int_t number);

/* Read all of the chip twice, for looking and comparing: it goes to the desk. */
int ui_bench_look(struct ui_bench *bench);

/* The plan that is shown is of a file that was changed since: it cannot be written any more. */
void ui_bench_unshow(struct ui_bench *bench);

/* Forget a plan, or how a job ended. */
int ui_bench_clear(struct ui_bench *bench);

/* norprog_stop() of what runs; nothing runs: nothing happens. */
void ui_bench_stop(struct ui_bench *bench);

/* Read bytes of the chip now, once; only what a moment takes. *len becomes less at the chip's end.
 * NORPROG_E_BUSY during a job. */
int ui_bench_read(struct ui_bench *bench, uint64_t addr, void *buf, size_t *len, json_t **error);

#endif
