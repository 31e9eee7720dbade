/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: identify_odd.c scan.c wrap.c open.c */
/* Files that break off, at every length: nothing is read behind their end (each is a block of memory
 * of its own, for the sanitizers), and what is not all there is never called good.
 * covers: probe_fit.c probe_ubi.c probe_pc.c probe_boot.c fdt_sound.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/identify.h"
#include "image/open.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/pc.h"
#include "support/suite.h"

/* Every length where headers are: near the beginning, and where blocks begin; then about three hundred. */
static size_t next_len(size_t len, size_t all)
{
	size_t edge = (len / 0x10000 + 1) * 0x10000, next;

	if (len < 600 || all - len <= 64 || len % 0x10000 < 9)
		return len + 1;
	next = len + 1 + (size_t)rand() % (all / 300 + 1);
	return next < edge ? next : edge;
}

static void begin(void)
{
	srand((unsigned)rig_seed(1134));
}

static uint8_t *copy(const uint8_t *from, size_t len)
{
	uint8_t *to = malloc(len);

	ck_assert_ptr_nonnull(to);
	memcpy(to, from, len);
	return to;
}

static void parts_are_inside(const uint8_t *data, size_t len, const char *what)
{
	struct image_report report;
	struct np_error err;

	ck_assert_int_eq(image_identify(data, len, &report, &err), 0);
	for (size_t i = 0; i < report.parts.count; i++) {
		const struct image_part *part = &report.parts.at[i];

		ck_assert_uint_lt(part->start, len);
		ck_assert_msg(part->check != CHECK_GOOD || part->truncated ||
		                      part->start + part->len <= len,
		              "%s of %zu bytes: %s is called good", what, len,
		              image_part_name(part->kind));
		ck_assert_msg(part->start + part->len <= len || part->truncated,
		              "%s of %zu bytes: %s is not called cut", what, len,
		              image_part_name(part->kind));
	}
	image_report_free(&report);
}

static void cut_everywhere(struct blob blob, const char *what)
{
	for (size_t len = 1; len < blob.len; len = next_len(len, blob.len)) {
		uint8_t *part = copy(blob.at, len);

		parts_are_inside(part, len, what);
		free(part);
	}
	parts_are_inside(blob.at, blob.len, what);
	free(blob.at);
}

START_TEST(firmware)
{
	begin();
	cut_everywhere(firmware_uimage(0x8000, "Linux"), "uImage");
	cut_everywhere(firmware_squashfs(), "squashfs");
	cut_everywhere(firmware_jffs2(), "JFFS2");
	cut_everywhere(firmware_dtb(), "device tree");
	cut_everywhere(
		firmware_tplink_v1(0xc7000002, "TP-LINK Technologies", 0x4000, 0x8000, 0, 0x20000),
		"TP-Link v1");
	cut_everywhere(firmware_tplink_v2(0xd7500001, 0x4a, 1, 0x4000, 0x8000, 0x20000),
	               "TP-Link v2");
	cut_everywhere(firmware_safeloader(0x8000), "safeloader");
	cut_everywhere(firmware_uboot("1.1.4"), "U-Boot");
}
END_TEST

/* One structure from the first byte to the last, by its own header: whatever is missing, it is told,
 * and no sum of it is called right. UBI says nothing of how many blocks there were. */
static void cut_is_told(const char *command, enum image_part_kind kind, size_t header, size_t whole)
{
	struct blob blob = firmware_run(command);
	struct np_error err;

	ck_assert_uint_gt(blob.len, 2 * header);
	for (size_t len = header; len < blob.len; len = next_len(len, blob.len)) {
		uint8_t *piece = copy(blob.at, len);
		struct image_parts parts;

		ck_assert_int_eq(image_scan(piece, len, &parts, &err), 0);
		if (!whole || len % whole) {
			ck_assert_msg(
				parts.count && parts.at[0].kind == kind && parts.at[0].start == 0,
				"%zu of %zu bytes: no %s", len, blob.len, image_part_name(kind));
			ck_assert_msg(image_part_cut(&parts.at[0]) &&
			                      parts.at[0].check != CHECK_GOOD,
			              "%s of %zu of %zu bytes is called whole",
			              image_part_name(kind), len, blob.len);
		}
		image_parts_free(&parts);
		free(piece);
	}
	cut_everywhere(blob, image_part_name(kind));
}

