/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: job/gate/ intent_trust.c */
/* Every gate, through the library: a situation in which it refuses or warns, the same with the
 * refusal lifted, a near one that passes. A refusal leaves chip and state folder as they were. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "device/gbe.h"
#include "device/load.h"
#include "job/gate/gate.h"
#include "store/manifest.h"
#include "support/firmware.h"
#include "support/gate_doc.h"
#include "support/rig.h"
#include "support/suite.h"
#include "support/upgrade.h"

#define KiB 1024u
#define MAC 0x7df100u
#define CAL 0x7f0000u

static struct rig rig;
static struct layout layout;
static uint8_t *image, *before;
static struct write_result result;
static struct np_error err;

enum which { HIT, LIFTED, NEAR, WHICH };

/* ---- what the tests are made of ---- */

/* A unit of the MR200 v1: MAC and calibration where its profile has them. */
static void make_unit(uint8_t *flash, uint64_t seed, uint8_t last)
{
	rig_fill(flash, rig.size, seed);
	/* The hardware id in the firmware's header. */
	memcpy(flash + 0x20034, "\x01\x00\x50\xd7\x4a\x00\x00\x00", 8);
	memcpy(flash + MAC, "\x50\xd4\xf7\x12\x34", 5);
	flash[MAC + 5] = last;
	memcpy(flash + CAL, "\x20\x76", 2);
	memcpy(flash + CAL + 0x8000, "\x10\x76", 2);
}

static void start(const char *part)
{
	rig.config.chip.part = part;
	rig_open(&rig);
	image = malloc(rig.size);
	before = malloc(rig.size);
	make_unit(norsim_mem(rig.chip), 1, 7);
	memcpy(before, norsim_mem(rig.chip), rig.size);
	memcpy(image, before, rig.size);
}

static void setup(void)
{
	memset(&err, 0, sizeof(err));
	rig_init(&rig);
	ck_assert_msg(layout_load("tplink-mr200-v1", &layout, &err) == 0, "%s", err.message);
}

static void teardown(void)
{
	rig_free(&rig);
	layout_free(&layout);
	free(image);
	free(before);
	image = before = NULL;
}

/* What the chip holds now, which may differ from `before`. */
static uint8_t *now(void)
{
	return norsim_mem(rig.chip);
}

#define WRITE(...) rig_write(&rig, &(struct rig_order){.image = image, __VA_ARGS__}, &result, &err)
#define LOAD(name, ...) \
	rig_write(&rig, &(struct rig_order){.file = in_dir(name), __VA_ARGS__}, &result, &err)

static const char *in_dir(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", rig.dir, name);
	return path;
}

static void save(const char *name, const uint8_t *data, size_t len)
{
	ck_assert_msg(np_io_save(in_dir(name), data, len, NP_IO_NEW, &err) == 0, "%s", err.message);
}

/* The manifest of a file that was read from this chip at `start`. */
static void save_manifest(const char *name, const uint8_t *flash, uint64_t at, uint64_t len,
                          const char *uid)
{
	struct np_range range = {at, len};
	struct manifest manifest;

	manifest_begin(&manifest, nor_info(rig.nor), "sim", "read");
	if (uid)
		snprintf(manifest.uid, sizeof(manifest.uid), "%s", uid);
	manifest.passes = 2;
	ck_assert_int_eq(
		manifest_describe(&manifest, flash, &(struct np_ranges){&range, 1, 1}, &err), 0);
	ck_assert_msg(manifest_save(&manifest, in_dir(name), NP_IO_NEW, &err) == 0, "%s",
	              err.message);
	manifest_free(&manifest);
}

static uint64_t erases_until;

static int cut_when_erased(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->erases_64k + norsim_stats(rig.chip)->erases_4k >
	       erases_until;
}

