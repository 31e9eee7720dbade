/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are no flash image: what people download, made by the programs that make them. */
#include <stdlib.h>
#include <string.h>

#include "image/wrap.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"

static struct wrap detect(const void *data, size_t len)
{
	struct wrap wrap;

	wrap_detect(data, len, &wrap);
	return wrap;
}

START_TEST(what_archivers_make)
{
	static const struct {
		const char *command, *name;
	} made[] = {
		{"head -c 9999 /bin/sh | gzip > $OUT", "gzip file"},
		{"head -c 9999 /bin/sh | xz > $OUT", "xz file"},
		{"head -c 9999 /bin/sh | bzip2 > $OUT", "bzip2 file"},
		{"tar cf $OUT -C /bin sh", "tar archive"},
		{"python3 -c 'import zipfile,sys; z=zipfile.ZipFile(sys.argv[1],\"w\"); "
	         "z.writestr(\"fw.bin\",b\"x\"*99)' $OUT",
	         "zip archive"},
	};

	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		struct blob blob = firmware_run(made[i].command);
		struct wrap wrap = detect(blob.at, blob.len);

		ck_assert_msg(wrap.kind == WRAP_PACKED, "%s", made[i].command);
		ck_assert_str_eq(wrap.name, made[i].name);
		ck_assert_ptr_nonnull(strstr(wrap.unpack, "%s"));
		free(blob.at);
	}
}
END_TEST

static const uint8_t aptio[] = {0x8b, 0xa6, 0x3c, 0x4a, 0x23, 0x77, 0xfb, 0x48,
                                0x80, 0x3d, 0x57, 0x8c, 0xc1, 0xfe, 0xc4, 0x4d};
static const uint8_t efi[] = {0xbd, 0x86, 0x66, 0x3b, 0x76, 0x0d, 0x30, 0x40,
                              0xb7, 0x0e, 0xb5, 0x51, 0x9e, 0x2f, 0xc5, 0xa0};

START_TEST(capsules_say_what_goes)
{
	static uint8_t file[0x20000];
	struct wrap wrap;

	rig_noise(file, sizeof(file), 3);
	memcpy(file, aptio, 16);
	put_le32(file + 16, 0x1c);
	put_le32(file + 24, sizeof(file));
	put_le32(file + 28, 0x800);
	wrap = detect(file, sizeof(file));
	ck_assert_int_eq(wrap.kind, WRAP_CAPSULE);
	ck_assert_uint_eq(wrap.strip, 0x800);
	ck_assert_uint_eq(wrap.body, 0);
	ck_assert(!wrap.truncated);
	memcpy(file, efi, 16);
	put_le32(file + 16, 0x1000);
	wrap = detect(file, sizeof(file));
	ck_assert_uint_eq(wrap.strip, 0x1000);
	/* Something was appended; something is missing. */
	put_le32(file + 24, 0x11000);
	wrap = detect(file, sizeof(file));
	ck_assert_uint_eq(wrap.body, 0x10000);
	put_le32(file + 24, sizeof(file) + 1);
	ck_assert(detect(file, sizeof(file)).truncated);
	/* A header that leaves nothing, or is shorter than itself, is not taken off. */
	put_le32(file + 16, sizeof(file));
	ck_assert_int_eq(detect(file, sizeof(file)).kind, WRAP_UPDATE);
	put_le32(file + 16, 8);
	ck_assert_int_eq(detect(file, sizeof(file)).kind, WRAP_UPDATE);
	file[15] ^= 1;
	ck_assert_int_eq(detect(file, sizeof(file)).kind, WRAP_NONE);
	ck_assert_int_eq(detect(efi, 16).kind, WRAP_NONE);
}
END_TEST

START_TEST(what_has_nothing_to_do_with_a_flash)
{
	static const struct {
		const char *text, *name;
	} texts[] = {
		{"<!DOCTYPE html><html><body>404 Not Found</body></html>\n", "web page"},
		{"\xef\xbb\xbf\r\n<HTML><head>", "web page"},
		{"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n\1\2", "PDF"},
		{"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "Git LFS"},
		{"Dear Sir,\nthe dump is attached.\n", "text"},
		{"\x7f"
	         "ELF\2\1\1",
	         "ELF"},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct wrap wrap = detect(texts[i].text, strlen(texts[i].text));

		ck_assert_msg(wrap.kind == WRAP_FOREIGN, "%zu", i);
		ck_assert_msg(strstr(wrap.name, texts[i].name) != NULL, "%s", wrap.name);
	}
	ck_assert_int_eq(detect(":00000001FF\r\n", 13).kind, WRAP_TEXT_IMAGE);
	ck_assert_int_eq(detect("S9030000FC\n", 11).kind, WRAP_TEXT_IMAGE);
}
END_TEST

/* Flash contents, whatever they begin with. */
START_TEST(images_are_let_through)
{
	static const char *const starts[] = {"MZ", "BZ", "PK", ":", "S1", "<", "\x1f\x8b", "7z"};
	static uint8_t file[0x10000];
	struct blob uboot = firmware_uboot("U-Boot 1.1.3 (Jan 1 2015)");

	ck_assert_int_eq(detect(uboot.at, uboot.len).kind, WRAP_NONE);
	free(uboot.at);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		rig_noise(file, sizeof(file), (unsigned)i);
		memcpy(file, starts[i], strlen(starts[i]));
		file[2] = 0;
		ck_assert_msg(detect(file, sizeof(file)).kind == WRAP_NONE, "%s", starts[i]);
	}
	memset(file, 0xff, sizeof(file));
	ck_assert_int_eq(detect(file, sizeof(file)).kind, WRAP_NONE);
	memset(file, 0, sizeof(file));
	ck_assert_int_eq(detect(file, sizeof(file)).kind, WRAP_NONE);
	ck_assert_int_eq(detect(file, 0).kind, WRAP_NONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wrap");
	TCase *tc = suite_group(suite, "wrap", NULL, NULL);

	tcase_add_test(tc, what_archivers_make);
	tcase_add_test(tc, capsules_say_what_goes);
	tcase_add_test(tc, what_has_nothing_to_do_with_a_flash);
	tcase_add_test(tc, images_are_let_through);
	return run_suite(suite);
}
