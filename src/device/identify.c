/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict: what a file is as a whole, from its structures and the profiles. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/units.h"
#include "layout/builtin.h"
#include "device/evidence.h"
#include "image/front.h"
#include "device/identify.h"
#include "device/identify_odd.h"
#include "image/image.h"
#include "image/openwrt.h"
#include "image/wrap.h"
#include "device/recognise.h"
#include "device/load.h"

#define BOOT_AREA         0x50000 /* boot loaders live below, on every flash of the profiles */
#define UIMAGE_STANDALONE 1
#define SMALLEST_FLASH    (1u << 20)
#define LARGEST_FLASH     (256u << 20)
#define FLASH_ALIGN       64 /* nothing in a flash that a boot loader looks for stands at odd places */

struct judge {
	const uint8_t *data;
	size_t len;
	struct image_report *report;
	struct recognition recognition;
	const struct image_trees *trees; /* of all of it; NULL: not looked for yet */
	struct image_trees own;          /* owned: these, where the caller had none */
	struct np_error *err;
};

static void say(struct judge *j, enum image_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct judge *j, enum image_kind kind, const char *format, ...)
{
	va_list args;

	j->report->kind = kind;
	va_start(args, format);
	vsnprintf(j->report->text, sizeof(j->report->text), format, args);
	va_end(args);
}

