/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sectors and blocks with a lock of their own: Atmel's protection registers, Winbond's block locks
 * while WPS is set. Both are lost at power-off. */
#include <string.h>

#include "nor/nor_priv.h"
#include "chip/nor_status.h"

#define BLOCK_LEN   UINT64_C(65536)
#define SECTOR_LEN  UINT64_C(4096)
#define SMALL_LEN   UINT64_C(8192) /* the smallest sector of Atmel's small parts */
#define SMALL_CHIP  (UINT64_C(1) << 20)
#define AGREE_TRIES 8

/* Winbond: single sectors in the first and the last block, whole blocks between. */
static size_t block_lock_count(const struct nor *nor)
{
	return (size_t)(nor->info.size / BLOCK_LEN - 2 + 2 * (BLOCK_LEN / SECTOR_LEN));
}

static struct np_range block_lock(const struct nor *nor, size_t i)
{
	const size_t edge = BLOCK_LEN / SECTOR_LEN;
	size_t last = block_lock_count(nor) - edge;

	if (i < edge)
		return (struct np_range){i * SECTOR_LEN, SECTOR_LEN};
	if (i < last)
		return (struct np_range){(i - edge + 1) * BLOCK_LEN, BLOCK_LEN};
	return (struct np_range){nor->info.size - BLOCK_LEN + (i - last) * SECTOR_LEN, SECTOR_LEN};
}

/* Some small parts split a block. Asked in steps that divide every sector, each lock is seen. */
static uint64_t atmel_step(const struct nor *nor)
{
	return nor->info.size <= SMALL_CHIP ? SMALL_LEN : BLOCK_LEN;
}

static struct np_range lock_at(const struct nor *nor, enum nor_lock_kind kind, size_t i)
{
	if (kind == NOR_LOCK_BLOCKS)
		return block_lock(nor, i);
	return (struct np_range){i * atmel_step(nor), atmel_step(nor)};
}

size_t nor_locks_count(const struct nor *nor, enum nor_lock_kind kind)
{
	size_t count = 0;

	/* The opcodes take as many address bytes as the mode says. */
	if (nor_dies(nor) == 1 && nor->info.size > BLOCK_LEN &&
	    (nor->info.size <= 1U << 24 || !nor->native4)) {
		if (kind == NOR_LOCK_BLOCKS)
			count = block_lock_count(nor);
		else if (kind == NOR_LOCK_ATMEL)
			count = (size_t)(nor->info.size / atmel_step(nor));
	}
	return count <= NOR_LOCKS_MAX ? count : 0;
}

static bool is_locked(const uint8_t *map, size_t i)
{
	return map[i / 8] >> (i % 8) & 1;
}

static int read_once(struct nor *nor, enum nor_lock_kind kind, uint8_t *map, struct np_error *err)
{
	uint8_t op = kind == NOR_LOCK_ATMEL ? NOR_OP_ATMEL_RDLOCK : NOR_OP_RDLOCK;
	size_t count = nor_locks_count(nor, kind);
	uint8_t answers[NOR_LOCKS_BATCH];

	memset(map, 0, NOR_LOCKS_BYTES);
	for (size_t done = 0; done < count;) {
		size_t n = count - done < NOR_LOCKS_BATCH ? count - done : NOR_LOCKS_BATCH;
		int ret;

		for (size_t i = 0; i < n; i++) {
			uint64_t addr = lock_at(nor, kind, done + i).start;

			nor->queue[i] = nor_cmd_addr(op, (uint32_t)addr, nor->addr_len, 0);
			nor->queue[i].rx = &answers[i];
			nor->queue[i].rx_len = 1;
		}
		ret = nor_run(nor, nor->queue, n, err);
		if (ret)
			return ret;
		for (size_t i = 0; i < n; i++, done++)
			map[done / 8] |= (uint8_t)((answers[i] & 1) << done % 8);
	}
	return 0;
}

int nor_locks_read(struct nor *nor, enum nor_lock_kind kind, uint8_t *map, struct np_error *err)
{
	uint8_t again[NOR_LOCKS_BYTES];
	int ret = read_once(nor, kind, map, err);

	for (unsigned i = 0; i < AGREE_TRIES && !ret; i++) {
		ret = read_once(nor, kind, again, err);
		if (!ret && memcmp(map, again, sizeof(again)) == 0)
			return 0;
		memcpy(map, again, sizeof(again));
	}
	if (ret)
		return ret;
	np_fail(err, NP_E_UNSTABLE, "the sector locks read differently each time");
	return np_hint(err, "bad contact: clean the pins, reseat the clip, shorten the wires");
}

