/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AMD's map of a PC's flash: the embedded firmware structure at one of a few places points to the
 * directories of the security processor (PSP) and of the BIOS, and these list what lies where.
 * Numbers: coreboot's "PSP integration" page and its amdfwtool; PSPTool for the checksum.
 */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "layout/map.h"
#include "layout/source.h"

#define EFS_SIGNATURE 0x55aa55aau
#define EFS_LEN       0x50u
#define EFS_REGION    0x100u     /* nothing else begins nearer to it than an entry's alignment */
#define WINDOW        0x1000000u /* the last 16 MiB below 4 GiB are where the processor sees flash */
#define HEADER        16u
#define COMBO_HEADER  32u
#define ENTRIES_MOST  256u /* an entry's count is a byte in AMD's own tools */
#define DIRS_MOST     32u
#define ENTRY_ALIGN   0x100u
#define REGIONS_MOST  100u /* below LAYOUT_MAX, with room for another map beside this one */

enum dir_kind { DIR_NONE, DIR_PSP, DIR_BIOS, DIR_PSP_COMBO, DIR_BIOS_COMBO };

struct walk {
	const struct layout_reader *from;
	struct layout_build *build;
	uint64_t base;            /* where the 16 MiB that hold the structure begin */
	uint64_t todo[DIRS_MOST]; /* directories, each once; those before `next` were read */
	size_t count, next;
	struct np_ranges firmware[2]; /* owned; PSP's, BIOS's: what has no name of its own */
	bool more;                    /* than is listed */
	struct np_error *err;
};

/* NULL with *rc 0: it passes the flash's end. */
static const uint8_t *at(struct walk *walk, uint64_t start, uint64_t len, int *rc)
{
	const struct layout_reader *from = walk->from;

	*rc = 0;
	if (start > from->size || len > from->size - start)
		return NULL;
	if (from->need)
		*rc = from->need(from->ctx, start, len, walk->err);
	return *rc ? NULL : from->flash + start;
}

/* Words of 16 bits, both sums modulo FFFFh and never 0. */
static uint32_t fletcher32(const uint8_t *data, size_t len)
{
	uint32_t low = 0xffff, high = 0xffff;

	for (size_t i = 0; i + 1 < len; i += 2) {
		low += le16(data + i);
		low = (low & 0xffff) + (low >> 16);
		high += low;
		high = (high & 0xffff) + (high >> 16);
	}
	return high << 16 | low;
}

static enum dir_kind dir_kind(const uint8_t *p)
{
	static const struct {
		const char *cookie;
		enum dir_kind kind;
	} cookies[] = {{"$PSP", DIR_PSP},  {"$PL2", DIR_PSP},       {"$BHD", DIR_BIOS},
	               {"$BL2", DIR_BIOS}, {"2PSP", DIR_PSP_COMBO}, {"2BHD", DIR_BIOS_COMBO}};

	for (size_t i = 0; i < sizeof(cookies) / sizeof(cookies[0]); i++)
		if (memcmp(p, cookies[i].cookie, 4) == 0)
			return cookies[i].kind;
	return DIR_NONE;
}

/* Physical addresses lie below 4 GiB; what is smaller is an offset, whatever the mode says. */
static uint64_t place(const struct walk *walk, uint64_t addr)
{
	if (addr >= 0xff000000u && addr <= 0xffffffffu) {
		uint64_t window = walk->from->size < WINDOW ? walk->from->size : WINDOW;

		return walk->base + (addr & (window - 1));
	}
	return addr;
}

/* Of an entry: two bits at the top are the mode, where the directory does not give one for all. */
static uint64_t entry_place(const struct walk *walk, uint64_t dir, uint32_t info, uint64_t value)
{
	unsigned mode = info >> 29 & 3;

	if (mode >= 2)
		mode = (unsigned)(value >> 62);
	value &= UINT64_MAX >> 2;
	return mode >= 2 ? dir + value : place(walk, value);
}

static void add_dir(struct walk *walk, uint64_t where)
{
	for (size_t i = 0; i < walk->count; i++)
		if (walk->todo[i] == where)
			return;
	if (walk->count < DIRS_MOST)
		walk->todo[walk->count++] = where;
	else
		walk->more = true;
}

/* ---- what lies where ---- */