static void because(struct judge *j, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void because(struct judge *j, const char *format, ...)
{
	char *why = j->report->why;
	size_t n = strlen(why), room = sizeof(j->report->why);
	va_list args;

	if (n && n + 3 < room)
		n += (size_t)snprintf(why + n, room - n, "; ");
	va_start(args, format);
	vsnprintf(why + n, room - n, format, args);
	va_end(args);
}

/* The first part of `kind` at or behind `from`, or NULL. */
static const struct image_part *part_of(const struct judge *j, enum image_part_kind kind,
                                        uint64_t from)
{
	const struct image_parts *parts = &j->report->parts;

	for (size_t i = 0; i < parts->count; i++)
		if (parts->at[i].kind == kind && parts->at[i].start >= from)
			return &parts->at[i];
	return NULL;
}

static const struct image_part *part_at(const struct judge *j, enum image_part_kind kind,
                                        uint64_t start)
{
	const struct image_part *part = part_of(j, kind, start);

	return part && part->start == start ? part : NULL;
}

static const struct image_part *tplink_header(const struct judge *j, uint64_t from)
{
	const struct image_part *v1 = part_of(j, PART_TPLINK_V1, from);
	const struct image_part *v2 = part_of(j, PART_TPLINK_V2, from);

	if (!v1 || !v2)
		return v1 ? v1 : v2;
	return v1->start <= v2->start ? v1 : v2;
}

static void note_part(struct judge *j, const struct image_part *part)
{
	because(j, "%s at 0x%llx%s%s%s", image_part_name(part->kind),
	        (unsigned long long)part->start, part->text[0] ? ": " : "", part->text,
	        part->elsewhere             ? ", goes on in a second chip"
	        : part->truncated           ? ", cut short"
	        : part->check == CHECK_GOOD ? ", checksum right"
	        : part->check == CHECK_BAD  ? ", checksum wrong"
	                                    : "");
	j->report->truncated |= part->truncated && !part->elsewhere;
	j->report->damaged |= part->check == CHECK_BAD;
}

/* ---- for which device, and where on its chip ---- */

/* Does a profile know this header by an exact sign inside its firmware region? */
static bool profile_knows(const struct layout *layout, const uint8_t *header, size_t len)
{
	const struct layout_region *firmware = layout_find(layout, "firmware");

	for (size_t i = 0; firmware && i < layout->sign_count; i++) {
		const struct layout_sign *sign = &layout->signs[i];

		if (sign->span == 1 && sign->start > firmware->start &&
		    sign->start - firmware->start + sign->len <= len &&
		    sign->start - firmware->start < 0x200 &&
		    memcmp(header + (sign->start - firmware->start), sign->bytes, sign->len) == 0)
			return true;
	}
	return false;
}

static void place_at(struct judge *j, const struct layout *layout, const char *region)
{
	const struct layout_region *found = layout_find(layout, region);

	if (!found)
		return;
	j->report->has_place = true;
	j->report->place = found->start;
	snprintf(j->report->region, sizeof(j->report->region), "%s", found->name);
}

/* Name the device a TP-Link header is for, and its firmware region. */
static int find_device(struct judge *j, uint64_t header)
{
	for (const struct layout_builtin *b = layout_builtins; b->name; b++) {
		struct layout layout;
		int rc = layout_load(b->name, &layout, j->err);

		if (rc)
			return rc;
		if (profile_knows(&layout, j->data + header, j->len - header)) {
			snprintf(j->report->profile, sizeof(j->report->profile), "%s", b->name);
			place_at(j, &layout, "firmware");
			because(j, "the hardware id is that of %s", layout.device);
			layout_free(&layout);
			return 0;
		}
		layout_free(&layout);
	}
	return 0;
}

/* ---- the kinds, asked in order of how sure their signs are ---- */

/* Firmware of a device names it as well as a dump does; a dump has this unit's data. */
static bool lacks_unit_data(const struct judge *j, const struct layout *layout)
{
	for (size_t i = 0; i < layout->unit.count; i++) {
		const struct np_range *range = &layout->unit.at[i];

		if (range->start + range->len <= j->len &&
		    !bytes_all(j->data + range->start, range->len, 0xff))
			return false;
	}
	return layout->unit.count > 0;
}

static int judge_dump(struct judge *j, bool *done)
{
	struct layout layout;
	int rc = 0;

	if (!j->trees && j->len >= SMALLEST_FLASH)
		rc = image_find_trees(j->data, j->len, &j->own, j->err);
	j->trees = j->trees ? j->trees : &j->own;
	if (!rc)
		rc = recognise_dump_with(j->data, j->len, j->trees, &j->recognition, j->err);
	if (rc || !j->recognition.name[0] || j->recognition.boot_blank ||
	    j->recognition.flash_size != j->len)
		return rc;
	rc = recognise_load_with(&j->recognition, j->data, j->len, j->trees, &layout, j->err);
	if (rc)
		return rc;
	if (lacks_unit_data(j, &layout) || front_is_shifted(&j->report->parts)) {
		layout_free(&layout);
		return 0;
	}
	snprintf(j->report->profile, sizeof(j->report->profile), "%s", j->recognition.name);
	say(j, IMAGE_FULL_DUMP, "full dump of %s", layout.device);
	because(j, "%s", j->recognition.why);
	if (j->recognition.ambiguous)
		because(j, "%s fits as well", j->recognition.also[0]);
	j->report->has_place = true;
	layout_free(&layout);
	*done = true;
	return 0;
}

static bool power_of_two(size_t len)
{
	return (len & (len - 1)) == 0;
}

static bool same_twice(const struct judge *j)
{
	return j->len % 2 == 0 && memcmp(j->data, j->data + j->len / 2, j->len / 2) == 0;
}

/* Say what stands behind a dump of `len` bytes. */
static void say_more(struct judge *j, const char *what, size_t len)
{
	char size[32], more[32];

	np_format_size(len, size, sizeof(size));
	np_format_size(j->len - len, more, sizeof(more));
	if (2 * len == j->len && same_twice(j))
		say(j, IMAGE_DUMP_AND_MORE, "%s (%s) twice: read beyond the end of its chip?", what,
		    size);
	else
		say(j, IMAGE_DUMP_AND_MORE, "%s (%s) with %s %s behind it", what, size, more,
		    bytes_all(j->data + len, j->len - len, 0xff) ? "of FFh" : "more");
}

/* A dump that something was appended to is none of a bigger flash. */
static int judge_longer(struct judge *j, bool *done)
{
	size_t len = SMALLEST_FLASH;
	char what[200];
	int rc = 0;

	while (len < j->len && len <= LARGEST_FLASH && !rc) {
		struct layout layout;

		rc = recognise_dump_with(j->data, len, j->trees, &j->recognition, j->err);
		if (!rc && j->recognition.name[0] && !j->recognition.boot_blank &&
		    j->recognition.flash_size == len) {
			rc = recognise_load_with(&j->recognition, j->data, len, j->trees, &layout,
			                         j->err);
			if (rc)
				return rc;
			snprintf(what, sizeof(what), "full dump of %s", layout.device);
			say_more(j, what, len);
			because(j, "%s", j->recognition.why);
			layout_free(&layout);
			*done = true;
			return 0;
		}
		len *= 2;
	}
	return rc;
}

/* A boot loader in front of something else: a whole flash, or what is written from address 0. */
static bool judge_from_zero(struct judge *j)
{
	const struct image_part *boot = part_of(j, PART_UBOOT, 0), *cal = NULL;
	const struct image_part *header = tplink_header(j, 0x10000);
	const struct image_part *kernel = part_of(j, PART_UIMAGE, 0x10000);

	if (!boot || boot->start >= BOOT_AREA || j->len < BOOT_AREA ||
	    tplink_header(j, 0) != header)
		return false;
	if ((header && header->start % FLASH_ALIGN) || (kernel && kernel->start % FLASH_ALIGN))
		return false;
	cal = part_of(j, PART_MTK_CAL, 0x20000);
	cal = cal ? cal : part_of(j, PART_ATH_CAL, 0x20000);
	note_part(j, boot);
	if (power_of_two(j->len) && j->len >= SMALLEST_FLASH && cal) {
		note_part(j, cal);
		say(j, IMAGE_FULL_DUMP_UNKNOWN, "full dump of a device no profile knows");
	} else if (header || kernel) {
		bool whole = power_of_two(j->len) && j->len >= SMALLEST_FLASH;

		note_part(j, header ? header : kernel);
		say(j, IMAGE_BOOT_AND_FIRMWARE, "boot loader and firmware%s%s",
		    header && header->truncated ? ", cut short" : "",
		    whole ? ", without this unit's data" : ", shorter than a flash");
	} else {
		return false;
	}
	j->report->has_place = true;
	return true;
}

static int judge_tplink(struct judge *j, bool *done)
{
	const struct image_part *header = tplink_header(j, 0);
	const struct image_part *openwrt = part_of(j, PART_FWTOOL, 0);
	bool ours;

	if (!header || header->start != 0)
		return 0;
	*done = true;
	note_part(j, header);
	ours = strncmp(header->text, "OpenWrt", 7) == 0 || openwrt;
	/* A sysupgrade's sum covers the file before the metadata went on. */
	if (openwrt)
		j->report->damaged = false;
	if (header->extra) {
		say(j, IMAGE_VENDOR_UPGRADE_BOOT, "TP-Link upgrade file with boot loader inside");
		j->report->strip = 0x200 + header->extra;
	} else if (ours) {
		say(j, openwrt ? IMAGE_OPENWRT_SYSUPGRADE : IMAGE_OPENWRT_FACTORY,
		    openwrt ? "OpenWrt sysupgrade for a TP-Link board"
		            : "OpenWrt factory image for a TP-Link board");
	} else {
		say(j, IMAGE_VENDOR_UPGRADE,
		    "TP-Link upgrade or recovery file, without boot loader");
	}
	return find_device(j, 0);
}

static bool judge_safeloader(struct judge *j)
{
	const struct image_part *file = part_at(j, PART_SAFELOADER, 0);
	const struct image_part *list = part_of(j, PART_SUPPORT_LIST, 0);

	if (!file)
		return false;
	note_part(j, file);
	if (list)
		note_part(j, list);
	say(j, IMAGE_VENDOR_UPGRADE, "TP-Link safeloader upgrade file%s%s%s", list ? " (" : "",
	    list ? list->text : "", list ? ")" : "");
	return true;
}

static bool judge_kernel(struct judge *j)
{
	const struct image_part *kernel = part_at(j, PART_UIMAGE, 0);
	const struct image_part *rootfs = part_of(j, PART_SQUASHFS, 64);
	const struct image_part *meta = part_of(j, PART_FWTOOL, 0);

	/* MR500 and MR600 put a tag of 512 bytes in front. */
	if (!kernel && part_at(j, PART_UIMAGE, 0x200))
		kernel = part_at(j, PART_UIMAGE, 0x200);
	/* MediaTek's boot loaders come as a uImage of type standalone. */
	if (!kernel || kernel->id == UIMAGE_STANDALONE)
		return false;
	note_part(j, kernel);
	if (rootfs)
		note_part(j, rootfs);
	if (meta)
		note_part(j, meta);
	if (meta)
		say(j, IMAGE_OPENWRT_SYSUPGRADE,
		    "OpenWrt sysupgrade (kernel and root file system)");
	else if (rootfs)
		say(j, IMAGE_OPENWRT_FACTORY, "firmware: kernel and root file system");
	else
		say(j, IMAGE_KERNEL, "kernel");
	return true;
}

static const struct simple {
	enum image_part_kind part;
	enum image_kind kind;
	const char *text;
	size_t at_most; /* file length; 0: any */
} simple[] = {
	{PART_SQUASHFS, IMAGE_ROOTFS, "root file system (squashfs)", 0},
	{PART_JFFS2, IMAGE_ROOTFS, "file system (JFFS2)", 0},
	{PART_UBI, IMAGE_ROOTFS, "UBI volumes", 0},
	{PART_TRX, IMAGE_VENDOR_UPGRADE, "TRX firmware image", 0},
	{PART_SEAMA, IMAGE_VENDOR_UPGRADE, "SEAMA firmware image", 0},
	{PART_FIT, IMAGE_DEVICE_TREE, "FIT image", 0},
	{PART_FDT, IMAGE_DEVICE_TREE, "device tree", 0},
	{PART_MTK_CAL, IMAGE_CALIBRATION, "Wi-Fi calibration (MediaTek)", 0x40000},
	{PART_UEFI, IMAGE_PC_FIRMWARE, "UEFI firmware (volumes from the beginning on)", 0},
	{PART_IFD, IMAGE_PC_FIRMWARE, "PC firmware (Intel flash descriptor)", 0},
	{PART_LZMA, IMAGE_KERNEL, "compressed kernel or loader (LZMA)", 0},
};

static bool judge_simple(struct judge *j)
{
	for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
		const struct image_part *part = part_at(j, simple[i].part, 0);

		if (!part || (simple[i].at_most && j->len > simple[i].at_most))
			continue;
		note_part(j, part);
		say(j, simple[i].kind, "%s", simple[i].text);
		return true;
	}
	return false;
}