int nor_locks_write(struct nor *nor, enum nor_lock_kind kind, const uint8_t *from,
                    const uint8_t *to, struct np_error *err)
{
	size_t count = nor_locks_count(nor, kind), n = 0;
	int ret = 0;

	/* Open first, then close: a sector may be larger than a step, and must end closed if any of
	 * its steps is. */
	for (unsigned closing = 0; closing < 2 && !ret; closing++)
		for (size_t i = 0; i < count && !ret; i++) {
			uint8_t op = closing ? NOR_OP_LOCK : NOR_OP_UNLOCK;

			if (is_locked(to, i) != closing || is_locked(from, i) == closing)
				continue;
			nor->queue[n++] = nor_cmd_op(NOR_OP_WREN);
			nor->queue[n++] = nor_cmd_addr(op, (uint32_t)lock_at(nor, kind, i).start,
			                               nor->addr_len, 0);
			if (n + 2 <= NOR_LOCKS_BATCH)
				continue;
			ret = nor_run(nor, nor->queue, n, err);
			n = 0;
		}
	return ret || !n ? ret : nor_run(nor, nor->queue, n, err);
}

size_t nor_locks_ranges(const struct nor *nor, enum nor_lock_kind kind, const uint8_t *map,
                        struct np_range *ranges, size_t max)
{
	size_t count = nor_locks_count(nor, kind), n = 0;
	uint64_t end = UINT64_MAX;

	for (size_t i = 0; i < count; i++) {
		struct np_range r = lock_at(nor, kind, i);

		if (!is_locked(map, i))
			continue;
		if (n && (r.start == end || n == max))
			ranges[n - 1].len = r.start + r.len - ranges[n - 1].start;
		else
			ranges[n++] = r;
		end = r.start + r.len;
	}
	return n;
}

void nor_locks_cover(const struct nor *nor, enum nor_lock_kind kind, struct np_range range,
                     uint8_t *map, struct np_range *covered)
{
	size_t count = nor_locks_count(nor, kind);

	memset(map, 0, NOR_LOCKS_BYTES);
	*covered = (struct np_range){0, 0};
	for (size_t i = 0; i < count; i++) {
		struct np_range r = lock_at(nor, kind, i);

		if (r.start >= range.start + range.len || range.start >= r.start + r.len)
			continue;
		map[i / 8] |= (uint8_t)(1U << i % 8);
		if (!covered->len)
			covered->start = r.start;
		covered->len = r.start + r.len - covered->start;
	}
}

/* ---- Macronix ---- */

#define SCUR_WPSEL 0x80

/* Is 2Bh the security register in every part that this may be? */
static bool has_wpsel(const struct nor *nor)
{
	for (size_t i = 0; i < nor->info.candidate_count; i++)
		if (nor->info.candidates[i]->otp != NOR_OTP_MXIC)
			return false;
	return nor->info.candidate_count;
}

static int lock_at_end(struct nor *nor, uint64_t addr, bool *closed, struct np_error *err)
{
	struct spi_msg msg = nor_cmd_addr(NOR_OP_ATMEL_RDLOCK, (uint32_t)addr, nor->addr_len, 0);
	uint8_t lock = 0;
	int ret;

	msg.rx = &lock;
	msg.rx_len = 1;
	ret = nor_run(nor, &msg, 1, err);
	*closed |= lock != 0;
	return ret;
}

int nor_wpsel_read(struct nor *nor, bool *on, bool *closed, struct np_error *err)
{
	uint8_t value[2] = {0, 0};
	int ret = 0;

	*on = *closed = false;
	if (!has_wpsel(nor))
		return 0;
	for (size_t i = 0; i < 2 && !ret; i++)
		ret = nor_get(nor, NOR_OP_MXIC_RDSCUR, &value[i], 1, err);
	/* All ones come from a line that is not driven. */
	*on = value[0] & value[1] & SCUR_WPSEL && value[0] != 0xff;
	if (ret || !*on)
		return ret;
	/* The opcode takes as many address bytes as the mode says. */
	if (nor->native4) {
		*closed = true;
		return 0;
	}
	ret = lock_at_end(nor, 0, closed, err);
	return ret ? ret : lock_at_end(nor, nor->info.size - SECTOR_LEN, closed, err);
}

int nor_wpsel_set(struct nor *nor, bool closed, struct np_error *err)
{
	struct spi_msg msgs[2] = {nor_cmd_op(NOR_OP_WREN),
	                          nor_cmd_op(closed ? NOR_OP_LOCK_ALL : NOR_OP_GBULK)};

	return nor_run_busy(nor, msgs, 2, &nor->sr_busy, err);
}
