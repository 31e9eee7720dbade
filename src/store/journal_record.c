/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of an unfinished job as text. Everything is checked here, because it decides what is
 * erased and the file may be damaged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os.h"
#include "base/version.h"
#include "store/journal_priv.h"
#include "store/json.h"

bool journal_ends_with(const char *name, const char *ending)
{
	size_t len = strlen(name), end = strlen(ending);

	return len > end && strcmp(name + len - end, ending) == 0;
}

const char *journal_file_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	bool ours = journal_ends_with(name, ".target") || journal_ends_with(name, ".backup");

	return ours && strlen(name) < NP_NAME_MAX ? name : NULL;
}

static bool inside(const struct np_range *inner, const struct np_range *outer)
{
	return inner->start >= outer->start &&
	       inner->start + inner->len <= outer->start + outer->len;
}

int journal_add_block(struct journal *journal, struct np_range block, struct np_error *err)
{
	struct np_range *blocks;
	size_t n = 0;

	for (size_t i = 0; i < journal->block_count; i++)
		if (inside(&block, &journal->blocks[i]))
			return 0;
	for (size_t i = 0; i < journal->block_count; i++)
		if (!inside(&journal->blocks[i], &block))
			journal->blocks[n++] = journal->blocks[i];
	journal->block_count = n;
	blocks = np_os_grow(journal->blocks, n + 1, sizeof(*blocks));
	if (!blocks)
		return np_fail(err, NP_E_MEMORY, "out of memory for the journal");
	blocks[n] = block;
	journal->blocks = blocks;
	journal->block_count = n + 1;
	return 0;
}

static json_t *pack_range(const struct np_range *range)
{
	return json_pack("{s:I,s:I}", "start", (json_int_t)range->start, "length",
	                 (json_int_t)range->len);
}

static json_t *pack_blocks(const struct journal *journal)
{
	json_t *array = json_array();

	for (size_t i = 0; i < journal->block_count; i++)
		json_array_append_new(array, pack_range(&journal->blocks[i]));
	return array;
}

static json_t *pack_fingerprints(const struct journal *journal)
{
	json_t *array = json_array();

	for (size_t i = 0; i < journal->fingerprint_count; i++)
		json_array_append_new(array,
		                      json_pack("{s:I,s:I,s:I}", "start",
		                                (json_int_t)journal->fingerprints[i].start,
		                                "length", (json_int_t)FINGERPRINT_LEN, "crc32",
		                                (json_int_t)journal->fingerprints[i].crc));
	return array;
}

static json_t *pack(const struct journal *j)
{
	return json_pack(
		"{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:s,s:s,s:b,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
		"format", 1, "norprog", NORPROG_VERSION, "operation", j->operation, "chip", j->chip,
		"uid", j->uid, "programmer", j->programmer, "started", j->started, "chip_size",
		(json_int_t)j->size, "sequence", (json_int_t)j->sequence, "backup", j->backup,
		"backup_sha256", j->backup_sha256, "backup_is_temporary", j->backup_is_ours,
		"backup_segments", json_from_ranges(&j->backup_segments), "target", j->target,
		"target_sha256", j->target_sha256, "touched", json_from_ranges(&j->touched),
		"unread", json_from_ranges(&j->unread), "read_once", json_from_ranges(&j->once),
		"blocks", pack_blocks(j), "fingerprints", pack_fingerprints(j), "boot_last",
		pack_range(&j->boot), "protected", pack_range(&j->protected_range));
}

json_t *journal_pack(const struct journal *j)
{
	json_t *root = pack(j);

	if (root && j->file[0])
		json_object_set_new(root, "file", json_string(j->file));
	if (root && j->regions[0])
		json_object_set_new(root, "regions", json_string(j->regions));
	return root;
}

