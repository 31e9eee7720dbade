/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part that is smaller than its ID says answers for both halves with one. A blank one is found out
 * by the executor, which looks at early blocks again when all is written. */
#include <string.h>

#include "base/bytes.h"
#include "job/gate/gate.h"

static int ask(const struct facts *facts, struct verdict *verdict, struct np_error *err)
{
	uint64_t half = facts->size / 2;

	(void)err;
	if (!facts_know(facts, (struct np_range){0, facts->size}) || facts->based ||
	    memcmp(facts->have, facts->have + half, half) != 0 ||
	    bytes_all(facts->have, half, facts->have[0]))
		return 0;
	/* Two equal halves are right on such a part too. */
	if (memcmp(facts->want, facts->want + half, half) == 0)
		return 0;
	gate_refuse(verdict, NP_E_POLICY,
	            "both halves of the chip hold the same, byte by byte: it may be smaller than "
	            "its ID says, and half of what is written would be lost");
	return gate_hint(verdict,
	                 "read what is printed on the chip; where it is as large as it says, and "
	                 "really holds the same twice, say --override mirror");
}

const struct gate gate_mirror = {
	.name = "mirror",
	.stage = GATE_READ,
	.jobs = GATE_NEW,
	.can_be_overridden = true,
	.ends = true,
	.protects = "Half of the image: on a part that is smaller than its ID says, the upper half "
		    "is written over the lower one.",
	.ask = ask,
};
