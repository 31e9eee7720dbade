/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/firmware.h"

#include <md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layout/layout.h"
#include "device/load.h"
#include "support/rig.h"
#include "support/suite.h"

void put_be32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

void put_le32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static struct blob blob_new(size_t len)
{
	struct blob blob = {malloc(len), len};

	ck_assert_ptr_nonnull(blob.at);
	memset(blob.at, 0xff, len);
	return blob;
}

static struct blob read_whole(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct blob blob;
	long len;

	ck_assert_msg(file != NULL, "cannot open %s", path);
	fseek(file, 0, SEEK_END);
	len = ftell(file);
	rewind(file);
	ck_assert_int_gt(len, 0);
	blob = blob_new((size_t)len);
	ck_assert_uint_eq(fread(blob.at, 1, blob.len, file), blob.len);
	fclose(file);
	return blob;
}

struct blob firmware_run(const char *command)
{
	char dir[] = "/tmp/np-firmware-XXXXXX", script[1024], out[64];
	struct blob blob;
	int status;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(out, sizeof(out), "%s/out", dir);
	snprintf(script, sizeof(script),
	         "cd %s && OUT=%s && { %s; } >log 2>&1 || { cat log; exit 1; }", dir, out, command);
	status = system(script);
	ck_assert_msg(status == 0, "failed (are the packages of `make deps` there?): %s", command);
	blob = read_whole(out);
	snprintf(script, sizeof(script), "rm -rf %s", dir);
	ck_assert_int_eq(system(script), 0);
	return blob;
}

struct blob firmware_uimage(size_t payload, const char *name)
{
	char command[512];

	snprintf(
		command, sizeof(command),
		"awk 'BEGIN { srand(%zu); for (i = 0; i < %zu; i++) printf \"%%c\", 33 + rand() * 90 }' "
		">in; head -c %zu in >data; PATH=$PATH:/usr/sbin mkimage -A mips -O linux -T kernel -C lzma "
		"-a 0x80000000 -e 0x80000000 -n '%s' -d data $OUT",
		payload, payload, payload, name);
	return firmware_run(command);
}

struct blob firmware_squashfs(void)
{
	return firmware_run("mkdir root; cp /etc/passwd /usr/share/common-licenses/GPL-3 root; "
	                    "mksquashfs root $OUT -comp xz -all-root -noappend -no-progress");
}

struct blob firmware_jffs2(void)
{
	return firmware_run(
		"mkdir root; cp /usr/share/common-licenses/GPL-3 root; PATH=$PATH:/usr/sbin "
		"mkfs.jffs2 -d root -l -e 65536 -o $OUT");
}

struct blob firmware_dtb(void)
{
	return firmware_run(
		"printf '%s\\n' '/dts-v1/;' '/ { model = \"Some Router\"; spi { flash@0 {' "
		"'partitions { compatible = \"fixed-partitions\"; #address-cells = <1>;' "
		"'#size-cells = <1>; partition@0 { label = \"u-boot\"; reg = <0x0 0x20000>; read-only; };' "
		"'partition@20000 { label = \"firmware\"; reg = <0x20000 0x7d0000>; };' "
		"'partition@7f0000 { label = \"art\"; reg = <0x7f0000 0x10000>; read-only; };' "
		"'}; }; }; };' >in.dts; dtc -q -O dtb -o $OUT in.dts");
}

/* ---- TP-Link ---- */

static void salted_md5(struct blob *blob, size_t at, const char *salt)
{
	MD5_CTX md5;
	uint8_t digest[16];

	for (int i = 0; i < 16; i++) {
		unsigned byte;

		sscanf(salt + 2 * i, "%2x", &byte);
		blob->at[at + (size_t)i] = (uint8_t)byte;
	}
	MD5Init(&md5);
	MD5Update(&md5, blob->at, blob->len);
	MD5Final(digest, &md5);
	memcpy(blob->at + at, digest, 16);
}

struct blob firmware_tplink_v1(uint32_t hwid, const char *vendor, size_t kernel, size_t rootfs,
                               size_t boot, size_t total)
{
	struct blob blob = blob_new(total);
	uint8_t *h = blob.at;
	uint32_t at = 0x200;

	memset(h, 0, 0x200);
	put_be32(h, 0x01000000);
	strcpy((char *)h + 4, vendor);
	strcpy((char *)h + 0x1c, "ver. 1.0");
	put_be32(h + 0x40, hwid);
	put_be32(h + 0x44, 1);
	put_be32(h + 0x74, 0x80060000);
	put_be32(h + 0x78, 0x80060000);
	put_be32(h + 0x7c, (uint32_t)total);
	if (boot) {
		put_be32(h + 0x90, at);
		put_be32(h + 0x94, (uint32_t)boot);
		at += (uint32_t)boot;
	}
	put_be32(h + 0x80, at);
	put_be32(h + 0x84, (uint32_t)kernel);
	rig_noise(h + at, kernel, 3);
	at += (uint32_t)kernel;
	put_be32(h + 0x88, at);
	put_be32(h + 0x8c, (uint32_t)rootfs);
	rig_noise(h + at, rootfs, 4);
	salted_md5(&blob, 0x4c,
	           boot ? "8cef335bd5c5cefaa79c28dab2e90f42" : "dcd73aa5c39598fbddf9e7f40eae4738");
	return blob;
}