/* Leave an unfinished job: `blocks` of 64 KiB at 1 MiB, the first erased. */
static void cut_off(unsigned blocks)
{
	struct np_range range = {0x100000, blocks * 64 * KiB};
	struct np_ranges only = {&range, 1, 1};

	memcpy(image, now(), rig.size);
	rig_fill(image + range.start, range.len, 9);
	norsim_clear_stats(rig.chip);
	erases_until = 0;
	rig.job.step_hook = cut_when_erased;
	ck_assert_int_eq(WRITE(.select = &only), NP_E_GONE);
	rig_reopen(&rig);
}

/* ---- the chip, the selection, the file ---- */

static int size_override(enum which which)
{
	struct nor_options options = {.size_override = 4 << 20};

	start("W25Q64FV");
	if (which == HIT) {
		nor_close(rig.nor, NULL);
		ck_assert_int_eq(nor_open(rig.bus, &options, &rig.nor, &err), 0);
		rig.job.nor = rig.nor;
	}
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = "0x100000+256");
}

static int host_flash(enum which which)
{
	rig.config.host_own = which != NEAR;
	start("W25Q64FV");
	return WRITE(.only = "0x0+1K");
}

static int bad_read(enum which which)
{
	start("W25Q64FV");
	for (size_t i = 0; i < rig.size && which != NEAR; i++)
		now()[i] |= 0x10;
	memcpy(before, now(), rig.size);
	memcpy(image, now(), rig.size);
	memset(image + 0x100000, 0, 256);
	return WRITE(.override = which == LIFTED ? "bad-read" : NULL);
}

static int supply(enum which which)
{
	start(which == NEAR ? "W25Q64FV" : "W25Q64FW");
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = "0x100000+256", .override = which == LIFTED ? "supply" : NULL);
}

/* The engine's own tests say when a contradiction stays open. */
static int size_contradiction(enum which which)
{
	struct nor_info *info;

	start("W25Q64FV");
	info = (struct nor_info *)nor_info(rig.nor);
	info->size_doubt = (struct nor_size_doubt){.by_table = 8 << 20,
	                                           .by_sfdp = 2 << 20,
	                                           .open = which == HIT,
	                                           .text = "8 or 2 MiB"};
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = "0x100000+256");
}

/* The upper half copies the lower; or all but a byte of it. */
static int mirror(enum which which)
{
	start("W25Q64FV");
	if (which == HIT)
		norsim_faults(rig.chip)->real_size = rig.size / 2;
	memcpy(now() + rig.size / 2, now(), rig.size / 2);
	now()[rig.size - 1] ^= which == NEAR;
	memcpy(before, now(), rig.size);
	memcpy(image, now(), rig.size);
	memset(image + 0x100000, 0, 256);
	return WRITE(.override = which == LIFTED ? "mirror" : NULL);
}

static int erase_unknown(enum which which)
{
	start("W25Q64FV");
	if (which == HIT)
		((struct nor_info *)nor_info(rig.nor))->erase_count = 0;
	return WRITE(.only = "0x100000+256");
}

static int selection(enum which which)
{
	struct np_range range = {0x7ffff0, which == HIT ? 32 : 16};
	struct np_ranges only = {&range, 1, 1};

	start("W25Q64FV");
	return WRITE(.select = &only);
}

