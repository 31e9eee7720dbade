/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: unpack.c */
/* Device trees are found in what real packers make, and in nothing else. */
#include <check.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/map.h"
#include "image/tree.h"
#include "image/unpack.h"
#include "layout/tree.h"
#include "support/boards.h"
#include "support/firmware.h"
#include "support/rig.h"
#include "support/suite.h"

#define FLASH  ((size_t)8 << 20)
#define PLACE  ((size_t)0x50000)
#define KERNEL ((size_t)1500000)

static json_t *facts;
static uint8_t *flash;
static char command[600];

static void setup(void)
{
	facts = boards_facts();
	flash = malloc(FLASH);
	rig_noise(flash, FLASH, 17);
}

static void teardown(void)
{
	json_decref(facts);
	free(flash);
}

static struct blob tree_of(const char *board)
{
	for (size_t i = 0; i < json_array_size(facts); i++)
		if (strcmp(boards_text(json_array_get(facts, i), "board"), board) == 0)
			return boards_tree(json_array_get(facts, i));
	ck_abort_msg("no board %s", board);
	return (struct blob){0};
}

/* A kernel that packs like one, with the tree behind it; 4-aligned as the boot loader wants. */
static struct blob kernel_with(struct blob tree)
{
	struct blob blob = {malloc(KERNEL + tree.len), KERNEL + tree.len};

	for (size_t i = 0; i < KERNEL; i++)
		blob.at[i] = (uint8_t)(i % 7 < 4 ? i >> 8 : (i * 2654435761u) >> 24);
	memcpy(blob.at + KERNEL, tree.at, tree.len);
	return blob;
}

static struct blob packed(struct blob raw, const char *with)
{
	char path[] = "/tmp/np-raw-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "wb");
	struct blob blob;

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(raw.at, 1, raw.len, file), raw.len);
	fclose(file);
	snprintf(command, sizeof(command), "%s < %s > $OUT", with, path);
	blob = firmware_run(command);
	remove(path);
	return blob;
}

static struct image_trees find(const uint8_t *data, size_t len)
{
	struct image_trees trees;
	struct np_error err = {0};

	ck_assert_msg(image_find_trees(data, len, &trees, &err) == 0, "%s", err.message);
	return trees;
}

static void is_board(const struct image_tree *tree, const char *compatible)
{
	struct tree_identity identity;

	ck_assert(tree_identity(tree->fdt, tree->len, &identity));
	ck_assert_str_eq(identity.compatible[0], compatible);
}

/* ---- in every packing ---- */

static const struct packing {
	const char *with, *from;
	enum unpack_kind kind;
} packings[] = {
	/* OpenWrt's kernels: `lzma e -lc1 -lp2 -pb2`; and the defaults. */
	{"xz -c --format=lzma --lzma1=lc=1,lp=2,pb=2", "in an LZMA stream", UNPACK_LZMA},
	{"xz -c --format=lzma -2", "in an LZMA stream", UNPACK_LZMA},
	{"xz -c --check=crc32 -2", "in an XZ stream", UNPACK_XZ},
	{"gzip -c -9 -n", "in a gzip stream", UNPACK_GZIP},
	{"zstd -c -q -3", "in a zstd stream", UNPACK_ZSTD},
};

START_TEST(trees_behind_packed_kernels)
{
	const struct packing *p = &packings[_i];
	struct blob tree = tree_of("dlink_dir-842-c1"), raw = kernel_with(tree);
	struct blob stream = packed(raw, p->with);
	struct image_trees trees;

	memcpy(flash + PLACE, stream.at, stream.len);
	trees = find(flash, FLASH);
	if (unpack_can(p->kind)) {
		ck_assert_uint_eq(trees.count, 1);
		ck_assert_str_eq(trees.at[0].from, p->from);
		ck_assert_uint_eq(trees.at[0].at, PLACE);
		ck_assert_uint_eq(trees.at[0].into, KERNEL);
		ck_assert_uint_eq(trees.at[0].len, tree.len);
		ck_assert_mem_eq(trees.at[0].fdt, tree.at, tree.len);
		ck_assert(!trees.more);
	} else {
		ck_assert_uint_eq(trees.count, 0);
		ck_assert_str_eq(trees.unread, unpack_name(p->kind));
	}
	image_trees_free(&trees);
	free(tree.at);
	free(raw.at);
	free(stream.at);
}
END_TEST

/* The length in the header may say "until the end mark", as LZMA's SDK writes it to a pipe. */
START_TEST(an_lzma_stream_whose_length_is_known)
{
	struct blob tree = tree_of("dlink_dir-842-c1"), raw = kernel_with(tree);
	struct blob stream = packed(raw, packings[0].with);
	struct image_trees trees;

	ck_assert_uint_eq(stream.at[5], 0xff);
	put_le32(stream.at + 5, (uint32_t)raw.len);
	put_le32(stream.at + 9, 0);
	memcpy(flash + PLACE, stream.at, stream.len);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, unpack_can(UNPACK_LZMA));
	image_trees_free(&trees);
	free(tree.at);
	free(raw.at);
	free(stream.at);
}
END_TEST

