/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The size of the chip. The table, SFDP and the third ID byte may contradict each other, and a chip
 * may hold less than what all of them say. A chip without the upper address bits answers there with
 * a copy of what lies below, which can be looked at without writing anything.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "nor/nor_priv.h"

#define SPOT_LEN    8
#define SPOTS_FIRST 12    /* mostly these tell two halves apart */
#define SPOTS_BLANK 40    /* as many are blank below: the chip most likely is */
#define SPOTS_ALL   128   /* as many are equal: so are the halves */
#define LOOKS       4     /* at a pair, to read it twice alike */
#define TELLING_MIN 8     /* as many have to hold something before equal halves mean anything */
#define LEAST       65536 /* no chip is smaller */
#define ADDR3_REACH (UINT64_C(1) << 24)

enum halves { HALVES_DIFFER, HALVES_EQUAL, HALVES_BLANK };

/* Places in the lower half, what they hold, and what the same places of the upper half hold. */
struct spots {
	uint32_t addr[SPOTS_ALL];
	uint8_t low[SPOTS_ALL][SPOT_LEN], high[SPOTS_ALL][SPOT_LEN];
};

static int by_addr(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_spots(struct spots *spots, size_t from, size_t to)
{
	qsort(spots->addr + from, to - from, sizeof(spots->addr[0]), by_addr);
}

/* Every second one in the first sixteenth, where boot loaders are. Those that are read together are
 * in the order of addresses, so that a bank is set once. */
static void choose_spots(struct spots *spots, uint64_t half)
{
	uint32_t state = 2463534242;

	for (size_t i = 0; i < SPOTS_ALL; i++) {
		uint64_t reach = i % 2 ? half : half / 16;

		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		spots->addr[i] = (uint32_t)(state % (reach / SPOT_LEN) * SPOT_LEN);
	}
	sort_spots(spots, 0, SPOTS_FIRST);
	sort_spots(spots, SPOTS_FIRST, SPOTS_BLANK);
	sort_spots(spots, SPOTS_BLANK, SPOTS_ALL);
}

static int read_low(struct nor *nor, struct spots *spots, size_t from, size_t to,
                    struct np_error *err)
{
	return nor_read_spots(nor, spots->addr + from, to - from, SPOT_LEN, spots->low[from], err);
}

static int read_high(struct nor *nor, struct spots *spots, size_t from, size_t to, uint64_t half,
                     struct np_error *err)
{
	uint32_t addr[SPOTS_ALL];

	for (size_t i = from; i < to; i++)
		addr[i - from] = spots->addr[i] + (uint32_t)half;
	return nor_read_spots(nor, addr, to - from, SPOT_LEN, spots->high[from], err);
}

/* One pair again, until it is read twice alike: one bad read must not make a small chip a large
 * one. */
static int look_again(struct nor *nor, struct spots *spots, size_t i, uint64_t half,
                      struct np_error *err)
{
	uint8_t low[SPOT_LEN], high[SPOT_LEN];
	bool alike = false;
	int ret = 0;

	for (unsigned n = 0; n < LOOKS && !ret && !alike; n++) {
		memcpy(low, spots->low[i], SPOT_LEN);
		memcpy(high, spots->high[i], SPOT_LEN);
		ret = read_low(nor, spots, i, i + 1, err);
		if (!ret)
			ret = read_high(nor, spots, i, i + 1, half, err);
		alike = memcmp(low, spots->low[i], SPOT_LEN) == 0 &&
		        memcmp(high, spots->high[i], SPOT_LEN) == 0;
	}
	return ret;
}

static int find_difference(struct nor *nor, struct spots *spots, size_t from, size_t to,
                           uint64_t half, bool *differ, struct np_error *err)
{
	int ret = 0;

	*differ = false;
	for (size_t i = from; i < to && !ret && !*differ; i++) {
		if (memcmp(spots->low[i], spots->high[i], SPOT_LEN) == 0)
			continue;
		ret = look_again(nor, spots, i, half, err);
		*differ = !ret && memcmp(spots->low[i], spots->high[i], SPOT_LEN) != 0;
	}
	return ret;
}

static size_t count_telling(const struct spots *spots, size_t count)
{
	size_t telling = 0;

	for (size_t i = 0; i < count; i++)
		telling += !bytes_alike(spots->low[i], SPOT_LEN);
	return telling;
}

/* Each look goes on where the last one ended, and only as long as nothing is certain. */
static int compare_halves(struct nor *nor, struct spots *spots, uint64_t half, enum halves *said,
                          struct np_error *err)
{
	bool differ = false;
	int ret;

	choose_spots(spots, half);
	ret = read_low(nor, spots, 0, SPOTS_FIRST, err);
	if (!ret)
		ret = read_high(nor, spots, 0, SPOTS_FIRST, half, err);
	if (!ret)
		ret = find_difference(nor, spots, 0, SPOTS_FIRST, half, &differ, err);
	*said = differ ? HALVES_DIFFER : HALVES_BLANK;
	if (!ret && !differ)
		ret = read_low(nor, spots, SPOTS_FIRST, SPOTS_BLANK, err);
	if (ret || differ || !count_telling(spots, SPOTS_BLANK))
		return ret;
	ret = read_low(nor, spots, SPOTS_BLANK, SPOTS_ALL, err);
	if (!ret)
		ret = read_high(nor, spots, SPOTS_FIRST, SPOTS_ALL, half, err);
	if (!ret)
		ret = find_difference(nor, spots, SPOTS_FIRST, SPOTS_ALL, half, &differ, err);
	*said = differ                                           ? HALVES_DIFFER
	        : count_telling(spots, SPOTS_ALL) >= TELLING_MIN ? HALVES_EQUAL
	                                                         : HALVES_BLANK;
	return ret;
}

int nor_repeats(struct nor *nor, uint64_t *len, struct np_error *err)
{
	struct spots *spots = malloc(sizeof(*spots));
	enum halves said = HALVES_EQUAL;
	int ret = spots ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	*len = nor->info.size;
	while (!ret && *len > LEAST && said == HALVES_EQUAL) {
		ret = compare_halves(nor, spots, *len / 2, &said, err);
		if (!ret && said == HALVES_EQUAL)
			*len /= 2;
	}
	if (!ret && said == HALVES_BLANK && *len == nor->info.size)
		*len = 0;
	free(spots);
	return ret ? np_context(err, "look whether one half copies the other") : 0;
}

/* Does it hold something of its own in as many bytes as `len` behind the first `len`? A smaller chip
 * shows its contents again there, or nothing. */
static int holds_more(struct nor *nor, struct spots *spots, uint64_t len, bool *more,
                      struct np_error *err)
{
	int ret;

	nor->chip.size = (uint32_t)(2 * len);
	nor->info.size = 2 * len;
	choose_spots(spots, len);
	ret = read_low(nor, spots, 0, SPOTS_ALL, err);
	if (!ret)
		ret = read_high(nor, spots, 0, SPOTS_ALL, len, err);
	*more = false;
	for (size_t i = 0; i < SPOTS_ALL && !ret && !*more; i++) {
		if (bytes_alike(spots->high[i], SPOT_LEN) ||
		    memcmp(spots->low[i], spots->high[i], SPOT_LEN) == 0)
			continue;
		ret = look_again(nor, spots, i, len, err);
		*more = !ret && !bytes_alike(spots->high[i], SPOT_LEN) &&
		        memcmp(spots->low[i], spots->high[i], SPOT_LEN) != 0;
	}
	return ret;
}

/* How far it goes on holding something of its own; `len` where it ends there. */
static int look_beyond(struct nor *nor, uint64_t *len, struct np_error *err)
{
	struct spots *spots = malloc(sizeof(*spots));
	uint64_t size = nor->info.size, asked = nor->chip.size;
	bool more = true;
	int ret = spots ? 0 : np_fail(err, NP_E_MEMORY, "out of memory");

	while (!ret && more && *len < ADDR3_REACH) {
		ret = holds_more(nor, spots, *len, &more, err);
		*len *= more ? 2 : 1;
	}
	nor->info.size = size;
	nor->chip.size = (uint32_t)asked;
	free(spots);
	return ret ? np_context(err,
	                        "look whether the chip goes on behind the end that its SFDP names")
	           : 0;
}

uint64_t nor_image_repeats(const uint8_t *image, uint64_t len)
{
	if (bytes_alike(image, len))
		return 0;
	while (len > LEAST && memcmp(image, image + len / 2, len / 2) == 0)
		len /= 2;
	return len;
}

/* ---- what the sources say ---- */

/* Most makers' third byte is the power of two, from 16 again for 1.8 V parts of some; those that
 * count otherwise are left out. 0: it says nothing. */
static uint64_t size_by_id(const uint8_t *id)
{
	static const uint8_t own_ways[] = {0x1f, 0xbf, 0x7f, 0x01, 0x62};
	unsigned power = id[2] >= 0x30 && id[2] <= 0x3c ? id[2] - 0x20U : id[2];

	if (memchr(own_ways, id[0], sizeof(own_ways)))
		return 0;
	if (power >= 0x20 && power <= 0x22)
		power -= 6;
	return power >= 0x10 && power <= 0x1c ? UINT64_C(1) << power : 0;
}

static void say_doubt(struct nor_info *info, const char *more)
{
	struct nor_size_doubt *doubt = &info->size_doubt;
	char table[32], sfdp[32];

	snprintf(doubt->text, sizeof(doubt->text), "by %s it has %s, but its SFDP says %s; %s",
	         info->candidate_count        ? "the tables"
	         : size_by_id(info->jedec_id) ? "its ID"
	                                      : "what it holds",
	         np_format_size(doubt->by_table, table, sizeof(table)),
	         np_format_size(doubt->by_sfdp, sfdp, sizeof(sfdp)), more);
}

/* --size decides where nothing else does; where it contradicts what was seen the chip is only
 * read. */
static void take_users_word(struct nor *nor, uint64_t told)
{
	struct nor_size_doubt *doubt = &nor->info.size_doubt;

	if (!doubt->open || (told != doubt->by_table && told != doubt->by_sfdp))
		return;
	doubt->open = false;
	nor->info.size = told;
	nor->info.size_overridden = false;
	nor->chip.size = (uint32_t)told;
	say_doubt(&nor->info, "--size decides");
}

/* No chip is of another size than a power of two; one that says so is looked at as the next. */
static uint64_t whole_size(uint64_t len)
{
	uint64_t size = LEAST;

	while (size < len)
		size *= 2;
	return size;
}

void nor_size_weigh(struct nor *nor)
{
	struct nor_info *info = &nor->info;
	struct nor_size_doubt *doubt = &info->size_doubt;
	uint64_t smaller, larger;

	if (!info->has_sfdp || nor->chip.flags & (NOR_F_BAD_SFDP | NOR_F_NO_SFDP))
		return;
	doubt->by_table = info->candidate_count ? nor->chip.size : size_by_id(info->jedec_id);
	doubt->by_sfdp = nor->sfdp.size;
	if (!doubt->by_table || doubt->by_table == doubt->by_sfdp)
		return;
	doubt->open = true;
	smaller = doubt->by_table < doubt->by_sfdp ? doubt->by_table : doubt->by_sfdp;
	larger = whole_size(doubt->by_table + doubt->by_sfdp - smaller);
	/* As far as the part's way of addressing reaches: reading too much does no harm. */
	nor->chip.size =
		(uint32_t)(larger <= ADDR3_REACH || nor->chip.size == larger ? larger : smaller);
	info->size = nor->chip.size;
}

/* Where SFDP alone tells a size, nothing contradicts it but the chip. */
static int doubt_sfdp(struct nor *nor, uint64_t told, struct np_error *err)
{
	struct nor_info *info = &nor->info;
	struct nor_size_doubt *doubt = &info->size_doubt;
	uint64_t len = whole_size(nor->chip.size);
	int ret;

	if (info->candidate_count || !info->has_sfdp || size_by_id(info->jedec_id) ||
	    nor->addr_len != 3 || nor->chip.size >= ADDR3_REACH || nor->chip.die)
		return 0;
	ret = look_beyond(nor, &len, err);
	if (ret || len == nor->chip.size)
		return ret;
	doubt->by_table = len;
	doubt->open = true;
	say_doubt(info, "it goes on behind that");
	nor->chip.size = (uint32_t)len;
	info->size_overridden = told && told != len;
	info->size = told ? told : len;
	take_users_word(nor, told);
	return 0;
}

int nor_size_settle(struct nor *nor, uint64_t told, struct np_error *err)
{
	struct nor_size_doubt *doubt = &nor->info.size_doubt;
	uint64_t seen = 0;
	int ret;

	if (!doubt->open)
		return doubt_sfdp(nor, told, err);
	ret = doubt->by_table > nor->chip.size || doubt->by_sfdp > nor->chip.size
	              ? 0
	              : nor_repeats(nor, &seen, err);
	if (ret)
		return ret;
	if (seen && (seen == doubt->by_table || seen == doubt->by_sfdp)) {
		doubt->open = false;
		say_doubt(&nor->info, seen == nor->chip.size
		                              ? "the upper part holds something of its own"
		                              : "the upper part repeats the lower");
		nor->chip.size = (uint32_t)seen;
		nor->info.size = seen;
	} else {
		say_doubt(&nor->info, seen ? "it repeats after fewer yet"
		                           : "what it holds does not tell which");
	}
	nor->info.size_overridden = told && told != nor->info.size;
	if (told)
		nor->info.size = told;
	take_users_word(nor, told);
	return 0;
}

/* As --size takes it. */
static const char *size_word(uint64_t size, char buf[24])
{
	bool mib = size % (1U << 20) == 0;

	snprintf(buf, 24, "%" PRIu64 "%c", mib ? size >> 20 : size >> 10, mib ? 'M' : 'K');
	return buf;
}

int nor_check_size(const struct nor_info *info, struct np_error *err)
{
	const struct nor_size_doubt *doubt = &info->size_doubt;
	char table[24], sfdp[24];

	if (!doubt->open)
		return 0;
	np_fail(err, NP_E_POLICY, "the chip's size is not certain: %s", doubt->text);
	return np_hint(err, "read the marking on the package, then say --size %s or --size %s",
	               size_word(doubt->by_table, table), size_word(doubt->by_sfdp, sfdp));
}

/* ---- a chip that nothing is known of ---- */

#define FORCED_MHZ 20 /* 03h, by the slowest data sheets */

int nor_size_force(struct nor *nor, uint64_t told, struct np_error *err)
{
	static const struct nor_chip nothing = {.name = "unknown",
	                                        .source = "--size",
	                                        .read_mhz = FORCED_MHZ,
	                                        .fast_mhz = FORCED_MHZ,
	                                        .flags = NOR_F_NO_RESET | NOR_F_NO_SFDP};

	if (told > ADDR3_REACH) {
		np_fail(err, NP_E_UNKNOWN_CHIP,
		        "how this chip is addressed above 16 MiB is not known");
		return np_hint(err,
		               "--size 16M reads the lower part; describe the chip in a file "
		               "(doc/CHIPS.md) and pass that with --chips FILE to read it all");
	}
	nor->chip = nothing;
	nor->chip.size = (uint32_t)told;
	nor->chip.times = &nor->times;
	nor->chip.erase = nor->erase;
	nor->times = (struct nor_times){.page_typ_us = 1000,
	                                .page_max_us = 20000,
	                                .sr_typ_us = 10000,
	                                .sr_max_us = 200000,
	                                .chip_typ_ms = 100000,
	                                .chip_max_ms = 400000};
	nor->info.size = told;
	nor->info.size_overridden = true;
	return 0;
}
