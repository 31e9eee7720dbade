/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "base/hash.h"
#include "nor/nor_priv.h"

#define CRC_CHUNK 4096

int nor_check_range(const struct nor *nor, uint64_t addr, uint64_t len, struct np_error *err)
{
	if (addr <= nor->info.size && len <= nor->info.size - addr)
		return 0;
	return np_fail(err, NP_E_RANGE,
	               "0x%06" PRIx64 "+0x%" PRIx64 " reaches beyond the chip's %" PRIu64 " bytes",
	               addr, len, nor->info.size);
}

/* READ (03h) needs no dummy byte, but its clock limit is lower. */
struct spi_msg nor_read_message(const struct nor *nor, uint64_t addr)
{
	uint32_t limit_mhz = nor->chip.read_mhz ? nor->chip.read_mhz : 20;
	bool fast = nor->caps->hz > limit_mhz * 1000000;
	uint8_t op = fast ? NOR_OP_FAST_READ : NOR_OP_READ;

	if (nor->native4)
		op = fast ? NOR_OP_FAST_READ4 : NOR_OP_READ4;
	return nor_cmd_addr(op, nor_addr_wire(nor, addr), nor->addr_len, fast ? 1 : 0);
}

struct watch {
	nor_progress_fn *progress;
	void *ctx;
	uint64_t base;
	size_t first, len; /* messages in front of the one that reads, and what that reads */
};

static int watch_message(void *ctx, size_t msg, size_t bytes)
{
	struct watch *watch = ctx;

	if (msg != watch->first)
		bytes = msg < watch->first ? 0 : watch->len;
	return watch->progress ? watch->progress(watch->ctx, watch->base + bytes) : 0;
}

/* The read, in front of it what selects its die, and behind it the IDs that are asked for; far away the
 * status registers, too. */
static int read_in_die(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len,
                       uint8_t (*ids)[NOR_ID_MAX], struct watch *watch, struct np_error *err)
{
	struct spi_msg msgs[2 + NOR_PRESENT_IDS + NOR_STATUS_MSGS];
	size_t count = nor_die_of(nor, addr, msgs), all = count + 1;
	int ret;

	msgs[count] = nor_read_message(nor, addr);
	msgs[count].rx = buf;
	msgs[count].rx_len = len;
	watch->first = count;
	watch->len = len;
	if (ids) {
		nor_present_ask(&msgs[all], ids);
		all += NOR_PRESENT_IDS;
		if (nor_is_far(nor))
			all += nor_status_ask(nor, &msgs[all]);
	}
	if (nor->caps->max_queue >= all)
		return spi_run(nor->bus, msgs, all, NULL, watch_message, watch, err);
	ret = count ? nor_run(nor, msgs, count, err) : 0;
	watch->first = 0;
	if (!ret)
		ret = spi_run(nor->bus, &msgs[count], 1, NULL, watch_message, watch, err);
	return ret || !ids ? ret : nor_run(nor, &msgs[count + 1], all - count - 1, err);
}

/* `ids` (may be NULL) are read behind the last byte. */
static int read_all(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len,
                    uint8_t (*ids)[NOR_ID_MAX], struct watch *watch, struct np_error *err)
{
	int ret = nor_check_range(nor, addr, len, err);

	while (!ret && watch->base < len) {
		size_t n = nor_addr_span(nor, addr + watch->base, len - watch->base);
		bool last;

		if (n > nor->caps->max_rx)
			n = nor->caps->max_rx;
		last = watch->base + n == len;
		if (!watch->base || (addr + watch->base) % NOR_BANK_SIZE == 0)
			ret = nor_addr_set(nor, addr + watch->base, err);
		if (ret)
			break;
		ret = read_in_die(nor, addr + watch->base, buf + watch->base, n, last ? ids : NULL,
		                  watch, err);
		if (ret)
			np_context(err, "read 0x%06" PRIx64, addr + watch->base);
		watch->base += n;
		if (!ret && !last && watch->progress && watch->progress(watch->ctx, watch->base))
			ret = np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	}
	if (!ret && len && watch->progress)
		watch->progress(watch->ctx, len);
	return ret;
}

int nor_read(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len, nor_progress_fn *progress,
             void *ctx, struct np_error *err)
{
	struct watch watch = {.progress = progress, .ctx = ctx};

	return read_all(nor, addr, buf, len, NULL, &watch, err);
}

int nor_read_present(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len,
                     nor_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct watch watch = {.progress = progress, .ctx = ctx};
	uint8_t ids[NOR_PRESENT_IDS][NOR_ID_MAX];
	int ret;

	if (!len)
		return nor_check_present(nor, err);
	ret = read_all(nor, addr, buf, len, ids, &watch, err);
	return ret ? ret : nor_present_judge(nor, ids, err);
}

static int crc_far(struct nor *nor, uint64_t addr, size_t len, uint32_t *crc, struct np_error *err)
{
	struct spi_msg msgs[2];
	size_t count = nor_die_of(nor, addr, msgs);
	int ret;

	msgs[count] = nor_read_message(nor, addr);
	msgs[count].flags = SPI_MSG_CRC;
	msgs[count].rx_len = len;
	ret = nor_run(nor, msgs, count + 1, err);
	*crc = msgs[count].crc;
	return ret;
}