#define FIT(hash, options)                                                                       \
	"head -c 50000 /bin/sh > k; head -c 20000 /bin/sh > f; printf '/dts-v1/; / { "           \
	"description = \"t\"; images { k { data = /incbin/(\"k\"); type = \"kernel\"; "          \
	"arch = \"arm64\"; os = \"linux\"; compression = \"none\"; load = <0>; entry = <0>; "    \
	"hash-1 { algo = \"" hash "\"; }; }; f { data = /incbin/(\"f\"); type = \"flat_dt\"; "   \
	"arch = \"arm64\"; compression = \"none\"; hash-1 { algo = \"crc32\"; }; }; }; "         \
	"configurations { default = \"c\"; c { kernel = \"k\"; fdt = \"f\"; }; }; };' > f.its; " \
	"PATH=$PATH:/usr/sbin mkimage " options " -f f.its $OUT > /dev/null"

#define PYTHON(program) "python3 -c 'import hashlib,struct,sys,zlib\n" program "' > $OUT"

START_TEST(what_says_its_length)
{
	static const struct {
		const char *command;
		enum image_part_kind kind;
		size_t header, whole;
	} made[] = {
		{FIT("sha1", ""), PART_FIT, 0x300, 0},
		{FIT("sha512", "-E"), PART_FIT, 0x600, 0},
		{"echo '/dts-v1/; / { model = \"m\"; a { b = <1 2 3>; }; };' | dtc -q -O dtb -o $OUT",
	         PART_FDT, 64, 0},
		{"head -c 200000 /dev/zero | tr '\\0' u > v; printf '[v]\nmode=ubi\nimage=v\n"
	         "vol_id=0\nvol_type=static\nvol_name=v\nvol_size=512KiB\n' > u.ini; "
	         "PATH=$PATH:/usr/sbin ubinize -m 1 -p 64KiB -o $OUT u.ini",
	         PART_UBI, 0x20040, 0x10000},
		{PYTHON("d=open(\"/bin/sh\",\"rb\").read(60000)\n"
	                "b=struct.pack(\"<HHIII\",0,2,28,0,0)+d\nsys.stdout.buffer.write(b\"HDR0\"+"
	                "struct.pack(\"<II\",12+len(b),zlib.crc32(b)^0xffffffff)+b)"),
	         PART_TRX, 28, 0},
		{PYTHON("d=open(\"/bin/sh\",\"rb\").read(60000)\nsys.stdout.buffer.write("
	                "struct.pack(\">IHHI\",0x5ea3a417,0,12,len(d))+b\"signature=ab\"+"
	                "hashlib.md5(d).digest()+d)"),
	         PART_SEAMA, 12, 0},
		{PYTHON("d=open(\"/bin/sh\",\"rb\").read(60000)\n"
	                "sys.stdout.buffer.write(b\"LARCHIVE\"+struct.pack(\">IIII\",len(d),0x50,0,40)+"
	                "b\"payload\".ljust(16,b\"\\0\")+d)"),
	         PART_CBFS, 24, 0},
		{"PATH=$PATH:/usr/sbin; head -c 60000 /bin/sh > k; mkimage -A arm -O linux -T kernel "
	         "-C none -a 0 -e 0 -n k -d k $OUT > /dev/null",
	         PART_UIMAGE, 64, 0},
		{"mkdir s; head -c 90000 /bin/sh > s/k; PATH=$PATH:/usr/sbin mksquashfs s $OUT -quiet "
	         "-no-progress > /dev/null; truncate -s $(od -An -t u4 -j 40 -N 4 $OUT) $OUT",
	         PART_SQUASHFS, 96, 0},
	};

	begin();
	cut_is_told(made[_i].command, made[_i].kind, made[_i].header, made[_i].whole);
}
END_TEST

