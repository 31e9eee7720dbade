/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plain serprog: one O_SPIOP per message, each a round trip. Nothing on the line is protected, and
 * a device that lost a byte keeps waiting for it, so after a fault only closing is sure to work.
 */
#include <string.h>

#include "serprog/serprog_int.h"

#define PLAIN_RX_MAX 16384 /* a stop request is heard between messages: 1.4 s at 115200 baud */
#define UNKNOWN_HZ   1000000

static int refused(uint8_t cmd, struct np_error *err)
{
	np_fail(err, NP_E_BUS, "the serprog device refused command %02Xh", cmd);
	return np_hint(err, "unplug the device, plug it in, and run norprog again");
}

static int no_answer(const struct serprog *sp, uint8_t cmd, struct np_error *err)
{
	np_fail(err, NP_E_TIMEOUT, "%s: no answer to serprog command %02Xh", sp->line.name, cmd);
	return np_hint(
		err, "a byte was lost on the line; unplug the device, plug it in, and run norprog "
		     "again");
}

/* `len` bytes of answer after the ACK, to a command of `count` bytes. */
static int read_answer(struct serprog *sp, uint8_t cmd, size_t count, uint8_t *answer, size_t len,
                       struct np_error *err)
{
	uint8_t ack = 0;
	int ret = sp_read(sp, &ack, 1, sp_line_us(sp, count), err);

	if (!ret && ack != SERPROG_ACK)
		return ack == SERPROG_NAK ? refused(cmd, err) : LINE_FAULT;
	return ret ? ret : sp_read(sp, answer, len, 0, err);
}

/* A command with its parameters, and its answer. */
static int command(struct serprog *sp, const uint8_t *bytes, size_t count, uint8_t *answer,
                   size_t len, struct np_error *err)
{
	int ret = sp_write(sp, bytes, count, err);

	return ret ? ret : read_answer(sp, bytes[0], count, answer, len, err);
}

static int query(struct serprog *sp, uint8_t cmd, uint8_t *answer, size_t len, struct np_error *err)
{
	return command(sp, &cmd, 1, answer, len, err);
}

/* A length limit; 0 and "not supported" mean 2^24. */
static int query_limit(struct serprog *sp, uint8_t cmd, size_t most, size_t *limit,
                       struct np_error *err)
{
	uint8_t answer[3] = {0};
	int ret = sp_has(sp, cmd) ? query(sp, cmd, answer, sizeof(answer), err) : 0;
	uint32_t value = wire_get16(answer) | (uint32_t)answer[2] << 16;

	*limit = value && value < most ? value : most;
	return ret;
}

static int choose_spi(struct serprog *sp, struct np_error *err)
{
	uint8_t set[2] = {SERPROG_S_BUSTYPE, SERPROG_BUS_SPI}, buses = SERPROG_BUS_SPI;
	int ret = 0;

	if (sp_has(sp, SERPROG_Q_BUSTYPE))
		ret = query(sp, SERPROG_Q_BUSTYPE, &buses, 1, err);
	if (!ret && (!(buses & SERPROG_BUS_SPI) || !sp_has(sp, SERPROG_O_SPIOP)))
		return np_fail(err, NP_E_UNSUPPORTED, "the serprog device \"%s\" has no SPI bus",
		               sp->name);
	if (!ret && sp_has(sp, SERPROG_S_BUSTYPE))
		ret = command(sp, set, sizeof(set), NULL, 0, err);
	return ret;
}

static int drive_pins(struct serprog *sp, bool on, struct np_error *err)
{
	uint8_t set[2] = {SERPROG_S_PIN_STATE, on};

	return sp_has(sp, SERPROG_S_PIN_STATE) ? command(sp, set, sizeof(set), NULL, 0, err) : 0;
}

int plain_set_hz(struct serprog *sp, uint32_t hz, struct np_error *err)
{
	uint8_t set[5] = {SERPROG_S_SPI_FREQ}, answer[4];
	int ret;

	if (!sp_has(sp, SERPROG_S_SPI_FREQ))
		return 0;
	wire_put32(set + 1, hz ? hz : 1);
	ret = command(sp, set, sizeof(set), answer, sizeof(answer), err);
	if (ret == LINE_FAULT)
		return no_answer(sp, SERPROG_S_SPI_FREQ, err);
	if (!ret)
		sp->caps.hz = spi_believe_hz(wire_get32(answer), UNKNOWN_HZ);
	return ret;
}

/* The slowest and the fastest clock are what the device answers when asked for 1 Hz and for 100
 * MHz. */
static int learn_clocks(struct serprog *sp, struct np_error *err)
{
	int ret;

	sp->caps.hz = UNKNOWN_HZ;
	ret = plain_set_hz(sp, 100000000, err);
	sp->caps.hz_max = sp->caps.hz;
	if (!ret)
		ret = plain_set_hz(sp, 1, err);
	/* A device that answers its slowest clock with a higher one has a fixed clock, or makes it up. */
	sp->caps.hz_min = sp->caps.hz < sp->caps.hz_max ? sp->caps.hz : sp->caps.hz_max;
	if (!ret)
		ret = plain_set_hz(sp, sp->caps.hz_max, err);
	return ret;
}

