/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does an image come from this very unit? For gates that guard against other units' dumps. */
#ifndef NP_JOB_GATE_OWN_H
#define NP_JOB_GATE_OWN_H

#include "job/gate/gate.h"

/* A backup of this very chip, unchanged: by manifest, hash and unique ID. NP_E_MEMORY. */
int image_is_own_backup(const struct facts *facts, bool *own, struct np_error *err);

/* That, or what the chip holds with other firmware. NP_E_MEMORY. */
int image_is_own(const struct facts *facts, bool *own, struct np_error *err);

#endif
