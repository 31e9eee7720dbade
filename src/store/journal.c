/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/journal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/json.h"

/* STATE_DIR/jobs/KEY<suffix> */
static int path_of(const struct store *store, const char *suffix, char path[NP_PATH_MAX],
                   struct np_error *err)
{
	const struct nor_info *info = store->chip;
	const char *programmer = store->programmer ? store->programmer : "";
	char id[2 * NOR_ID_MAX + 1], who[NP_SHA256_HEX + 8];
	int n;

	manifest_hex(info->jedec_id, info->jedec_id_len, id);
	manifest_hex(info->uid, info->uid_len, who);
	if (!info->uid_len) {
		memcpy(who, "noid-", 5);
		np_sha256_hex(programmer, strlen(programmer), who + 5);
		who[5 + 16] = '\0';
	}
	n = snprintf(path, NP_PATH_MAX, "%s/jobs/%s-%s%s", store->dir, id, who, suffix);
	if (n < 0 || n >= NP_PATH_MAX)
		return np_fail(err, NP_E_OUTPUT, "%s: the path is too long", store->dir);
	return 0;
}

int journal_check(const struct store *store, struct np_error *err)
{
	const struct nor_info *info = store->chip;
	struct np_error why = {0};
	struct journal journal;
	char path[NP_PATH_MAX];
	int ret = path_of(store, ".json", path, err);

	if (ret || !np_io_exists(path))
		return ret;
	if (journal_load(&journal, store, &why))
		np_fail(err, NP_E_JOURNAL,
		        "an unfinished job is open on this %s, but its record is damaged: %s",
		        info->name, why.message);
	else
		np_fail(err, NP_E_JOURNAL, "an unfinished %s of %s is open on this %s (%s)",
		        journal.operation, journal.started, info->name,
		        journal.uid[0] ? journal.uid
		                       : "or on another: they have no unique ID to tell");
	np_hint(err, "`norprog resume` finishes it, `norprog resume --undo` puts the backup back, "
	             "`norprog resume --discard` forgets it");
	journal_free(&journal);
	return NP_E_JOURNAL;
}

void journal_begin(struct journal *journal, const struct store *store, const char *operation)
{
	const struct nor_info *info = store->chip;

	memset(journal, 0, sizeof(*journal));
	snprintf(journal->operation, sizeof(journal->operation), "%s", operation);
	snprintf(journal->chip, sizeof(journal->chip), "%s", info->name);
	manifest_hex(info->uid, info->uid_len, journal->uid);
	snprintf(journal->programmer, sizeof(journal->programmer), "%s",
	         store->programmer ? store->programmer : "");
	manifest_utc(journal->started);
	journal->size = info->size;
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
	blocks = reallocarray(journal->blocks, n + 1, sizeof(*blocks));
	if (!blocks)
		return np_fail(err, NP_E_MEMORY, "out of memory for the journal");
	blocks[n] = block;
	journal->blocks = blocks;
	journal->block_count = n + 1;
	return 0;
}

int journal_add_blocks(struct journal *journal, const struct plan *plan, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < plan->count && !ret; i++)
		ret = journal_add_block(
			journal, (struct np_range){plan->steps[i].start, plan->steps[i].len}, err);
	return ret;
}

static int make_dir(const struct store *store, struct np_error *err)
{
	char dir[NP_PATH_MAX];

	if ((size_t)snprintf(dir, sizeof(dir), "%s/jobs", store->dir) >= sizeof(dir))
		return np_fail(err, NP_E_OUTPUT, "%s: the path is too long", store->dir);
	return np_io_mkdirs(dir, err);
}

int journal_save_target(struct journal *journal, const struct store *store, const uint8_t *image,
                        struct np_error *err)
{
	int ret = make_dir(store, err);

	if (!ret)
		ret = path_of(store, ".target", journal->target, err);
	if (!ret)
		ret = segments_save(journal->target, image, &journal->touched, NP_IO_REPLACE,
		                    journal->target_sha256, err);
	return ret;
}

int journal_save_backup(struct journal *journal, const struct store *store, const uint8_t *image,
                        struct np_error *err)
{
	int ret = make_dir(store, err);

	journal->backup_is_ours = true;
	if (!ret)
		ret = path_of(store, ".backup", journal->backup, err);
	if (!ret)
		ret = np_ranges_add_all(&journal->backup_segments, &journal->touched, err);
	if (!ret)
		ret = segments_save(journal->backup, image, &journal->backup_segments,
		                    NP_IO_REPLACE, journal->backup_sha256, err);
	return ret;
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
		"{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:b,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o}",
		"format", 1, "norprog", NORPROG_VERSION, "operation", j->operation, "chip", j->chip,
		"uid", j->uid, "programmer", j->programmer, "started", j->started, "chip_size",
		(json_int_t)j->size, "backup", j->backup, "backup_sha256", j->backup_sha256,
		"backup_is_temporary", j->backup_is_ours, "backup_segments",
		json_from_ranges(&j->backup_segments), "target", j->target, "target_sha256",
		j->target_sha256, "touched", json_from_ranges(&j->touched), "unread",
		json_from_ranges(&j->unread), "blocks", pack_blocks(j), "witnesses",
		pack_fingerprints(j), "boot_last", pack_range(&j->boot), "protected",
		pack_range(&j->protected_range));
}

