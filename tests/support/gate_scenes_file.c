/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Situations of the gates that look at the file and its manifest. */
#include "support/gate_scene.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "store/manifest.h"
#include "support/firmware.h"
#include "support/upgrade.h"

static int upgrade_at_zero(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	memset(image, 0, rig.size / 2);
	upgrade_make(image, 0x200000, 0);
	if (which == NEAR)
		memset(image, 0x77, 512);
	return WRITE(.override = which == LIFTED ? "upgrade-at-zero" : NULL, .keep_word = "unit");
}

static int header_in_front(enum which which)
{
	uint32_t boot = which == NEAR ? 0 : 0x20000;

	start("W25Q64FV");
	upgrade_make(image, 0x200000, boot);
	save("upgrade.bin", image, 0x200000);
	return LOAD("upgrade.bin", .at = "0x20000",
	            .override = which == LIFTED ? "header-in-front" : NULL);
}

static int damaged_file(enum which which)
{
	start("W25Q64FV");
	upgrade_make(image, 0x200000, 0);
	if (which == HIT)
		image[0x1fffff] ^= 1;
	save("upgrade.bin", image, 0x200000);
	return LOAD("upgrade.bin", .at = "0x20000");
}

static int file_size(enum which which)
{
	start("W25Q64FV");
	save("dump.bin", image, rig.size - (which == HIT));
	return LOAD("dump.bin", .at = NULL);
}

static int changed_file(enum which which)
{
	start("W25Q64FV");
	save_manifest("dump.bin", image, 0, rig.size, NULL);
	image[0x100000] ^= which != NEAR;
	save("dump.bin", image, rig.size);
	return LOAD("dump.bin", .operation = INTENT_RESTORE, .only = "0x100000+64K",
	            .override = which == LIFTED ? "changed-file" : NULL);
}

static int moved_bytes(enum which which)
{
	start("W25Q64FV");
	memcpy(image + 0x110000, image + 0x100000, 64 * KiB);
	save("part.bin", image + 0x100000, 64 * KiB);
	save_manifest("part.bin", image, which == HIT ? 0x110000 : 0x100000, 64 * KiB, NULL);
	return LOAD("part.bin", .only = "0x100000+64K");
}

static int other_unit(enum which which)
{
	start("W25Q64FV");
	save("dump.bin", image, rig.size);
	save_manifest("dump.bin", image, 0, rig.size, which != NEAR ? "0011223344556677" : NULL);
	return LOAD("dump.bin", .operation = INTENT_RESTORE, .only = "0x100000+64K",
	            .override = which == LIFTED ? "other-unit" : NULL);
}

static void describe(const char *name, const struct manifest *like)
{
	struct np_range all = {0, rig.size};
	struct manifest manifest;

	manifest_begin(&manifest, nor_info(rig.nor), "sim", "read");
	manifest.passes = like->passes;
	manifest.contents.equal_halves = like->contents.equal_halves;
	if (like->jedec_id[0])
		memcpy(manifest.jedec_id, like->jedec_id, sizeof(manifest.jedec_id));
	ck_assert_int_eq(np_ranges_add_all(&manifest.unstable, &like->unstable, &err), 0);
	ck_assert_int_eq(np_ranges_add_all(&manifest.assumed, &like->assumed, &err), 0);
	ck_assert_int_eq(
		manifest_describe(&manifest, image, &(struct np_ranges){&all, 1, 1}, NULL, &err),
		0);
	ck_assert_int_eq(manifest_save(&manifest, in_dir(name), NP_IO_NEW, &err), 0);
	manifest_free(&manifest);
}

/* A dump with this manifest; one block of it is not what the chip holds. */
static int restore_described(const struct manifest *like, const char *override)
{
	memset(image + 0x100000, 0x42, 4 * KiB);
	describe("dump.bin", like);
	save("dump.bin", image, rig.size);
	return LOAD("dump.bin", .operation = INTENT_RESTORE, .override = override);
}

static int other_type(enum which which)
{
	struct manifest like = {.passes = 2, .jedec_id = "c22017"};

	start("W25Q64FV");
	if (which == NEAR)
		like.jedec_id[0] = '\0';
	return restore_described(&like, which == LIFTED ? "other-type" : NULL);
}

