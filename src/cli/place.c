/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/place.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/units.h"
#include "cli/mapped_file.h"
#include "device/identify.h"
#include "image/image.h"

#define BEGINNING (256u << 10) /* headers and what they say stand here */

/* What never stands at a flash's first address: a processor would start in it. */
static bool no_boot_code(enum image_kind kind)
{
	switch (kind) {
	case IMAGE_VENDOR_UPGRADE:
	case IMAGE_VENDOR_UPGRADE_BOOT:
	case IMAGE_OPENWRT_SYSUPGRADE:
	case IMAGE_OPENWRT_FACTORY:
	case IMAGE_KERNEL:
	case IMAGE_ROOTFS:
		return true;
	default:
		return false;
	}
}

static int refuse_zero(const char *path, const struct image_report *image, struct np_error *err)
{
	np_fail(err, NP_E_POLICY,
	        "%s is no dump but a %s: at address 0 it would replace the boot "
	        "loader",
	        path, image->text);
	if (image->has_place && image->strip)
		return np_hint(err,
		               "it belongs at 0x%06" PRIx64
		               " without what is in front: --at 0x%06" PRIx64 " --strip",
		               image->place, image->place);
	if (image->has_place)
		return np_hint(err, "it belongs at 0x%06" PRIx64 ": --at 0x%06" PRIx64,
		               image->place, image->place);
	return np_hint(err,
	               "say where it belongs: --at ADDR, or --at firmware with --layout; to write "
	               "it at 0 all the same: --only 0x0+LEN");
}

static int refuse_front(const char *path, const struct image_report *image, struct np_error *err)
{
	char size[32];

	np_fail(err, NP_E_POLICY,
	        "%s begins with %s of vendor header and boot loader, which do not "
	        "belong there",
	        path, np_format_size(image->strip, size, sizeof(size)));
	return np_hint(err, "--strip leaves them out");
}

/* The address of --at, when it is one. */
static bool at_address(const struct session *s, uint64_t *at)
{
	const struct layout_region *region;

	if (np_parse_size(s->cli->opt.at, at))
		return true;
	region = s->has_layout ? layout_find(&s->layout, s->cli->opt.at) : NULL;
	if (region)
		*at = region->start;
	return region != NULL;
}

static int check_at(struct session *s, const char *path, const struct image_report *image,
                    struct np_error *err)
{
	bool strip = s->cli->opt.strip;
	uint64_t at = 0;

	if (strip && !image->strip)
		return np_fail(err, NP_E_USAGE, "--strip: nothing in front of %s is known to go",
		               path);
	if (strip)
		s->skip = image->strip;
	if (!at_address(s, &at))
		return 0;
	if (at == 0 && no_boot_code(image->kind))
		return refuse_zero(path, image, err);
	return image->strip && !strip ? refuse_front(path, image, err) : 0;
}

/* A download that broke off or was damaged starts no board: its own sums tell, over all of it. */
static int check_sums(struct session *s, const struct image_file *file, enum image_kind kind,
                      struct np_error *err)
{
	struct report *report = &s->cli->report;
	struct image_report image;
	int ret;

	if (kind != IMAGE_VENDOR_UPGRADE && kind != IMAGE_VENDOR_UPGRADE_BOOT)
		return 0;
	ret = image_identify(file->data, file->len, &image, err);
	if (ret)
		return ret;
	if (image.truncated)
		report_warn(report, "%s is cut short: its header says it should be longer",
		            file->path);
	else if (image.damaged)
		report_warn(report, "%s is damaged: its checksum is wrong", file->path);
	image_report_free(&image);
	return 0;
}

static int check(struct session *s, const struct image_file *file, struct np_error *err)
{
	size_t len = file->len < BEGINNING ? file->len : BEGINNING;
	struct image_report image;
	int ret = image_identify(file->data, len, &image, err);

	if (ret)
		return ret;
	if (s->cli->opt.at)
		ret = check_at(s, file->path, &image, err);
	else if (s->cli->opt.strip)
		ret = np_fail(err, NP_E_USAGE, "--strip needs --at: where does the rest belong?");
	else if (!s->cli->opt.only.count && no_boot_code(image.kind))
		ret = refuse_zero(file->path, &image, err);
	if (!ret)
		ret = check_sums(s, file, image.kind, err);
	image_report_free(&image);
	return ret;
}

int place_check(struct session *session, const char *path, struct np_error *err)
{
	struct image_file file;
	struct stat st;
	int ret;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	ret = image_file_open(&file, path, err);
	if (!ret)
		ret = check(session, &file, err);
	image_file_close(&file);
	return ret;
}
