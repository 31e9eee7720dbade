/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/input_folder.h"
#include "store/backup.h"

int image_check(const char *path, uint64_t *size, struct np_error *err)
{
	struct stat st;

	*size = 0;
	if (stat(path, &st) != 0 || access(path, R_OK) != 0)
		return np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode))
		return np_fail(err, NP_E_INPUT, "%s is neither a file nor a folder", path);
	if (!st.st_size)
		return np_fail(err, NP_E_INPUT, "%s is empty", path);
	*size = (uint64_t)st.st_size;
	return 0;
}

/* Fill the selected bytes, in address order, from the file, `skip` bytes behind its start. */
static int read_ranges(const char *path, uint64_t skip, const struct np_ranges *ranges,
                       uint8_t *data, struct np_error *err)
{
	FILE *file = fopen(path, "re");
	bool whole = true;

	if (!file)
		return np_fail(err, NP_E_INPUT, "%s: %s", path, strerror(errno));
	if (skip)
		whole = fseeko(file, (off_t)skip, SEEK_SET) == 0;
	for (size_t i = 0; i < ranges->count && whole; i++)
		whole = fread(data + ranges->at[i].start, 1, ranges->at[i].len, file) ==
		        ranges->at[i].len;
	fclose(file);
	return whole ? 0 : np_fail(err, NP_E_INPUT, "%s: it could not be read to its end", path);
}

static int take(const char *path, uint64_t skip, const struct np_ranges *ranges,
                struct image *image, struct np_error *err)
{
	int ret = read_ranges(path, skip, ranges, image->data, err);

	return ret ? ret : np_ranges_add_all(&image->covers, ranges, err);
}

/* The dump was changed after its manifest was written: worth saying, not worth refusing. */
static void warn_if_changed(struct session *s, const char *path, const struct image *image)
{
	struct manifest manifest = {0};
	struct np_error ignored = {0};
	char digest[NP_SHA256_HEX];

	if (manifest_load(path, &manifest, &ignored) == 0 && manifest.size == s->info->size) {
		np_sha256_hex(image->data, s->info->size, digest);
		if (strcmp(digest, manifest.sha256) != 0)
			report_warn(
				&s->cli->report,
				"%s was changed after %s.json was written (its SHA-256 differs)",
				path, path);
	}
	manifest_free(&manifest);
}

/* A backup of another chip: somebody may have taken the wrong one of many. A chip that was replaced
 * is the other reason, so no refusal. */
static void warn_if_foreign(struct session *s, const char *path)
{
	const struct nor_info *info = s->info;
	struct manifest manifest = {0};
	struct np_error ignored = {0};
	char uid[sizeof(manifest.uid)];

	manifest_hex(info->uid, info->uid_len, uid);
	if (manifest_load(path, &manifest, &ignored) == 0 && manifest.uid[0] && uid[0] &&
	    strcasecmp(manifest.uid, uid) != 0)
		report_warn(
			&s->cli->report,
			"%s.json says that it was read from another chip (unique ID %s, this one "
			"has %s)",
			path, manifest.uid, uid);
	manifest_free(&manifest);
}

/* The file says it came from elsewhere: worth saying before it is written here. */
static void warn_if_moved(struct session *s, const char *path, const struct np_ranges *ranges)
{
	struct manifest manifest = {0};
	struct np_error ignored = {0};
	char range[48];

	if (manifest_load(path, &manifest, &ignored) == 0 && manifest.segment_count &&
	    manifest.segments[0].start != ranges->at[0].start)
		report_warn(&s->cli->report, "%s.json says that these bytes come from %s", path,
		            range_text((struct np_range){manifest.segments[0].start,
		                                         manifest.segments[0].len},
		                       range, sizeof(range)));
	manifest_free(&manifest);
}

static int take_whole(struct session *s, const char *path, bool restoring, struct image *image,
                      struct np_error *err)
{
	struct np_ranges all = {0};
	int ret = np_ranges_add(&all, (struct np_range){0, s->info->size}, err);

	if (!ret)
		ret = take(path, 0, &all, image, err);
	if (!ret && restoring)
		warn_if_changed(s, path, image);
	np_ranges_free(&all);
	return ret;
}

static bool has_manifest(const char *path)
{
	char name[NP_PATH_MAX];

	return (size_t)snprintf(name, sizeof(name), "%s.json", path) < sizeof(name) &&
	       np_io_exists(name);
}

/* Which region has just this size? NULL when none or several. */
static const char *region_of_size(const struct layout *layout, uint64_t size)
{
	const char *name = NULL;

	for (size_t i = 0; layout && i < layout->region_count; i++) {
		if (layout->regions[i].len != size)
			continue;
		if (name)
			return NULL;
		name = layout->regions[i].name;
	}
	return name;
}

