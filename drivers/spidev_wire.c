/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spidev_wire.h"

static size_t round_up(size_t len)
{
	return (len + SPIDEV_ALIGN - 1) / SPIDEV_ALIGN * SPIDEV_ALIGN;
}

size_t spidev_bufsiz(const char *text)
{
	uint64_t value = 0;

	for (; *text >= '0' && *text <= '9' && value < SPIDEV_BUFSIZ_MOST; text++)
		value = 10 * value + (uint64_t)(*text - '0');
	return value < SPIDEV_BUFSIZ_MOST ? (size_t)value : SPIDEV_BUFSIZ_MOST;
}

size_t spidev_max_tx(size_t bufsiz)
{
	size_t usable = bufsiz / SPIDEV_ALIGN * SPIDEV_ALIGN;

	return usable > SPIDEV_ALIGN ? usable - SPIDEV_ALIGN : 0;
}

size_t spidev_max_rx(size_t bufsiz)
{
	return bufsiz / SPIDEV_ALIGN * SPIDEV_ALIGN;
}

/* Room left in one ioctl. */
struct room {
	size_t transfers, tx, rx;
	uint32_t delay_us;
};

static bool reserve(struct room *room, const struct spi_msg *msg, uint32_t delay_us)
{
	size_t parts = (msg->cmd_len > 0) + (msg->tx_len > 0) + (msg->rx_len > 0);
	size_t tx = round_up(msg->cmd_len) + round_up(msg->tx_len), rx = round_up(msg->rx_len);

	if (parts > room->transfers || tx > room->tx || rx > room->rx || delay_us > room->delay_us)
		return false;
	room->transfers -= parts;
	room->tx -= tx;
	room->rx -= rx;
	room->delay_us -= delay_us;
	return true;
}

static void append(struct spidev_batch *batch, const uint8_t *tx, uint8_t *rx, size_t len)
{
	if (len)
		batch->transfers[batch->count++] =
			(struct spidev_transfer){.tx = tx, .rx = rx, .len = len};
}

static void add_message(struct spidev_batch *batch, struct spi_msg *msg, uint32_t delay_us)
{
	if (batch->count)
		batch->transfers[batch->count - 1].cs_change = true;
	append(batch, msg->cmd, NULL, msg->cmd_len);
	append(batch, msg->tx, NULL, msg->tx_len);
	if (delay_us)
		batch->transfers[batch->count - 1].delay_us = (uint16_t)delay_us;
	append(batch, NULL, msg->rx, msg->rx_len);
	batch->taken++;
	batch->pause_us = msg->pause_us;
}

/* A pause before this message can be kept inside it. */
static bool can_wait_inside(const struct spi_msg *msg, uint32_t pause_us)
{
	return (msg->flags & SPI_MSG_STATUS) && msg->cmd_len && msg->rx_len &&
	       pause_us <= SPIDEV_DELAY_MAX;
}

/* A pause is exact only inside an ioctl: between two, the host's own time would have to stand in
 * for it. So a message goes together with the status read that keeps its pause, or starts the next.
 */
static bool pair_fits(struct room room, const struct spi_msg *msgs, size_t count,
                      uint32_t before_us)
{
	uint32_t pause_us = msgs[0].pause_us;

	if (!pause_us || count < 2 || !can_wait_inside(&msgs[1], pause_us))
		return true;
	return reserve(&room, &msgs[0], before_us) && reserve(&room, &msgs[1], pause_us);
}

void spidev_fill(struct spidev_batch *batch, struct spi_msg *msgs, size_t count, size_t bufsiz,
                 uint32_t pause_us)
{
	struct room room = {
		.transfers = SPIDEV_TRANSFERS,
		.tx = bufsiz / SPIDEV_ALIGN * SPIDEV_ALIGN,
		.rx = bufsiz / SPIDEV_ALIGN * SPIDEV_ALIGN,
		.delay_us = SPIDEV_BUSY_US,
	};
	bool inside;

	batch->count = 0;
	batch->taken = 0;
	batch->sleep_us = 0;
	batch->pause_us = pause_us;
	for (size_t i = 0; i < count; i++) {
		inside = can_wait_inside(&msgs[i], batch->pause_us);
		if (batch->pause_us && !inside && i > 0)
			break;
		if (batch->pause_us && !inside)
			batch->sleep_us = batch->pause_us;
		if (i > 0 && !pair_fits(room, &msgs[i], count - i, inside ? batch->pause_us : 0))
			break;
		if (!reserve(&room, &msgs[i], inside ? batch->pause_us : 0))
			break;
		add_message(batch, &msgs[i], inside ? batch->pause_us : 0);
	}
}
