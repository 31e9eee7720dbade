/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the library hands out, as JSON for the page. Each returns a new value, NULL when memory is
 * out. */
#ifndef NP_UI_SHOW_H
#define NP_UI_SHOW_H

#include <norprog.h>

#include <jansson.h>

json_t *ui_show_error(const struct norprog_error *error);
json_t *ui_show_programmer(const struct norprog_programmer *programmer);
json_t *ui_show_chip(const struct norprog_chip *chip);
json_t *ui_show_diagnosis(const struct norprog_diagnosis *diagnosis);
json_t *ui_show_protection(const struct norprog_protection *protection);
json_t *ui_show_layout(const norprog_layout *layout);
json_t *ui_show_image(const norprog_image *image);
json_t *ui_show_fields(const norprog_image *image);
json_t *ui_show_backup(const struct norprog_backup *backup);
json_t *ui_show_unfinished(const struct norprog_unfinished *job);
json_t *ui_show_part(const struct norprog_part *part);

/* The plan of a job with its steps, and what the gates said of it. */
json_t *ui_show_plan(const norprog_job *job);
json_t *ui_show_verdicts(const norprog_job *job);
json_t *ui_show_result(const struct norprog_result *result);

#endif
