/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a serprog device answers, in simulated time. The first byte chooses whether the bridge's own
 * commands are tried. */
#include "fuzz/fuzz.h"

#include "fuzz/liar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return size ? liar_run(data + 1, size - 1, data[0] & 1, liar_plain, NULL) : 0;
}