START_TEST(maps_of_pcs)
{
	const struct pc_region regions[] = {
		{0, 0, 0x1000}, {1, 0x20000, 0x60000}, {2, 0x3000, 0x1d000}, {3, 0x1000, 0x2000}};
	const struct pc_area areas[] = {
		{"RO_VPD", 0x20000, 0x4000}, {"GBB", 0x24000, 0x4000}, {"FMAP", 0x28000, 0x1000}};
	const struct pc_amd_entry psp[] = {{0x04, 0x50000, 0x1000}, {0x01, 0x52000, 0x1000}};
	struct blob blob = {malloc(0x80000), 0x80000};

	begin();
	rig_noise(blob.at, blob.len, 5);
	pc_put_descriptor(blob.at, regions, 4);
	pc_put_gbe(blob.at + 0x1000, (const uint8_t *)"\x10\x60\x4b\x11\x22\x33");
	pc_put_fmap(blob.at + 0x28000, 0x80000, areas, 3);
	pc_put_gbb(blob.at + 0x24000, "CUT TEST");
	pc_put_efs(blob.at, 0x80000, 0x20000, 0x40000, 0);
	pc_put_amd_dir(blob.at, 0x80000, 0x40000, "$PSP", PC_AMD_OFFSET, psp, 2);
	cut_everywhere(blob, "PC flash");
}
END_TEST

/* A chip that was read beyond its end: the same again and again, whatever is in it. */
START_TEST(repeated)
{
	struct blob boot = firmware_uboot("1.1.4");
	struct image_report report;
	struct np_error err;

	for (size_t chip = 0x40000; chip <= 0x200000; chip *= 2) {
		for (size_t times = 2; times <= 5; times++) {
			size_t len = chip * times;
			uint8_t *data = malloc(len + 1);

			ck_assert_ptr_nonnull(data);
			rig_noise(data, chip, (unsigned)times);
			if (times % 2)
				memcpy(data, boot.at, boot.len);
			for (size_t i = 1; i < times; i++)
				memcpy(data + i * chip, data, chip);
			ck_assert_int_eq(image_identify(data, len, &report, &err), 0);
			ck_assert_msg((report.kind == IMAGE_DUMP_AND_MORE) == (len >= 0x100000),
			              "0x%zx, %zu times: %s", chip, times, report.text);
			image_report_free(&report);
			/* One byte of another kind is enough. */
			data[len - 1] ^= 1;
			ck_assert_int_eq(image_identify(data, len, &report, &err), 0);
			ck_assert_int_ne(report.kind, IMAGE_DUMP_AND_MORE);
			image_report_free(&report);
			memset(data, 0x5a, len);
			ck_assert_int_eq(image_identify(data, len, &report, &err), 0);
			ck_assert_int_ne(report.kind, IMAGE_DUMP_AND_MORE);
			image_report_free(&report);
			free(data);
		}
	}
	free(boot.at);
}
END_TEST

/* Those that are packed are opened, or refused with words, and what comes out is never less than it
 * was without a word. */
static void packed(const char *command, const char *what)
{
	struct blob blob = firmware_run(command);
	struct image_opened whole;
	struct np_error err;

	ck_assert_msg(blob.len > 100, "%s", what);
	ck_assert_msg(image_open(blob.at, blob.len, what, &whole, &err) == 0, "%s", err.message);
	for (size_t len = 1; len < blob.len; len = next_len(len, blob.len)) {
		uint8_t *part = copy(blob.at, len);
		struct image_opened o;
		int rc = image_open(part, len, what, &o, &err);

		if (rc)
			ck_assert(err.message[0]);
		else if (o.owned)
			ck_assert_msg(o.len == whole.len &&
			                      memcmp(o.data, whole.data, whole.len) == 0,
			              "%s of %zu bytes is opened as a whole", what, len);
		image_opened_free(&o);
		free(part);
	}
	image_opened_free(&whole);
	free(blob.at);
}

START_TEST(archives)
{
	begin();
	packed("seq 1 20000 | gzip > $OUT", "gzip");
	packed("seq 1 20000 | xz > $OUT", "xz");
	packed("seq 1 20000 | zstd -q > $OUT", "zstd");
	packed("OUT=$OUT python3 -c \"import os, zipfile; zipfile.ZipFile(os.environ['OUT'], 'w', 8)"
	       ".writestr('a', bytes(range(256)) * 99)\"",
	       "zip");
}
END_TEST

