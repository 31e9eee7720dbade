/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/json.h"

void manifest_utc(char date[32])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void manifest_hex(const uint8_t *bytes, size_t len, char *hex)
{
	hex[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

void manifest_begin(struct manifest *manifest, const struct nor_info *info, const char *programmer,
                    const char *operation)
{
	memset(manifest, 0, sizeof(*manifest));
	snprintf(manifest->operation, sizeof(manifest->operation), "%s", operation);
	snprintf(manifest->chip, sizeof(manifest->chip), "%s", info->name);
	manifest_hex(info->jedec_id, info->jedec_id_len, manifest->jedec_id);
	manifest_hex(info->uid, info->uid_len, manifest->uid);
	snprintf(manifest->programmer, sizeof(manifest->programmer), "%s",
	         programmer ? programmer : "");
	manifest_utc(manifest->date);
	manifest->chip_size = info->size;
}

int manifest_describe(struct manifest *manifest, const uint8_t *image,
                      const struct np_ranges *segments, struct np_error *err)
{
	struct np_sha256 sha;

	free(manifest->segments);
	manifest->segments = calloc(segments->count + 1, sizeof(*manifest->segments));
	if (!manifest->segments)
		return np_fail(err, NP_E_MEMORY, "out of memory for %zu segments", segments->count);
	manifest->segment_count = segments->count;
	manifest->size = 0;
	np_sha256_begin(&sha);
	for (size_t i = 0; i < segments->count; i++) {
		const struct np_range *range = &segments->at[i];
		struct manifest_segment *segment = &manifest->segments[i];

		segment->start = range->start;
		segment->len = range->len;
		segment->offset = manifest->size;
		np_sha256_hex(image + range->start, range->len, segment->sha256);
		if (segments->count > 1)
			np_sha256_add(&sha, image + range->start, range->len);
		manifest->size += range->len;
	}
	np_sha256_end(&sha, manifest->sha256);
	if (segments->count == 1)
		memcpy(manifest->sha256, manifest->segments[0].sha256, NP_SHA256_HEX);
	return 0;
}

static json_t *pack_segments(const struct manifest *manifest)
{
	json_t *array = json_array();

	for (size_t i = 0; i < manifest->segment_count; i++) {
		const struct manifest_segment *segment = &manifest->segments[i];

		json_array_append_new(
			array, json_pack("{s:I,s:I,s:I,s:s}", "start", (json_int_t)segment->start,
		                         "length", (json_int_t)segment->len, "offset",
		                         (json_int_t)segment->offset, "sha256", segment->sha256));
	}
	return array;
}

static json_t *pack_flags(const struct manifest *manifest)
{
	json_t *array = json_array();

	if (manifest->all_ff)
		json_array_append_new(array, json_string("all-ff"));
	if (manifest->all_00)
		json_array_append_new(array, json_string("all-00"));
	if (manifest->equal_halves)
		json_array_append_new(array, json_string("equal-halves"));
	if (manifest->zero_bursts)
		json_array_append_new(array, json_string("zero-bursts"));
	return array;
}

static void file_of(const char *file, char path[NP_PATH_MAX])
{
	snprintf(path, NP_PATH_MAX, "%s.json", file);
}

int manifest_save(const struct manifest *manifest, const char *file, enum np_io_mode mode,
                  struct np_error *err)
{
	char path[NP_PATH_MAX];
	json_t *root = json_pack(
		"{s:i,s:s,s:s,s:s,s:s,s:s?,s:s?,s:I,s:I,s:s,s:s,s:s,s:i,s:I,s:o,s:o,s:o,"
		"s:o*,s:o}",
		"format", 1, "norprog", NORPROG_VERSION, "operation", manifest->operation, "chip",
		manifest->chip, "jedec_id", manifest->jedec_id, "uid",
		manifest->uid[0] ? manifest->uid : NULL, "profile",
		manifest->profile[0] ? manifest->profile : NULL, "chip_size",
		(json_int_t)manifest->chip_size, "size", (json_int_t)manifest->size, "sha256",
		manifest->sha256, "programmer", manifest->programmer, "date", manifest->date,
		"passes", (int)manifest->passes, "disagreements",
		(json_int_t)manifest->disagreements, "unstable",
		json_from_ranges(&manifest->unstable), "assumed",
		json_from_ranges(&manifest->assumed), "flags", pack_flags(manifest), "changes",
		manifest->says_changes ? json_from_ranges(&manifest->changes) : NULL, "segments",
		pack_segments(manifest));

	file_of(file, path);
	return json_save(root, path, mode, err);
}

static int load_texts(const json_t *root, struct manifest *m, struct np_error *err)
{
	uint64_t passes = 0;
	int ret = json_get_text(root, "operation", m->operation, sizeof(m->operation), err);

	if (!ret)
		ret = json_get_text(root, "chip", m->chip, sizeof(m->chip), err);
	if (!ret)
		ret = json_get_text(root, "jedec_id", m->jedec_id, sizeof(m->jedec_id), err);
	if (!ret && !json_is_null(json_object_get(root, "uid")))
		ret = json_get_text(root, "uid", m->uid, sizeof(m->uid), err);
	if (!ret && json_is_string(json_object_get(root, "profile")))
		ret = json_get_text(root, "profile", m->profile, sizeof(m->profile), err);
	if (!ret)
		ret = json_get_text(root, "programmer", m->programmer, sizeof(m->programmer), err);
	if (!ret)
		ret = json_get_text(root, "date", m->date, sizeof(m->date), err);
	if (!ret)
		ret = json_get_text(root, "sha256", m->sha256, sizeof(m->sha256), err);
	if (!ret)
		ret = json_get_number(root, "chip_size", &m->chip_size, err);
	if (!ret)
		ret = json_get_number(root, "size", &m->size, err);
	if (!ret)
		ret = json_get_number(root, "passes", &passes, err);
	if (!ret)
		ret = json_get_number(root, "disagreements", &m->disagreements, err);
	m->passes = (unsigned)passes;
	return ret;
}

static int load_segment(const json_t *object, struct manifest *m, struct np_error *err)
{
	struct manifest_segment *segment = &m->segments[m->segment_count];
	const struct manifest_segment *before = segment - 1;
	struct np_range range;
	int ret = json_get_range(object, m->chip_size, &range, err);

	if (!ret)
		ret = json_get_number(object, "offset", &segment->offset, err);
	if (!ret)
		ret = json_get_text(object, "sha256", segment->sha256, sizeof(segment->sha256),
		                    err);
	if (ret)
		return ret;
	segment->start = range.start;
	segment->len = range.len;
	if (segment->offset > m->size || segment->len > m->size - segment->offset)
		return np_fail(err, NP_E_INPUT, "segment %zu lies outside the file",
		               m->segment_count);
	if (m->segment_count && before->start + before->len > segment->start)
		return np_fail(err, NP_E_INPUT, "segment %zu overlaps the one before",
		               m->segment_count);
	m->segment_count++;
	return 0;
}

static int load_segments(const json_t *root, struct manifest *m, struct np_error *err)
{
	const json_t *array = json_object_get(root, "segments");
	int ret = 0;

	if (!json_is_array(array))
		return np_fail(err, NP_E_INPUT, "\"segments\" is missing or not a list");
	m->segments = calloc(json_array_size(array) + 1, sizeof(*m->segments));
	if (!m->segments)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t i = 0; i < json_array_size(array) && !ret; i++)
		ret = load_segment(json_array_get(array, i), m, err);
	return ret;
}

static void load_flags(const json_t *root, struct manifest *m)
{
	const json_t *array = json_object_get(root, "flags");

	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *flag = json_string_value(json_array_get(array, i));

		m->all_ff |= flag && strcmp(flag, "all-ff") == 0;
		m->all_00 |= flag && strcmp(flag, "all-00") == 0;
		m->equal_halves |= flag && strcmp(flag, "equal-halves") == 0;
		m->zero_bursts |= flag && strcmp(flag, "zero-bursts") == 0;
	}
}