static void describe(struct serprog *sp)
{
	uint32_t byte_ns = sp_line_us(sp, 1000);

	sp->caps.depth = 1;
	sp->caps.max_queue = 64;
	sp->caps.byte_ns = sp->baud ? byte_ns : 1000;
	sp->caps.msg_ns = 8 * sp->caps.byte_ns;
	sp->caps.trip_us = sp->line.latency_us;
	sp->caps.pause_ns_min = 1000;
	sp->caps.until = sp->caps.crc = sp->caps.safe_line = false;
}

/* What was asked with the SYNCNOP is only read. */
static int query_map(struct serprog *sp, uint8_t cmd, uint8_t *answer, size_t len,
                     struct np_error *err)
{
	return sp->map_asked ? read_answer(sp, cmd, 1, answer, len, err)
	                     : query(sp, cmd, answer, len, err);
}

int plain_ask_map(struct serprog *sp, struct np_error *err)
{
	uint8_t version[2];
	int ret = query_map(sp, SERPROG_Q_IFACE, version, sizeof(version), err);

	if (!ret && wire_get16(version) != 1)
		return np_fail(err, NP_E_UNSUPPORTED,
		               "serprog version %u: norprog speaks version 1", wire_get16(version));
	if (!ret)
		ret = query_map(sp, SERPROG_Q_CMDMAP, sp->map, sizeof(sp->map), err);
	sp->map_asked = false;
	return ret;
}

static int ask_name(struct serprog *sp, struct np_error *err)
{
	int ret = 0;

	if (sp_has(sp, SERPROG_Q_PGMNAME))
		ret = query(sp, SERPROG_Q_PGMNAME, (uint8_t *)sp->name, 16, err);
	for (size_t i = 0; sp->name[i]; i++)
		if ((uint8_t)sp->name[i] < 0x20 || (uint8_t)sp->name[i] > 0x7e)
			sp->name[i] = '?';
	return ret;
}

int plain_set_up(struct serprog *sp, struct np_error *err)
{
	int ret = ask_name(sp, err);

	if (!ret)
		ret = choose_spi(sp, err);
	if (!ret)
		ret = query_limit(sp, SERPROG_Q_WRNMAXLEN, 1 << 24, &sp->caps.max_tx, err);
	if (!ret)
		ret = query_limit(sp, SERPROG_Q_RDNMAXLEN, PLAIN_RX_MAX, &sp->caps.max_rx, err);
	if (!ret)
		ret = drive_pins(sp, true, err);
	if (!ret)
		ret = learn_clocks(sp, err);
	describe(sp);
	return ret;
}

static void put24(uint8_t *bytes, size_t value)
{
	for (int i = 0; i < 3; i++, value >>= 8)
		bytes[i] = (uint8_t)value;
}

static int operate(struct serprog *sp, struct spi_msg *msg, struct np_error *err)
{
	size_t send = msg->cmd_len + msg->tx_len, head = 7 + msg->cmd_len;
	uint8_t bytes[7 + SPI_CMD_MAX] = {SERPROG_O_SPIOP}, ack = 0;
	uint32_t clock_us = (uint32_t)((send + msg->rx_len) * 8000000ull / sp->caps.hz);
	int ret;

	put24(bytes + 1, send);
	put24(bytes + 4, msg->rx_len);
	memcpy(bytes + 7, msg->cmd, msg->cmd_len);
	ret = sp_write(sp, bytes, head, err);
	if (!ret && msg->tx_len)
		ret = sp_write(sp, msg->tx, msg->tx_len, err);
	if (!ret)
		ret = sp_read(sp, &ack, 1, sp_line_us(sp, head + msg->tx_len) + clock_us, err);
	if (!ret && ack != SERPROG_ACK)
		return ack == SERPROG_NAK ? refused(SERPROG_O_SPIOP, err)
		                          : no_answer(sp, SERPROG_O_SPIOP, err);
	if (!ret)
		ret = sp_read(sp, msg->rx, msg->rx_len, clock_us, err);
	return ret == LINE_FAULT ? no_answer(sp, SERPROG_O_SPIOP, err) : ret;
}

int plain_run(struct serprog_run *run, size_t count, size_t *done)
{
	struct serprog *sp = run->sp;

	for (*done = 0; *done < count; ++*done) {
		struct spi_msg *msg = &run->msgs[*done];
		int ret = operate(sp, msg, run->err);

		if (ret)
			return ret;
		if (msg->pause_us)
			sp->line.ops->sleep_us(sp->line.self, msg->pause_us);
		if (sp_progress(run, *done, msg->rx_len) && *done + 1 < count) {
			++*done;
			return np_fail(run->err, NP_E_INTERRUPTED, "stopped on request");
		}
	}
	return 0;
}

void plain_release(struct serprog *sp)
{
	struct np_error ignored;

	(void)drive_pins(sp, false, &ignored);
}