struct blob firmware_tplink_v2(uint32_t hwid, uint32_t hwrev, int little, size_t kernel,
                               size_t rootfs, size_t total)
{
	struct blob blob = blob_new(total);
	uint8_t *h = blob.at;
	void (*put)(uint8_t *, uint32_t) = little ? put_le32 : put_be32;

	memset(h, 0, 0x200);
	put(h, 3);
	strcpy((char *)h + 4, "0.9.1 1.2 v004b.0 Build 150805 Rel.46219n");
	put(h + 0x34, hwid);
	put(h + 0x38, hwrev);
	put(h + 0x68, 0x80000000);
	put(h + 0x6c, 0x80000000);
	put(h + 0x70, (uint32_t)total);
	put(h + 0x74, 0x200);
	put(h + 0x78, (uint32_t)kernel);
	put(h + 0x7c, (uint32_t)(0x200 + kernel));
	put(h + 0x80, (uint32_t)rootfs);
	h[0x8c] = little ? 0xaa : 0x55;
	h[0x8d] = little ? 0x55 : 0xaa;
	h[0x90] = 0xa5;
	rig_noise(h + 0x200, kernel, 5);
	rig_noise(h + 0x200 + kernel, rootfs, 6);
	salted_md5(&blob, 0x40, "dcd73aa5c39598fbdcf9e7f40eae4737");
	return blob;
}

struct blob firmware_safeloader(size_t payload)
{
	struct blob blob = blob_new(0x1814 + payload);
	struct blob body;
	MD5_CTX md5;
	static const uint8_t salt[] = {0x7a, 0x2b, 0x15, 0xed, 0x9b, 0x98, 0x59, 0x6d,
	                               0xe5, 0x04, 0xab, 0x44, 0xac, 0x2a, 0x9f, 0x4e};
	static const char support[] = "SupportList:\r\n{product_name:Archer C7,product_ver:5.0.0,"
				      "special_id:45550000}\r\n";

	put_be32(blob.at, (uint32_t)blob.len);
	strcpy((char *)blob.at + 0x14, "Archer C7");
	sprintf((char *)blob.at + 0x1014,
	        "fwup-ptn support-list base 0x00800 size 0x00100\t\r\n"
	        "fwup-ptn os-image base 0x00900 size 0x%05zx\t\r\n",
	        payload - 0x100);
	memset(blob.at + 0x1814, 0, 0x100);
	memcpy(blob.at + 0x1814 + 8, support, sizeof(support) - 1);
	rig_noise(blob.at + 0x1914, payload - 0x100, 8);
	body = (struct blob){blob.at + 0x14, blob.len - 0x14};
	MD5Init(&md5);
	MD5Update(&md5, salt, sizeof(salt));
	MD5Update(&md5, body.at, body.len);
	MD5Final(blob.at + 4, &md5);
	return blob;
}

struct blob firmware_uboot(const char *version)
{
	struct blob blob = blob_new(0x20000);

	rig_noise(blob.at, 0x18000, 9);
	memcpy(blob.at + 0x14000, version, strlen(version) + 1);
	return blob;
}

/* ---- full dumps ---- */

static void put_field(const struct layout_field *field, uint8_t *image, unsigned unit)
{
	uint8_t *at = image + field->start;
	char text[32];

	switch (field->type) {
	case FIELD_MAC:
		memcpy(at, "\xa0\xf3\xc1\x10\x20", 5);
		at[5] = (uint8_t)unit;
		break;
	case FIELD_MAC_TEXT:
		snprintf(text, sizeof(text), "a0:f3:c1:10:20:%02x", unit & 0xff);
		memcpy(at, text, 17);
		break;
	case FIELD_PIN:
		memcpy(at, unit % 2 ? "12345670" : "34259283", 8);
		break;
	case FIELD_IMEI:
		memcpy(at, unit % 2 ? "490154203237518" : "356938035643809", 15);
		break;
	case FIELD_CAL:
		rig_noise(at, field->len < 0x200 ? field->len : 0x200, 100 + unit);
		at[0] = (uint8_t)field->expect[0];
		at[1] = (uint8_t)(field->expect[0] >> 8);
		at[2] = at[3] = 0;
		memcpy(at + 4, "\xa0\xf3\xc1\x10\x20", 5);
		at[9] = (uint8_t)(unit + 1);
		break;
	case FIELD_SERIAL:
	case FIELD_BYTES:
	case FIELD_GBE_MAC:
		break;
	}
}

struct blob firmware_dump(const char *profile, unsigned unit)
{
	struct layout layout;
	struct np_error err = {0};
	struct blob blob, boot;
	const struct layout_region *firmware;

	ck_assert_msg(layout_load(profile, &layout, &err) == 0, "%s", err.message);
	blob = blob_new(layout.size);
	boot = firmware_uboot("U-Boot 1.1.3 (Mar  3 2015 - 10:00:00)");
	memcpy(blob.at, boot.at, boot.len);
	free(boot.at);
	firmware = layout_find(&layout, "firmware");
	if (firmware)
		rig_noise(blob.at + firmware->start + 0x200, firmware->len / 2, 11);
	for (size_t i = 0; i < layout.sign_count; i++) {
		const struct layout_sign *sign = &layout.signs[i];

		memcpy(blob.at + sign->start + (sign->span > 0x1000 ? 0x1000 + 0x80 * i : 0),
		       sign->bytes, sign->len);
	}
	for (size_t i = 0; i < layout.field_count; i++)
		put_field(&layout.fields[i], blob.at, unit);
	layout_free(&layout);
	return blob;
}
