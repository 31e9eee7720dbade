/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "cli/damage.h"
#include "cli/gang/member.h"
#include "cli/select.h"
#include "cli/session.h"
#include "store/backup.h"

#define SLOWEST_HZ    100000u     /* below it a read takes an hour */
#define MANIFEST_ROOM (64u << 10) /* on the disk, beside the image */

/* What a read is to become: one file, or a folder of one file per piece. */

struct target {
	const char *path;
	bool folder;
	bool pipe; /* "-": standard output */
	enum np_io_mode mode;
	const struct selection *sel;
	struct nor_protection status; /* the status registers, for the manifest */
	struct ahead_file *files;     /* owned; written while the chip is read */
	size_t count;
	struct ahead *ahead;
	size_t existed; /* so many characters of the folder's path are one that was there before */
};

static int refuse_existing(const char *path, bool force, struct np_error *err)
{
	if (force || !np_io_exists(path))
		return 0;
	np_fail(err, NP_E_OUTPUT, "%s exists already", path);
	return np_hint(err, "choose another name, or --force to replace it");
}

static int with_ending(char *buf, size_t len, const char *path, const char *ending,
                       struct np_error *err)
{
	if ((size_t)snprintf(buf, len, "%s%s", path, ending) < len)
		return 0;
	return np_fail(err, NP_E_OUTPUT, "the path is too long: %s", path);
}

/* FILE and FILE.json must not exist; checked before the chip is read. */
static int check_free(const char *path, bool force, struct np_error *err)
{
	char manifest[NP_PATH_MAX];
	int ret = with_ending(manifest, sizeof(manifest), path, ".json", err);

	if (!ret)
		ret = refuse_existing(path, force, err);
	return ret ? ret : refuse_existing(manifest, force, err);
}

/* Of one of the files. */
static int file_path(const struct target *target, size_t index, char path[NP_PATH_MAX],
                     struct np_error *err)
{
	const char *name = target->folder ? target->sel->parts.at[index].name : "";
	const char *slash = target->folder ? "/" : "", *ending = target->folder ? ".bin" : "";

	/* Layouts come from dumps and device trees too: a name must not lead out of the folder. */
	if (strchr(name, '/')) {
		np_fail(err, NP_E_RANGE, "region '%s' cannot be a file of a folder", name);
		return np_hint(err, "read it alone, or by its addresses");
	}
	if (snprintf(path, NP_PATH_MAX, "%s%s%s%s", target->path, slash, name, ending) <
	    NP_PATH_MAX)
		return 0;
	return np_fail(err, NP_E_OUTPUT, "the path is too long: %s", target->path);
}