START_TEST(a_kernel_packed_into_a_packed_loader)
{
	struct blob tree = tree_of("dlink_dir-842-c1"), raw = kernel_with(tree);
	struct blob inner = packed(raw, packings[0].with);
	struct blob loader = {malloc(inner.len + 40000), inner.len + 40000};
	struct image_trees trees;
	struct blob outer;

	memset(loader.at, 0x24, 40000);
	memcpy(loader.at + 40000, inner.at, inner.len);
	outer = packed(loader, "gzip -c -1 -n");
	memcpy(flash + PLACE, outer.at, outer.len);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, unpack_can(UNPACK_LZMA));
	if (trees.count) {
		is_board(&trees.at[0], "dlink,dir-842-c1");
		ck_assert_uint_eq(trees.at[0].at, PLACE);
	}
	image_trees_free(&trees);
	free(tree.at);
	free(raw.at);
	free(inner.at);
	free(loader.at);
	free(outer.at);
}
END_TEST

/* The tree is at the end of what comes out: a stream that was overwritten behind it does no harm, one
 * that is cut in front of it has none. */
START_TEST(a_cut_stream_gives_what_came_out)
{
	struct blob tree = tree_of("dlink_dir-842-c1"), raw = kernel_with(tree), stream;
	struct image_trees trees;

	raw.at = realloc(raw.at, raw.len + 500000);
	rig_noise(raw.at + raw.len, 500000, 3);
	raw.len += 500000;
	stream = packed(raw, "gzip -c -6 -n");
	trees = find(stream.at, stream.len - 300000);
	ck_assert_uint_eq(trees.count, 1);
	image_trees_free(&trees);
	trees = find(stream.at, 20000);
	ck_assert_uint_eq(trees.count, 0);
	image_trees_free(&trees);
	free(tree.at);
	free(raw.at);
	free(stream.at);
}
END_TEST

/* ---- plain ones ---- */

START_TEST(plain_trees_at_any_place)
{
	struct blob a = tree_of("dlink_dir-842-c1"), b = tree_of("tplink_archer-c7-v2");
	struct image_trees trees;

	memcpy(flash + 12345, a.at, a.len);
	memcpy(flash + FLASH - b.len, b.at, b.len);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, 2);
	is_board(&trees.at[0], "dlink,dir-842-c1");
	is_board(&trees.at[1], "tplink,archer-c7-v2");
	ck_assert_str_eq(trees.at[0].from, "plain");
	ck_assert_uint_eq(trees.at[0].at, 12345);
	image_trees_free(&trees);
	/* One byte short at the end is no tree. */
	trees = find(flash, FLASH - 1);
	ck_assert_uint_eq(trees.count, 1);
	image_trees_free(&trees);
	free(a.at);
	free(b.at);
}
END_TEST

/* A FIT is a tree itself, and holds the one that counts. */
START_TEST(a_fit_holds_the_tree)
{
	struct blob tree = tree_of("dlink_dir-842-c1");
	struct image_trees trees;
	void *fit = flash + PLACE;

	ck_assert_int_eq(fdt_create(fit, 1 << 20), 0);
	fdt_finish_reservemap(fit);
	fdt_begin_node(fit, "");
	fdt_property_string(fit, "description", "MIPS OpenWrt FIT (Flattened Image Tree)");
	fdt_begin_node(fit, "images");
	fdt_begin_node(fit, "fdt-1");
	fdt_property_string(fit, "type", "flat_dt");
	fdt_property(fit, "data", tree.at, (int)tree.len);
	fdt_end_node(fit);
	fdt_end_node(fit);
	fdt_end_node(fit);
	ck_assert_int_eq(fdt_finish(fit), 0);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, 1);
	is_board(&trees.at[0], "dlink,dir-842-c1");
	ck_assert_str_eq(trees.at[0].from, "in a FIT");
	image_trees_free(&trees);
	free(tree.at);
}
END_TEST

/* U-Boot brings a tree of its own, which names the reference board and no flash's map. */
START_TEST(a_boot_loaders_tree_does_not_hide_the_kernels)
{
	struct blob tree = tree_of("dlink_dir-842-c1"), raw = kernel_with(tree);
	struct blob stream = packed(raw, "gzip -c -6 -n");
	struct image_trees trees;
	void *own = flash + 0x20000;

	ck_assert_int_eq(fdt_create(own, 4096), 0);
	fdt_finish_reservemap(own);
	fdt_begin_node(own, "");
	fdt_property_string(own, "compatible", "mediatek,mt7621-rfb");
	fdt_end_node(own);
	ck_assert_int_eq(fdt_finish(own), 0);
	memcpy(flash + PLACE, stream.at, stream.len);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, 2);
	is_board(&trees.at[0], "mediatek,mt7621-rfb");
	is_board(&trees.at[1], "dlink,dir-842-c1");
	image_trees_free(&trees);
	free(tree.at);
	free(raw.at);
	free(stream.at);
}
END_TEST

