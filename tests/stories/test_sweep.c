/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every board of the table gets flash images: OpenWrt with its device tree, OpenWrt without one, and
 * a vendor's firmware. None may be given a wrong name, none may lose what is its own unless a gate
 * has refused, none may keep firmware by mistake, and an upgrade of the same unit passes.
 * NORPROG_SOAK takes all boards, else every tenth is taken.
 */
#include <check.h>
#include <libfdt.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "device/evidence.h"
#include "device/recognise.h"
#include "job/gate/gate.h"
#include "job/run.h"
#include "layout/board.h"
#include "support/rig.h"
#include "support/suite.h"

enum variant { WITH_TREE, WITHOUT_TREE, STOCK, VARIANTS };

struct unit_places {
	struct np_range at[64];
	size_t count;
};

struct counts {
	unsigned images, named, named_tree, trees, wrong, lost, kept, upgrades, refused_upgrades;
};

static void noise(uint64_t *state, uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		uint64_t word = rig_random(state);

		memcpy(p + i, &word, len - i < 8 ? len - i : 8);
	}
}

static void put_be32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* ---- one unit's own data ---- */

static void put_unit(uint8_t *image, size_t len, const struct layout *layout, uint64_t unit,
                     struct unit_places *places)
{
	uint64_t state = unit;
	uint8_t mac[6] = {0x40, 0x9b, 0xcd};

	noise(&state, mac + 3, 3);
	places->count = 0;
	for (int cal = 1; cal >= 0; cal--)
		for (size_t i = 0; i < layout->field_count; i++) {
			const struct layout_field *field = &layout->fields[i];
			uint8_t *at = image + field->start;
			bool block = field->type == FIELD_CAL || field->type == FIELD_BYTES;

			if (field->start + field->len > len || block != (cal == 1))
				continue;
			if (block) {
				noise(&state, at, field->len);
				/* As drivers know them: MediaTek's number or Atheros' version. */
				memcpy(at, field->start % 0x8000 ? "\x02\x02" : "\x28\x76", 2);
				if (field->len >= 16) {
					at[2] = at[3] = 0;
					memcpy(at + (field->start % 0x8000 ? 2 : 4), mac, 6);
				}
				at[field->len - 1] |= 1;
			} else if (field->type == FIELD_MAC) {
				memcpy(at, mac, 6);
				at[5] = (uint8_t)(at[5] + i % 4);
			} else if (field->type == FIELD_MAC_TEXT) {
				char text[18];

				snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
				         mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
				memcpy(at, text, field->len < 17 ? field->len : 17);
			} else {
				continue;
			}
			if (places->count < 64)
				places->at[places->count++] =
					(struct np_range){field->start, field->len};
		}
}

/* ---- firmware ---- */

static size_t make_tree(uint8_t *fdt, size_t room, const struct board *board,
                        const struct layout *layout)
{
	char name[96];

	fdt_create(fdt, (int)room);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	fdt_property_string(fdt, "compatible", board->compatible);
	fdt_property_string(fdt, "model", board->title);
	fdt_property_u32(fdt, "#address-cells", 1);
	fdt_property_u32(fdt, "#size-cells", 1);
	fdt_begin_node(fdt, "flash@0");
	fdt_property_string(fdt, "compatible", "jedec,spi-nor");
	fdt_property_u32(fdt, "reg", 0);
	fdt_begin_node(fdt, "partitions");
	fdt_property_string(fdt, "compatible", "fixed-partitions");
	fdt_property_u32(fdt, "#address-cells", 1);
	fdt_property_u32(fdt, "#size-cells", 1);
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct layout_region *region = &layout->regions[i];
		uint32_t reg[2] = {cpu_to_fdt32((uint32_t)region->start),
		                   cpu_to_fdt32((uint32_t)region->len)};

		snprintf(name, sizeof(name), "partition@%llx", (unsigned long long)region->start);
		fdt_begin_node(fdt, name);
		fdt_property_string(fdt, "label", region->name);
		fdt_property(fdt, "reg", reg, sizeof(reg));
		fdt_end_node(fdt);
	}
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	fdt_finish(fdt);
	return fdt_totalsize(fdt);
}

