/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/journal_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "store/json.h"

#define FILE_TRIES 1000u /* names for a target: others with the same name are left-overs */

/* ---- names ---- */

/* `also` (may be ""): makes the name of a chip with a unique ID, or of another programmer, one that
 * no chip has. */
static void own_key(const struct store *store, const char *also, char key[STORE_KEY_MAX])
{
	const struct nor_info *info = store->chip;
	char text[512], id[2 * NOR_ID_MAX + 1], who[NP_SHA256_HEX + 8];

	np_format_hex(info->jedec_id, info->jedec_id_len, id);
	np_format_hex(info->uid, info->uid_len, who);
	if (!info->uid_len || also[0]) {
		snprintf(text, sizeof(text), "%s%s", store->programmer ? store->programmer : "",
		         also);
		memcpy(who, "noid-", 5);
		np_sha256_hex(text, strlen(text), who + 5);
		who[5 + 16] = '\0';
	}
	snprintf(key, STORE_KEY_MAX, "%s-%s", id, who);
}

/* The name of the record this store is about: the reserved one, or the chip's own. */
static void journal_key(const struct store *store, char key[STORE_KEY_MAX])
{
	if (store->key[0])
		memcpy(key, store->key, STORE_KEY_MAX);
	else
		own_key(store, "", key);
}

void journal_name(const char *key, const char *ending, char name[NP_NAME_MAX])
{
	snprintf(name, NP_NAME_MAX, "%s%s", key, ending);
}

void journal_lock_name(const char *key, char name[NP_NAME_MAX])
{
	snprintf(name, NP_NAME_MAX, ".%s.lock", key);
}

static bool has_record(const struct store *store, const char *key)
{
	char name[NP_NAME_MAX];

	journal_name(key, ".json", name);
	return np_io_dir_has(&store->jobs, name);
}

static bool is_alive(const struct store *store, const char *key)
{
	char name[NP_NAME_MAX];

	journal_lock_name(key, name);
	return np_io_lock_alive(&store->jobs, name);
}

/* ---- is one open? ---- */

const char *journal_what(const struct journal *j, char *text, size_t len)
{
	const char *slash = strrchr(j->file, '/');

	snprintf(text, len, "%s%s%.200s%s%s, begun %s", j->operation[0] ? j->operation : "job",
	         j->file[0] ? " of " : "", slash && slash[1] ? slash + 1 : j->file,
	         j->regions[0] ? " to " : "", j->regions,
	         j->started[0] ? j->started : "at an unknown time");
	return text;
}

static int tell_open(const struct journal *j, struct store *store, struct np_error *err)
{
	char what[512];

	np_fail(err, NP_E_JOURNAL, "an unfinished %s, is open on this %s (%s)",
	        journal_what(j, what, sizeof(what)), store->chip->name,
	        j->uid[0] ? j->uid : "or on another: they have no unique ID to tell");
	return journal_hint(j, store, err);
}

int journal_check(struct store *store, struct np_error *err)
{
	struct np_error why = {0};
	struct journal journal;
	char key[STORE_KEY_MAX];
	int ret = store_open_jobs(store, false, err);

	if (ret || !journal_exists(store))
		return ret;
	journal_key(store, key);
	ret = journal_load(&journal, store, &why);
	/* It may have ended between the two looks. */
	if (ret && (!has_record(store, key) || is_alive(store, key))) {
		ret = 0;
	} else if (ret) {
		ret = np_fail(err, NP_E_JOURNAL,
		              "an unfinished job is open on this %s, but its record is damaged: %s",
		              store->chip->name, why.message);
		np_hint(err, "%s", why.hint);
	} else {
		ret = tell_open(&journal, store, err);
	}
	journal_free(&journal);
	return ret;
}

bool journal_is_open(const char *state_dir, const char *programmer, const struct nor_info *chip,
                     struct np_error *why)
{
	struct np_error ignored = {0};
	char dir[NP_PATH_MAX];
	struct store store = {.programmer = programmer, .chip = chip};
	bool open;

	store.dir = state_dir ? state_dir : dir;
	if (!state_dir && store_default_dir(dir, sizeof(dir), &ignored))
		return false;
	open = journal_check(&store, why) == NP_E_JOURNAL;
	store_close(&store);
	return open;
}

/* ---- taking a name ---- */

static int reserve(struct store *store, const char *key, struct np_error *err)
{
	char name[NP_NAME_MAX];
	int ret;

	journal_lock_name(key, name);
	ret = np_io_lock_take(&store->reserved, &store->jobs, name, err);
	if (!ret)
		snprintf(store->key, sizeof(store->key), "%s", key);
	return ret;
}

