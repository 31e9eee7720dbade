/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Situations that a gate is for, made through the public header alone. */
#ifndef TESTS_LIB_SITUATION_H
#define TESTS_LIB_SITUATION_H

#include "scene.h"

struct situation {
	int harmless; /* by the caller: make one that is near, and that the gate passes */
	struct scene scene;
	norprog_job *job; /* described, not run */
};

struct situation_row {
	const char *gate;
	void (*begin)(struct situation *s);
	int code; /* of the refusal; 0: a warning */
	int overridable;
	const char *also[2]; /* refused as well, and lifted with it */
};

/* An empty row ends. */
extern const struct situation_row situations[];

/* Free job and scene. */
void situation_end(struct situation *s);

#endif
