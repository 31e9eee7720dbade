/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The image of an intent, from a file: what the file is, and which bytes of it go where. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "image/open.h"
#include "image/openwrt.h"
#include "job/intent.h"
#include "job/job.h"
#include "store/backup.h"

#define BEGINNING     (256u << 10)           /* headers stand within so many bytes */
#define METADATA_MOST (2 * OPENWRT_JSON_MAX) /* with a signature behind */
#define FILE_MOST     (256u << 20)           /* the largest firmware whose checksums are computed */

/* ---- what the file is ---- */

int intent_check_file(const char *path, uint64_t *len, struct np_error *err)
{
	struct stat st;

	*len = 0;
	if (stat(path, &st) != 0 || access(path, R_OK) != 0)
		return np_fail_file(err, path, errno);
	if (S_ISDIR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode))
		return np_fail(err, NP_E_INPUT, "%s is neither a file nor a folder", path);
	if (!st.st_size)
		return np_fail(err, NP_E_INPUT, "%s is empty", path);
	*len = (uint64_t)st.st_size;
	return 0;
}

/* The checksums of these files cover all of the file, so that a broken download is noticed. */
static bool has_sums(enum image_kind kind)
{
	return kind == IMAGE_VENDOR_UPGRADE || kind == IMAGE_VENDOR_UPGRADE_BOOT;
}

static int identify(struct intent_image *image, const uint8_t *data, size_t len,
                    struct np_error *err)
{
	image_report_free(&image->is);
	image->identified = true;
	return image_identify(data, len < BEGINNING ? len : BEGINNING, &image->is, err);
}

static int check_sums(struct intent_image *image, const uint8_t *data, size_t len,
                      struct np_error *err)
{
	struct image_report whole;
	int ret;

	if (!has_sums(image->is.kind))
		return 0;
	ret = image_identify(data, len, &whole, err);
	if (ret)
		return ret;
	image->is.truncated = has_sums(whole.kind) && whole.truncated;
	image->is.damaged = has_sums(whole.kind) && whole.damaged;
	image_report_free(&whole);
	return 0;
}

/* ---- packed files ---- */

static bool has_manifest(const char *path)
{
	char name[NP_PATH_MAX];

	return (size_t)snprintf(name, sizeof(name), "%s.json", path) < sizeof(name) &&
	       np_io_exists(name);
}

/* `file`: all of it, mapped. */
static int take_body(struct intent_image *image, const uint8_t *file, struct np_error *err)
{
	struct image_opened opened;
	int ret = image_open(file, image->len, image->path, &opened, err);

	image->wrap = opened.wrap;
	if (!ret && opened.owned) {
		image->body = opened.owned;
		image->len = opened.len;
		image->named = opened.covers;
		snprintf(image->from, sizeof(image->from), "%s", opened.from);
		opened.owned = NULL;
		opened.covers = (struct np_ranges){0};
	}
	image_opened_free(&opened);
	return ret;
}

