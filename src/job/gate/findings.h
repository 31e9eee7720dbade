/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gates share that judge a file by the manifest beside it. */
#ifndef NP_JOB_GATE_FINDINGS_H
#define NP_JOB_GATE_FINDINGS_H

#include "job/gate/gate.h"
#include "store/trust.h"

/* The first finding of this kind among the files of the image; NULL: none. *path (may be NULL)
 * receives whose it is. NP_E_MEMORY through *ret, which else is 0. */
const struct trust_finding *findings_first(const struct facts *facts, enum trust_kind kind,
                                           const char **path, int *ret, struct np_error *err);

/* out += where the files have this finding and the job would change the chip. From GATE_READ on.
 * NP_E_MEMORY. */
int findings_that_change(const struct facts *facts, enum trust_kind kind, struct np_ranges *out,
                         struct np_error *err);

/* A restore means to put back what was there, and is refused; whoever writes a file has chosen its
 * bytes, and is warned. */
int findings_judge(const struct facts *facts, struct verdict *verdict, const char *path,
                   const char *text);

#endif