static const struct known {
	enum dir_kind dir;
	uint8_t type;
	const char *name, *holds;
	bool unit;
} known[] = {
	{DIR_PSP, 0x04, "psp-nvram", "what the security processor keeps, such as the TPM's keys",
         true},
	{DIR_PSP, 0x54, "rpmc-nvram", "what the security processor keeps, with a counter", true},
	{DIR_BIOS, 0x60, "apcb", "memory settings of the board", false},
	{DIR_BIOS, 0x68, "apcb-backup", "memory settings of the board", false},
	{DIR_BIOS, 0x62, "bios-start", "what the processor runs first", false},
	{DIR_BIOS, 0x63, "apob-nv", "memory training, made again when it is gone", false},
};

static int add_region(struct walk *walk, const char *name, const char *holds, uint64_t start,
                      uint64_t len, bool unit)
{
	struct layout_build *build = walk->build;
	struct layout_region *region;
	int rc;

	for (size_t i = 0; i < build->region_count; i++)
		if (start < build->regions[i].start + build->regions[i].len &&
		    build->regions[i].start < start + len)
			return 0;
	if (build->region_count == REGIONS_MOST) {
		walk->more = true;
		return 0;
	}
	rc = layout_map_add(build, name, strlen(name), start, len, walk->err);
	if (rc)
		return rc;
	region = &build->regions[build->region_count - 1];
	snprintf(region->holds, sizeof(region->holds), "%s", holds);
	region->unit = unit;
	return 0;
}

static int add_contents(struct walk *walk, enum dir_kind kind, uint8_t type, uint64_t start,
                        uint64_t len)
{
	uint64_t size = walk->from->size;

	if (!len || len == UINT32_MAX || start >= size)
		return 0;
	if (len > size - start) {
		walk->more = true;
		len = size - start;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].dir == kind && known[i].type == type)
			return add_region(walk, known[i].name, known[i].holds, start, len,
			                  known[i].unit);
	len = (len + ENTRY_ALIGN - 1) & ~(uint64_t)(ENTRY_ALIGN - 1);
	return np_ranges_add(&walk->firmware[kind == DIR_BIOS],
	                     (struct np_range){start, len < size - start ? len : size - start},
	                     walk->err);
}

/* A recovery entry points to a few numbers ("ISH"), the fifth of which is where the directory is. */
static int follow_recovery(struct walk *walk, uint64_t where)
{
	int rc;
	const uint8_t *p = at(walk, where, 32, &rc);

	if (!p)
		return rc;
	add_dir(walk, dir_kind(p) != DIR_NONE ? where : place(walk, le32(p + 16)));
	return 0;
}

static int read_entry(struct walk *walk, enum dir_kind kind, uint64_t dir, uint32_t info,
                      const uint8_t *entry)
{
	uint64_t where = entry_place(walk, dir, info, le64(entry + 8));
	uint8_t type = entry[0];

	if (kind == DIR_PSP && (type == 0x48 || type == 0x4a))
		return follow_recovery(walk, where);
	if (type == (kind == DIR_PSP ? 0x40 : 0x70) || (kind == DIR_PSP && type == 0x49)) {
		add_dir(walk, where);
		return 0;
	}
	/* The entry for the soft fuses holds a value in the place of an address, so it is no
	 * place in the flash. */
	if (kind == DIR_PSP && type == 0x0b)
		return 0;
	return add_contents(walk, kind, type, where, le32(entry + 4));
}

static int read_combo(struct walk *walk, const uint8_t *p, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		add_dir(walk, place(walk, le32(p + COMBO_HEADER + i * 16 + 8)));
	return 0;
}

/* From its first 16 bytes; 0: none. */
static size_t dir_len(const uint8_t *p)
{
	enum dir_kind kind = dir_kind(p);
	uint32_t count = le32(p + 8);

	if (kind == DIR_NONE || !count || count > ENTRIES_MOST)
		return 0;
	if (kind == DIR_PSP_COMBO || kind == DIR_BIOS_COMBO)
		return COMBO_HEADER + 16 * (size_t)count;
	return HEADER + (kind == DIR_BIOS ? 24 : 16) * (size_t)count;
}

size_t layout_amd_directory(const uint8_t *p, size_t len, bool *sound)
{
	size_t total = len < HEADER ? 0 : dir_len(p);

	if (!total || total > len)
		return 0;
	*sound = fletcher32(p + 8, total - 8) == le32(p + 4);
	return total;
}

