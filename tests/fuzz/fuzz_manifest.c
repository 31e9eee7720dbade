/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "store/manifest.h"

/* A manifest that was accepted says where the bytes of a file belong: pieces of the file, in order
 * and apart on the chip. */
static void fuzz_pieces(const struct manifest *m)
{
	uint64_t end = 0;

	for (size_t i = 0; i < m->segment_count; i++) {
		const struct manifest_segment *s = &m->segments[i];

		fuzz_must(s->len && s->start >= end && s->start < m->chip_size);
		fuzz_must(s->len <= m->chip_size - s->start);
		fuzz_must(s->offset <= m->size && s->len <= m->size - s->offset);
		end = s->start + s->len;
	}
	end = 0;
	for (size_t i = 0; i < m->read_count; i++) {
		const struct np_range *range = &m->reads[i].range;

		fuzz_must(range->len && range->start >= end && range->start < m->chip_size);
		fuzz_must(range->len <= m->chip_size - range->start);
		end = range->start + range->len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct manifest manifest;

	if (manifest_parse((const char *)data, size, "fuzz", &manifest, &err) == 0) {
		fuzz_pieces(&manifest);
		fuzz_must(manifest_set_reads(&manifest, &manifest.changes, 2, &err) == 0);
		fuzz_pieces(&manifest);
	} else {
		fuzz_must(err.message[0] != '\0');
	}
	manifest_free(&manifest);
	return 0;
}
