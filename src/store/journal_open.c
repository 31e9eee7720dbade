/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two files of a job: what was to be written, and what was there before. Either is enough to
 * end it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "store/backup_find.h"
#include "store/journal_priv.h"

/* A file of ours is where it always is, also when the state folder was moved; only then where the
 * record says. */
static int open_ours(struct store *store, const char *path, const struct np_ranges *segments,
                     const char *hex, struct segment_file *file, struct np_error *err)
{
	const char *name = journal_file_name(path);
	int fd;

	if (!name)
		return segments_open(file, path, segments, hex, err);
	fd = np_io_dir_fd(&store->jobs, name);
	return segments_take(file, fd, path, segments, hex, err);
}

int journal_open_target(const struct journal *journal, struct store *store,
                        struct segment_file *file, struct np_error *err)
{
	int ret = store_open_jobs(store, false, err);

	file->fd = -1;
	if (!ret && !journal->target[0])
		ret = np_fail(err, NP_E_INPUT, "the record does not say what was to be written");
	else if (!ret)
		ret = open_ours(store, journal->target, &journal->touched, journal->target_sha256,
		                file, err);
	if (ret)
		np_hint(err, "the job cannot be finished, but undone: `norprog resume --undo`");
	return ret;
}

static int try_path(const struct journal *journal, const char *at, struct segment_file *file,
                    char path[NP_PATH_MAX], struct np_error *err)
{
	int ret = segments_open(file, at, &journal->backup_segments, journal->backup_sha256, err);

	if (!ret && path)
		snprintf(path, NP_PATH_MAX, "%s", at);
	return ret;
}

int journal_open_backup(const struct journal *journal, struct store *store, const char *named,
                        struct segment_file *file, char path[NP_PATH_MAX], struct np_error *err)
{
	struct np_error why = {0};
	char found[NP_PATH_MAX];
	int ret = store_open_jobs(store, false, err);

	file->fd = -1;
	if (ret)
		return ret;
	if (!journal->backup_sha256[0])
		ret = np_fail(err, NP_E_INPUT, "the record does not say what was there before");
	else if (named)
		ret = try_path(journal, named, file, path, err);
	else if (journal->backup_is_ours)
		ret = open_ours(store, journal->backup, &journal->backup_segments,
		                journal->backup_sha256, file, err);
	else
		ret = try_path(journal, journal->backup, file, path, err);
	if (ret && !named && journal->backup_sha256[0] &&
	    backup_find_digest(store, journal->backup_sha256, found, &why) == 0)
		ret = try_path(journal, found, file, path, err);
	if (ret)
		np_hint(err, "if the backup was moved, name it: `norprog resume --undo --backup "
		             "FILE`; to finish the job it is not needed: `norprog resume`");
	return ret;
}

int journal_hint(const struct journal *journal, struct store *store, struct np_error *err)
{
	struct segment_file file = {.fd = -1};
	struct np_error why = {0};
	bool target, backup;
	char lost[256];

	target = journal_open_target(journal, store, &file, &why) == 0;
	segments_close(&file);
	backup = journal_open_backup(journal, store, NULL, &file, NULL, &why) == 0;
	segments_close(&file);
	snprintf(lost, sizeof(lost), "%s", journal->lost ? "its record is damaged (" : "");
	if (journal->lost) {
		journal_lost(journal, lost + strlen(lost), sizeof(lost) - strlen(lost) - 3);
		strcat(lost, "): ");
	}
	if (target && backup)
		return np_hint(err,
		               "%s`norprog resume` finishes it, `norprog resume --undo` puts the "
		               "backup back",
		               lost);
	if (target && !journal->backup_sha256[0])
		return np_hint(err, "%s`norprog resume` finishes it", lost);
	if (target)
		return np_hint(err,
		               "%s`norprog resume` finishes it; its backup is not where it was, "
		               "`norprog resume --undo --backup FILE` takes it from elsewhere",
		               lost);
	if (backup)
		return np_hint(
			err,
			"%s`norprog resume --undo` puts the backup back; what was to be written "
			"is lost, so it cannot be finished",
			lost);
	return np_hint(
		err,
		"%swhat was to be written is lost, and its backup is not where it was: "
		"`norprog resume --undo --backup FILE` takes it from elsewhere; where there is "
		"none, `norprog resume --discard` forgets the job",
		lost);
}

