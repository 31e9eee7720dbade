/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "image/unpack.h"

#define UNPACKED_MAX ((size_t)1 << 20)

/* A stream of the kind that its first bytes tell: never more than was allowed comes out. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unpacked out = {.max = UNPACKED_MAX};
	enum unpack_kind kind;

	if (unpack_begins(data, size, &kind) && unpack_can(kind)) {
		fuzz_must(unpack_stream(kind, data, size, &out, NULL) == 0);
		fuzz_must(out.len <= UNPACKED_MAX && out.len <= out.room);
	}
	free(out.at);
	return 0;
}