/* A folder may exist; the files that will go into it may not. */
static int name_files(struct target *target, struct np_error *err)
{
	struct stat st;
	int ret = 0;

	target->existed = np_io_existing(target->path);
	target->files = calloc(target->count + 1, sizeof(*target->files));
	if (!target->files)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	if (target->folder && stat(target->path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		np_fail(err, NP_E_OUTPUT, "%s exists and is not a folder", target->path);
		ret = np_hint(err, "several regions go into a folder, one file each");
	}
	for (size_t i = 0; i < target->count; i++) {
		target->files[i].out.fd = -1;
		if (!ret)
			ret = file_path(target, i, target->files[i].path, err);
		if (!ret)
			ret = check_free(target->files[i].path, target->mode == NP_IO_REPLACE, err);
	}
	return ret;
}

/* ---- the files, begun before the read ---- */

static int begin_files(struct target *target, const uint8_t *image, struct np_error *err)
{
	const struct selection *sel = target->sel;
	int ret = target->folder ? np_io_mkdirs(target->path, err) : 0;

	for (size_t i = 0; i < target->count && !ret; i++) {
		struct ahead_file *file = &target->files[i];

		ret = np_io_create(&file->out, file->path, target->mode, err);
		if (!ret && target->folder)
			ret = np_ranges_add(&file->segments, sel->parts.at[i].range, err);
		else if (!ret)
			ret = np_ranges_add_all(&file->segments, &sel->only, err);
	}
	if (!ret && target->count)
		target->ahead = ahead_begin(target->files, target->count, image);
	return ret;
}

/* Of what has no name yet nothing is left, nor a folder that was made for it. */
static void drop_files(struct target *target)
{
	ahead_end(target->ahead, false, NULL);
	target->ahead = NULL;
	for (size_t i = 0; target->files && i < target->count; i++) {
		np_io_abort(&target->files[i].out);
		np_ranges_free(&target->files[i].segments);
	}
	if (target->folder && target->files)
		np_io_rmdirs(target->path, target->existed);
	free(target->files);
	target->files = NULL;
}

/* ---- and named after it ---- */

static void tell_saved(struct session *s, const char *path, const struct manifest *manifest)
{
	struct report *report = &s->cli->report;
	char size[32];

	report_say(report, "%s: %s, SHA-256 %s", path,
	           np_format_size(manifest->size, size, sizeof(size)), manifest->sha256);
	report_event(report, "file",
	             json_pack("{s:o, s:I, s:s}", "path", report_text(path), "size",
	                       (json_int_t)manifest->size, "sha256", manifest->sha256));
}

static int save_file(struct session *s, const struct target *target, struct ahead_file *file,
                     const uint8_t *image, const struct read_result *result, struct np_error *err)
{
	struct manifest manifest = {0};
	int ret = job_read_manifest(&s->job, s->info, result, &target->status, &file->segments,
	                            &manifest, err);

	manifest.contents.unfinished_job = s->unfinished;
	if (!ret)
		ret = backup_finish(file, image, &manifest, err);
	if (!ret)
		tell_saved(s, file->path, &manifest);
	if (!target->folder)
		report_results(&s->cli->report, json_pack("{s:s,s:I}", "sha256", manifest.sha256,
		                                          "size", (json_int_t)manifest.size));
	manifest_free(&manifest);
	return ret;
}

/* New ones go again where not all of them could be kept. */
static void remove_files(const struct target *target, size_t count)
{
	char manifest[NP_PATH_MAX + 8];

	for (size_t i = 0; i < count && target->mode == NP_IO_NEW; i++) {
		snprintf(manifest, sizeof(manifest), "%s.json", target->files[i].path);
		np_io_remove(manifest, NULL);
		np_io_remove(target->files[i].path, NULL);
	}
}

static int save_files(struct session *s, struct target *target, const uint8_t *image,
                      const struct read_result *result, struct np_error *err)
{
	size_t saved = 0;
	int ret = ahead_end(target->ahead, true, err);

	target->ahead = NULL;
	while (!ret && saved < target->count) {
		ret = save_file(s, target, &target->files[saved], image, result, err);
		saved += !ret;
	}
	if (ret)
		remove_files(target, saved);
	return ret;
}

/* `read -`: the bytes alone, for a pipe. No manifest, for there is no file that it could stand
 * by. */
static int send(const struct target *target, const uint8_t *image, struct np_error *err)
{
	const struct np_ranges *ranges = &target->sel->only;

	for (size_t i = 0; i < ranges->count; i++)
		if (!report_bytes(image + ranges->at[i].start, ranges->at[i].len))
			return np_fail(err, NP_E_OUTPUT, "standard output could not be written");
	return 0;
}

/* No majority: what was read is kept under a name that is not taken for a backup. */
static void save_unstable(struct session *s, struct target *target, const uint8_t *image,
                          const struct read_result *result)
{
	struct np_error err = {0};
	struct target other = {
		.mode = target->mode, .sel = target->sel, .status = target->status, .count = 1};
	char path[NP_PATH_MAX];
	int ret = with_ending(path, sizeof(path), target->path, ".unstable", &err);

	drop_files(target);
	other.path = path;
	if (!ret)
		ret = name_files(&other, &err);
	if (!ret)
		ret = begin_files(&other, image, &err);
	if (!ret)
		ret = save_files(s, &other, image, result, &err);
	drop_files(&other);
	if (ret)
		report_warn(&s->cli->report, "what was read is not kept: %s", err.message);
	else
		report_warn(&s->cli->report, "%s is not a backup: reads of it disagree", path);
	if (!ret)
		report_result(&s->cli->report, "unstable_file", report_text(path));
}

/* Contents that a chip seldom holds and a bad contact often reads. */
static void warn_suspicious(struct report *report, const struct manifest_contents *c)
{
	char distance[32];

	if (c->all_ff)
		report_warn(report,
		            "every byte read is FF: the chip is blank, or MISO or its supply "
		            "is open");
	if (c->all_00)
		report_warn(report,
		            "every byte read is 00: the chip was wiped, or MISO is shorted");
	if (c->equal_halves)
		report_warn(report,
		            "both halves of what was read are equal: the chip may be half as "
		            "big as it says, or its highest address line is stuck");
	else if (c->address_line)
		report_warn(report,
		            "everything stands twice, %s apart: an address bit is lost on the "
		            "way; this is not a backup; `norprog doctor` looks at the wires",
		            np_format_size(c->mirror, distance, sizeof(distance)));
	if (c->zero_bursts)
		report_warn(report,
		            "long regular bursts of 00: the board may be drawing the supply "
		            "down; feed it separately or hold its reset");
	if (c->stuck_bits)
		report_warn(report,
		            "in every byte read the bits %02X are ones and the bits %02X zeros: "
		            "this is not a backup; `norprog doctor` looks at the wires",
		            c->stuck_ones, c->stuck_zeros);
}

static void tell_quality(struct session *s, const struct read_result *result)
{
	const struct manifest_contents *c = &result->contents;
	struct report *report = &s->cli->report;

	report_note(report, "%u pass%s, %" PRIu64 " block%s of 4 KiB disagreed", result->passes,
	            result->passes == 1 ? "" : "es", result->disagreed_blocks,
	            result->disagreed_blocks == 1 ? "" : "s");
	warn_suspicious(report, c);
	report_results(report, json_pack("{s:i,s:I,s:b,s:b,s:b,s:b,s:I,s:i,s:i,s:b,s:f}", "passes",
	                                 result->passes, "disagreements",
	                                 (json_int_t)result->disagreed_blocks, "all_ff", c->all_ff,
	                                 "all_00", c->all_00, "equal_halves", c->equal_halves,
	                                 "zero_bursts", c->zero_bursts, "address_line",
	                                 (json_int_t)c->mirror, "stuck_ones", c->stuck_ones,
	                                 "stuck_zeros", c->stuck_zeros, "shifted", c->shifted,
	                                 "entropy", c->entropy / 1000.0));
}

/* Checksums inside firmware find errors that are the same in both reads through a bad contact. */
static int tell_damage(struct session *s, const uint8_t *image, bool *damaged, struct np_error *err)
{
	struct image_parts parts;
	int ret = image_scan(image, s->info->size, &parts, err);

	*damaged = false;
	if (ret)
		return ret;
	*damaged = damage_tell(&s->cli->report, "the chip", s->info->size, &parts);
	image_parts_free(&parts);
	return 0;
}

/* A quarter of the clock in use, as --speed takes it; false: the adapter knows no other. */
static bool slower(const struct session *s, uint32_t *hz, char *text, size_t len)
{
	const struct spi_caps *caps = spi_caps(nor_bus(s->nor));

	*hz = caps->hz / 4 / 1000 * 1000;
	if (*hz < caps->hz_min || *hz < SLOWEST_HZ || caps->hz_min == caps->hz_max)
		return false;
	if (*hz % 1000000)
		snprintf(text, len, "%uk", *hz / 1000);
	else
		snprintf(text, len, "%uM", *hz / 1000000);
	return true;
}

static void advise(struct session *s, const struct target *target, const char *speed)
{
	report_warn(
		&s->cli->report,
		"the chip may really hold that, but often it is a bad contact: clean and reseat the "
		"clip, and read again%s%s%s%s%s",
		speed ? " slower: norprog read " : "", speed ? target->path : "",
		speed && !target->pipe ? " --force" : "", speed ? " --speed " : "",
		speed ? speed : "");
}

/* What was read is damaged: read it once more, at a lower clock, if the user wants that. */
static int offer_slower(struct session *s, const struct target *target,
                        const struct read_options *options, uint8_t *image,
                        struct read_result *result, struct np_error *err)
{
	struct report *report = &s->cli->report;
	char speed[16], question[80];
	bool damaged, can;
	uint32_t hz;
	int ret = tell_damage(s, image, &damaged, err);

	if (ret || !damaged)
		return ret;
	can = slower(s, &hz, speed, sizeof(speed));
	advise(s, target, can ? speed : NULL);
	snprintf(question, sizeof(question), "Read again now, at %sHz?", speed);
	if (!can || !ask_whether(s->cli, question))
		return 0;
	ret = spi_set_hz(nor_bus(s->nor), hz, err);
	read_result_free(result);
	*result = (struct read_result){0};
	if (!ret)
		ret = job_read(&s->job, options, image, result, err);
	if (!ret)
		ret = tell_damage(s, image, &damaged, err);
	if (!ret)
		report_say(report, damaged ? "read again more slowly: it is damaged all the same"
		                           : "read again more slowly: all its checksums are right");
	return ret;
}

static int read_and_save(struct session *s, struct target *target, uint8_t *image,
                         struct np_error *err)
{
	struct np_error ignored = {0};
	struct read_options options = {.only = selection_is_whole(target->sel) ? NULL
	                                                                       : &target->sel->only,
	                               .passes = s->cli->opt.passes ? s->cli->opt.passes : 2,
	                               .ahead = target->ahead};
	struct read_result result = {0};
	int ret = job_read(&s->job, &options, image, &result, err);

	if (!ret && selection_is_whole(target->sel))
		ret = offer_slower(s, target, &options, image, &result, err);
	/* For a clone; a backup is one without them, too. */
	if (!ret && nor_protection_found(s->nor, &target->status, &ignored))
		target->status = (struct nor_protection){0};
	if (!ret)
		ret = session_let_go(s, err);
	if (ret == NP_E_UNSTABLE && !target->pipe)
		save_unstable(s, target, image, &result);
	else if (!ret)
		tell_quality(s, &result);
	if (!ret)
		ret = target->pipe ? send(target, image, err)
		                   : save_files(s, target, image, &result, err);
	read_result_free(&result);
	return ret;
}

static int read_to(struct session *s, struct target *target, struct np_error *err)
{
	uint8_t *image = calloc(1, s->info->size);
	int ret = image ? begin_files(target, image, err)
	                : np_fail(err, NP_E_MEMORY,
	                          "out of memory for an image of %" PRIu64 " bytes", s->info->size);

	if (!ret)
		ret = read_and_save(s, target, image, err);
	drop_files(target);
	free(image);
	return ret;
}

static int read_chip(struct session *s, const char *path, struct np_error *err)
{
	struct selection sel;
	char own[NP_PATH_MAX];
	struct target target = {.path = path, .sel = &sel};
	int ret = selection_from_options(&sel, &s->cli->opt, session_layout(s), s->info->size, 0,
	                                 err);

	target.mode = s->cli->opt.force ? NP_IO_REPLACE : NP_IO_NEW;
	target.folder = sel.parts.count > 1;
	target.pipe = strcmp(path, "-") == 0;
	target.count = target.pipe ? 0 : target.folder ? sel.parts.count : 1;
	if (!ret && s->cli->report.wire) {
		ret = member_file(s, path, true, target.folder, own, sizeof(own), err);
		target.path = own;
	}
	if (!ret && target.pipe && target.folder) {
		np_fail(err, NP_E_USAGE, "read -: several regions make several files");
		ret = np_hint(err, "name one region, or a folder instead of -");
	}
	if (!ret)
		ret = name_files(&target, err);
	if (!ret && !target.pipe)
		ret = np_io_room(target.path, np_ranges_bytes(&sel.only) + MANIFEST_ROOM, err);
	if (!ret)
		ret = read_to(s, &target, err);
	drop_files(&target);
	report_result(&s->cli->report, "file", report_text(target.path));
	selection_free(&sel);
	return ret;
}

static int check_pipe(const struct cli *cli, struct np_error *err)
{
	if (cli->report.json)
		return np_fail(err, NP_E_USAGE, "read - and --json both want standard output");
	if (!isatty(STDOUT_FILENO))
		return 0;
	np_fail(err, NP_E_USAGE, "read -: standard output is a terminal");
	return np_hint(err, "pipe it on: `norprog read -` | gzip > backup.bin.gz; or name a file");
}

int cmd_read(struct cli *cli, struct np_error *err)
{
	struct session session;
	const char *path = cli->opt.args[0];
	struct stat st;
	bool pipe = strcmp(path, "-") == 0;
	int ret = session_prepare(&session, cli, err);

	if (!ret && pipe)
		ret = check_pipe(cli, err);
	else if (!ret && !cli->report.wire && !(stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		ret = check_free(path, cli->opt.force, err);
	if (!ret)
		ret = session_open(&session, err);
	if (!ret)
		ret = read_chip(&session, path, err);
	return session_close(&session, ret, err);
}