static int chip_erase(enum which which)
{
	start("W25Q64FV");
	memset(image + 0x100000, 0, 256);
	return WRITE(.only = which == HIT ? "0x100000+256" : NULL, .how.chip_erase = true);
}

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
	ck_assert_int_eq(manifest_describe(&manifest, image, &(struct np_ranges){&all, 1, 1}, &err),
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

/* ---- state ---- */

static int unfinished_job(enum which which)
{
	start("W25Q64FV");
	if (which != NEAR)
		cut_off(2);
	memcpy(before, now(), rig.size);
	if (which == LIFTED)
		ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
	return WRITE(.only = "0x200000+4K");
}

static int state_folder(enum which which)
{
	start("W25Q64FV");
	save("file", image, 1);
	memset(image + 0x200000, 0, 256);
	if (which == HIT)
		rig.job.state_dir = strdup(in_dir("file"));
	return WRITE(.only = "0x200000+4K");
}

static int orphan_job(enum which which)
{
	start("MX25L6433F");
	cut_off(4);
	rig.job.programmer = "another port";
	if (which == NEAR)
		memcpy(now() + 0x100000, before, 0x40000);
	memcpy(before, now(), rig.size);
	if (which == LIFTED)
		ck_assert_int_eq(rig_resume(&rig, RESUME_DISCARD, &result, &err), 0);
	return WRITE(.only = "0x200000+4K");
}

/* ---- whose flash ---- */

static int ambiguous_device(enum which which)
{
	start("W25Q64FV");
	if (which == HIT) /* the header of an Archer C50 v4, too */
		memcpy(now() + 0x50034, "\x9b\x58\x1d\x00\x93\x00\x00\x00", 8);
	rig.job.layout = which == LIFTED ? &rig_plain : NULL;
	return rig_write(&rig,
	                 &(struct rig_order){.only = which == LIFTED ? "0x100000+4K" : NULL,
	                                     .keep_nothing = true,
	                                     .override = "unit-data"},
	                 &result, &err);
}

static int fit(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	if (which != NEAR)
		memset(now() + MAC, 0xff, 6);
	memcpy(before, now(), rig.size);
	memset(image + 0x7e0000, 0, 256);
	return WRITE(.only = "romfile", .override = which == LIFTED ? "layout-fit" : NULL);
}

static int other_device(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	make_unit(image, 2, 7);
	if (which != NEAR) {
		/* An MR200 v5: its MAC stands in the block behind. */
		memset(image + 0x7d0000, 0xff, 0x20000);
		memcpy(image + 0x7ef100, "\x50\xd4\xf7\x12\x34\x56", 6);
		memcpy(image + CAL, "\x28\x76", 2);
		memcpy(image + 0x20034, "\x05\x00\x00\x20\x05\x00\x00\x00", 8);
	}
	return WRITE(.keep_word = "unit", .override = which == LIFTED ? "other-device" : NULL);
}

/* Nobody's flash: noise without blanks, and one block as calibration looks. */
static void make_stranger(uint8_t *flash, uint64_t seed, bool calibration)
{
	for (size_t i = 0; i < rig.size; i += 8) {
		uint64_t word = rig_random(&seed);

		memcpy(flash + i, &word, 8);
	}
	if (!calibration)
		return;
	memset(flash + 0xff0000 % rig.size, 0xff, 0x10000);
	memcpy(flash + 0xff0000 % rig.size, "\x03\x76\x00\x00\x50\xd4\xf7\x12\x34\x56", 10);
	for (size_t i = 10; i < 0x400; i++)
		flash[0xff0000 % rig.size + i] = (uint8_t)rig_random(&seed) | 1;
}

/* One board's Ethernet settings: a MAC, and a sum of words. */
static void gbe_write(uint8_t *gbe, uint8_t last)
{
	uint8_t mac[6] = {0x10, 0x60, 0x4b, 0x11, 0x22, last};

	gbe[0x20] = gbe[0x1020] = 0x5a;
	ck_assert(gbe_write_mac(gbe, 0x2000, mac));
}

/* The flash of a PC: descriptor, GbE with a MAC, ME, BIOS. */
static void make_pc(uint8_t *flash, uint64_t seed)
{
	static const uint32_t regions[][3] = {{0, 0, 0x1000},
	                                      {1, 0x300000, 0x500000},
	                                      {2, 0x3000, 0x2fd000},
	                                      {3, 0x1000, 0x2000}};

	make_stranger(flash, seed, false);
	memset(flash, 0xff, 0x3000);
	put_le32(flash + 0x10, 0x0ff0a55a);
	put_le32(flash + 0x14, 0x00040003);
	put_le32(flash + 0x18, 0x80 >> 4);
	for (unsigned i = 0; i < 16; i++)
		put_le32(flash + 0x40 + 4 * i, 0x00007fff);
	for (unsigned i = 0; i < 4; i++)
		put_le32(flash + 0x40 + 4 * regions[i][0],
		         (regions[i][1] + regions[i][2] - 1) >> 12 << 16 | regions[i][1] >> 12);
	gbe_write(flash + 0x1000, (uint8_t)seed);
}

static int missing_regions(enum which which)
{
	start("W25Q64FV");
	make_pc(now(), 1);
	memcpy(before, now(), rig.size);
	make_pc(image, 1);
	memset(image + 0x400000, 0, 256);
	if (which != NEAR)
		memset(image, 0xff, 0x300000);
	return WRITE(.override = which == LIFTED ? "missing-regions" : NULL,
	             .keep = &(struct np_ranges){&(struct np_range){0x1000, 0x2000}, 1, 1});
}

static int wrong_part(enum which which)
{
	struct intent intent = {.operation = INTENT_WRITE};
	static const uint64_t sizes[] = {8 << 20, 8 << 20};
	static const char *const lifted[] = {"wrong-part", "unit-data", "flawed-value"};
	uint8_t *both;
	int ret;

	start("W25Q64FV");
	make_pc(now(), 1);
	memcpy(before, now(), rig.size);
	both = malloc(2 * rig.size);
	memcpy(both, before, rig.size);
	both[0x500000] ^= 0xff;
	make_stranger(both + rig.size, 5, false);
	save("both.bin", both, 2 * rig.size);
	free(both);
	ck_assert_int_eq(intent_look_at(&intent, in_dir("both.bin"), false, &err), 0);
	ck_assert_int_eq(intent_take_part(&intent, which == NEAR ? 1 : 2, sizes, 2, &err), 0);
	intent.selection.keep_nothing = true;
	ck_assert_int_eq(intent_load(&intent, &rig.job, in_dir("both.bin"), &err), 0);
	for (size_t i = 0; i < 3 && which == LIFTED; i++)
		ck_assert_int_eq(overrides_add(&intent.overrides, lifted[i], NULL), 0);
	rig.verdict_count = 0;
	ret = job_write(&rig.job, &intent, &(struct write_options){0}, &result, &err);
	snprintf(rig.refused, sizeof(rig.refused), "%s", ret && result.gate ? result.gate : "");
	intent_free(&intent);
	return ret;
}

static int other_map(enum which which)
{
	start("W25Q64FV");
	make_pc(now(), 1);
	memcpy(before, now(), rig.size);
	memcpy(image, before, rig.size);
	image[0x500000] ^= 0xff;
	if (which == HIT) {
		put_le32(image + 0x44, 0x07ff0400);
		put_le32(image + 0x48, 0x03ff0003);
	}
	return WRITE(.only = NULL);
}

static int lost_value(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	memset(image + 0x200000, 0, 256);
	if (which == HIT)
		memset(now() + CAL + 0x8000, 0xff, 0x8000);
	return WRITE(.keep_word = "radio");
}

static int keep_blank(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	memset(now() + CAL, 0xff, 0x10000);
	if (which == NEAR)
		now()[CAL + 0x1000] = 0;
	memcpy(before, now(), rig.size);
	memset(image + 0x200000, 0, 256);
	return WRITE(.keep_word = "radio", .override = which == LIFTED ? "keep-blank" : NULL);
}

static int unit_data(enum which which)
{
	start("W25Q64FV");
	make_unit(image, 2, 9);
	if (which == NEAR) {
		memcpy(image + 0x7d0000, before + 0x7d0000, 0x10000);
		memcpy(image + CAL, before + CAL, 0x10000);
	}
	return WRITE(.override = which == LIFTED ? "unit-data" : NULL);
}

static int unit_form(enum which which)
{
	start("W25Q64FV");
	make_stranger(now(), 1, true);
	memcpy(before, now(), rig.size);
	make_stranger(image, 2, true);
	if (which == NEAR)
		memcpy(image + 0x7f0000, before + 0x7f0000, 0x10000);
	return WRITE(.override = which == LIFTED ? "unit-form" : NULL);
}

static int unknown_device(enum which which)
{
	start("W25Q64FV");
	make_stranger(now(), 1, false);
	memcpy(before, now(), rig.size);
	if (which == HIT || which == LIFTED)
		make_stranger(image, 2, false);
	else /* the same unit with other firmware */
		memcpy(image, before, rig.size);
	for (size_t i = 0x100000; which == NEAR && i < 0x600000; i++)
		image[i] ^= 0x5a;
	return WRITE(.override = which == LIFTED ? "unknown-device" : NULL);
}

static int placeholder(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	memcpy(image + MAC, which == NEAR ? "\xf0\xf1\xf2\xf3\xf4\xf6" : "\xf0\xf1\xf2\xf3\xf4\xf5",
	       6);
	image[MAC] = which == NEAR ? 0x50 : 0xf0;
	return WRITE(.only = "rom", .override = which == LIFTED ? "placeholder" : NULL);
}

static int flawed_value(enum which which)
{
	start("W25Q64FV");
	rig.job.layout = &layout;
	image[CAL + 0x200] ^= 1;
	if (which != NEAR)
		image[CAL] ^= 1;
	return WRITE(.only = "radio", .override = which == LIFTED ? "flawed-value" : NULL);
}

/* ---- resume ---- */

static int lost_file(enum which which)
{
	start("MX25L6433F");
	/* blank but for the job: nothing denies that this is the chip, and nothing says so */
	if (which == LIFTED) {
		memset(now(), 0xff, rig.size);
		rig_fill(now() + 0x100000, 0x30000, 5);
	}
	cut_off(3);
	if (which == HIT)
		rig_fill(now() + 0x400000, 0x200000, 77);
	rig.lift = which == LIFTED ? "lost-file" : NULL;
	memcpy(before, now(), rig.size);
	ck_assert_int_eq(np_io_save(rig.backup, "x", 1, NP_IO_REPLACE, &err), 0);
	return rig_resume(&rig, RESUME_FINISH, &result, &err);
}

static int other_chip(enum which which)
{
	start("MX25L6433F");
	cut_off(3);
	if (which != NEAR)
		rig_fill(now() + 0x120000, 4 * KiB, 77);
	rig.lift = which == LIFTED ? "other-chip" : NULL;
	memcpy(before, now(), rig.size);
	return rig_resume(&rig, RESUME_FINISH, &result, &err);
}

static int unproven_chip(enum which which)
{
	start("MX25L6433F");
	cut_off(3);
	if (which != NEAR)
		rig_fill(now() + 0x400000, 0x200000, 77);
	rig.lift = which == LIFTED ? "unproven-chip" : NULL;
	memcpy(before, now(), rig.size);
	return rig_resume(&rig, RESUME_FINISH, &result, &err);
}

static uint8_t *base;

static int cut_when_programmed(void *ctx, uint64_t step)
{
	(void)ctx;
	(void)step;
	return norsim_stats(rig.chip)->pages_programmed >= 200;
}

static int base_assumed(enum which which)
{
	start("W25Q64FV");
	base = malloc(rig.size);
	memset(now() + 0x100000, 0xff, 0x40000);
	memcpy(base, now(), rig.size);
	memcpy(image, now(), rig.size);
	rig_fill(image + 0x100000, 0x40000, 2);
	norsim_clear_stats(rig.chip);
	rig.job.step_hook = cut_when_programmed;
	ck_assert_int_eq(WRITE(.how.base = which == HIT ? base : NULL), NP_E_GONE);
	rig_reopen(&rig);
	free(base);
	return rig_resume(&rig, RESUME_UNDO, &result, &err);
}

/* ---- all of them ---- */

static const struct scene {
	const char *gate;
	int (*play)(enum which which);
	int code;          /* of the refusal; 0: it only warns */
	const char *words; /* of its message */
	bool lifted;       /* there is a way through */
} scenes[] = {
	{"host-flash", host_flash, NP_E_POLICY, "this computer's own flash", false},
	{"size-override", size_override, NP_E_POLICY, "size was overridden", false},
	{"supply", supply, NP_E_VOLTAGE, "3.3 V may destroy", true},
	{"size-contradiction", size_contradiction, NP_E_POLICY, "size is not certain", false},
	{"mirror", mirror, NP_E_POLICY, "repeats after 4 MiB", true},
	{"bad-read", bad_read, NP_E_UNSTABLE, "read badly", true},
	{"erase-unknown", erase_unknown, NP_E_UNSUPPORTED, "no erase command", false},
	{"selection", selection, NP_E_RANGE, "beyond the chip", false},
	{"chip-erase", chip_erase, NP_E_USAGE, "only a part is selected", false},
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
	{"unfinished-job", unfinished_job, NP_E_JOURNAL, "unfinished", true},
	{"state-folder", state_folder, NP_E_OUTPUT, "state folder", false},
	{"orphan-job", orphan_job, NP_E_JOURNAL, "unfinished", true},
	{"ambiguous-device", ambiguous_device, 0, "this could be", true},
	{"layout-fit", fit, NP_E_POLICY, "does not fit", true},
	{"other-device", other_device, NP_E_POLICY, "MR200 v5", true},
	{"wrong-part", wrong_part, NP_E_UNIT, "it is the first part's chip", true},
	{"missing-regions", missing_regions, NP_E_UNIT, "the image has none", true},
	{"other-map", other_map, 0, "divides the flash otherwise", false},
	{"lost-value", lost_value, 0, "is kept, and it is blank", false},
	{"keep-blank", keep_blank, NP_E_UNIT, "radio is blank", true},
	{"unit-data", unit_data, NP_E_UNIT, "only this unit has", true},
	{"unit-form", unit_form, NP_E_UNIT, "looks like data that only this unit has", true},
	{"unknown-device", unknown_device, NP_E_UNIT, "does not know where", true},
	{"placeholder", placeholder, NP_E_UNIT, "censored", true},
	{"flawed-value", flawed_value, NP_E_UNIT, "would be no calibration", true},
	{"lost-file", lost_file, NP_E_POLICY, "files lost", true},
	{"other-chip", other_chip, NP_E_POLICY, "another chip", true},
	{"unproven-chip", unproven_chip, NP_E_POLICY, "no unique ID", true},
	{"base-assumed", base_assumed, 0, "never read before", false},
};

static void expect_untouched(unsigned jobs, unsigned backups)
{
	ck_assert_mem_eq(now(), before, rig.size);
	ck_assert_uint_eq(rig_files(&rig, "jobs"), jobs);
	ck_assert_uint_eq(rig_files(&rig, "backups"), backups);
}

START_TEST(each_gate_refuses_what_it_is_for)
{
	const struct scene *scene = &scenes[_i];
	bool open =
		strstr("unfinished-job orphan-job lost-file other-chip unproven-chip", scene->gate);
	int ret = scene->play(HIT);

	ck_assert_msg(ret == scene->code, "%s: %d %s", scene->gate, ret, err.message);
	ck_assert_str_eq(rig_verdict(&rig, scene->gate), scene->code ? "refuse" : "warn");
	ck_assert_msg(strstr(scene->code ? err.message : rig.warned, scene->words) != NULL,
	              "%s: %s%s", scene->gate, err.message, rig.warned);
	if (!scene->code)
		return;
	ck_assert_str_eq(rig.refused, scene->gate);
	if (strcmp(scene->gate, "state-folder") != 0)
		expect_untouched(open ? 2 : 0, open ? 2 : 0);
	ck_assert(err.hint[0] || strcmp(scene->gate, "erase-unknown") == 0 ||
	          strcmp(scene->gate, "selection") == 0);
}
END_TEST

START_TEST(each_gate_that_can_be_lifted_is)
{
	const struct scene *scene = &scenes[_i];
	const struct gate *gate = gate_find(scene->gate);
	int ret;

	ck_assert(!gate->can_be_overridden || scene->lifted);
	if (!scene->lifted)
		return;
	ret = scene->play(LIFTED);
	ck_assert_msg(ret == 0, "%s: %d %s", scene->gate, ret, err.message);
	if (gate->can_be_overridden)
		ck_assert_str_eq(rig_verdict(&rig, scene->gate), "overridden");
}
END_TEST

START_TEST(each_gate_passes_what_is_near)
{
	const struct scene *scene = &scenes[_i];
	int ret = scene->play(NEAR);
	const char *verdict = rig_verdict(&rig, scene->gate);

	ck_assert_msg(ret == 0, "%s: %d %s", scene->gate, ret, err.message);
	/* Not asked where nothing is to be done. */
	ck_assert_msg(!verdict[0] || strcmp(verdict, "pass") == 0, "%s: %s", scene->gate, verdict);
}
END_TEST

/* A new gate without a scene is a defect of the test. */
START_TEST(each_gate_has_a_scene)
{
	for (size_t i = 0; gate_table[i]; i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof(scenes) / sizeof(scenes[0]); k++)
			found |= strcmp(scenes[k].gate, gate_table[i]->name) == 0;
		ck_assert_msg(found, "no scene for %s", gate_table[i]->name);
		ck_assert_ptr_eq(gate_find(gate_table[i]->name), gate_table[i]);
	}
}
END_TEST