/* A directory whose sum is wrong is none: what it says is used to erase. */
static int read_dir(struct walk *walk, uint64_t where)
{
	int rc;
	const uint8_t *p = at(walk, where, HEADER, &rc);
	enum dir_kind kind = p ? dir_kind(p) : DIR_NONE;
	size_t len = kind ? dir_len(p) : 0, step = kind == DIR_BIOS ? 24 : 16;
	bool sound = false, combo = kind == DIR_PSP_COMBO || kind == DIR_BIOS_COMBO;
	uint32_t count;

	if (!len)
		return rc;
	p = at(walk, where, len, &rc);
	if (!p || !layout_amd_directory(p, len, &sound) || !sound)
		return rc;
	count = le32(p + 8);
	rc = add_region(walk, kind == DIR_PSP || kind == DIR_PSP_COMBO ? "psp-dir" : "bios-dir",
	                "directory: what lies where", where, len, false);
	if (combo && !rc)
		return read_combo(walk, p, count);
	for (uint32_t i = 0; i < count && !rc; i++)
		rc = read_entry(walk, kind, where, le32(p + 12), p + HEADER + i * step);
	return rc;
}

/* ---- the structure that everything hangs on ---- */

static int find_structure(struct walk *walk, const uint8_t **found, uint64_t *where)
{
	static const uint32_t places[] = {0xfa0000, 0xf20000, 0xe20000,
	                                  0xc20000, 0x820000, 0x20000};
	uint64_t size = walk->from->size, window = size < WINDOW ? size : WINDOW;
	int rc = 0;

	*found = NULL;
	if (size & (size - 1))
		return 0;
	for (walk->base = 0; walk->base < size && !rc; walk->base += window)
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !rc; i++) {
			const uint8_t *p;

			if (places[i] < WINDOW - window)
				continue;
			*where = walk->base + places[i] - (WINDOW - window);
			p = at(walk, *where, 4, &rc);
			if (!p || le32(p) != EFS_SIGNATURE)
				continue;
			*found = at(walk, *where, EFS_LEN, &rc);
			return rc;
		}
	return rc;
}

static int read_all(struct walk *walk)
{
	/* PSP, PSP again, three of the BIOS, one more, and the PSP's spare. */
	static const uint8_t pointers[] = {0x10, 0x14, 0x18, 0x1c, 0x20, 0x28, 0x2c};
	const uint8_t *efs;
	uint64_t where;
	int rc = find_structure(walk, &efs, &where);

	if (!efs)
		return rc;
	for (size_t i = 0; i < sizeof(pointers); i++) {
		uint32_t pointer = le32(efs + pointers[i]);

		if (pointer && pointer < 0xfffffffe)
			add_dir(walk, place(walk, pointer));
	}
	for (; walk->next < walk->count && !rc; walk->next++)
		rc = read_dir(walk, walk->todo[walk->next]);
	/* Four bytes alone are no map. */
	if (!rc && walk->build->region_count)
		rc = add_region(walk, "efs",
		                "AMD's embedded firmware structure: where the "
		                "directories are",
		                where, EFS_REGION, false);
	return rc;
}

/* Firmware without a name of its own, between and around what has one. */
static int add_firmware(struct walk *walk, unsigned which)
{
	static const char *const names[] = {"psp", "amd"};
	struct np_ranges *set = &walk->firmware[which];
	int rc = 0;

	for (size_t i = 0; i < walk->build->region_count && !rc; i++)
		rc = np_ranges_remove(set,
		                      (struct np_range){walk->build->regions[i].start,
		                                        walk->build->regions[i].len},
		                      walk->err);
	for (size_t i = 0; i < set->count && !rc; i++)
		rc = add_region(walk, names[which], "firmware of AMD", set->at[i].start,
		                set->at[i].len, false);
	return rc;
}

int layout_parse_amd(const struct layout_reader *from, const char *name, struct layout *layout,
                     struct np_error *err)
{
	struct layout_build *build = layout_map_begin(name, layout, err);
	struct walk walk = {.from = from, .build = build, .err = err};
	int rc;

	if (!build)
		return NP_E_MEMORY;
	rc = read_all(&walk);
	for (unsigned i = 0; i < 2; i++) {
		if (!rc)
			rc = add_firmware(&walk, i);
		np_ranges_free(&walk.firmware[i]);
	}
	if (walk.more)
		snprintf(
			build->layout.doubt, sizeof(build->layout.doubt),
			"AMD's directories name more than is listed here, or what lies behind this "
			"flash's end");
	rc = layout_map_end(build, rc, layout, err);
	layout->profile = !rc && layout->unit.count;
	return rc;
}