/* Capsules say how long they are; what is left of one is never called a whole. */
static void cut_capsule(const uint8_t guid[16], uint32_t header, bool aptio)
{
	struct blob blob = {calloc(1, 0x5000), 0x5000};

	ck_assert_ptr_nonnull(blob.at);
	rig_noise(blob.at, blob.len, header);
	memcpy(blob.at, guid, 16);
	put_le32(blob.at + 16, aptio ? 0x1c : header);
	put_le32(blob.at + 24, (uint32_t)blob.len);
	put_le32(blob.at + 28, header);
	for (size_t len = 32; len <= blob.len; len += 1 + (size_t)rand() % 40) {
		uint8_t *piece = copy(blob.at, len);
		struct wrap wrap;

		wrap_detect(piece, len, &wrap);
		ck_assert_msg(wrap.kind == (len > header ? WRAP_CAPSULE : WRAP_UPDATE), "%zu", len);
		ck_assert_msg(wrap.truncated == (len < blob.len), "%zu", len);
		free(piece);
	}
	free(blob.at);
}

START_TEST(capsules)
{
	static const uint8_t efi[16] = {0xbd, 0x86, 0x66, 0x3b, 0x76, 0x0d, 0x30, 0x40,
	                                0xb7, 0x0e, 0xb5, 0x51, 0x9e, 0x2f, 0xc5, 0xa0},
			     ami[16] = {0x8b, 0xa6, 0x3c, 0x4a, 0x23, 0x77, 0xfb, 0x48,
	                                0x80, 0x3d, 0x57, 0x8c, 0xc1, 0xfe, 0xc4, 0x4d};

	begin();
	cut_capsule(efi, 0x50, false);
	cut_capsule(efi, 0x1000, false);
	cut_capsule(ami, 0x800, true);
	cut_capsule(ami, 0x1248, true);
}
END_TEST

/* Archives that are not opened here keep their name at every length that has it, and nothing is taken
 * out of them. */
START_TEST(closed_archives)
{
	static const struct {
		const char *command, *name;
		size_t named;
	} made[] = {
		{"seq 1 9000 > a; seq 1 500 > b; tar cf $OUT a b", "tar archive", 262},
		{"printf '7z\\274\\257\\047\\034' > $OUT; seq 1 3000 >> $OUT", "7z archive", 6},
		{"seq 1 9000 | bzip2 > $OUT", "bzip2 file", 3},
	};

	begin();
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		struct blob blob = firmware_run(made[i].command);
		struct np_error err;

		for (size_t len = made[i].named; len <= blob.len; len = next_len(len, blob.len)) {
			uint8_t *piece = copy(blob.at, len);
			struct image_opened o;

			ck_assert_int_eq(image_open(piece, len, "file", &o, &err), 0);
			ck_assert_ptr_null(o.owned);
			ck_assert_msg(o.wrap.kind == WRAP_PACKED &&
			                      strcmp(o.wrap.name, made[i].name) == 0,
			              "%zu bytes of a %s", len, made[i].name);
			image_opened_free(&o);
			free(piece);
		}
		free(blob.at);
	}
}
END_TEST

static const char *const records_of[] = {
	"for i in $(seq 10 99); do printf ':01%04X0000%02X\\n' $i $(((256 - 1 - i) & 255)); done > $OUT; "
	"echo ':00000001FF' >> $OUT",
	"for i in $(seq 10 99); do printf 'S104%04X00%02X\\r\\n' $i $(((255 - 4 - i) & 255)); done > $OUT; "
	"echo S9030000FC >> $OUT",
};

/* Text cut in a line is broken or ends there; a gap is nothing that is written. */
START_TEST(records)
{
	struct blob blob = firmware_run(records_of[_i]);
	struct np_error err;
	size_t whole = 0;

	begin();
	for (size_t len = 1; len <= blob.len; len++) {
		uint8_t *part = copy(blob.at, len);
		struct image_opened o;
		int rc = image_open(part, len, "hex", &o, &err);

		if (rc)
			ck_assert(err.message[0]);
		else if (o.owned)
			whole++;
		/* The last line says that it is the last. */
		if (len + 12 < blob.len)
			ck_assert_msg(rc || !o.owned, "%zu of %zu bytes", len, blob.len);
		image_opened_free(&o);
		free(part);
	}
	ck_assert_uint_ge(whole, 1);
	free(blob.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cut");
	TCase *tc = tcase_create("cut");

	tcase_add_test(tc, firmware);
	tcase_add_test(tc, maps_of_pcs);
	tcase_add_test(tc, archives);
	tcase_add_loop_test(tc, what_says_its_length, 0, 9);
	tcase_add_test(tc, repeated);
	tcase_add_test(tc, capsules);
	tcase_add_test(tc, closed_archives);
	tcase_add_loop_test(tc, records, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