/* Several refusals at once: all are told, the first is the answer, and nothing is touched. */
START_TEST(explain_asks_all_of_them)
{
	start("W25Q64FW");
	make_unit(image, 2, 9);
	image[CAL] ^= 1;
	ck_assert_int_eq(WRITE(.how.explain = true), NP_E_VOLTAGE);
	ck_assert_str_eq(rig.refused, "supply");
	ck_assert_str_eq(rig_verdict(&rig, "supply"), "refuse");
	ck_assert_str_eq(rig_verdict(&rig, "unit-data"), "refuse");
	ck_assert_str_eq(rig_verdict(&rig, "flawed-value"), "refuse");
	ck_assert_str_eq(rig_verdict(&rig, "selection"), "pass");
	ck_assert_uint_eq(rig.plans, 1);
	expect_untouched(0, 0);
}
END_TEST

START_TEST(explain_of_a_resume_touches_nothing)
{
	struct resume_options options = {.mode = RESUME_FINISH, .explain = true};

	start("W25Q64FV");
	cut_off(3);
	memcpy(before, now(), rig.size);
	ck_assert_msg(job_resume(&rig.job, &options, &result, &err) == 0, "%s", err.message);
	ck_assert_str_eq(rig_verdict(&rig, "other-chip"), "pass");
	expect_untouched(2, 2);
	ck_assert_int_eq(rig_resume(&rig, RESUME_FINISH, &result, &err), 0);
	ck_assert_mem_eq(now(), image, rig.size);
}
END_TEST

