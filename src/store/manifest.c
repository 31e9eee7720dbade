/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/manifest.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "base/version.h"
#include "store/json.h"
#include "store/status.h"

#define READS_MAX 1000u /* more is no number of reads */

void manifest_utc(char date[32])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(date, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

void manifest_begin(struct manifest *manifest, const struct nor_info *info, const char *programmer,
                    const char *operation)
{
	memset(manifest, 0, sizeof(*manifest));
	snprintf(manifest->operation, sizeof(manifest->operation), "%s", operation);
	snprintf(manifest->chip, sizeof(manifest->chip), "%s", info->name);
	np_format_hex(info->jedec_id, info->jedec_id_len, manifest->jedec_id);
	np_format_hex(info->uid, info->uid_len, manifest->uid);
	snprintf(manifest->programmer, sizeof(manifest->programmer), "%s",
	         programmer ? programmer : "");
	manifest_utc(manifest->date);
	manifest->chip_size = info->size;
}

int manifest_describe(struct manifest *manifest, const uint8_t *image,
                      const struct np_ranges *segments, const char *sha256, struct np_error *err)
{
	bool one = segments->count == 1;
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
		if (one && sha256)
			memcpy(segment->sha256, sha256, NP_SHA256_HEX);
		else
			np_sha256_hex(image + range->start, range->len, segment->sha256);
		if (!sha256 && !one)
			np_sha256_add(&sha, image + range->start, range->len);
		manifest->size += range->len;
	}
	np_sha256_end(&sha, manifest->sha256);
	if (sha256 || one)
		memcpy(manifest->sha256, sha256 ? sha256 : manifest->segments[0].sha256,
		       NP_SHA256_HEX);
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct manifest_read *x = a, *y = b;

	return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

/* What of `read` lies outside `set`, to the end of `reads`, which has room. */
static int keep_rest(const struct manifest_read *read, const struct np_ranges *set,
                     struct manifest_read *reads, size_t *count, struct np_error *err)
{
	struct np_ranges rest = {0};
	int ret = np_ranges_add(&rest, read->range, err);

	if (!ret)
		ret = np_ranges_remove_all(&rest, set, err);
	for (size_t i = 0; i < rest.count && !ret; i++)
		reads[(*count)++] = (struct manifest_read){rest.at[i], read->count};
	np_ranges_free(&rest);
	return ret;
}

int manifest_set_reads(struct manifest *manifest, const struct np_ranges *set, unsigned times,
                       struct np_error *err)
{
	/* Each range of the set splits at most one piece in two. */
	size_t room = manifest->read_count + 2 * set->count + 1, count = 0;
	struct manifest_read *reads = calloc(room, sizeof(*reads));
	int ret = reads ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	for (size_t i = 0; i < manifest->read_count && !ret; i++)
		ret = keep_rest(&manifest->reads[i], set, reads, &count, err);
	for (size_t i = 0; i < set->count && !ret; i++)
		reads[count++] = (struct manifest_read){set->at[i], times};
	if (ret) {
		free(reads);
		return ret;
	}
	qsort(reads, count, sizeof(*reads), by_start);
	free(manifest->reads);
	manifest->reads = reads;
	manifest->read_count = count;
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

/* ---- what betrays a bad read ---- */

static const struct {
	const char *name;
	size_t offset; /* of a bool */
} flags[] = {
	{"all-ff", offsetof(struct manifest_contents, all_ff)},
	{"all-00", offsetof(struct manifest_contents, all_00)},
	{"equal-halves", offsetof(struct manifest_contents, equal_halves)},
	{"zero-bursts", offsetof(struct manifest_contents, zero_bursts)},
	{"address-line", offsetof(struct manifest_contents, address_line)},
	{"stuck-bits", offsetof(struct manifest_contents, stuck_bits)},
	{"shifted", offsetof(struct manifest_contents, shifted)},
	{"unfinished-job", offsetof(struct manifest_contents, unfinished_job)},
};

#define FLAGS (sizeof(flags) / sizeof(flags[0]))

static bool flag_is_set(const struct manifest_contents *contents, size_t i)
{
	return *(const bool *)((const char *)contents + flags[i].offset);
}

static json_t *pack_flags(const struct manifest *manifest)
{
	json_t *array = json_array();

	for (size_t i = 0; i < FLAGS; i++)
		if (flag_is_set(&manifest->contents, i))
			json_array_append_new(array, json_string(flags[i].name));
	return array;
}

const char *manifest_flags_text(const struct manifest_contents *contents, char *buf, size_t len)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < FLAGS && used < len; i++)
		if (flag_is_set(contents, i))
			used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? ", " : "",
			                         flags[i].name);
	return buf;
}

