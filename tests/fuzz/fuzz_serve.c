/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: conn.c plain.c bridge.c stream.c nor_told.c */
/*
 * What a client of `norprog serve` sends: the first byte says in which pieces the rest arrives. The
 * checks of the bridge's requests are made right unless the input's fourth bit says otherwise, since
 * a damaged check stops everything at the door. Time is the line's own.
 */
#include "fuzz/fuzz.h"

#include "base/hash.h"
#include "serve/serve.h"
#include "spi/driver.h"

struct sender {
	const uint8_t *at;
	size_t left, piece, sent;
	uint64_t now_us;
};

static int hear(void *self, const uint8_t *data, size_t len, struct np_error *err)
{
	struct sender *sender = self;

	(void)err;
	fuzz_must(len == 0 || data != NULL);
	sender->sent += len;
	return 0;
}

static int speak(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
                 struct np_error *err)
{
	struct sender *sender = self;

	sender->now_us += wait_us / 2;
	*got = 0;
	if (!sender->left)
		return np_fail(err, NP_E_GONE, "gone");
	*got = sender->piece < sender->left ? sender->piece : sender->left;
	*got = *got < len ? *got : len;
	memcpy(buf, sender->at, *got);
	sender->at += *got;
	sender->left -= *got;
	return 0;
}

static uint64_t line_time(void *self)
{
	return ((struct sender *)self)->now_us;
}

static void line_pass(void *self, uint32_t us)
{
	((struct sender *)self)->now_us += us;
}

static void line_close(void *self)
{
	(void)self;
}

static const struct serial_ops line_ops = {.write = hear,
                                           .read = speak,
                                           .now_us = line_time,
                                           .sleep_us = line_pass,
                                           .close = line_close};

static struct spi_caps chip_caps = {.depth = 4,
                                    .max_queue = 8,
                                    .max_tx = 2000,
                                    .max_rx = 5000,
                                    .byte_ns = 1000,
                                    .hz = 8000000,
                                    .hz_min = 100000,
                                    .hz_max = 8000000,
                                    .safe_line = true};

/* A chip that is never busy for long; its buffers must be as long as the messages say. */
static int chip_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                    spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	unsigned *turns = self;

	for (*done = 0; *done < count; ++*done) {
		struct spi_msg *msg = &msgs[*done];
		uint8_t sum = 0;

		for (size_t i = 0; i < msg->tx_len; i++)
			sum ^= msg->tx[i];
		if (msg->rx_len)
			memset(msg->rx, (int)(sum + ++*turns % 3), msg->rx_len);
		if (progress && progress(ctx, *done, msg->rx_len))
			return np_fail(err, NP_E_INTERRUPTED, "stopped");
	}
	return 0;
}

static void chip_close(void *self)
{
	(void)self;
}

static void chip_sleep(void *self, uint64_t us)
{
	(void)self;
	fuzz_must(us <= 10000000);
}

static const struct spi_ops chip_ops = {.run = chip_run, .close = chip_close, .sleep = chip_sleep};

static int open_chip(void *ctx, struct spi_bus **bus, struct np_error *err)
{
	const struct spi_opened opened = {
		.self = ctx, .ops = &chip_ops, .caps = &chip_caps, .name = "fuzz"};

	return spi_wrap(&opened, bus, err);
}

/* Requests that end where the next begins get a right check. */
static void mend_checks(uint8_t *data, size_t size)
{
	static const uint8_t params[] = {4, 0, 11, 8, 7, 15, 18, 28, 0, 4};

	for (size_t at = 0; at < size;) {
		size_t len = 0;

		if (data[at] >= 0x40 && data[at] <= 0x49)
			len = 2u + params[data[at] - 0x40];
		if (data[at] == 0x43 && at + 4 <= size)
			len += (data[at + 2] | data[at + 3] << 8) & 0x3ff;
		if (len && at + len + 4 <= size) {
			uint32_t crc = np_crc32(0, data + at, len);

			for (int i = 0; i < 4; i++, crc >>= 8)
				data[at + len + i] = (uint8_t)crc;
		}
		at += len ? len + 4 : 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	unsigned turns = 0;
	struct sender sender = {0};
	const struct serial line = {.ops = &line_ops, .self = &sender, .name = "fuzz"};
	struct serve_target target = {.open = open_chip, .ctx = &turns, .caps = chip_caps};
	struct np_error err = {0};
	int ret;

	if (size < 2 || !copy) {
		free(copy);
		return 0;
	}
	memcpy(copy, data, size);
	if (!(data[0] & 8))
		mend_checks(copy + 1, size - 1);
	sender =
		(struct sender){copy + 1, size - 1, 1u + (data[0] & 7) * (data[0] >> 4) * 7u, 0, 0};
	ret = serve_client(&line, &target, &err);
	fuzz_must(!ret || err.message[0]);
	free(copy);
	return 0;
}