/* Signs that stand somewhere inside. */
static bool judge_inner(struct judge *j)
{
	const struct image_part *boot = part_of(j, PART_UBOOT, 0);
	const struct image_part *art = part_of(j, PART_ATH_CAL, 0);
	const struct image_part *fmap = part_of(j, PART_FMAP, 0);

	const struct image_part *cbfs = part_of(j, PART_CBFS, 0);
	const struct image_part *amd = part_of(j, PART_AMD, 0);

	if (fmap || cbfs) {
		note_part(j, fmap ? fmap : cbfs);
		say(j, IMAGE_PC_FIRMWARE,
		    fmap ? "coreboot or Chromebook firmware" : "coreboot firmware");
	} else if (amd && amd->check == CHECK_GOOD) {
		note_part(j, amd);
		say(j, IMAGE_PC_FIRMWARE, "PC firmware (AMD)");
	} else if (art && j->len <= 0x40000) {
		note_part(j, art);
		say(j, IMAGE_CALIBRATION, "Wi-Fi calibration (Atheros)");
	} else if (boot && boot->start < BOOT_AREA && j->len <= 0x80000) {
		note_part(j, boot);
		say(j, IMAGE_BOOT_LOADER, "boot loader");
		j->report->has_place = true;
	} else {
		return false;
	}
	return true;
}

