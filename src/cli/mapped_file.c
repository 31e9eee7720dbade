/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/mapped_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/units.h"
#include "image/map.h"
#include "device/recognise.h"
#include "device/load.h"

static int map(struct image_file *file, int fd, struct np_error *err)
{
	struct stat st;
	void *at;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return np_fail(err, NP_E_INPUT, "%s is no regular file", file->path);
	if (!st.st_size)
		return np_fail(err, NP_E_INPUT, "%s is empty", file->path);
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return np_fail(err, errno == ENOMEM ? NP_E_MEMORY : NP_E_INPUT, "%s: %s",
		               file->path, strerror(errno));
	file->data = file->mapped = at;
	file->len = file->mapped_len = (size_t)st.st_size;
	return 0;
}

int image_file_open_raw(struct image_file *file, const char *path, struct np_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret;

	*file = (struct image_file){.path = path};
	if (fd < 0)
		return np_fail_file(err, path, errno);
	ret = map(file, fd, err);
	close(fd);
	return ret;
}

int image_file_open(struct image_file *file, const char *path, struct np_error *err)
{
	int ret = image_file_open_raw(file, path, err);

	if (!ret)
		ret = image_open(file->mapped, file->mapped_len, path, &file->opened, err);
	if (ret)
		return ret;
	file->data = file->opened.data;
	file->len = file->opened.len;
	return 0;
}

void image_file_close(struct image_file *file)
{
	image_opened_free(&file->opened);
	if (file->mapped)
		munmap((void *)(uintptr_t)file->mapped, file->mapped_len);
	file->data = file->mapped = NULL;
}

int image_file_copy(const struct image_file *file, uint8_t **copy, struct np_error *err)
{
	*copy = malloc(file->len);
	if (!*copy)
		return np_fail(err, NP_E_MEMORY, "out of memory for %zu bytes", file->len);
	memcpy(*copy, file->data, file->len);
	return 0;
}

static int find_map(struct cli *cli, const uint8_t *data, size_t len, const struct image_found *in,
                    struct layout *layout, bool *has, struct np_error *err)
{
	int ret = image_find_map_with(data, len, in->parts, in->trees, "found inside", layout, has,
	                              err);

	if (!ret && *has)
		report_note(&cli->report, "no profile knows it; it carries its own map");
	return ret;
}

static int recognise_in(struct cli *cli, const uint8_t *data, size_t len,
                        const struct image_found *in, struct layout *layout, bool *has,
                        struct np_error *err)
{
	struct recognition found;
	int ret = recognise_dump_with(data, len, in->trees, &found, err);

	if (ret)
		return ret;
	if (!found.name[0])
		return find_map(cli, data, len, in, layout, has, err);
	if (!recognise_certain(&found)) {
		report_warn(&cli->report, "this could be %s or %s: choose with --layout",
		            found.name, found.also[0]);
		return 0;
	}
	ret = recognise_load_with(&found, data, len, in->trees, layout, err);
	*has = !ret;
	if (!ret)
		report_note(&cli->report, "recognised: %s (%s)", layout->device,
		            found.ambiguous ? "divided alike" : found.name);
	return ret;
}

int image_file_layout_with(struct cli *cli, const uint8_t *data, size_t len,
                           const struct image_found *in, struct layout *layout, bool *has,
                           struct np_error *err)
{
	int ret;

	*has = false;
	if (!cli->opt.layout)
		return recognise_in(cli, data, len, in, layout, has, err);
	ret = layout_load(cli->opt.layout, layout, err);
	if (ret)
		return ret;
	*has = true;
	return layout_fit(layout, len, err);
}

int image_file_layout(struct cli *cli, const uint8_t *data, size_t len, struct layout *layout,
                      bool *has, struct np_error *err)
{
	struct image_parts parts = {0};
	struct image_trees trees = {0};
	int ret = cli->opt.layout ? 0 : image_find_trees(data, len, &trees, err);

	*has = false;
	if (!ret && !cli->opt.layout)
		ret = image_scan(data, len, &parts, err);
	if (!ret)
		ret = image_file_layout_with(cli, data, len, &(struct image_found){&parts, &trees},
		                             layout, has, err);
	image_trees_free(&trees);
	image_parts_free(&parts);
	return ret;
}

int image_file_need_layout(struct cli *cli, const uint8_t *data, size_t len, struct layout *layout,
                           struct np_error *err)
{
	bool has;
	int ret = image_file_layout(cli, data, len, layout, &has, err);

	if (ret && has)
		layout_free(layout);
	if (ret || has)
		return ret;
	np_fail(err, NP_E_INPUT, "no device was recognised in the file");
	return np_hint(err, "give its layout with --layout; `norprog layouts` lists them");
}

/* The same file, whatever it is called? */
static bool same_file(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static bool is_packed(const char *path)
{
	struct np_error ignored;
	struct image_file file;
	bool packed = image_file_open(&file, path, &ignored) == 0 && file.opened.owned;

	image_file_close(&file);
	return packed;
}

int image_file_save(struct cli *cli, const char *source, const uint8_t *data, size_t len,
                    struct np_error *err)
{
	const struct cli_options *opt = &cli->opt;
	const char *path = opt->output ? opt->output : source;
	bool replace = opt->in_place || opt->force;
	char size[32];
	int ret;

	if (!opt->output && opt->in_place && is_packed(source)) {
		np_fail(err, NP_E_USAGE, "%s is packed: what is in it cannot be changed in place",
		        source);
		return np_hint(err, "-o FILE writes a new file");
	}
	if (!opt->output && !opt->in_place) {
		np_fail(err, NP_E_USAGE, "where to? no file is changed in place by itself");
		return np_hint(err, "-o FILE writes a new file, --in-place changes this one");
	}
	if (!opt->in_place && same_file(source, path)) {
		np_fail(err, NP_E_USAGE, "%s is the file that is worked on", path);
		return np_hint(err, "choose another name, or --in-place where that is meant");
	}
	if (!len) {
		np_fail(err, NP_E_SIZE, "%s is blank: nothing would be left", source);
		return np_hint(err, "there is nothing in it to keep");
	}
	if (!replace && np_io_exists(path)) {
		np_fail(err, NP_E_OUTPUT, "%s exists already", path);
		return np_hint(err, "choose another name, or --force to replace it");
	}
	ret = np_io_save(path, data, len, replace ? NP_IO_REPLACE : NP_IO_NEW, err);
	if (ret)
		return ret;
	report_say(&cli->report, "%s: %s", path, np_format_size(len, size, sizeof(size)));
	report_result(&cli->report, "path", report_text(path));
	report_result(&cli->report, "size", json_integer((json_int_t)len));
	return 0;
}