/* ---- doc/GATES.md ---- */

START_TEST(the_document_is_current)
{
	char *made = NULL;
	size_t made_len = 0, len = 0;
	uint8_t *kept = NULL;
	FILE *out = open_memstream(&made, &made_len);

	gate_doc_print(out);
	fclose(out);
	ck_assert_msg(np_io_read("doc/GATES.md", 1 << 20, &kept, &len, &err) == 0, "%s",
	              err.message);
	ck_assert_msg(len == made_len && memcmp(kept, made, len) == 0, "run make doc/GATES.md");
	free(kept);
	free(made);
}
END_TEST

int main(int argc, char **argv)
{
	int count = sizeof(scenes) / sizeof(scenes[0]);
	Suite *suite = suite_create("job_gate");
	TCase *tc = tcase_create("gate");

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		gate_doc_print(stdout);
		return 0;
	}
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, each_gate_refuses_what_it_is_for, 0, count);
	tcase_add_loop_test(tc, each_gate_that_can_be_lifted_is, 0, count);
	tcase_add_loop_test(tc, each_gate_passes_what_is_near, 0, count);
	tcase_add_test(tc, each_gate_has_a_scene);
	tcase_add_test(tc, the_document_is_current);
	tcase_add_test(tc, explain_asks_all_of_them);
	tcase_add_test(tc, explain_of_a_resume_touches_nothing);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
