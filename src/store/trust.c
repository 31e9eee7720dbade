/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/units.h"

__attribute__((format(printf, 3, 4))) static void find(struct trust *trust, enum trust_kind kind,
                                                       const char *format, ...)
{
	struct trust_finding *finding = &trust->at[kind];
	va_list args;

	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	finding->found = true;
}

/* What of `range` is asked for; NULL: all. */
static int add_asked(struct np_ranges *set, struct np_range range, const struct np_ranges *only,
                     struct np_error *err)
{
	uint64_t end = range.start + range.len;
	int ret = 0;

	if (!only)
		return np_ranges_add(set, range, err);
	for (size_t i = 0; i < only->count && !ret; i++) {
		uint64_t from = only->at[i].start, to = from + only->at[i].len;

		from = from > range.start ? from : range.start;
		to = to < end ? to : end;
		if (from < to)
			ret = np_ranges_add(set, (struct np_range){from, to - from}, err);
	}
	return ret;
}

static int find_in(struct trust *trust, enum trust_kind kind, const struct np_ranges *set,
                   const struct np_ranges *only, const char *text, struct np_error *err)
{
	struct trust_finding *finding = &trust->at[kind];
	char size[32];
	int ret = 0;

	for (size_t i = 0; i < set->count && !ret; i++)
		ret = add_asked(&finding->where, set->at[i], only, err);
	if (!ret && finding->where.count)
		find(trust, kind, "%s %s",
		     np_format_size(np_ranges_bytes(&finding->where), size, sizeof(size)), text);
	return ret;
}

/* ---- digests ---- */

struct digests {
	int fd;
	struct np_sha256 all, one;
	uint64_t len;
};