static void judge_unknown(struct judge *j)
{
	const struct image_parts *parts = &j->report->parts;
	struct image_stat stat;

	image_stat(j->data, j->len, &stat);
	say(j, IMAGE_UNKNOWN, "type not recognised");
	for (size_t i = 0; i < parts->count && i < 3; i++)
		note_part(j, &parts->at[i]);
	if (!parts->count)
		because(j, "contains no known signature, entropy %.1f bits per byte", stat.entropy);
	/* Damage somewhere inside says nothing about the whole. */
	j->report->damaged = false;
}

/* A capsule, an archive, a web page: what stands around or instead of an image. */
static bool judge_wrap(struct judge *j)
{
	static const enum image_kind kinds[] = {
		[WRAP_CAPSULE] = IMAGE_CAPSULE, [WRAP_UPDATE] = IMAGE_VENDOR_PACKAGE,
		[WRAP_PACKED] = IMAGE_PACKED,   [WRAP_TEXT_IMAGE] = IMAGE_HEX,
		[WRAP_FOREIGN] = IMAGE_FOREIGN,
	};
	struct wrap wrap;

	wrap_detect(j->data, j->len, &wrap);
	if (wrap.kind == WRAP_NONE)
		return false;
	say(j, kinds[wrap.kind], "%s", wrap.name);
	j->report->truncated = wrap.truncated;
	j->report->strip = wrap.strip;
	j->report->body = wrap.body;
	if (wrap.unpack)
		snprintf(j->report->mend, sizeof(j->report->mend), wrap.unpack, "FILE");
	if (wrap.kind == WRAP_CAPSULE)
		because(j, "the image in it begins at 0x%llx", (unsigned long long)wrap.strip);
	else if (wrap.unpack)
		because(j, "%s%s%sto be unpacked first: %s", wrap.holds[0] ? "it holds " : "",
		        wrap.holds, wrap.holds[0] ? "; " : "", j->report->mend);
	return true;
}

