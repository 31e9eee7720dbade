/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/fuzz.h"

#include "store/journal.h"

static void fuzz_inside(const struct np_ranges *set, uint64_t size)
{
	for (size_t i = 0; i < set->count; i++) {
		fuzz_must(set->at[i].len && set->at[i].start < size &&
		          set->at[i].len <= size - set->at[i].start);
		fuzz_must(!i || set->at[i - 1].start + set->at[i - 1].len < set->at[i].start);
	}
}

static void fuzz_part(uint64_t size, struct np_range part)
{
	fuzz_must(!part.len || (part.start < size && part.len <= size - part.start));
}

/* A record that was accepted steers erases: all it names lies on the chip, and what is lost of it is
 * said, and empty. */
static void fuzz_record(const struct journal *j)
{
	char text[256];

	fuzz_must(j->touched.count > 0);
	fuzz_inside(&j->touched, j->size);
	fuzz_inside(&j->backup_segments, j->size);
	fuzz_inside(&j->unread, j->size);
	for (size_t i = 0; i < j->block_count; i++)
		fuzz_part(j->size, j->blocks[i]);
	for (size_t i = 0; i < j->fingerprint_count; i++)
		fuzz_part(j->size, (struct np_range){j->fingerprints[i].start, FINGERPRINT_LEN});
	fuzz_part(j->size, j->boot);
	fuzz_part(j->size, j->protected_range);
	fuzz_must(!(j->lost & JOURNAL_TARGET) || !j->target_sha256[0]);
	fuzz_must(!(j->lost & JOURNAL_BACKUP) ||
	          (!j->backup_sha256[0] && !j->backup_segments.count && !j->backup_is_ours));
	fuzz_must((j->lost != 0) == (journal_lost(j, text, sizeof(text))[0] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct np_error err = {0};
	struct journal journal;

	if (journal_parse(&journal, (const char *)data, size, &err) == 0)
		fuzz_record(&journal);
	else
		fuzz_must(err.message[0] != '\0');
	journal_free(&journal);
	return 0;
}
