/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the chip holds, read twice in places spread over it: do both reads agree, and if not, how do
 * they differ? And is it what a chip may hold? */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/stop.h"
#include "doctor/doctor.h"
#include "image/suspect.h"

#define SAMPLE      4096u /* of each place is weighed together with the others */
#define PLACE_LEAST 512u
#define PLACE_MOST  (1u << 20)
#define PLACES_NS   UINT64_C(6000000000) /* may go into places, read twice */
#define STRETCH     (256u << 10)         /* is read in one go, for what only that can show */
#define STRETCH_NS  UINT64_C(2500000000)
#define LINE_LEAST  64u
#define SPOT        32u
#define SPOTS       16u /* hold something, and are looked at for each address bit */
#define SPOTS_MIN   8u

struct look {
	struct nor *nor;
	struct doctor_facts *f;
	uint64_t stride;
	size_t len;             /* of each place */
	bool all;               /* places are read whole, one behind the other */
	uint8_t *image;         /* all of it, else of as much as STRETCH */
	uint8_t *first, *again; /* the place in hand; `first` is in `image` */
	uint8_t *sample;        /* the first bytes of all places */
	size_t sample_len;      /* of each */
	uint32_t spots[SPOTS];  /* addresses */
	uint8_t held[SPOTS][SPOT];
	size_t spot_count;
};

/* ---- two reads ---- */

/* How many bytes differ, and of these: how many are `value` in one read. */
static size_t count_value(const uint8_t *a, const uint8_t *b, size_t len, uint8_t value,
                          size_t *differ)
{
	size_t n = 0;

	*differ = 0;
	for (size_t i = 0; i < len; i++) {
		*differ += a[i] != b[i];
		n += a[i] != b[i] && (a[i] == value || b[i] == value);
	}
	return n;
}

/* One flipped bit may well make a zero; what is gone for a while is gone for many bytes. */
static bool mostly(const uint8_t *a, const uint8_t *b, size_t len, uint8_t value)
{
	size_t differ, n = count_value(a, b, len, value, &differ);

	return differ >= 8 && n * 10 >= differ * 9;
}

static void compare(struct look *look, size_t place)
{
	struct doctor_facts *f = look->f;

	if (memcmp(look->first, look->again, look->len) == 0) {
		f->places[place] = DOCTOR_STABLE;
		return;
	}
	f->places[place] = DOCTOR_UNSTABLE;
	f->shifted += image_shift(look->first, look->again, look->len) != 0;
	f->zeros_differ += mostly(look->first, look->again, look->len, 0x00);
	f->ones_differ += mostly(look->first, look->again, look->len, 0xff);
}

/* Something that another address does not hold by chance. */
static bool telling(const uint8_t *bytes)
{
	unsigned values = 0;

	for (size_t i = 0; i < SPOT; i++)
		values += !memchr(bytes, bytes[i], i);
	return values >= SPOT / 4;
}

static void keep_spot(struct look *look, size_t place)
{
	const uint8_t *bytes = look->first;

	for (size_t at = 0; at + SPOT <= look->sample_len; at += SPOT)
		if (telling(bytes + at)) {
			look->spots[look->spot_count] = (uint32_t)(place * look->stride + at);
			memcpy(look->held[look->spot_count++], bytes + at, SPOT);
			return;
		}
}

static int look_at_place(struct look *look, size_t place, struct np_error *err)
{
	uint64_t addr = place * look->stride;
	int ret;

	look->first = look->image + (look->all ? addr : 0);
	ret = nor_read(look->nor, addr, look->first, look->len, NULL, NULL, err);
	if (!ret)
		ret = nor_read(look->nor, addr, look->again, look->len, NULL, NULL, err);
	if (!ret && np_stop_level())
		ret = np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	if (ret)
		return ret;
	compare(look, place);
	look->f->bytes += look->len;
	memcpy(look->sample + place * look->sample_len, look->first, look->sample_len);
	if (look->spot_count < SPOTS && look->f->places[place] == DOCTOR_STABLE)
		keep_spot(look, place);
	return 0;
}

/* ---- address bits ---- */