/* JSON, and with it the record, has no room for other names. */
static int check_name(const char *name, struct np_error *err)
{
	json_t *string = json_string(name);

	json_decref(string);
	if (string)
		return 0;
	np_fail(err, NP_E_OUTPUT, "%s: a name that is not UTF-8 cannot be recorded", name);
	return np_hint(err, "choose another name or folder: --backup FILE, XDG_STATE_HOME");
}

int journal_save(const struct journal *journal, const struct store *store, bool again,
                 struct np_error *err)
{
	char path[NP_PATH_MAX];
	int ret = make_dir(store, err);

	if (!ret)
		ret = path_of(store, ".json", path, err);
	if (!ret)
		ret = check_name(journal->backup, err);
	if (!ret)
		ret = check_name(journal->target, err);
	if (!ret)
		ret = json_save(pack(journal), path, again ? NP_IO_REPLACE : NP_IO_NEW, err);
	if (ret)
		np_context(err, "journal");
	return ret;
}

static int load_texts(const json_t *root, struct journal *j, struct np_error *err)
{
	struct {
		const char *key;
		char *buf;
		size_t len;
	} texts[] = {
		{"operation", j->operation, sizeof(j->operation)},
		{"chip", j->chip, sizeof(j->chip)},
		{"uid", j->uid, sizeof(j->uid)},
		{"programmer", j->programmer, sizeof(j->programmer)},
		{"started", j->started, sizeof(j->started)},
		{"backup", j->backup, sizeof(j->backup)},
		{"backup_sha256", j->backup_sha256, sizeof(j->backup_sha256)},
		{"target", j->target, sizeof(j->target)},
		{"target_sha256", j->target_sha256, sizeof(j->target_sha256)},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !ret; i++)
		ret = json_get_text(root, texts[i].key, texts[i].buf, texts[i].len, err);
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
		ret = np_fail(err, NP_E_INPUT, "\"witnesses\" holds what is none");
	if (!ret)
		j->fingerprints[j->fingerprint_count++] =
			(struct fingerprint){range.start, (uint32_t)crc};
	return ret;
}

