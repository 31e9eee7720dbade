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
static struct spi_msg read_message(const struct nor *nor, uint64_t addr)
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
	size_t first; /* messages in front of the one that reads */
};

static int watch_message(void *ctx, size_t msg, size_t bytes)
{
	struct watch *watch = ctx;

	bytes = msg < watch->first ? 0 : bytes;
	return watch->progress ? watch->progress(watch->ctx, watch->base + bytes) : 0;
}

/* The read, and in front of it what selects its die. */
static int read_in_die(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len,
                       struct watch *watch, struct np_error *err)
{
	struct spi_msg msgs[2];
	size_t count = nor_die_of(nor, addr, msgs);
	int ret;

	msgs[count] = read_message(nor, addr);
	msgs[count].rx = buf;
	msgs[count].rx_len = len;
	watch->first = count;
	if (nor->caps->max_queue > count)
		return spi_run(nor->bus, msgs, count + 1, NULL, watch_message, watch, err);
	ret = nor_run(nor, msgs, 1, err);
	watch->first = 0;
	return ret ? ret : spi_run(nor->bus, &msgs[1], 1, NULL, watch_message, watch, err);
}

int nor_read(struct nor *nor, uint64_t addr, uint8_t *buf, size_t len, nor_progress_fn *progress,
             void *ctx, struct np_error *err)
{
	struct watch watch = {progress, ctx, 0, 0};
	int ret = nor_check_range(nor, addr, len, err);

	while (!ret && watch.base < len) {
		size_t n = nor_addr_span(nor, addr + watch.base, len - watch.base);

		if (n > nor->caps->max_rx)
			n = nor->caps->max_rx;
		if (!watch.base || (addr + watch.base) % NOR_BANK_SIZE == 0)
			ret = nor_addr_set(nor, addr + watch.base, err);
		if (ret)
			break;
		ret = read_in_die(nor, addr + watch.base, buf + watch.base, n, &watch, err);
		if (ret)
			np_context(err, "read 0x%06" PRIx64, addr + watch.base);
		watch.base += n;
		if (!ret && progress && progress(ctx, watch.base) && watch.base < len)
			ret = np_fail(err, NP_E_INTERRUPTED, "stopped on request");
	}
	return ret;
}

static int crc_far(struct nor *nor, uint64_t addr, size_t len, uint32_t *crc, struct np_error *err)
{
	struct spi_msg msgs[2];
	size_t count = nor_die_of(nor, addr, msgs);
	int ret;

	msgs[count] = read_message(nor, addr);
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
			*msg = read_message(nor, addr);
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
