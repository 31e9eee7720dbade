/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serprog version 1, as flashrom speaks it. */
#include <stdlib.h>
#include <string.h>

#include "serve/conn.h"

#define PLAIN_MOST   (1u << 24) /* 24 bits of length: 0 stands for this */
#define PLAIN_TX     (64u << 10)
#define DELAY_MAX_US 10000000u

/* Bytes of parameters behind each command that reaches the chip. */
static int params_of(uint8_t cmd)
{
	switch (cmd) {
	case SERPROG_O_INIT:
	case SERPROG_O_EXEC:
		return 0;
	case SERPROG_O_DELAY:
	case SERPROG_S_SPI_FREQ:
		return 4;
	case SERPROG_O_SPIOP:
		return 6;
	case SERPROG_S_BUSTYPE:
	case SERPROG_S_PIN_STATE:
		return 1;
	}
	return -1;
}

static void acknowledge(struct conn *conn, const void *answer, size_t len)
{
	static const uint8_t ack = SERPROG_ACK;

	conn_put(conn, &ack, 1);
	conn_put(conn, answer, len);
}

static void answer_number(struct conn *conn, uint32_t value, size_t len)
{
	uint8_t bytes[4];

	wire_put32(bytes, value);
	acknowledge(conn, bytes, len);
}

static size_t most_sent(const struct conn *conn)
{
	size_t most = conn_caps(conn)->max_tx;

	return most < PLAIN_TX ? most : PLAIN_TX;
}

static size_t most_received(const struct conn *conn)
{
	size_t most = conn_caps(conn)->max_rx;

	return most < PLAIN_MOST ? most : PLAIN_MOST;
}

static bool query(struct conn *conn, uint8_t cmd)
{
	static const uint8_t map[32] = {
		[0] = 0xbf, /* 00-05, 07 */
		[1] = 0xc9, /* 08, 0b, 0e, 0f */
		[2] = 0x3f, /* 10-15 */
		[8] = 0xff, /* 40-47 */
		[9] = 0x03, /* 48, 49 */
	};
	static const uint8_t name[16] = "norprog serve", synced[2] = {SERPROG_NAK, SERPROG_ACK};

	switch (cmd) {
	case SERPROG_NOP:
		acknowledge(conn, NULL, 0);
		return true;
	case SERPROG_Q_IFACE:
		answer_number(conn, 1, 2);
		return true;
	case SERPROG_Q_CMDMAP:
		acknowledge(conn, map, sizeof(map));
		return true;
	case SERPROG_Q_PGMNAME:
		acknowledge(conn, name, sizeof(name));
		return true;
	case SERPROG_Q_SERBUF:
	case SERPROG_Q_OPBUF:
		answer_number(conn, 0xffff, 2);
		return true;
	case SERPROG_Q_BUSTYPE:
		answer_number(conn, SERPROG_BUS_SPI, 1);
		return true;
	case SERPROG_Q_WRNMAXLEN:
		answer_number(conn, (uint32_t)most_sent(conn), 3);
		return true;
	case SERPROG_Q_RDNMAXLEN:
		answer_number(conn, (uint32_t)most_received(conn) & 0xffffff, 3);
		return true;
	case SERPROG_SYNCNOP:
		conn_put(conn, synced, sizeof(synced));
		return true;
	}
	return false;
}

static uint32_t get24(const uint8_t *bytes)
{
	return wire_get16(bytes) | (uint32_t)bytes[2] << 16;
}

static bool transfer(struct conn *conn, const uint8_t *send, size_t send_len, uint8_t *receive,
                     size_t receive_len)
{
	struct spi_msg msg = {.cmd_len = (uint8_t)(send_len < SPI_CMD_MAX ? send_len : SPI_CMD_MAX),
	                      .rx = receive_len ? receive : NULL,
	                      .rx_len = receive_len};
	struct spi_bus *bus = conn_bus(conn);

	memcpy(msg.cmd, send, msg.cmd_len);
	msg.tx_len = send_len - msg.cmd_len;
	msg.tx = msg.tx_len ? send + msg.cmd_len : NULL;
	return bus && (send_len + receive_len == 0 ||
	               !spi_run(bus, &msg, 1, NULL, NULL, NULL, &conn->failure));
}

/* The frame begins when all of it is here, and nothing of its answer is sent before it is complete:
 * an acknowledged answer that stops short would hang the client. */
static bool spi_operation(struct conn *conn, const uint8_t *params)
{
	size_t send = get24(params), receive = get24(params + 3);
	uint8_t *answer;
	bool good;

	if (send > most_sent(conn) || receive > most_received(conn))
		return false;
	if (conn_need(conn, send, CONN_GAP_US))
		return false;
	answer = malloc(receive ? receive : 1);
	good = answer && transfer(conn, conn_at(conn), send, answer, receive);
	conn->in_at += send;
	if (good)
		acknowledge(conn, answer, receive);
	free(answer);
	return good;
}

static bool set_clock(struct conn *conn, uint32_t hz)
{
	struct spi_bus *bus = conn_bus(conn);

	if (!hz || !bus || spi_set_hz(bus, hz < SPI_HZ_MAX ? hz : SPI_HZ_MAX, NULL)) {
		/* A programmer that cannot be so slow keeps its clock, and the answer tells
		 * which that is. */
		if (!hz || !bus)
			return false;
	}
	answer_number(conn, spi_caps(bus)->hz, 4);
	return true;
}

static bool act(struct conn *conn, uint8_t cmd, const uint8_t *params)
{
	switch (cmd) {
	case SERPROG_O_INIT:
		conn->delay_us = 0;
		break;
	case SERPROG_O_DELAY:
		if (wire_get32(params) > DELAY_MAX_US - conn->delay_us)
			return false;
		conn->delay_us += wire_get32(params);
		break;
	case SERPROG_O_EXEC:
		if (conn_bus(conn))
			spi_sleep(conn->bus, conn->delay_us);
		conn->delay_us = 0;
		break;
	case SERPROG_S_BUSTYPE:
		if (params[0] != SERPROG_BUS_SPI)
			return false;
		break;
	case SERPROG_O_SPIOP:
		return spi_operation(conn, params);
	case SERPROG_S_SPI_FREQ:
		return set_clock(conn, wire_get32(params));
	case SERPROG_S_PIN_STATE: /* they follow the connection: driven from the first frame on */
		break;
	}
	acknowledge(conn, NULL, 0);
	return true;
}

bool plain_command(struct conn *conn)
{
	uint8_t cmd = *conn_at(conn), params[6];
	int len = params_of(cmd);

	conn->in_at++;
	if (query(conn, cmd))
		return true;
	if (conn->guard || len < 0 || conn_need(conn, (size_t)len, CONN_GAP_US))
		return false;
	memcpy(params, conn_at(conn), (size_t)len);
	conn->in_at += (size_t)len;
	return act(conn, cmd, params);
}