START_TEST(the_map_inside_a_packed_kernel_is_the_dumps)
{
	struct blob tree = tree_of("netgear_wnr2000-v3"), raw = kernel_with(tree);
	struct blob stream = packed(raw, "gzip -c -6 -n");
	struct layout layout;
	struct np_error err = {0};
	bool found;

	memcpy(flash + PLACE, stream.at, stream.len);
	ck_assert_int_eq(image_find_map(flash, (size_t)4 << 20, "t", &layout, &found, &err), 0);
	ck_assert(found && layout.profile);
	ck_assert_str_eq(layout.name, "netgear,wnr2000-v3");
	ck_assert(layout_find(&layout, "art")->unit);
	ck_assert_ptr_null(layout_find(&layout, "decoy"));
	layout_free(&layout);
	/* It is no map of a flash that is smaller. */
	ck_assert_int_eq(image_find_map(flash, (size_t)3 << 20, "t", &layout, &found, &err), 0);
	ck_assert(!found);
	free(tree.at);
	free(raw.at);
	free(stream.at);
}
END_TEST

/* ---- strangers and bounds ---- */

START_TEST(noise_and_blanks_hold_no_tree)
{
	struct image_trees trees;

	for (unsigned seed = 1; seed <= 8; seed++) {
		rig_noise(flash, FLASH, seed);
		trees = find(flash, FLASH);
		ck_assert_uint_eq(trees.count, 0);
		image_trees_free(&trees);
	}
	memset(flash, 0xff, FLASH);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, 0);
	memset(flash, 0, FLASH);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, 0);
	trees = find(flash, 0);
	ck_assert_uint_eq(trees.count, 0);
}
END_TEST

/* A squashfs is full of streams, and files of a root file system may be trees of others. */
START_TEST(what_a_squashfs_holds_is_passed_over)
{
	struct blob fs = firmware_run("d=$(mktemp -d) && seq 200000 > $d/a && seq 300000 > $d/b && "
	                              "mksquashfs $d $OUT -comp xz -noappend -quiet > /dev/null; "
	                              "rm -r $d");
	struct blob tree = tree_of("dlink_dir-842-c1"), raw = kernel_with(tree);
	struct blob stream = packed(raw, "gzip -c -6 -n");
	struct image_trees trees;

	ck_assert_uint_lt(fs.len + stream.len, FLASH);
	memcpy(flash, fs.at, fs.len);
	memcpy(flash + fs.len, stream.at, stream.len);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, 1);
	ck_assert_uint_eq(trees.at[0].at, fs.len);
	image_trees_free(&trees);
	free(fs.at);
	free(tree.at);
	free(raw.at);
	free(stream.at);
}
END_TEST

START_TEST(a_bomb_is_cut_short)
{
	struct blob bomb = firmware_run("head -c 400000000 /dev/zero | gzip -c -9 > $OUT");
	struct image_trees trees = find(bomb.at, bomb.len);

	ck_assert_uint_eq(trees.count, 0);
	ck_assert(trees.more);
	image_trees_free(&trees);
	free(bomb.at);
}
END_TEST

START_TEST(trees_beyond_the_bound_are_said)
{
	struct blob tree = tree_of("dlink_dir-842-c1");
	struct image_trees trees;

	for (size_t i = 0; i < IMAGE_TREES_MAX + 3; i++)
		memcpy(flash + i * 0x10000, tree.at, tree.len);
	trees = find(flash, FLASH);
	ck_assert_uint_eq(trees.count, IMAGE_TREES_MAX);
	ck_assert(trees.more);
	image_trees_free(&trees);
	free(tree.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tree");
	TCase *tc = suite_group(suite, "tree", setup, teardown);

	tcase_add_loop_test(tc, trees_behind_packed_kernels, 0,
	                    (int)(sizeof(packings) / sizeof(packings[0])));
	tcase_add_test(tc, an_lzma_stream_whose_length_is_known);
	tcase_add_test(tc, a_kernel_packed_into_a_packed_loader);
	tcase_add_test(tc, a_cut_stream_gives_what_came_out);
	tcase_add_test(tc, plain_trees_at_any_place);
	tcase_add_test(tc, a_fit_holds_the_tree);
	tcase_add_test(tc, a_boot_loaders_tree_does_not_hide_the_kernels);
	tcase_add_test(tc, the_map_inside_a_packed_kernel_is_the_dumps);
	tcase_add_test(tc, noise_and_blanks_hold_no_tree);
	tcase_add_test(tc, what_a_squashfs_holds_is_passed_over);
	tcase_add_test(tc, a_bomb_is_cut_short);
	tcase_add_test(tc, trees_beyond_the_bound_are_said);
	return run_suite(suite);
}