/* Behind a sysupgrade file stands which devices take it. */
static void judge_metadata(struct judge *j)
{
	struct openwrt_devices *devices = &j->report->devices;
	struct layout layout;
	struct np_error ignored;
	bool found;

	if (!openwrt_find_metadata(j->data, j->len, devices))
		return;
	because(j, "OpenWrt's metadata: for %s%s", devices->at[0],
	        devices->count > 1 || devices->more ? " and others" : "");
	if (strcmp(devices->compat_version, "1.0") != 0)
		because(j, "compat_version %s: settings of an older version do not fit",
		        devices->compat_version);
	if (j->report->kind == IMAGE_FULL_DUMP || j->report->profile[0] ||
	    layout_load_device(devices->at[0], &layout, &found, &ignored) || !found)
		return;
	snprintf(j->report->profile, sizeof(j->report->profile), "%s", layout.name);
	place_at(j, &layout, "firmware");
	layout_free(&layout);
}

/* /etc/board.json of a running OpenWrt: the name of a device, and no firmware. */
static bool judge_board(struct judge *j)
{
	struct openwrt_devices *devices = &j->report->devices;

	if (j->len > OPENWRT_JSON_MAX || !openwrt_parse_board(j->data, j->len, devices))
		return false;
	say(j, IMAGE_FOREIGN, "OpenWrt's board.json of %s",
	    devices->model[0] ? devices->model : devices->at[0]);
	because(j, "the device is %s; -l takes that name, and this file", devices->at[0]);
	snprintf(j->report->profile, sizeof(j->report->profile), "%s",
	         evidence_device_name(devices->at[0]));
	return true;
}

static int judge_contents(struct judge *j)
{
	bool done = false;
	int rc;

	if (bytes_all(j->data, j->len, 0xff)) {
		say(j, IMAGE_BLANK, "blank: nothing but FFh");
		return 0;
	}
	if (judge_board(j) || judge_wrap(j))
		return 0;
	rc = image_scan(j->data, j->len, &j->report->parts, j->err);
	if (!rc)
		rc = judge_dump(j, &done);
	if (!rc && !done)
		rc = judge_longer(j, &done);
	if (!rc && !done)
		rc = judge_tplink(j, &done);
	if (rc || done)
		return rc;
	if (!odd_shifted(j->len, j->report) && !odd_repeated(j->data, j->len, j->report) &&
	    !judge_safeloader(j) && !judge_kernel(j) && !judge_from_zero(j) && !judge_simple(j) &&
	    !judge_inner(j) && !odd_swapped(j->data, j->len, j->report))
		judge_unknown(j);
	return 0;
}

static int judge_all(struct judge *j)
{
	int rc = judge_contents(j);

	if (!rc && j->report->kind != IMAGE_FOREIGN)
		judge_metadata(j);
	return rc;
}

int image_identify_with(const uint8_t *data, size_t len, const struct image_trees *trees,
                        struct image_report *report, struct np_error *err)
{
	struct judge j = {.data = data, .len = len, .trees = trees, .report = report, .err = err};
	int rc;

	*report = (struct image_report){0};
	if (!len)
		say(&j, IMAGE_UNKNOWN, "empty");
	rc = len ? judge_all(&j) : 0;
	image_trees_free(&j.own);
	if (rc)
		image_report_free(report);
	return rc;
}

int image_identify(const uint8_t *data, size_t len, struct image_report *report,
                   struct np_error *err)
{
	return image_identify_with(data, len, NULL, report, err);
}

void image_report_free(struct image_report *report)
{
	image_parts_free(&report->parts);
}