int nor_crc(struct nor *nor, uint64_t addr, size_t len, uint32_t *crc, struct np_error *err)
{
	uint8_t chunk[CRC_CHUNK];
	int ret = nor_check_range(nor, addr, len, err);

	if (!ret && nor->caps->crc && len <= nor->caps->max_rx &&
	    nor_addr_span(nor, addr, len) == len) {
		ret = nor_addr_set(nor, addr, err);
		return ret ? ret : crc_far(nor, addr, len, crc, err);
	}
	*crc = 0;
	for (size_t at = 0; !ret && at < len; at += sizeof(chunk)) {
		size_t n = len - at < sizeof(chunk) ? len - at : sizeof(chunk);

		ret = nor_read(nor, addr + at, chunk, n, NULL, NULL, err);
		if (!ret)
			*crc = np_crc32(*crc, chunk, n);
	}
	return ret;
}

/* As many pieces from `at` on as one run takes: of one bank and die. */
static size_t crcs_together(const struct nor *nor, const struct np_range *pieces, size_t count)
{
	size_t room = nor->caps->max_queue < NOR_QUEUE ? nor->caps->max_queue : NOR_QUEUE, n = 1;
	uint64_t from = pieces[0].start;

	for (; n < count && n + 1 < room; n++) {
		uint64_t reach = pieces[n].start + pieces[n].len - from;

		if (nor_addr_span(nor, from, reach) != reach)
			break;
	}
	return n;
}

struct crc_watch {
	nor_progress_fn *progress;
	void *ctx;
	const struct np_range *pieces;
	size_t first, count; /* messages in front, pieces */
	uint64_t base;
};

static int watch_crcs(void *ctx, size_t msg, size_t bytes)
{
	const struct crc_watch *watch = ctx;
	uint64_t done = watch->base;

	if (!watch->progress)
		return 0;
	for (size_t i = 0; i < watch->count && watch->first + i < msg; i++)
		done += watch->pieces[i].len;
	return watch->progress(watch->ctx, msg < watch->first ? done : done + bytes);
}

static int crcs_far(struct nor *nor, struct crc_watch *watch, uint32_t *crcs, struct np_error *err)
{
	size_t first = nor_die_of(nor, watch->pieces[0].start, nor->queue);
	int ret = nor_addr_set(nor, watch->pieces[0].start, err);

	watch->first = first;
	for (size_t i = 0; i < watch->count; i++) {
		struct spi_msg *msg = &nor->queue[first + i];

		*msg = nor_read_message(nor, watch->pieces[i].start);
		msg->flags = SPI_MSG_CRC;
		msg->rx_len = watch->pieces[i].len;
	}
	if (!ret)
		ret = spi_run(nor->bus, nor->queue, first + watch->count, NULL, watch_crcs, watch,
		              err);
	for (size_t i = 0; i < watch->count && !ret; i++)
		crcs[i] = nor->queue[first + i].crc;
	return ret;
}

static bool crc_is_far(const struct nor *nor, const struct np_range *piece)
{
	return nor->caps->crc && nor->caps->max_queue > 1 && piece->len <= nor->caps->max_rx &&
	       nor_addr_span(nor, piece->start, piece->len) == piece->len;
}

int nor_crc_list(struct nor *nor, const struct np_range *pieces, size_t count, uint32_t *crcs,
                 nor_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct crc_watch watch = {.progress = progress, .ctx = ctx};
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++)
		ret = nor_check_range(nor, pieces[i].start, pieces[i].len, err);
	for (size_t at = 0, n; at < count && !ret; at += n) {
		n = 1;
		if (crc_is_far(nor, &pieces[at])) {
			n = crcs_together(nor, &pieces[at], count - at);
			watch.pieces = &pieces[at];
			watch.count = n;
			ret = crcs_far(nor, &watch, &crcs[at], err);
		} else {
			ret = nor_crc(nor, pieces[at].start, pieces[at].len, &crcs[at], err);
		}
		for (size_t i = at; i < at + n; i++)
			watch.base += pieces[i].len;
		if (!ret && progress && progress(ctx, watch.base) && at + n < count)
			ret = np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	}
	return ret;
}

int nor_read_spots(struct nor *nor, const uint32_t *addrs, size_t count, size_t len, uint8_t *buf,
                   struct np_error *err)
{
	size_t room = nor->caps->max_queue < NOR_QUEUE ? nor->caps->max_queue : NOR_QUEUE;
	int ret = len > nor->caps->max_rx ? NP_E_UNSUPPORTED : 0;

	for (size_t at = 0, n; at < count && !ret; at += n) {
		size_t first = nor_die_of(nor, addrs[at], nor->queue);

		ret = nor_addr_set(nor, addrs[at], err);
		for (n = 0; (n < 1 || first + n < room) && at + n < count && !ret; n++) {
			struct spi_msg *msg = &nor->queue[first + n];
			uint32_t addr = addrs[at + n];

			if (n && nor_addr_span(nor, addrs[at], addr - addrs[at] + len) !=
			                 addr - addrs[at] + len)
				break;
			ret = nor_check_range(nor, addr, len, err);
			*msg = nor_read_message(nor, addr);
			msg->rx = buf + (at + n) * len;
			msg->rx_len = len;
		}
		if (!ret)
			ret = nor_run(nor, nor->queue, first + n, err);
	}
	return ret;
}

uint64_t nor_cost_read_ns(const struct nor *nor, uint64_t len)
{
	const struct spi_caps *caps = nor->caps;
	uint64_t messages = len ? (len + caps->max_rx - 1) / caps->max_rx : 1;

	return len * caps->byte_ns +
	       messages * ((uint64_t)caps->trip_us * 1000 + caps->msg_ns + 5 * caps->byte_ns);
}
