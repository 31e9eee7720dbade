/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A serial device that makes up its answers, in simulated time: what both serprog targets share. */
#ifndef NP_TESTS_FUZZ_LIAR_H
#define NP_TESTS_FUZZ_LIAR_H

#include <stddef.h>

#include "fuzz/fuzz.h"

#include "nor/nor.h"
#include "serprog/serprog.h"

#define WRITTEN_MAX 8192

/* A device that speaks serprog and makes up every number: what a command is answered with comes
 * from the input, its length and its acknowledgement are as the protocol has them. */
struct liar {
	const uint8_t *at; /* made-up numbers to come */
	size_t left;
	uint64_t now_us;
	/* Take one whole command off the front of written[], which is not empty; 0: none is whole yet. */
	size_t (*take)(struct liar *liar);
	uint32_t token;      /* the bridge's */
	uint32_t pages_left; /* bytes of a stream of pages still to come */
	uint32_t page_addr;
	uint8_t pages_done;
	uint8_t written[WRITTEN_MAX]; /* what the host sent and was not yet understood */
	size_t written_len;
	uint8_t ready[1 << 17]; /* answers on their way to the host */
	size_t ready_len, ready_at;
};

static void say(struct liar *liar, uint8_t byte)
{
	if (liar->ready_len < sizeof(liar->ready))
		liar->ready[liar->ready_len++] = byte;
}

static void make_up(struct liar *liar, size_t len)
{
	for (size_t i = 0; i < len && liar->left; i++, liar->left--)
		say(liar, *liar->at++);
}

/* Commands 00h to 15h: bytes of parameters, bytes of answer. */
static const struct {
	uint8_t params, answer;
} liar_commands[0x16] = {
	[0x01] = {0, 2}, [0x02] = {0, 32}, [0x03] = {0, 16}, [0x04] = {0, 2}, [0x05] = {0, 1},
	[0x08] = {0, 3}, [0x11] = {0, 3},  [0x12] = {1, 0},  [0x14] = {4, 4}, [0x15] = {1, 0},
};

/* A command of plain serprog. */
static size_t liar_plain(struct liar *liar)
{
	const uint8_t *w = liar->written;
	uint8_t cmd = w[0];

	if (cmd == 0x10) {
		say(liar, 0x15);
		say(liar, 0x06);
		return 1;
	}
	if (cmd == 0x13) {
		size_t send = liar->written_len < 7 ? 0 : (size_t)(w[1] | w[2] << 8 | w[3] << 16);

		if (liar->written_len < 7 || liar->written_len < 7 + send)
			return 0;
		say(liar, 0x06);
		make_up(liar, (size_t)(w[4] | w[5] << 8 | w[6] << 16));
		return 7 + send;
	}
	if (cmd >= 0x16) {
		say(liar, 0x15);
		return 1;
	}
	if (liar->written_len < 1u + liar_commands[cmd].params)
		return 0;
	say(liar, 0x06);
	make_up(liar, liar_commands[cmd].answer);
	return 1u + liar_commands[cmd].params;
}

static int liar_write(void *self, const uint8_t *data, size_t len, struct np_error *err)
{
	struct liar *liar = self;
	size_t n;

	(void)err;
	liar->now_us += len;
	if (len > WRITTEN_MAX - liar->written_len)
		liar->written_len = 0;
	n = len < WRITTEN_MAX ? len : WRITTEN_MAX;
	memcpy(liar->written + liar->written_len, data, n);
	liar->written_len += n;
	while (liar->written_len && (n = liar->take(liar)) != 0) {
		liar->written_len -= n;
		memmove(liar->written, liar->written + n, liar->written_len);
	}
	return 0;
}

static int liar_read(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
                     struct np_error *err)
{
	struct liar *liar = self;
	size_t there = liar->ready_len - liar->ready_at;

	(void)err;
	*got = len < there ? len : there;
	memcpy(buf, liar->ready + liar->ready_at, *got);
	liar->ready_at += *got;
	if (liar->ready_at == liar->ready_len)
		liar->ready_at = liar->ready_len = 0;
	liar->now_us += *got ? *got : wait_us + 1u;
	return 0;
}

static uint64_t liar_now_us(void *self)
{
	return ((struct liar *)self)->now_us;
}

static void liar_sleep_us(void *self, uint32_t us)
{
	((struct liar *)self)->now_us += us;
}

static void liar_close(void *self)
{
	(void)self;
}

static const struct serial_ops liar_ops = {.write = liar_write,
                                           .read = liar_read,
                                           .now_us = liar_now_us,
                                           .sleep_us = liar_sleep_us,
                                           .close = liar_close};

static void use_bus(struct spi_bus *bus)
{
	const struct spi_caps *caps = spi_caps(bus);
	struct nor_options options = {.hz = caps->hz_min};
	struct np_error err = {0};
	struct nor *nor = NULL;

	fuzz_must(caps->hz && caps->hz_min <= caps->hz_max && caps->byte_ns);
	(void)spi_set_hz(bus, caps->hz_max, &err);
	fuzz_must(caps->hz != 0);
	if (nor_open(bus, &options, &nor, &err) == 0)
		(void)nor_close(nor, &err);
}

/* Open the device and use it; `use` (may be NULL) is given the bus. */
static int liar_run(const uint8_t *data, size_t size, bool plain, size_t (*take)(struct liar *liar),
                    void (*use)(struct spi_bus *bus))
{
	static struct liar liar;
	struct serprog_options options = {
		.baud = 115200, .boot_us = 1000, .plain = plain, .token = 0x600df00d};
	struct serial line = {
		.ops = &liar_ops, .self = &liar, .name = "fuzz", .latency_us = 1, .slack_us = 1};
	struct spi_opened opened = {0};
	struct np_error err = {0};
	struct spi_bus *bus = NULL;

	memset(&liar, 0, offsetof(struct liar, ready));
	liar.ready_at = liar.ready_len = 0;
	liar.at = data;
	liar.left = size;
	liar.take = take;
	if (serprog_start(&line, &options, &opened, &err)) {
		fuzz_must(err.message[0] != 0);
		return 0;
	}
	if (spi_wrap(&opened, &bus, &err)) {
		opened.ops->close(opened.self);
		return 0;
	}
	if (use)
		use(bus);
	use_bus(bus);
	spi_close(bus);
	return 0;
}

#endif