void manifest_text(char *to, size_t len, const char *from)
{
	json_t *string;

	snprintf(to, len, "%s", from);
	string = json_string(to);
	for (char *c = to; *c && !string; c++)
		*c = (unsigned char)*c < 0x80 ? *c : '?';
	json_decref(string);
}

static void file_of(const char *file, char path[NP_PATH_MAX])
{
	snprintf(path, NP_PATH_MAX, "%s.json", file);
}

static json_t *pack_reads(const struct manifest *manifest)
{
	json_t *array = manifest->read_count ? json_array() : NULL;

	for (size_t i = 0; i < manifest->read_count; i++) {
		const struct manifest_read *read = &manifest->reads[i];

		json_array_append_new(array, json_pack("{s:I,s:I,s:i}", "start",
		                                       (json_int_t)read->range.start, "length",
		                                       (json_int_t)read->range.len, "count",
		                                       (int)read->count));
	}
	return array;
}

static json_t *pack(const struct manifest *manifest)
{
	json_t *root = json_pack(
		"{s:i,s:s,s:s,s:s,s:s,s:s?,s:s?,s:I,s:I,s:s,s:s,s:s,s:i,s:I,s:o,s:o,s:o,"
		"s:o*,s:o*,s:o}",
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
		manifest->says_changes ? json_from_ranges(&manifest->changes) : NULL, "reads",
		pack_reads(manifest), "segments", pack_segments(manifest));

	if (root && manifest->status.told)
		json_object_set_new(root, "status", status_pack(&manifest->status));
	if (root && manifest->sequence) {
		json_object_set_new(root, "sequence", json_integer((json_int_t)manifest->sequence));
		json_object_set_new(root, "state", json_string(manifest->state));
	}
	if (root && manifest->contents.entropy)
		json_object_set_new(root, "entropy",
		                    json_real(manifest->contents.entropy / 1000.0));
	if (root && manifest->file[0])
		json_object_set_new(root, "file", json_string(manifest->file));
	if (root && manifest->regions[0])
		json_object_set_new(root, "regions", json_string(manifest->regions));
	return root;
}

int manifest_save(const struct manifest *manifest, const char *file, enum np_io_mode mode,
                  struct np_error *err)
{
	char path[NP_PATH_MAX];

	file_of(file, path);
	return json_save(pack(manifest), path, mode, err);
}

int manifest_finish(const struct manifest *manifest, struct np_io_out *out, int ret,
                    struct np_error *err)
{
	return json_finish(pack(manifest), out, ret, err);
}

#define TEXT(name)                                                                           \
	{                                                                                    \
#name, offsetof(struct manifest, name), sizeof(((struct manifest *)0)->name) \
	}

static const struct {
	char key[11];
	uint16_t at, len;
} texts[] = {TEXT(operation), TEXT(chip), TEXT(jedec_id), TEXT(uid),
             TEXT(profile),   TEXT(date), TEXT(sha256),   TEXT(programmer)};

/* "uid" may be null, and "profile" too, or missing. */
static bool may_lack(const json_t *text, size_t at)
{
	return at == offsetof(struct manifest, profile)
	               ? !json_is_string(text)
	               : at == offsetof(struct manifest, uid) && json_is_null(text);
}

static int load_texts(const json_t *root, struct manifest *m, struct np_error *err)
{
	uint64_t passes = 0;
	int ret = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !ret; i++)
		if (!may_lack(json_object_get(root, texts[i].key), texts[i].at))
			ret = json_get_text(root, texts[i].key, (char *)m + texts[i].at,
			                    texts[i].len, err);
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
	double entropy = json_number_value(json_object_get(root, "entropy"));

	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *flag = json_string_value(json_array_get(array, i));

		for (size_t j = 0; j < FLAGS; j++)
			if (flag && strcmp(flag, flags[j].name) == 0)
				*(bool *)((char *)&m->contents + flags[j].offset) = true;
	}
	m->contents.entropy = entropy > 0 && entropy <= 8 ? (unsigned)(entropy * 1000 + 0.5) : 0;
}