static void give_back(struct store *store)
{
	np_io_lock_drop(&store->reserved, &store->jobs);
	store->key[0] = '\0';
}

int journal_reserve(struct store *store, struct np_error *err)
{
	char key[STORE_KEY_MAX], also[STORE_ID_LEN + 32];
	int ret = store_open_jobs(store, true, err);

	if (!ret)
		ret = store_next(store, &store->sequence, err);
	if (ret)
		return ret;
	store->sequence_unused = true;
	own_key(store, "", key);
	ret = reserve(store, key, err);
	if (ret == NP_E_BUSY) {
		snprintf(also, sizeof(also), "/%s/%llu", store->id,
		         (unsigned long long)store->sequence);
		own_key(store, also, key);
		ret = reserve(store, key, err);
	}
	if (!ret && has_record(store, key)) {
		give_back(store);
		ret = journal_check(store, err);
		if (!ret)
			ret = np_fail(err, NP_E_JOURNAL, "another job has begun on this %s",
			              store->chip->name);
	}
	return ret;
}

static int fail_none_open(const struct store *store, struct np_error *err)
{
	np_fail(err, NP_E_INPUT, "no unfinished job is open on this %s", store->chip->name);
	return np_hint(
		err,
		"nothing is to be finished or undone; `norprog backups list` shows what earlier jobs saved");
}

int journal_take(struct store *store, struct np_error *err)
{
	char key[STORE_KEY_MAX];
	int ret = store_open_jobs(store, false, err);

	if (ret || store->reserved.held)
		return ret;
	own_key(store, "", key);
	if (!has_record(store, key))
		return fail_none_open(store, err);
	ret = reserve(store, key, err);
	if (ret == NP_E_BUSY) {
		np_fail(err, NP_E_JOURNAL,
		        "another norprog is at work on this job, or on a chip "
		        "of the same name");
		return np_hint(err, "wait until it has ended");
	}
	if (!ret && !has_record(store, key)) {
		give_back(store);
		ret = fail_none_open(store, err);
	}
	return ret;
}

void journal_begin(struct journal *journal, const struct store *store, const char *operation)
{
	const struct nor_info *info = store->chip;

	memset(journal, 0, sizeof(*journal));
	snprintf(journal->operation, sizeof(journal->operation), "%s", operation);
	snprintf(journal->chip, sizeof(journal->chip), "%s", info->name);
	np_format_hex(info->uid, info->uid_len, journal->uid);
	snprintf(journal->programmer, sizeof(journal->programmer), "%s",
	         store->programmer ? store->programmer : "");
	manifest_utc(journal->started);
	journal->size = info->size;
}

int journal_add_blocks(struct journal *journal, const struct plan *plan, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < plan->count && !ret; i++)
		ret = journal_add_block(
			journal, (struct np_range){plan->steps[i].start, plan->steps[i].len}, err);
	return ret;
}

/* ---- what goes to disk ---- */

/* Begin KEY.N.target or KEY.N.backup, under a name that is not in use. */
static int begin_file(struct store *store, const char *ending, char path[NP_PATH_MAX],
                      struct np_io_out *out, struct np_error *err)
{
	char name[NP_NAME_MAX];
	int ret = 0;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (!store->reserved.held)
		return np_fail(err, NP_E_FAIL, "no record is reserved");
	for (unsigned n = 0; n < FILE_TRIES; n++) {
		char again[16] = "";

		if (n)
			snprintf(again, sizeof(again), "-%u", n);
		snprintf(name, sizeof(name), "%s.%llu%s%s", store->key,
		         (unsigned long long)store->sequence, again, ending);
		ret = np_io_dir_create(out, &store->jobs, name, NP_IO_UNIQUE, err);
		if (!ret)
			snprintf(path, NP_PATH_MAX, "%s", out->path);
		if (!ret || !out->taken)
			return ret;
	}
	return ret;
}

int journal_save_target(struct journal *journal, struct store *store, const uint8_t *image,
                        struct np_error *err)
{
	struct np_io_out out;
	int ret = begin_file(store, ".target", journal->target, &out, err);

	return segments_finish(&out, ret, image, &journal->touched, journal->target_sha256, err);
}

int journal_save_backup(struct journal *journal, struct store *store, const uint8_t *image,
                        struct np_error *err)
{
	struct np_io_out out;
	int ret = np_ranges_add_all(&journal->backup_segments, &journal->touched, err);

	if (ret)
		return ret;
	journal->backup_is_ours = true;
	ret = begin_file(store, ".backup", journal->backup, &out, err);
	return segments_finish(&out, ret, image, &journal->backup_segments, journal->backup_sha256,
	                       err);
}