/* Only words for messages: what is missing stays empty. */
static int load_words(const json_t *root, struct journal *j, struct np_error *err)
{
	const char *file = json_string_value(json_object_get(root, "file"));
	const char *regions = json_string_value(json_object_get(root, "regions"));
	int ret = json_get_text(root, "operation", j->operation, sizeof(j->operation), err);

	if (file)
		manifest_text(j->file, sizeof(j->file), file);
	if (regions)
		manifest_text(j->regions, sizeof(j->regions), regions);

	if (!ret)
		ret = json_get_text(root, "chip", j->chip, sizeof(j->chip), err);
	if (!ret)
		ret = json_get_text(root, "programmer", j->programmer, sizeof(j->programmer), err);
	return ret ? ret : json_get_text(root, "started", j->started, sizeof(j->started), err);
}

static int load_uid(const json_t *root, struct journal *j, struct np_error *err)
{
	return json_get_text(root, "uid", j->uid, sizeof(j->uid), err);
}

static int load_target(const json_t *root, struct journal *j, struct np_error *err)
{
	int ret = json_get_text(root, "target", j->target, sizeof(j->target), err);

	return ret ? ret
	           : json_get_text(root, "target_sha256", j->target_sha256,
	                           sizeof(j->target_sha256), err);
}

/* With what only --base says: a backup of which that is not known is not what was there. */
static int load_backup(const json_t *root, struct journal *j, struct np_error *err)
{
	int ret = json_get_text(root, "backup", j->backup, sizeof(j->backup), err);

	if (!ret)
		ret = json_get_text(root, "backup_sha256", j->backup_sha256,
		                    sizeof(j->backup_sha256), err);
	if (!ret)
		ret = json_get_ranges(root, "backup_segments", j->size, &j->backup_segments, err);
	if (!ret)
		ret = json_get_ranges(root, "unread", j->size, &j->unread, err);
	if (!ret)
		ret = json_get_ranges(root, "read_once", j->size, &j->once, err);
	if (!ret)
		j->backup_is_ours = json_is_true(json_object_get(root, "backup_is_temporary"));
	return ret;
}

static int load_blocks(const json_t *root, struct journal *j, struct np_error *err)
{
	const json_t *array = json_object_get(root, "blocks");
	struct np_range block;
	int ret = 0;

	for (size_t i = 0; i < json_array_size(array) && !ret; i++) {
		ret = json_get_range(json_array_get(array, i), j->size, &block, err);
		if (!ret)
			ret = journal_add_block(j, block, err);
	}
	return ret;
}

/* In ascending order, as they are read. */
static int load_fingerprint(const json_t *object, struct journal *j, struct np_error *err)
{
	struct np_range range;
	uint64_t crc = 0;
	int ret = json_get_range(object, j->size, &range, err);

	if (!ret)
		ret = json_get_number(object, "crc32", &crc, err);
	if (!ret && (range.len != FINGERPRINT_LEN || crc > UINT32_MAX ||
	             (j->fingerprint_count &&
	              range.start <= j->fingerprints[j->fingerprint_count - 1].start)))
		ret = np_fail(err, NP_E_INPUT, "\"fingerprints\" holds something else");
	if (!ret)
		j->fingerprints[j->fingerprint_count++] =
			(struct fingerprint){range.start, (uint32_t)crc};
	return ret;
}

static int load_fingerprints(const json_t *root, struct journal *j, struct np_error *err)
{
	const json_t *array = json_object_get(root, "fingerprints");
	size_t count;
	int ret = 0;

	if (!array)
		array = json_object_get(root, "witnesses"); /* their name in records of 0.1.0 */
	count = json_array_size(array);

	if (count > FINGERPRINTS_MAX)
		return np_fail(err, NP_E_INPUT, "\"fingerprints\" has %zu of them", count);
	j->fingerprints = calloc(count + 1, sizeof(*j->fingerprints));
	if (!j->fingerprints)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t i = 0; i < count && !ret; i++)
		ret = load_fingerprint(json_array_get(array, i), j, err);
	return ret;
}

/* A range that may be none. */
static int load_range(const json_t *root, const char *key, uint64_t size, struct np_range *range,
                      struct np_error *err)
{
	const json_t *object = json_object_get(root, key);
	int ret = json_get_number(object, "length", &range->len, err);