int manifest_load(const char *file, struct manifest *manifest, struct np_error *err)
{
	char path[NP_PATH_MAX];
	json_t *root;
	int ret;

	memset(manifest, 0, sizeof(*manifest));
	file_of(file, path);
	ret = json_open(path, &root, err);
	if (ret) {
		json_decref(root);
		return ret;
	}
	ret = load_texts(root, manifest, err);
	if (!ret)
		ret = json_get_ranges(root, "unstable", manifest->chip_size, &manifest->unstable,
		                      err);
	if (!ret)
		ret = json_get_ranges(root, "assumed", manifest->chip_size, &manifest->assumed,
		                      err);
	if (!ret)
		ret = json_get_ranges(root, "changes", manifest->chip_size, &manifest->changes,
		                      err);
	if (!ret)
		ret = load_segments(root, manifest, err);
	manifest->says_changes = json_is_array(json_object_get(root, "changes"));
	load_flags(root, manifest);
	json_decref(root);
	if (ret)
		np_context(err, "manifest %s", path);
	return ret;
}

void manifest_free(struct manifest *manifest)
{
	np_ranges_free(&manifest->unstable);
	np_ranges_free(&manifest->assumed);
	np_ranges_free(&manifest->changes);
	free(manifest->segments);
	memset(manifest, 0, sizeof(*manifest));
}