int journal_keep_backup(struct journal *journal, struct store *store, const char *path,
                        const uint8_t *image, struct manifest *manifest, struct np_error *err)
{
	char used[NP_PATH_MAX];
	int ret = backup_write(store, path, image, &journal->backup_segments, manifest, used, err);

	if (!ret && !realpath(used, journal->backup))
		ret = np_fail(err, NP_E_OUTPUT, "%s: the backup is gone", used);
	if (!ret)
		memcpy(journal->backup_sha256, manifest->sha256, sizeof(manifest->sha256));
	return ret;
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

int journal_save(const struct journal *journal, struct store *store, bool again,
                 struct np_error *err)
{
	char name[NP_NAME_MAX];
	struct np_io_out out;
	json_t *root;
	int ret = store->reserved.held ? 0 : np_fail(err, NP_E_FAIL, "no record is reserved");

	if (!ret)
		ret = check_name(journal->backup, err);
	if (!ret)
		ret = check_name(journal->target, err);
	if (!ret) {
		journal_name(store->key, ".json", name);
		root = journal_pack(journal);
		if (root && !journal->sequence)
			json_object_set_new(root, "sequence",
			                    json_integer((json_int_t)store->sequence));
		ret = np_io_dir_create(&out, &store->jobs, name, again ? NP_IO_REPLACE : NP_IO_NEW,
		                       err);
		ret = json_finish(root, &out, ret, err);
	}
	if (ret)
		np_context(err, "journal");
	return ret;
}

/* ---- reading it back ---- */

static int hint_at_rebuild(struct store *store, struct np_error *err)
{
	struct journal journal;
	struct np_error why = {0};
	int ret = err->code;

	if (journal_rebuild(&journal, store, NULL, &why) == 0)
		np_hint(err, "`norprog resume --undo` puts the chip's last backup back: %.300s",
		        journal.backup);
	else
		np_hint(err, "name the backup it kept: `norprog resume --undo --backup FILE`");
	journal_free(&journal);
	return ret;
}

static int load_key(struct journal *journal, struct store *store, const char *key,
                    struct np_error *err)
{
	struct np_error why = {0};
	char name[NP_NAME_MAX];
	json_t *root;
	int ret;

	memset(journal, 0, sizeof(*journal));
	journal_name(key, ".json", name);
	ret = json_open_in(&store->jobs, name, &root, &why);
	if (!ret) {
		ret = journal_unpack(root, journal, &why);
		if (ret)
			np_context(&why, "journal %s", name);
	}
	json_decref(root);
	if (!ret && journal->size != store->chip->size)
		ret = np_fail(&why, NP_E_POLICY, "the unfinished job was on a chip of %llu bytes",
		              (unsigned long long)journal->size);
	if (ret && err)
		*err = why;
	return ret;
}

int journal_load(struct journal *journal, struct store *store, struct np_error *err)
{
	struct np_error why = {0};
	char key[STORE_KEY_MAX], lost[256];
	int ret;

	memset(journal, 0, sizeof(*journal));
	ret = store_open_jobs(store, false, err);
	if (ret)
		return ret;
	journal_key(store, key);
	if (!has_record(store, key))
		return fail_none_open(store, err);
	ret = load_key(journal, store, key, &why);
	if (ret == NP_E_INPUT)
		hint_at_rebuild(store, &why);
	if (ret && err)
		*err = why;
	if (!ret && journal->lost)
		np_log(NP_LOG_WARN, "the record of the unfinished job is damaged; lost is: %s",
		       journal_lost(journal, lost, sizeof(lost)));
	return ret;
}

/* ---- records under other names ---- */

int journal_load_stem(struct journal *journal, struct store *store, const char *stem,
                      struct np_error *err)
{
	return load_key(journal, store, stem, err);
}

bool journal_exists(struct store *store)
{
	char key[STORE_KEY_MAX];

	if (store_open_jobs(store, false, NULL) != 0)
		return false;
	journal_key(store, key);
	return has_record(store, key) && !is_alive(store, key);
}

struct others {
	struct store *store;
	char own[STORE_KEY_MAX];
	int (*fn)(void *ctx, const char *stem, struct np_error *err);
	void *ctx;
};

/* "c22017-noid-0123456789abcdef.json": of this type, not this name, and not of two unique IDs. The
 * bytes behind the first three of an ID are not always read alike. */
static int try_other(void *ctx, const char *name, struct np_error *err)
{
	struct others *others = ctx;
	const struct nor_info *info = others->store->chip;
	const char *who = strchr(name, '-');
	char id[2 * 3 + 1], stem[STORE_KEY_MAX];

	np_format_hex(info->jedec_id, 3, id);
	if (!journal_ends_with(name, ".json") || !who || strncmp(name, id, strlen(id)) != 0 ||
	    strlen(name) - 5 >= sizeof(stem))
		return 0;
	snprintf(stem, sizeof(stem), "%.*s", (int)strlen(name) - 5, name);
	if (strcmp(stem, others->own) == 0 || (info->uid_len && strncmp(who, "-noid-", 6) != 0) ||
	    is_alive(others->store, stem))
		return 0;
	return others->fn(others->ctx, stem, err);
}

int journal_each_other(struct store *store,
                       int (*fn)(void *ctx, const char *stem, struct np_error *err), void *ctx,
                       struct np_error *err)
{
	struct others others = {.store = store, .fn = fn, .ctx = ctx};
	int ret = store_open_jobs(store, false, err);

	if (ret)
		return ret;
	own_key(store, "", others.own);
	return np_io_dir_each(&store->jobs, try_other, &others, err);
}

/* With both names held, so that no other norprog works on the record while it changes its name. */
static int rename_record(const struct journal *journal, struct store *store, const char *stem,
                         struct np_error *err)
{
	struct np_io_lock old = {.held = false};
	char name[NP_NAME_MAX];
	int ret;

	journal_lock_name(stem, name);
	ret = np_io_lock_take(&old, &store->jobs, name, err);
	if (ret)
		return ret;
	ret = has_record(store, stem) ? journal_save(journal, store, false, err)
	                              : np_fail(err, NP_E_INPUT, "the job was finished meanwhile");
	journal_name(stem, ".json", name);
	if (!ret)
		ret = np_io_dir_remove(&store->jobs, name, err);
	np_io_lock_drop(&old, &store->jobs);
	return ret;
}

int journal_adopt(const struct journal *journal, struct store *store, const char *stem,
                  struct np_error *err)
{
	struct np_io_lock lock = {.held = false};
	char key[STORE_KEY_MAX];
	int ret = store_lock(store, &lock, err);

	if (ret)
		return ret;
	own_key(store, "", key);
	ret = reserve(store, key, err);
	if (!ret)
		ret = rename_record(journal, store, stem, err);
	give_back(store);
	np_io_lock_drop(&lock, &store->root);
	if (ret != NP_E_BUSY)
		return ret;
	np_fail(err, NP_E_JOURNAL,
	        "another norprog is at work on this job, or on a chip of the "
	        "same name");
	return np_hint(err, "wait until it has ended");
}

const struct np_range *journal_block_at(const struct journal *journal, uint64_t addr)
{
	for (size_t i = 0; i < journal->block_count; i++)
		if (addr - journal->blocks[i].start < journal->blocks[i].len)
			return &journal->blocks[i];
	return NULL;
}

/* ---- the end ---- */

/* A file in jobs/ that a record names: the name may be another record's, which was adopted. */
static int remove_named(struct store *store, const char *path, struct np_error *err)
{
	const char *name = journal_file_name(path);

	return name ? np_io_dir_remove(&store->jobs, name, err) : 0;
}

static int remove_files(struct store *store, const struct journal *journal, struct np_error *err)
{
	int ret = remove_named(store, journal->target, err);

	if (!ret && journal->backup_is_ours)
		ret = remove_named(store, journal->backup, err);
	return ret;
}

int journal_close(struct store *store, const struct journal *journal, struct np_error *err)
{
	struct np_error ignored = {0};
	struct journal record = {0};
	char name[NP_NAME_MAX];
	bool known;
	int ret;

	if (!store->reserved.held)
		return 0;
	known = has_record(store, store->key) &&
	        load_key(&record, store, store->key, &ignored) == 0;
	journal_name(store->key, ".json", name);
	ret = np_io_dir_remove(&store->jobs, name, err);
	if (!ret && known)
		ret = remove_files(store, &record, err);
	if (!ret && journal)
		ret = remove_files(store, journal, err);
	/* Of a record that cannot be read: what 0.1.0 called its files. */
	for (size_t i = 0; i < 2 && !ret && !known; i++) {
		journal_name(store->key, i ? ".backup" : ".target", name);
		ret = np_io_dir_remove(&store->jobs, name, err);
	}
	journal_free(&record);
	if (ret) {
		np_context(err, "closing the journal");
		return np_hint(
			err,
			"make %s writable, so that files in it can be removed; then `norprog resume` closes the job",
			store->jobs.path);
	}
	give_back(store);
	return 0;
}

void journal_free(struct journal *journal)
{
	np_ranges_free(&journal->backup_segments);
	np_ranges_free(&journal->touched);
	np_ranges_free(&journal->unread);
	np_ranges_free(&journal->once);
	free(journal->blocks);
	free(journal->fingerprints);
	memset(journal, 0, sizeof(*journal));
}
