/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: probe_fit.c probe_uefi.c */
/* Sums that an image carries inside: whole files of other projects pass, one wrong bit is seen.
 * covers: probe_uefi.c probe_fit.c */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "image/image.h"
#include "support/firmware.h"
#include "support/suite.h"

static struct np_error err;

/* How many parts of this kind there are, and how many say that they are damaged. */
static unsigned scan(const struct blob *blob, enum image_part_kind kind, unsigned *damaged)
{
	struct image_parts parts;
	unsigned count = 0;

	*damaged = 0;
	ck_assert_int_eq(image_scan(blob->at, blob->len, &parts, &err), 0);
	for (size_t i = 0; i < parts.count; i++) {
		count += parts.at[i].kind == kind && parts.at[i].check == CHECK_GOOD;
		*damaged += image_part_damaged(&parts.at[i]);
	}
	image_parts_free(&parts);
	return count;
}

static const struct made {
	const char *command;
	enum image_part_kind kind;
	size_t flip; /* a byte that a sum covers; 0: the middle */
} made[] = {
	{"cp /usr/share/OVMF/OVMF_CODE.fd $OUT", PART_UEFI, 0x33},
	{"cp /usr/share/OVMF/OVMF_CODE_4M.fd $OUT", PART_UEFI, 0x33},
	{"cp /usr/share/OVMF/OVMF_VARS.fd $OUT", PART_UEFI, 0x33},
	{"printf '/dts-v1/; / { description = \"t\"; images { k { description = \"k\"; "
         "data = /incbin/(\"k\"); type = \"kernel\"; arch = \"mips\"; os = \"linux\"; "
         "compression = \"none\"; load = <0>; entry = <0>; hash-1 { algo = \"crc32\"; }; "
         "hash-2 { algo = \"sha256\"; }; }; }; configurations { default = \"c\"; "
         "c { kernel = \"k\"; }; }; };' > f.its; head -c 90000 /bin/sh > k; "
         "PATH=$PATH:/usr/sbin mkimage -f f.its $OUT",
         PART_FIT, 0},
	{"head -c 90000 /bin/sh > k; PATH=$PATH:/usr/sbin mkimage -A mips -O linux -T kernel -C none "
         "-a 0 -e 0 -n k -d k $OUT",
         PART_UIMAGE, 0},
	{"python3 -c 'import hashlib,struct,sys; d=open(\"/bin/sh\",\"rb\").read(60000); "
         "sys.stdout.buffer.write(struct.pack(\">IHHI\",0x5ea3a417,0,12,len(d))+b\"signature=ab\"+"
         "hashlib.md5(d).digest()+d)' > $OUT",
         PART_SEAMA, 0},
};

START_TEST(whole_images_pass)
{
	struct blob blob = firmware_run(made[_i].command);
	unsigned damaged;

	ck_assert_uint_ge(scan(&blob, made[_i].kind, &damaged), 1);
	ck_assert_uint_eq(damaged, 0);
	free(blob.at);
}
END_TEST

START_TEST(one_bit_is_seen)
{
	struct blob blob = firmware_run(made[_i].command);
	unsigned damaged;

	blob.at[made[_i].flip ? made[_i].flip : blob.len / 2] ^= 0x40;
	scan(&blob, made[_i].kind, &damaged);
	ck_assert_msg(damaged == 1, "%s: %u", made[_i].command, damaged);
	free(blob.at);
}
END_TEST

/* Somewhere in a flash, and cut by its end. */
START_TEST(in_a_dump_and_cut)
{
	struct blob kernel = firmware_uimage(70000, "k");
	struct blob dump = {malloc(0x100000), 0x100000};
	unsigned damaged;

	memset(dump.at, 0xff, dump.len);
	memcpy(dump.at + 0x50000, kernel.at, kernel.len);
	ck_assert_uint_eq(scan(&dump, PART_UIMAGE, &damaged), 1);
	ck_assert_uint_eq(damaged, 0);
	dump.at[0x58000] ^= 1;
	scan(&dump, PART_UIMAGE, &damaged);
	ck_assert_uint_eq(damaged, 1);
	dump.len = 0x50000 + kernel.len - 1;
	scan(&dump, PART_UIMAGE, &damaged);
	ck_assert_uint_eq(damaged, 0);
	free(dump.at);
	free(kernel.at);
}
END_TEST

/* Programs that speak of volumes hold none. */
START_TEST(strangers)
{
	static const char *const commands[] = {"cp /bin/bash $OUT",
	                                       "cp /usr/share/seabios/bios-256k.bin $OUT"};
	unsigned damaged;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct blob blob = firmware_run(commands[i]);

		for (size_t at = 0x100; at + 64 < blob.len; at += 0x7f3)
			memcpy(blob.at + at, "_FVH", 4);
		scan(&blob, PART_UEFI, &damaged);
		ck_assert_uint_eq(damaged, 0);
		free(blob.at);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("damage");
	TCase *tc = tcase_create("damage");
	int count = sizeof(made) / sizeof(made[0]);

	tcase_add_loop_test(tc, whole_images_pass, 0, count);
	tcase_add_loop_test(tc, one_bit_is_seen, 0, count);
	tcase_add_test(tc, in_a_dump_and_cut);
	tcase_add_test(tc, strangers);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