int intent_open_file(struct intent *intent, const char *path, struct np_error *err)
{
	struct intent_image *image = &intent->image;
	void *file;
	int ret, fd;

	if (image->opened)
		return 0;
	ret = intent_check_file(path, &image->len, err);
	image->path = path;
	image->opened = !ret;
	if (ret || !image->len || has_manifest(path))
		return ret;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? MAP_FAILED : mmap(NULL, image->len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED) {
		ret = np_fail_file(err, path, errno);
	} else {
		uint64_t len = image->len;

		ret = take_body(image, file, err);
		munmap(file, len);
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

uint64_t intent_image_bytes(const struct intent_image *image)
{
	return image->take ? image->take : image->len - image->stripped;
}

/* ---- what the file is, continued ---- */

static int copy_body(const struct intent_image *image, uint64_t skip,
                     const struct np_ranges *ranges, uint8_t *data, struct np_error *err)
{
	uint64_t at = skip;

	for (size_t i = 0; i < ranges->count; i++) {
		if (ranges->at[i].len > image->len - at)
			return np_fail(err, NP_E_INPUT, "%s ends too early", image->path);
		memcpy(data + ranges->at[i].start, image->body + at, ranges->at[i].len);
		at += ranges->at[i].len;
	}
	return 0;
}

static int read_bytes(const struct intent_image *image, uint64_t skip,
                      const struct np_ranges *ranges, uint8_t *data, struct np_error *err)
{
	const char *path = image->path;
	FILE *file;
	bool whole = true;

	if (image->body)
		return copy_body(image, skip, ranges, data, err);
	file = fopen(path, "re");
	if (!file)
		return np_fail_file(err, path, errno);
	if (skip)
		whole = fseeko(file, (off_t)skip, SEEK_SET) == 0;
	for (size_t i = 0; i < ranges->count && whole; i++)
		whole = fread(data + ranges->at[i].start, 1, ranges->at[i].len, file) ==
		        ranges->at[i].len;
	fclose(file);
	return whole ? 0 : np_fail(err, NP_E_INPUT, "%s: it could not be read to its end", path);
}

/* Which devices take a sysupgrade stands at its end. */
static int read_metadata(struct intent_image *image, struct np_error *err)
{
	uint64_t len = image->len < METADATA_MOST ? image->len : METADATA_MOST;
	struct np_range tail = {0, len};
	uint8_t *data = malloc(len);
	int ret = data ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	if (!ret)
		ret = read_bytes(image, image->len - len, &(struct np_ranges){&tail, 1, 1}, data,
		                 err);
	if (!ret)
		openwrt_find_metadata(data, len, &image->is.devices);
	free(data);
	return ret;
}

static int identify_file(struct intent_image *image, struct np_error *err)
{
	struct np_range front = {0, image->len < BEGINNING ? image->len : BEGINNING};
	uint8_t *data = malloc(front.len);
	size_t len;
	int ret;

	if (!data)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	ret = read_bytes(image, 0, &(struct np_ranges){&front, 1, 1}, data, err);
	if (!ret)
		ret = identify(image, data, front.len, err);
	free(data);
	if (!ret && image->len > front.len)
		ret = read_metadata(image, err);
	/* For these kinds the whole file was looked at already. */
	if (!ret && image->wrap.kind == WRAP_CAPSULE) {
		image->is.kind = IMAGE_CAPSULE;
		snprintf(image->is.text, sizeof(image->is.text), "%s", image->wrap.name);
		image->is.strip = image->wrap.strip;
		image->is.body = image->wrap.body;
		image->is.truncated = image->wrap.truncated;
	}
	if (ret || !has_sums(image->is.kind) || image->len > FILE_MOST)
		return ret;
	if (image->body)
		return check_sums(image, image->body, image->len, err);
	ret = np_io_read(image->path, image->len, &data, &len, err);
	if (ret)
		return ret;
	ret = check_sums(image, data, len, err);
	free(data);
	return ret;
}

int intent_look_at(struct intent *intent, const char *path, bool strip, struct np_error *err)
{
	struct intent_image *image = &intent->image;
	int ret = intent_open_file(intent, path, err);

	if (!ret && image->len)
		ret = identify_file(image, err);
	if (ret || !strip)
		return ret;
	if (!image->is.strip)
		return np_fail(err, NP_E_USAGE, "--strip: no vendor header found in %s", path);
	image->stripped = image->is.strip;
	image->take = image->is.body;
	return 0;
}

int intent_identify(struct intent *intent, uint64_t chip_size, struct np_error *err)
{
	struct intent_image *image = &intent->image;
	struct np_range all = {0, chip_size};
	int ret;

	if (image->identified || !image->data || !intent->selection.only.count)
		return 0;
	if (!selection_is_whole(&intent->selection))
		all = intent->selection.only.at[0];
	/* A selection beyond the chip is refused by its gate; nothing is looked at there. */
	if (all.start >= chip_size || all.len > chip_size - all.start)
		return 0;
	ret = identify(image, image->data + all.start, all.len, err);
	return ret ? ret : check_sums(image, image->data + all.start, all.len, err);
}

/* ---- its bytes ---- */

static int need_data(struct intent_image *image, uint64_t chip_size, struct np_error *err)
{
	if (image->data)
		return 0;
	image->data = malloc(chip_size);
	if (!image->data)
		return np_fail(err, NP_E_MEMORY, "out of memory for an image of %" PRIu64 " bytes",
		               chip_size);
	image->owned = true;
	return 0;
}

/* Fill the ranges, in address order, from the file. */
static int take_ranges(struct intent_image *image, const struct np_ranges *ranges,
                       struct np_error *err)
{
	int ret = read_bytes(image, image->stripped, ranges, image->data, err);

	return ret ? ret : np_ranges_add_all(&image->covers, ranges, err);
}

/* A file that names its own place narrows a selection of everything, and must hold any other. */
static int fit_selection(struct intent *intent, struct np_error *err)
{
	struct selection *sel = &intent->selection;
	const struct np_ranges *covers = &intent->image.covers;
	char range[48];

	if (selection_is_whole(sel))
		return selection_by_file(sel, covers, err);
	for (size_t i = 0; i < sel->todo.count; i++)
		if (!np_ranges_contain(covers, sel->todo.at[i]))
			return np_fail(err, NP_E_RANGE, "%s does not hold all of %s",
			               intent->image.path,
			               range_text(sel->todo.at[i], range, sizeof(range)));
	return 0;
}

/* A hex file says itself where its bytes belong, from --at on if that was given. What it leaves out
 * is not written over. */
static int load_named(struct intent *intent, uint64_t chip_size, struct np_error *err)
{
	struct intent_image *image = &intent->image;
	const struct selection *sel = &intent->selection;
	uint64_t base = sel->placed ? sel->only.at[0].start : 0;
	int ret = 0;

	for (size_t i = 0; i < image->named.count && !ret; i++) {
		struct np_range from = image->named.at[i];

		if (base + from.start + from.len > chip_size)
			return np_fail(err, NP_E_RANGE,
			               "%s names bytes up to 0x%06" PRIx64
			               ", beyond the end of the chip",
			               image->path, base + from.start + from.len - 1);
		memcpy(image->data + base + from.start, image->body + from.start, from.len);
		ret = np_ranges_add(&image->covers, (struct np_range){base + from.start, from.len},
		                    err);
	}
	if (ret || np_ranges_contain(&image->covers, (struct np_range){0, chip_size}))
		return ret;
	return fit_selection(intent, err);
}

static int load_file(struct intent *intent, uint64_t chip_size, struct np_error *err)
{
	struct intent_image *image = &intent->image;
	struct selection *sel = &intent->selection;
	struct np_range all = {0, chip_size};
	int ret;

	if (image->named.count)
		return load_named(intent, chip_size, err);
	if (sel->placed)
		return take_ranges(image, &sel->only, err);
	if (intent_image_bytes(image) == chip_size)
		return take_ranges(image, &(struct np_ranges){&all, 1, 1}, err);
	if (!selection_is_whole(sel) && intent_image_bytes(image) == np_ranges_bytes(&sel->only))
		return take_ranges(image, &sel->only, err);
	image->misfit = intent->operation == INTENT_WRITE || !has_manifest(image->path);
	if (image->misfit)
		return 0;
	ret = backup_load(image->path, chip_size, image->data, &image->covers, err);
	return ret ? ret : fit_selection(intent, err);
}

int intent_load(struct intent *intent, const struct job *job, const char *path,
                struct np_error *err)
{
	uint64_t chip_size = nor_info(job->nor)->size;
	struct intent_image *image = &intent->image;
	int ret = intent_open_file(intent, path, err);

	if (!ret)
		ret = intent_settle(intent, chip_size, err);
	if (!ret)
		ret = need_data(image, chip_size, err);
	if (ret)
		return ret;
	if (image->len) {
		ret = load_file(intent, chip_size, err);
	} else if (intent->operation == INTENT_WRITE) {
		return np_fail(err, NP_E_INPUT, "%s is a folder; `restore` takes one back", path);
	} else {
		ret = intent_load_folder(intent, job, path, err);
		ret = ret ? ret : fit_selection(intent, err);
	}
	return ret ? ret : intent_settle(intent, chip_size, err);
}

int intent_take(struct intent *intent, const struct job *job, const uint8_t *bytes, size_t len,
                struct np_error *err)
{
	uint64_t chip_size = nor_info(job->nor)->size;
	struct intent_image *image = &intent->image;
	struct np_range all = {0, chip_size};
	struct np_ranges whole = {&all, 1, 1};
	const struct np_ranges *to = len == chip_size ? &whole : &intent->selection.only;
	int ret = intent_settle(intent, chip_size, err);

	if (!ret)
		ret = need_data(image, chip_size, err);
	if (!ret)
		ret = identify(image, bytes, len, err);
	if (!ret)
		ret = check_sums(image, bytes, len, err);
	image->len = len;
	image->misfit = len != np_ranges_bytes(to);
	for (size_t i = 0; i < to->count && !ret && !image->misfit; i++) {
		memcpy(image->data + to->at[i].start, bytes, to->at[i].len);
		bytes += to->at[i].len;
	}
	return ret || image->misfit ? ret : np_ranges_add_all(&image->covers, to, err);
}
