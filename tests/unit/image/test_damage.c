/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: probe_fit.c probe_uefi.c probe_ubi.c probe_pc.c */
/* Sums that an image carries inside: whole files of other projects pass, one wrong bit is seen.
 */
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

/* A volume of this kind of 200 KiB. */
#define UBI(kind)                                                                               \
	"head -c 200000 /dev/zero | tr '\\0' u > v; printf '[v]\nmode=ubi\nimage=v\nvol_id=0\n" \
	"vol_type=" kind "\nvol_name=v\nvol_size=512KiB\n' > u.ini; PATH=$PATH:/usr/sbin "

/* Two files, the second with the SHA-256 of its contents as an attribute. */
#define CBFS                                                                                  \
	"python3 -c 'import hashlib,struct,sys; d=open(\"/bin/sh\",\"rb\").read(40000)\n"     \
	"def f(n,d,a=b\"\"):\n"                                                               \
	" n=n.ljust(32,b\"\\0\"); o=24+len(n)+len(a)\n"                                       \
	" b=b\"LARCHIVE\"+struct.pack(\">IIII\",len(d),0x50,24+len(n) if a else 0,o)+n+a+d\n" \
	" return b+bytes(-len(b)%64)\n"                                                       \
	"h=struct.pack(\">III\",0x68736148,44,2)+hashlib.sha256(d).digest()\n"                \
	"sys.stdout.buffer.write(f(b\"config\",b\"a\"*100)+f(b\"payload\",d,h))' > $OUT"

/* A kernel with two hashes, inside the tree or (-E) behind it. Of a hash that is not known nothing is
 * said. */
#define FIT(one, two, options)                                                              \
	"printf '/dts-v1/; / { description = \"t\"; images { k { description = \"k\"; "     \
	"data = /incbin/(\"k\"); type = \"kernel\"; arch = \"mips\"; os = \"linux\"; "      \
	"compression = \"none\"; load = <0>; entry = <0>; hash-1 { algo = \"" one "\"; }; " \
	"hash-2 { algo = \"" two "\"; }; }; }; configurations { default = \"c\"; "          \
	"c { kernel = \"k\"; }; }; };' > f.its; head -c 90000 /bin/sh > k; "                \
	"PATH=$PATH:/usr/sbin mkimage " options " -f f.its $OUT"

static const struct made {
	const char *command;
	enum image_part_kind kind;
	size_t flip; /* a byte that a sum covers; 0: the middle */
} made[] = {
	{"cp /usr/share/OVMF/OVMF_CODE.fd $OUT", PART_UEFI, 0x33},
	{"cp /usr/share/OVMF/OVMF_CODE_4M.fd $OUT", PART_UEFI, 0x33},
	{"cp /usr/share/OVMF/OVMF_VARS.fd $OUT", PART_UEFI, 0x33},
	{FIT("crc32", "sha256", ""), PART_FIT, 0},
	{FIT("sha1", "md5", "-E"), PART_FIT, 0},
	{FIT("sha512", "sha1", ""), PART_FIT, 0},
	{FIT("sha1", "sha384", ""), PART_FIT, 0},
	{"head -c 90000 /bin/sh > k; PATH=$PATH:/usr/sbin mkimage -A mips -O linux -T kernel -C none "
         "-a 0 -e 0 -n k -d k $OUT",
         PART_UIMAGE, 0},
	{"python3 -c 'import hashlib,struct,sys; d=open(\"/bin/sh\",\"rb\").read(60000); "
         "sys.stdout.buffer.write(struct.pack(\">IHHI\",0x5ea3a417,0,12,len(d))+b\"signature=ab\"+"
         "hashlib.md5(d).digest()+d)' > $OUT",
         PART_SEAMA, 0},
	{UBI("dynamic") "ubinize -m 1 -p 64KiB -o $OUT u.ini", PART_UBI, 0x10021},
	{UBI("static") "ubinize -m 1 -p 128KiB -o $OUT u.ini", PART_UBI, 0x40800},
	{UBI("dynamic") "ubinize -m 2048 -p 128KiB -o $OUT u.ini", PART_UBI, 0x20805},
	{CBFS, PART_CBFS, 0x2000},
};

#define SQUASHFS(options)                                                               \
	"mkdir s && cp /bin/sh s/sh && cp /etc/passwd s && "                            \
	"PATH=$PATH:/usr/sbin mksquashfs s $OUT -quiet -no-progress -noappend " options \
	" > /dev/null"

static const char *const squashfs[] = {
	SQUASHFS("-comp xz -b 256K"),         SQUASHFS("-comp gzip"),
	SQUASHFS("-comp zstd -no-fragments"), SQUASHFS("-comp lz4 -no-xattrs"),
	SQUASHFS("-comp lzo -no-exports"),    SQUASHFS("-comp xz -noI -noD"),
};

START_TEST(a_whole_squashfs_passes_and_lost_tables_are_seen)
{
	static const size_t pointers[] = {48, 64, 72};
	struct blob blob = firmware_run(squashfs[_i]);
	uint64_t inodes = le64(blob.at + 64), ids = le64(blob.at + 48);
	unsigned damaged;

	scan(&blob, PART_SQUASHFS, &damaged);
	ck_assert_uint_eq(damaged, 0);
	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		blob.at[pointers[i] + 3] ^= 0x10;
		scan(&blob, PART_SQUASHFS, &damaged);
		ck_assert_uint_eq(damaged, 1);
		blob.at[pointers[i] + 3] ^= 0x10;
	}
	/* Blank from the tables on, as a dump whose end was not read. */
	memset(blob.at + inodes, 0xff, blob.len - inodes);
	scan(&blob, PART_SQUASHFS, &damaged);
	ck_assert_uint_eq(damaged, 1);
	ck_assert_uint_gt(ids, inodes);
	free(blob.at);
}
END_TEST

/* What others made and nobody damaged: boot ROMs, programs, libraries. */
static const char *const sound[] = {
	"cat /usr/share/seabios/*.bin > $OUT",
	"cat /usr/lib/ipxe/*.efi /usr/lib/ipxe/*.pxe /usr/lib/ipxe/*.lkrn > $OUT",
	"cat /usr/share/OVMF/*.fd > $OUT",
	"cp $(command -v python3) $OUT",
	"cat $(command -v mkimage) $(command -v mksquashfs) /usr/sbin/ubinize > $OUT",
	"cat /lib/x86_64-linux-gnu/libc.so.6 /usr/lib/x86_64-linux-gnu/liblzma.so.5 > $OUT || "
	"cp /bin/sh $OUT",
};

START_TEST(what_is_sound_is_not_called_damaged)
{
	struct blob blob = firmware_run(sound[_i]);
	unsigned damaged;

	scan(&blob, PART_UEFI, &damaged);
	ck_assert_msg(damaged == 0, "%s: %u", sound[_i], damaged);
	free(blob.at);
}
END_TEST

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
	tcase_add_loop_test(tc, a_whole_squashfs_passes_and_lost_tables_are_seen, 0,
	                    (int)(sizeof(squashfs) / sizeof(squashfs[0])));
	tcase_add_loop_test(tc, what_is_sound_is_not_called_damaged, 0,
	                    (int)(sizeof(sound) / sizeof(sound[0])));
	return run_suite(suite);
}