static int fail_whole_size(const struct session *s, const char *path, uint64_t size,
                           bool own_places, struct np_error *err)
{
	const char *region = region_of_size(session_layout(s), size);
	uint64_t chip = s->info->size;

	np_fail(err, NP_E_SIZE,
	        "%s has %" PRIu64 " bytes, the chip %" PRIu64 ": %" PRIu64 " too %s", path, size,
	        chip, size < chip ? chip - size : size - chip, size < chip ? "few" : "many");
	if (size > chip)
		return np_hint(err, "this is not an image of this chip; to write a part of it, cut "
		                    "that out and say where it belongs with --at or --only");
	if (!own_places && has_manifest(path))
		return np_hint(err,
		               "it has a manifest: `norprog restore %s` puts it where it "
		               "came from",
		               path);
	if (region)
		return np_hint(err, "region %s is exactly this long: --only %s", region, region);
	return np_hint(err, "say where it belongs: --at ADDR (or --at REGION with --layout)");
}

static int fail_part_size(const struct session *s, const char *path, uint64_t size,
                          const struct selection *sel, struct np_error *err)
{
	np_fail(err, NP_E_SIZE,
	        "%s has %" PRIu64 " bytes; --only wants a dump of the whole chip (%" PRIu64
	        ") or just the selected bytes (%" PRIu64 ")",
	        path, size, s->info->size, np_ranges_bytes(&sel->only));
	if (size < np_ranges_bytes(&sel->only) && (s->cli->command->bit & (CLI_WRITE | CLI_VERIFY)))
		return np_hint(err, "for a piece shorter than its region use --at REGION or "
		                    "--at ADDR instead of --only");
	return np_hint(err, "check that it is the file you mean, and the ranges of --only");
}

/* A file that names its own place narrows a selection of everything, and must hold any other. */
static int fit_selection(const char *path, const struct image *image, struct selection *sel,
                         struct np_error *err)
{
	char range[48];
	int ret;

	for (size_t i = 0; i < sel->todo.count && !sel->whole; i++)
		if (!np_ranges_contain(&image->covers, sel->todo.at[i]))
			return np_fail(err, NP_E_RANGE, "%s does not hold all of %s", path,
			               range_text(sel->todo.at[i], range, sizeof(range)));
	if (!sel->whole)
		return 0;
	sel->whole = false;
	np_ranges_free(&sel->only);
	np_ranges_free(&sel->todo);
	ret = np_ranges_add_all(&sel->only, &image->covers, err);
	if (!ret)
		ret = selection_subtract(sel, err);
	return ret;
}

static int load_file(struct session *s, const char *path, uint64_t size, bool own_places,
                     struct selection *sel, struct image *image, struct np_error *err)
{
	bool restoring = s->cli->command->bit == CLI_RESTORE;
	int ret;

	if (s->cli->opt.at)
		return take(path, s->skip, &sel->only, image, err);
	if (size == s->info->size)
		return take_whole(s, path, restoring, image, err);
	if (!sel->whole && size == np_ranges_bytes(&sel->only)) {
		warn_if_moved(s, path, &sel->only);
		return take(path, 0, &sel->only, image, err);
	}
	if (!own_places || !has_manifest(path))
		return sel->whole ? fail_whole_size(s, path, size, own_places, err)
		                  : fail_part_size(s, path, size, sel, err);
	ret = backup_load(path, s->info->size, image->data, &image->covers, err);
	return ret ? ret : fit_selection(path, image, sel, err);
}

int image_load(struct session *session, const char *path, bool own_places, struct selection *sel,
               struct image *image, struct np_error *err)
{
	uint64_t size;
	int ret = image_check(path, &size, err);

	memset(image, 0, sizeof(*image));
	if (ret)
		return ret;
	image->data = malloc(session->info->size);
	if (!image->data)
		return np_fail(err, NP_E_MEMORY, "out of memory for an image of %" PRIu64 " bytes",
		               session->info->size);
	if (own_places)
		warn_if_foreign(session, path);
	if (size)
		return load_file(session, path, size, own_places, sel, image, err);
	if (!own_places)
		return np_fail(err, NP_E_INPUT, "%s is a folder; `restore` takes one back", path);
	ret = image_load_folder(session, path, image, err);
	return ret ? ret : fit_selection(path, image, sel, err);
}

void image_free(struct image *image)
{
	free(image->data);
	np_ranges_free(&image->covers);
	memset(image, 0, sizeof(*image));
}
