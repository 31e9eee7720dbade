/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the desk share. */
#ifndef NP_UI_DESK_PRIV_H
#define NP_UI_DESK_PRIV_H

#include "ui/desk.h"

#include <pthread.h>

struct ui_desk {
	pthread_mutex_t lock; /* of all below */
	struct ui_hub *hub;
	norprog *np;
	size_t max;
	norprog_image *image; /* owned; NULL: nothing in hand */
	char *name;           /* owned; for showing */
	char *path;           /* owned; of a backup that was not changed; NULL: bytes alone */
	json_t *edits;        /* owned; what was set in it: name of the field, assignment */
	norprog_image *chip;  /* owned; what was read of the chip, for comparing; NULL: nothing */
};

/* All below with the lock held. */

/* Hands a result on, and the handle's error with it. */
int ui_desk_tell(struct ui_desk *desk, int ret, json_t **error);

/* NORPROG_E_INPUT, with these words. */
int ui_desk_refuse(json_t **error, const char *message, const char *hint);
int ui_desk_no_file(json_t **error);

/* NORPROG_E_INPUT for a path that is none of the backups that are kept. */
int ui_desk_check_backup(struct ui_desk *desk, const char *path, json_t **error);

#endif