/* A kernel of noise and text with the tree behind it, packed as OpenWrt packs it. */
static size_t make_kernel(uint8_t *out, size_t room, const uint8_t *tree, size_t tree_len,
                          uint64_t seed)
{
	static uint8_t plain[0x60000];
	lzma_options_lzma options;
	lzma_stream stream = LZMA_STREAM_INIT;

	noise(&seed, plain, 0x20000);
	memset(plain + 0x20000, 'k', 0x20000);
	memcpy(plain + 0x40000, tree, tree_len);
	lzma_lzma_preset(&options, 1);
	ck_assert_int_eq(lzma_alone_encoder(&stream, &options), LZMA_OK);
	stream.next_in = plain;
	stream.avail_in = 0x40000 + tree_len;
	stream.next_out = out;
	stream.avail_out = room;
	ck_assert_int_eq(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
	lzma_end(&stream);
	return room - stream.avail_out;
}

static void uimage(uint8_t *h, size_t len, const char *name)
{
	memset(h, 0, 64);
	put_be32(h, 0x27051956);
	put_be32(h + 12, (uint32_t)len);
	put_be32(h + 24, np_crc32(0, h + 64, len));
	memcpy(h + 28, "\x05\x05\x02\x03", 4);
	snprintf((char *)h + 32, 32, "%s", name);
	put_be32(h + 4, np_crc32(0, h, 64));
}

static const struct layout_region *firmware_of(const struct layout *layout)
{
	for (size_t i = 0; i < layout->group_count; i++)
		if (recognise_is_firmware(&layout->groups[i]))
			return &layout->groups[i];
	for (size_t i = 0; i < layout->region_count; i++)
		if (recognise_is_firmware(&layout->regions[i]))
			return &layout->regions[i];
	return NULL;
}

/* False where there is no room for firmware. */
static bool put_firmware(uint8_t *image, size_t len, const struct board *board,
                         const struct layout *layout, enum variant variant, uint64_t release)
{
	const struct layout_region *region = firmware_of(layout);
	static uint8_t tree[0x8000];
	size_t kernel = 0, room, root;
	uint64_t state = release;
	uint8_t *at;

	if (!region || region->start + region->len > len || region->len < 0xa0000)
		return false;
	at = image + region->start;
	room = region->len;
	if (variant == STOCK) {
		noise(&state, at, room * 7 / 8);
		uimage(at, 0x80000, "Linux Kernel Image");
		memset(at + room * 7 / 8, 0xff, room - room * 7 / 8);
		return true;
	}
	memset(at, 0xff, room);
	if (variant == WITH_TREE)
		kernel = make_tree(tree, sizeof(tree), board, layout);
	kernel = make_kernel(at + 64, 0x90000 - 64, tree, kernel, release);
	uimage(at, kernel, "MIPS OpenWrt Linux-6.12");
	root = (kernel + 64 + 0xffff) & ~(size_t)0xffff;
	noise(&state, at + root, (room - root) / 2 + release % 3 * 4096);
	return true;
}

static bool compose(uint8_t *image, const struct board *board, const struct layout *layout,
                    enum variant variant, uint64_t unit, uint64_t release,
                    struct unit_places *places)
{
	uint64_t state = 42; /* the boot loader is the same in all units */

	memset(image, 0xff, board->size);
	noise(&state, image, 0x8000);
	memcpy(image + 0x7000, "U-Boot 1.1.3 (Mar  3 2015 - 11:11:11)", 38);
	if (!put_firmware(image, board->size, board, layout, variant, release))
		return false;
	put_unit(image, board->size, layout, unit, places);
	return true;
}

/* ---- the gates ---- */

static bool refused(const struct board *board, const struct layout *guard,
                    const struct recognition *found, const uint8_t *have, uint8_t *want,
                    const struct np_ranges *keep)
{
	static const char *const names[] = {"unit-data", "unit-form", "unknown-device"};
	struct np_range all = {0, board->size};
	struct np_ranges known = {&all, 1, 1};
	struct nor_info chip = {.size = board->size};
	struct job job = {.layout = NULL};
	struct run run = {.job = &job, .size = board->size};
	struct intent intent = {.operation = INTENT_WRITE, .image = {.data = want}};
	struct facts facts = {.job_bit = GATE_WRITE,
	                      .run = &run,
	                      .job = &job,
	                      .chip = &chip,
	                      .size = board->size,
	                      .intent = &intent,
	                      .guard = guard,
	                      .guard_recognised = guard != NULL,
	                      .found = found,
	                      .have = have,
	                      .want = want,
	                      .known = &known};
	bool no = false;
	char word[64];

	for (size_t i = 0; keep && i < keep->count; i++) {
		snprintf(word, sizeof(word), "%llu+%llu", (unsigned long long)keep->at[i].start,
		         (unsigned long long)keep->at[i].len);
		ck_assert_int_eq(selection_keep(&intent.selection, NULL, word, board->size, NULL),
		                 0);
	}
	ck_assert_int_eq(selection_settle(&intent.selection, board->size, NULL), 0);
	for (size_t i = 0; i < 3 && !no; i++) {
		struct verdict verdict = {.gate = gate_find(names[i]), .run = &run};

		ck_assert_int_eq(verdict.gate->ask(&facts, &verdict, NULL), 0);
		no = verdict.answer == GATE_REFUSE;
		if (no && getenv("SWEEP_VERBOSE"))
			printf("   %s: %s\n", names[i], verdict.why.message);
	}
	selection_free(&intent.selection);
	return no;
}

static bool loses(const struct unit_places *places, const uint8_t *have, const uint8_t *want)
{
	for (size_t i = 0; i < places->count; i++)
		if (memcmp(have + places->at[i].start, want + places->at[i].start,
		           places->at[i].len) != 0)
			return true;
	return false;
}

static void keep_ranges(uint8_t *want, const uint8_t *have, const struct np_ranges *keep)
{
	for (size_t i = 0; i < keep->count; i++)
		memcpy(want + keep->at[i].start, have + keep->at[i].start, keep->at[i].len);
}

/* Bytes of firmware that a keep would leave as they were, but for unit data that lie in it. */
static bool keeps_firmware(const struct np_ranges *keep, const struct layout *layout)
{
	const struct layout_region *region = firmware_of(layout);
	struct np_ranges wrong = {0};
	bool any;

	np_ranges_add_all(&wrong, keep, NULL);
	np_ranges_remove_all(&wrong, &layout->unit, NULL);
	any = np_ranges_overlap(&wrong, (struct np_range){region->start, region->len});
	np_ranges_free(&wrong);
	return any;
}

static void report(const struct board *board, enum variant variant, const char *what,
                   const char *detail)
{
	static const char *const names[] = {"with tree", "without tree", "stock"};

	printf("%s (%s): %s%s\n", board->compatible, names[variant], what, detail);
}

static void sweep_one(const struct board *board, const struct layout *facts, enum variant variant,
                      uint64_t seed, struct counts *counts)
{
	uint8_t *have = malloc(board->size), *want = malloc(board->size);
	struct unit_places places, other;
	struct recognition found;
	struct layout guard = {0};
	const struct layout *in_force;
	bool named;

	if (!compose(have, board, facts, variant, seed, seed + 1, &places))
		goto out;
	counts->images++;
	counts->trees += variant == WITH_TREE;
	ck_assert_int_eq(recognise_dump(have, board->size, &found, NULL), 0);
	named = found.name[0] && !found.ambiguous;
	if (named && strcmp(found.name, evidence_device_name(board->compatible)) != 0) {
		counts->wrong++;
		report(board, variant, "named ", found.name);
	}
	counts->named += named;
	counts->named_tree += named && variant == WITH_TREE;
	if (named)
		ck_assert_int_eq(recognise_load(&found, have, board->size, &guard, NULL), 0);
	in_force = named ? &guard : NULL;
	/* Another unit's dump, of another release. */
	compose(want, board, facts, variant, seed + 2, seed + 3, &other);
	if (!refused(board, in_force, &found, have, want, NULL) && loses(&places, have, want)) {
		counts->lost++;
		report(board, variant, "unit data lost by a plain write", "");
	}
	if (named && guard.unit.count) {
		keep_ranges(want, have, &guard.unit);
		if (!refused(board, in_force, &found, have, want, &guard.unit) &&
		    loses(&places, have, want)) {
			counts->lost++;
			report(board, variant, "unit data lost by --keep unit", "");
		}
		if (keeps_firmware(&guard.unit, facts)) {
			counts->kept++;
			report(board, variant, "firmware kept", "");
		}
	}
	/* The same unit, another release. */
	compose(want, board, facts, variant, seed, seed + 4, &other);
	counts->upgrades++;
	if (refused(board, in_force, &found, have, want, NULL)) {
		counts->refused_upgrades++;
		report(board, variant, "an upgrade was refused", "");
	}
out:
	layout_free(&guard);
	free(have);
	free(want);
}

START_TEST(no_board_is_misnamed_and_none_loses_its_data)
{
	uint64_t seed = rig_seed(17);
	size_t step = rig_soak() ? 1 : 10;
	struct counts counts = {0};

	for (size_t i = seed % step; i < board_count(); i += step) {
		struct layout layout;
		struct board board;

		board_at(i, &board);
		if (!board.size || board.size > (rig_soak() ? 32 << 20 : 16 << 20) ||
		    (board.size & (board.size - 1)))
			continue;
		ck_assert_int_eq(board_load_layout(i, &layout, NULL), 0);
		for (int variant = 0; variant < VARIANTS; variant++)
			sweep_one(&board, &layout, (enum variant)variant,
			          seed * 1000003 + i * 16 + (unsigned)variant, &counts);
		layout_free(&layout);
	}
	printf("%u images, %u named; with tree %u of %u; wrong %u, lost %u, firmware kept %u, "
	       "upgrades refused %u of %u\n",
	       counts.images, counts.named, counts.named_tree, counts.trees, counts.wrong,
	       counts.lost, counts.kept, counts.refused_upgrades, counts.upgrades);
	ck_assert_uint_gt(counts.images, 100);
	ck_assert_uint_eq(counts.wrong, 0);
	ck_assert_uint_eq(counts.lost, 0);
	ck_assert_uint_eq(counts.kept, 0);
	ck_assert_uint_ge(counts.named_tree * 100, counts.trees * 98);
	ck_assert_uint_le(counts.refused_upgrades * 100, counts.upgrades);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sweep");
	TCase *tc = tcase_create("boards");

	tcase_add_test(tc, no_board_is_misnamed_and_none_loses_its_data);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