	return ret || !range->len ? ret : json_get_range(object, size, range, err);
}

static int load_protection(const json_t *root, struct journal *j, struct np_error *err)
{
	return load_range(root, "protected", j->size, &j->protected_range, err);
}

static int load_boot(const json_t *root, struct journal *j, struct np_error *err)
{
	return json_object_get(root, "boot_last")
	               ? load_range(root, "boot_last", j->size, &j->boot, err)
	               : 0;
}

/* ---- what is left of a damaged record ---- */

static void forget_target(struct journal *j)
{
	j->target[0] = j->target_sha256[0] = '\0';
}

static void forget_backup(struct journal *j)
{
	j->backup[0] = j->backup_sha256[0] = '\0';
	j->backup_is_ours = false;
	np_ranges_free(&j->backup_segments);
	np_ranges_free(&j->unread);
	np_ranges_free(&j->once);
}

static void forget_blocks(struct journal *j)
{
	j->block_count = 0;
}

static void forget_fingerprints(struct journal *j)
{
	j->fingerprint_count = 0;
}

static void forget_protection(struct journal *j)
{
	j->protected_range = (struct np_range){0, 0};
}

static void forget_boot(struct journal *j)
{
	j->boot = (struct np_range){0, 0};
}

static void forget_uid(struct journal *j)
{
	j->uid[0] = '\0';
}

static void forget_nothing(struct journal *j)
{
	(void)j;
}

/* What a record is made of besides the size of the chip and the blocks, without which there is
 * none. */
static const struct part {
	enum journal_part bit;
	int (*load)(const json_t *root, struct journal *j, struct np_error *err);
	void (*forget)(struct journal *j);
	const char *name;
} parts[] = {
	{JOURNAL_WORDS, load_words, forget_nothing, "what the job was"},
	{JOURNAL_UID, load_uid, forget_uid, "the chip's unique ID"},
	{JOURNAL_TARGET, load_target, forget_target, "what was to be written"},
	{JOURNAL_BACKUP, load_backup, forget_backup, "what was there before"},
	{JOURNAL_BLOCKS, load_blocks, forget_blocks, "which block was in work"},
	{JOURNAL_FINGERPRINTS, load_fingerprints, forget_fingerprints,
         "by what the chip is known again"},
	{JOURNAL_PROTECTION, load_protection, forget_protection, "the block protection"},
	{JOURNAL_BOOT, load_boot, forget_boot, "which block goes last"},
};

const char *journal_lost(const struct journal *journal, char *text, size_t len)
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && n < len; i++)
		if (journal->lost & parts[i].bit)
			n += (size_t)snprintf(text + n, len - n, "%s%s", n ? ", " : "",
			                      parts[i].name);
	return text;
}

int journal_unpack(const json_t *root, struct journal *j, struct np_error *err)
{
	int ret = json_get_number(root, "chip_size", &j->size, err);

	if (!ret)
		ret = json_get_ranges(root, "touched", j->size, &j->touched, err);
	if (!ret && !j->touched.count)
		ret = np_fail(err, NP_E_INPUT, "\"touched\" is missing");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !ret; i++) {
		struct np_error why = {0};
		int error = parts[i].load(root, j, &why);

		if (error == NP_E_MEMORY)
			return np_fail(err, error, "%s", why.message);
		if (error) {
			parts[i].forget(j);
			j->lost |= parts[i].bit;
		}
	}
	if (!ret && json_object_get(root, "sequence") &&
	    json_get_number(root, "sequence", &j->sequence, NULL))
		j->sequence = 0;
	return ret;
}

int journal_parse(struct journal *journal, const char *text, size_t len, struct np_error *err)
{
	json_t *root;
	int ret;

	memset(journal, 0, sizeof(*journal));
	ret = json_parse(text, len, "record", &root, err);
	if (!ret)
		ret = journal_unpack(root, journal, err);
	json_decref(root);
	return ret;
}