static int suspicious_file(enum which which)
{
	struct manifest like = {.passes = 2, .contents.equal_halves = which != NEAR};

	start("W25Q64FV");
	return restore_described(&like, which == LIFTED ? "suspicious-file" : NULL);
}

/* Near: what nobody vouches for is on the chip already. */
static int unsure_bytes(enum which which)
{
	struct np_range block = {which == NEAR ? 0x200000 : 0x100000, 4 * KiB};
	struct manifest like = {.passes = 2, .unstable = {&block, 1, 1}};

	start("W25Q64FV");
	return restore_described(&like, which == LIFTED ? "unsure-bytes" : NULL);
}

static int one_read(enum which which)
{
	struct manifest like = {.passes = which == HIT ? 1 : 2};

	start("W25Q64FV");
	return restore_described(&like, NULL);
}

static int packed_file(enum which which)
{
	struct blob tar =
		firmware_run("head -c 65000 /bin/sh > $OUT.d; tar cf $OUT $OUT.d; rm $OUT.d");

	start("W25Q64FV");
	if (which == NEAR)
		memset(tar.at + 257, 0, 8); /* no archive by its header */
	save("fw.bin", tar.at, tar.len);
	free(tar.at);
	return LOAD("fw.bin", .at = "0x100000", .override = which == LIFTED ? "packed-file" : NULL);
}

static int foreign_file(enum which which)
{
	const char *page = which == NEAR ? "bootdelay=3\nbootcmd=run boot_flash\n"
	                                 : "<!DOCTYPE html><html><body>404 Not Found</body></html>";

	start("W25Q64FV");
	save("fw.bin", (const uint8_t *)page, strlen(page));
	return LOAD("fw.bin", .at = "0x100000",
	            .override = which == LIFTED ? "foreign-file" : NULL);
}

static int swapped_dump(enum which which)
{
	const char *text = which == NEAR ? "U-Boot 1.1.4 (May)" : "-UoBto1 1.4. M(ya )";

	start("W25Q64FV");
	memcpy(image + 0x200, text, 18);
	save("fw.bin", image, 0x20000);
	return LOAD("fw.bin", .at = "0x100000",
	            .override = which == LIFTED ? "swapped-dump" : NULL);
}

static int capsule(enum which which)
{
	static const uint8_t guid[] = {0xbd, 0x86, 0x66, 0x3b, 0x76, 0x0d, 0x30, 0x40,
	                               0xb7, 0x0e, 0xb5, 0x51, 0x9e, 0x2f, 0xc5, 0xa0};

	start("W25Q64FV");
	memset(image, 0, 0x1000);
	if (which != NEAR)
		memcpy(image, guid, sizeof(guid));
	put_le32(image + 16, 0x1000);
	put_le32(image + 24, 0x21000);
	save("fw.cap", image, 0x21000);
	return LOAD("fw.cap", .at = "0x100000", .override = which == LIFTED ? "capsule" : NULL);
}

const struct gate_scene gate_scenes_file[] = {
	{"packed-file", packed_file, NP_E_POLICY, "tar archive", true},
	{"foreign-file", foreign_file, NP_E_POLICY, "web page", true},
	{"swapped-dump", swapped_dump, NP_E_POLICY, "swapped in pairs", true},
	{"capsule", capsule, NP_E_POLICY, "UEFI capsule", true},
	{"upgrade-at-zero", upgrade_at_zero, NP_E_POLICY, "replace the boot loader", true},
	{"header-in-front", header_in_front, NP_E_POLICY, "vendor header", true},
	{"damaged-file", damaged_file, 0, "checksum is wrong", false},
	{"file-size", file_size, NP_E_SIZE, "too few", false},
	{"changed-file", changed_file, NP_E_POLICY, "was changed after", true},
	{"moved-bytes", moved_bytes, 0, "come from 0x110000", false},
	{"other-type", other_type, NP_E_POLICY, "(c22017)", true},
	{"other-unit", other_unit, NP_E_POLICY, "another chip", true},
	{"suspicious-file", suspicious_file, NP_E_POLICY, "bad contact", true},
	{"unsure-bytes", unsure_bytes, NP_E_POLICY, "differently each time", true},
	{"one-read", one_read, 0, "rest on one read", false},
	{.gate = NULL},
};