/* Does an address with this bit turned over hold the same, wherever we look? */
static int changes_nothing(struct look *look, uint64_t bit, bool *same, struct np_error *err)
{
	uint8_t other[SPOT];
	int ret = 0;

	*same = look->spot_count >= SPOTS_MIN;
	for (size_t i = 0; i < look->spot_count && *same && !ret; i++) {
		uint64_t addr = look->spots[i] ^ bit;

		*same = addr + SPOT <= look->f->size;
		if (*same)
			ret = nor_read(look->nor, addr, other, SPOT, NULL, NULL, err);
		*same = *same && !ret && memcmp(other, look->held[i], SPOT) == 0;
	}
	return ret;
}

static int look_for_lost_line(struct look *look, struct np_error *err)
{
	int ret = 0;

	for (uint64_t bit = LINE_LEAST; bit < look->f->size && !ret; bit *= 2) {
		bool same;

		ret = changes_nothing(look, bit, &same, err);
		if (!ret && same) {
			look->f->lost_line = bit;
			break;
		}
	}
	return ret;
}

/* ---- what is in it ---- */

static size_t most_mixed(const struct look *look)
{
	unsigned most = 0;
	size_t place = 0;

	for (size_t i = 0; i < DOCTOR_PLACES; i++) {
		unsigned here =
			image_entropy(look->sample + i * look->sample_len, look->sample_len);

		if (here > most) {
			most = here;
			place = i;
		}
	}
	return place;
}

/* Bursts come some hundred milliseconds apart, so only a long read sees several. */
static int look_for_bursts(struct look *look, struct np_error *err)
{
	struct doctor_facts *f = look->f;
	uint64_t len = look->all || f->size < STRETCH ? f->size : STRETCH;
	uint64_t addr = most_mixed(look) * look->stride / len * len;
	int ret = 0;

	addr = addr + len > f->size ? f->size - len : addr;
	if (!look->all && nor_cost_read_ns(look->nor, len) > STRETCH_NS)
		return 0;
	if (!look->all)
		ret = nor_read(look->nor, addr, look->image, (size_t)len, NULL, NULL, err);
	if (!ret)
		f->zero_bursts = image_zero_bursts(look->image, (size_t)len);
	return ret;
}

static void look_at_sample(const uint8_t *sample, size_t len, struct doctor_facts *f)
{
	f->blank = bytes_all(sample, len, 0xff);
	f->zeros = bytes_all(sample, len, 0x00);
	f->entropy = image_entropy(sample, len);
	image_stuck_bits(sample, len, &f->stuck_ones, &f->stuck_zeros);
}

static int look(struct look *look, struct np_error *err)
{
	struct doctor_facts *f = look->f;
	int ret = 0;

	for (size_t i = 0; i < DOCTOR_PLACES && !ret; i++)
		ret = look_at_place(look, i, err);
	if (ret)
		return ret;
	look_at_sample(look->sample, DOCTOR_PLACES * look->sample_len, f);
	if (!f->blank && !f->zeros)
		ret = look_for_bursts(look, err);
	if (!ret)
		ret = look_for_lost_line(look, err);
	if (!ret)
		ret = nor_repeats(look->nor, &f->repeats_after, err);
	if (f->repeats_after >= f->size)
		f->repeats_after = 0;
	f->read = !ret;
	return ret;
}

/* All of the place where that is quick, and little of it where the wire is slow. */
static size_t place_len(const struct nor *nor, uint64_t stride)
{
	uint64_t len = stride < PLACE_MOST ? stride : PLACE_MOST;

	while (len > PLACE_LEAST && 2 * DOCTOR_PLACES * nor_cost_read_ns(nor, len) > PLACES_NS)
		len /= 2;
	return (size_t)len;
}

int doctor_look_at_contents(struct nor *nor, struct doctor_facts *f, struct np_error *err)
{
	struct look it = {.nor = nor, .f = f, .stride = f->size / DOCTOR_PLACES};
	uint64_t room;
	int ret;

	it.len = place_len(nor, it.stride);
	it.all = it.len == it.stride;
	it.sample_len = it.len < SAMPLE ? it.len : SAMPLE;
	room = it.all ? f->size : it.len > STRETCH ? it.len : STRETCH;
	it.image = malloc(room);
	it.again = malloc(it.len);
	it.sample = malloc(DOCTOR_PLACES * it.sample_len);
	if (it.image && it.again && it.sample)
		ret = look(&it, err);
	else
		ret = np_fail(err, NP_E_MEMORY, "out of memory");
	free(it.image);
	free(it.again);
	free(it.sample);
	return ret;
}