/* ---- a record made anew ---- */

static int take_manifest(struct journal *journal, const struct manifest *m, const char *path,
                         struct np_error *err)
{
	int ret = 0;

	snprintf(journal->operation, sizeof(journal->operation), "%s", m->operation);
	snprintf(journal->chip, sizeof(journal->chip), "%s", m->chip);
	snprintf(journal->uid, sizeof(journal->uid), "%s", m->uid);
	snprintf(journal->programmer, sizeof(journal->programmer), "%s", m->programmer);
	snprintf(journal->started, sizeof(journal->started), "%s", m->date);
	snprintf(journal->backup, sizeof(journal->backup), "%s", path);
	memcpy(journal->backup_sha256, m->sha256, sizeof(journal->backup_sha256));
	memcpy(journal->file, m->file, sizeof(journal->file));
	memcpy(journal->regions, m->regions, sizeof(journal->regions));
	journal->size = m->chip_size;
	journal->sequence = m->sequence;
	journal->lost = JOURNAL_TARGET | JOURNAL_BLOCKS | JOURNAL_FINGERPRINTS |
	                JOURNAL_PROTECTION | JOURNAL_BOOT;
	for (size_t i = 0; i < m->segment_count && !ret; i++)
		ret = np_ranges_add(&journal->backup_segments,
		                    (struct np_range){m->segments[i].start, m->segments[i].len},
		                    err);
	if (!ret)
		ret = np_ranges_add_all(&journal->touched, &m->changes, err);
	if (!ret)
		ret = np_ranges_add_all(&journal->unread, &m->assumed, err);
	if (!ret)
		ret = manifest_read_once(m, &journal->once, err);
	return ret;
}

/* Can a job be undone with it? */
static int check_manifest(const struct manifest *m, const struct store *store, const char *path,
                          struct np_error *err)
{
	char id[2 * NOR_ID_MAX + 1], uid[2 * NOR_UID_MAX + 1];
	struct np_ranges saved = {0};
	bool whole = true;
	int ret = 0;

	np_format_hex(store->chip->jedec_id, store->chip->jedec_id_len, id);
	np_format_hex(store->chip->uid, store->chip->uid_len, uid);
	if (strcmp(m->jedec_id, id) != 0 || strcmp(m->uid, uid) != 0 ||
	    m->chip_size != store->chip->size)
		return np_fail(err, NP_E_INPUT, "%s is another chip's", path);
	for (size_t i = 0; i < m->segment_count && !ret; i++)
		ret = np_ranges_add(
			&saved, (struct np_range){m->segments[i].start, m->segments[i].len}, err);
	for (size_t i = 0; i < m->changes.count && !ret; i++)
		whole &= np_ranges_contain(&saved, m->changes.at[i]);
	np_ranges_free(&saved);
	if (!ret && (!m->says_changes || !m->changes.count || !whole))
		ret = np_fail(err, NP_E_INPUT, "%s does not say what its job was to change", path);
	return ret;
}

int journal_rebuild(struct journal *journal, struct store *store, const char *named,
                    struct np_error *err)
{
	struct segment_file file = {.fd = -1};
	char path[NP_PATH_MAX] = "";
	struct manifest manifest = {0};
	int ret = 0;

	memset(journal, 0, sizeof(*journal));
	if (named && (size_t)snprintf(path, sizeof(path), "%s", named) >= sizeof(path))
		return np_fail(err, NP_E_INPUT, "the path is too long: %s", named);
	if (!named)
		ret = backup_find_last(store, path, err);
	if (!ret)
		ret = manifest_load(path, &manifest, err);
	if (!ret)
		ret = check_manifest(&manifest, store, path, err);
	if (!ret)
		ret = take_manifest(journal, &manifest, path, err);
	if (!ret)
		ret = segments_open(&file, path, &journal->backup_segments, journal->backup_sha256,
		                    err);
	segments_close(&file);
	manifest_free(&manifest);
	return ret;
}