/* Words for people only: what is missing or no text stays empty. */
static void load_purpose(const json_t *root, struct manifest *m)
{
	const char *file = json_string_value(json_object_get(root, "file"));
	const char *regions = json_string_value(json_object_get(root, "regions"));

	if (file)
		manifest_text(m->file, sizeof(m->file), file);
	if (regions)
		manifest_text(m->regions, sizeof(m->regions), regions);
}

static int load_read(const json_t *object, struct manifest *m, struct np_error *err)
{
	struct manifest_read *read = &m->reads[m->read_count];
	uint64_t count = 0;
	int ret = json_get_range(object, m->chip_size, &read->range, err);

	if (!ret)
		ret = json_get_number(object, "count", &count, err);
	if (ret)
		return ret;
	if (count > READS_MAX ||
	    (m->read_count && read[-1].range.start + read[-1].range.len > read->range.start))
		return np_fail(err, NP_E_INPUT, "\"reads\" holds something else");
	read->count = (unsigned)count;
	m->read_count++;
	return 0;
}

static int load_reads(const json_t *root, struct manifest *m, struct np_error *err)
{
	const json_t *array = json_object_get(root, "reads");
	int ret = 0;

	if (!array)
		return 0;
	if (!json_is_array(array))
		return np_fail(err, NP_E_INPUT, "\"reads\" is not a list");
	m->reads = calloc(json_array_size(array) + 1, sizeof(*m->reads));
	if (!m->reads)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	for (size_t i = 0; i < json_array_size(array) && !ret; i++)
		ret = load_read(json_array_get(array, i), m, err);
	return ret;
}

static int load_sequence(const json_t *root, struct manifest *m, struct np_error *err)
{
	int ret;

	if (!json_object_get(root, "sequence"))
		return 0;
	ret = json_get_number(root, "sequence", &m->sequence, err);
	return ret ? ret : json_get_text(root, "state", m->state, sizeof(m->state), err);
}

static int load_all(const json_t *root, struct manifest *manifest, struct np_error *err)
{
	int ret = load_texts(root, manifest, err);

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
		ret = load_reads(root, manifest, err);
	if (!ret)
		ret = load_sequence(root, manifest, err);
	if (!ret)
		ret = status_load(json_object_get(root, "status"), &manifest->status, err);
	if (!ret)
		ret = load_segments(root, manifest, err);
	manifest->says_changes = json_is_array(json_object_get(root, "changes"));
	load_flags(root, manifest);
	load_purpose(root, manifest);
	return ret;
}

/* The reference to `root` is taken over. */
static int take(json_t *root, const char *path, struct manifest *manifest, int ret,
                struct np_error *err)
{
	memset(manifest, 0, sizeof(*manifest));
	if (ret)
		return ret;
	ret = load_all(root, manifest, err);
	json_decref(root);
	if (ret)
		np_context(err, "manifest %s", path);
	return ret;
}

int manifest_load(const char *file, struct manifest *manifest, struct np_error *err)
{
	char path[NP_PATH_MAX];
	json_t *root;
	int ret;

	file_of(file, path);
	ret = json_open(path, &root, err);
	return take(root, path, manifest, ret, err);
}

int manifest_load_in(const struct np_io_dir *dir, const char *name, struct manifest *manifest,
                     struct np_error *err)
{
	json_t *root;
	int ret = json_open_in(dir, name, &root, err);

	return take(root, name, manifest, ret, err);
}

int manifest_parse(const char *text, size_t len, const char *path, struct manifest *manifest,
                   struct np_error *err)
{
	json_t *root;
	int ret = json_parse(text, len, path, &root, err);

	return take(root, path, manifest, ret, err);
}

/* A manifest of 0.1.0 says only how often everything was read. */
int manifest_read_once(const struct manifest *m, struct np_ranges *once, struct np_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < m->read_count && !ret; i++)
		if (m->reads[i].count == 1)
			ret = np_ranges_add(once, m->reads[i].range, err);
	for (size_t i = 0; i < m->segment_count && !ret && !m->read_count && m->passes < 2; i++)
		ret = np_ranges_add(
			once, (struct np_range){m->segments[i].start, m->segments[i].len}, err);
	return ret ? ret : np_ranges_remove_all(once, &m->assumed, err);
}

void manifest_free(struct manifest *manifest)
{
	np_ranges_free(&manifest->unstable);
	np_ranges_free(&manifest->assumed);
	np_ranges_free(&manifest->changes);
	free(manifest->segments);
	free(manifest->reads);
	memset(manifest, 0, sizeof(*manifest));
}