/* Returns an errno. */
static int hash_piece(struct digests *d, uint64_t len, char hex[NP_SHA256_HEX])
{
	uint8_t buf[16384];

	np_sha256_begin(&d->one);
	for (uint64_t left = len; left;) {
		ssize_t n = read(d->fd, buf, left < sizeof(buf) ? (size_t)left : sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EPIPE;
		np_sha256_add(&d->one, buf, (size_t)n);
		np_sha256_add(&d->all, buf, (size_t)n);
		left -= (uint64_t)n;
	}
	np_sha256_end(&d->one, hex);
	return 0;
}

static int hash_pieces(struct trust *trust, const struct manifest *m, struct digests *d,
                       const struct np_ranges *only, struct np_error *err)
{
	struct np_ranges bad = {0};
	char hex[NP_SHA256_HEX];
	int error = 0, ret = 0;

	np_sha256_begin(&d->all);
	for (size_t i = 0; i < m->segment_count && !error && !ret; i++) {
		const struct manifest_segment *segment = &m->segments[i];

		error = hash_piece(d, segment->len, hex);
		if (!error && strcmp(hex, segment->sha256) != 0)
			ret = np_ranges_add(&bad, (struct np_range){segment->start, segment->len},
			                    err);
	}
	np_sha256_end(&d->all, hex);
	if (error)
		ret = np_fail_file(err, trust->path, error);
	else if (!ret && strcmp(hex, m->sha256) != 0)
		find(trust, TRUST_FILE, "its SHA-256 is not the one in the manifest");
	if (!ret)
		ret = find_in(trust, TRUST_SEGMENT, &bad, only,
		              "are not what was saved: their SHA-256 differs", err);
	np_ranges_free(&bad);
	return ret;
}

/* Segments that lie end to end and fill the file, as everything written here does. */
static bool is_gapless(const struct manifest *m)
{
	uint64_t offset = 0;

	for (size_t i = 0; i < m->segment_count; i++) {
		if (m->segments[i].offset != offset)
			return false;
		offset += m->segments[i].len;
	}
	return offset == m->size;
}

static int check_digests(struct trust *trust, const struct manifest *m,
                         const struct np_ranges *only, struct np_error *err)
{
	struct digests digests = {.fd = open(trust->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
	struct stat st;
	int ret = 0;

	if (digests.fd < 0 || fstat(digests.fd, &st) != 0)
		ret = np_fail_file(err, trust->path, errno);
	else if (!is_gapless(m))
		ret = np_fail(err, NP_E_INPUT,
		              "manifest %s.json: its parts do not add up to the file", trust->path);
	else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != m->size)
		find(trust, TRUST_FILE, "it has %llu bytes, its manifest says %llu",
		     (unsigned long long)st.st_size, (unsigned long long)m->size);
	else
		ret = hash_pieces(trust, m, &digests, only, err);
	if (digests.fd >= 0)
		close(digests.fd);
	return ret;
}

/* ---- how it was read ---- */

static int check_reads(struct trust *trust, const struct manifest *m, const struct np_ranges *only,
                       struct np_error *err)
{
	struct np_ranges once = {0};
	int ret = manifest_read_once(m, &once, err);

	if (!ret)
		ret = find_in(trust, TRUST_ONE_READ, &once, only,
		              "rest on one read, which may have been wrong", err);
	if (!ret)
		ret = find_in(trust, TRUST_UNSTABLE, &m->unstable, only,
		              "were read differently each time", err);
	if (!ret)
		ret = find_in(trust, TRUST_ASSUMED, &m->assumed, only,
		              "were never read: they are what --base said", err);
	np_ranges_free(&once);
	return ret;
}

static void check_flags(struct trust *trust, const struct manifest *m)
{
	const struct manifest_contents *c = &m->contents;

	if (c->unfinished_job)
		find(trust, TRUST_SUSPICIOUS,
		     "it was read while an interrupted job was open: half old, half new");
	/* A job that began on a blank chip and was finished knew its ID all the time. */
	if (c->all_ff && strcmp(m->operation, "read") != 0)
		return;
	if (!c->all_ff && !c->all_00 && !c->equal_halves && !c->zero_bursts && !c->address_line &&
	    !c->stuck_bits && !c->shifted)
		return;
	find(trust, TRUST_SUSPICIOUS,
	     "when it was read it looked like a bad contact:%s%s%s%s%s%s%s",
	     c->all_ff ? " all FFh;" : "", c->all_00 ? " all 00h;" : "",
	     c->equal_halves ? " two equal halves;" : "",
	     c->zero_bursts ? " long runs of 00h;" : "",
	     c->address_line && !c->equal_halves ? " a lost address line;" : "",
	     c->stuck_bits ? " bits that never change;" : "",
	     c->shifted ? " bytes lost on the way;" : "");
}

/* ---- whose it is ---- */

static void check_chip(struct trust *trust, const struct manifest *m, const struct nor_info *info)
{
	char id[2 * NOR_ID_MAX + 1], uid[2 * NOR_UID_MAX + 1];

	np_format_hex(info->jedec_id, info->jedec_id_len, id);
	np_format_hex(info->uid, info->uid_len, uid);
	/* The bytes behind the first three are not always read alike. */
	if (strncmp(m->jedec_id, id, 6) != 0)
		find(trust, TRUST_OTHER_CHIP, "it was made from a %s (%s), this is a %s (%s)",
		     m->chip, m->jedec_id, info->name, id);
	else if (m->chip_size != info->size)
		find(trust, TRUST_OTHER_CHIP, "it was made from a chip of %llu bytes",
		     (unsigned long long)m->chip_size);
	if (m->uid[0] && uid[0] && strcmp(m->uid, uid) != 0)
		find(trust, TRUST_OTHER_UNIT, "it was made from the chip with the unique ID %s",
		     m->uid);
}

int trust_examine(struct trust *trust, const char *path, const struct nor_info *info,
                  const struct np_ranges *only, struct np_error *err)
{
	struct manifest manifest;
	char json[NP_PATH_MAX + 8];
	int ret;

	memset(trust, 0, sizeof(*trust));
	if ((size_t)snprintf(trust->path, sizeof(trust->path), "%s", path) >= sizeof(trust->path))
		return np_fail(err, NP_E_INPUT, "the path is too long: %s", path);
	snprintf(json, sizeof(json), "%s.json", path);
	trust->has_manifest = np_io_exists(json);
	if (!trust->has_manifest)
		return 0;
	ret = manifest_load(path, &manifest, err);
	if (!ret)
		ret = check_digests(trust, &manifest, only, err);
	if (!ret)
		ret = check_reads(trust, &manifest, only, err);
	if (!ret) {
		check_flags(trust, &manifest);
		check_chip(trust, &manifest, info);
	}
	manifest_free(&manifest);
	return ret;
}

void trust_free(struct trust *trust)
{
	for (size_t i = 0; i < TRUST_KINDS; i++)
		np_ranges_free(&trust->at[i].where);
}