static int load_fingerprints(const json_t *root, struct journal *j, struct np_error *err)
{
	const json_t *array = json_object_get(root, "witnesses");
	size_t count = json_array_size(array);
	int ret = 0;

	if (count > FINGERPRINTS_MAX)
		return np_fail(err, NP_E_INPUT, "\"witnesses\" has %zu of them", count);
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

static int load_record(const json_t *root, struct journal *j, struct np_error *err)
{
	int ret = load_texts(root, j, err);

	if (!ret)
		ret = json_get_number(root, "chip_size", &j->size, err);
	if (!ret)
		ret = json_get_ranges(root, "backup_segments", j->size, &j->backup_segments, err);
	if (!ret)
		ret = json_get_ranges(root, "touched", j->size, &j->touched, err);
	if (!ret)
		ret = json_get_ranges(root, "unread", j->size, &j->unread, err);
	if (!ret)
		ret = load_blocks(root, j, err);
	if (!ret)
		ret = load_fingerprints(root, j, err);
	if (!ret)
		ret = load_range(root, "protected", j->size, &j->protected_range, err);
	if (!ret && json_object_get(root, "boot_last"))
		ret = load_range(root, "boot_last", j->size, &j->boot, err);
	j->backup_is_ours = json_is_true(json_object_get(root, "backup_is_temporary"));
	return ret;
}

static int load(struct journal *journal, const char *path, uint64_t chip_size, struct np_error *err)
{
	json_t *root;
	int ret = json_open(path, &root, err);

	if (!ret) {
		ret = load_record(root, journal, err);
		if (ret)
			np_context(err, "journal %s", path);
	}
	json_decref(root);
	if (!ret && journal->size != chip_size)
		ret = np_fail(err, NP_E_POLICY, "the unfinished job was on a chip of %llu bytes",
		              (unsigned long long)journal->size);
	return ret;
}

int journal_load(struct journal *journal, const struct store *store, struct np_error *err)
{
	char path[NP_PATH_MAX];
	int ret;

	memset(journal, 0, sizeof(*journal));
	ret = path_of(store, ".json", path, err);
	if (ret)
		return ret;
	if (!np_io_exists(path))
		return np_fail(err, NP_E_INPUT, "no unfinished job is open on this %s",
		               store->chip->name);
	return load(journal, path, store->chip->size, err);
}

/* ---- records under other names ---- */

static int with_ending(const char *stem, char path[NP_PATH_MAX], struct np_error *err)
{
	if ((size_t)snprintf(path, NP_PATH_MAX, "%s.json", stem) < NP_PATH_MAX)
		return 0;
	return np_fail(err, NP_E_OUTPUT, "%s: the path is too long", stem);
}

int journal_load_stem(struct journal *journal, const char *stem, uint64_t chip_size,
                      struct np_error *err)
{
	char path[NP_PATH_MAX];
	int ret = with_ending(stem, path, err);

	memset(journal, 0, sizeof(*journal));
	return ret ? ret : load(journal, path, chip_size, err);
}

bool journal_exists(const struct store *store)
{
	char path[NP_PATH_MAX];

	return path_of(store, ".json", path, NULL) == 0 && np_io_exists(path);
}

/* "c22017-noid-0123456789abcdef.json": of this type, not this name, and not of two unique IDs. The
 * bytes behind the first three of an ID are not always read alike. */
static bool is_other(const char *name, const char *own, const struct nor_info *info)
{
	size_t len = strlen(name);
	const char *who = strchr(name, '-');
	char id[2 * 3 + 1];

	manifest_hex(info->jedec_id, 3, id);
	if (len <= 5 || strcmp(name + len - 5, ".json") != 0 || !who ||
	    strncmp(name, id, strlen(id)) != 0 || strcmp(name, own) == 0)
		return false;
	return !info->uid_len || strncmp(who, "-noid-", 6) == 0;
}

int journal_each_other(const struct store *store,
                       int (*fn)(void *ctx, const char *stem, struct np_error *err), void *ctx,
                       struct np_error *err)
{
	char own[NP_PATH_MAX], stem[NP_PATH_MAX];
	const struct dirent *entry;
	int ret = path_of(store, ".json", own, err);
	char *name = ret ? NULL : strrchr(own, '/');
	DIR *dir;

	if (!name)
		return ret;
	*name++ = '\0';
	dir = opendir(own);
	while (dir && !ret && (entry = readdir(dir)))
		if (is_other(entry->d_name, name, store->chip) &&
		    (size_t)snprintf(stem, sizeof(stem), "%s/%.*s", own,
		                     (int)strlen(entry->d_name) - 5, entry->d_name) < sizeof(stem))
			ret = fn(ctx, stem, err);
	if (dir)
		closedir(dir);
	return ret;
}

int journal_adopt(const struct journal *journal, const struct store *store, const char *stem,
                  struct np_error *err)
{
	char path[NP_PATH_MAX];
	int ret = with_ending(stem, path, err);

	if (!ret)
		ret = journal_save(journal, store, false, err);
	return ret ? ret : np_io_remove(path, err);
}

const struct np_range *journal_block_at(const struct journal *journal, uint64_t addr)
{
	for (size_t i = 0; i < journal->block_count; i++)
		if (addr - journal->blocks[i].start < journal->blocks[i].len)
			return &journal->blocks[i];
	return NULL;
}

/* ---- the end ---- */

/* A file of ours under the name of another record: that one was adopted. */
static int remove_adopted(const struct store *store, const char *path, struct np_error *err)
{
	char own[NP_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int ret = path_of(store, "", own, err);
	size_t dir_len = ret ? 0 : (size_t)(strrchr(own, '/') - own);

	if (ret || !slash || (size_t)(slash - path) != dir_len || strncmp(path, own, dir_len) != 0)
		return ret;
	return np_io_remove(path, err);
}

int journal_close(const struct store *store, struct np_error *err)
{
	static const char *const suffixes[] = {".json", ".target", ".backup"};
	struct np_error ignored = {0};
	struct journal journal;
	bool known = journal_load(&journal, store, &ignored) == 0;
	char path[NP_PATH_MAX];
	int ret = 0;

	for (size_t i = 0; i < 3 && !ret; i++) {
		ret = path_of(store, suffixes[i], path, err);
		if (!ret)
			ret = np_io_remove(path, err);
	}
	if (!ret && known)
		ret = remove_adopted(store, journal.target, err);
	if (!ret && known && journal.backup_is_ours)
		ret = remove_adopted(store, journal.backup, err);
	journal_free(&journal);
	if (ret)
		np_context(err, "closing the journal");
	return ret;
}

void journal_free(struct journal *journal)
{
	np_ranges_free(&journal->backup_segments);
	np_ranges_free(&journal->touched);
	np_ranges_free(&journal->unread);
	free(journal->blocks);
	free(journal->fingerprints);
	memset(journal, 0, sizeof(*journal));
}
