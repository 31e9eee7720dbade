/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emu_spidev.h"

#include <errno.h>
#include <stdlib.h>

#include <linux/spi/spidev.h>

#include "client.h"

#define IOCTL_PS (20 * PS_PER_US)
#define CS_CHANGE_PS \
	(10 * PS_PER_US) /* the kernel's pause between two selects inside a message \
	                  */

enum { MAX_TRANSFERS = (1 << _IOC_SIZEBITS) / sizeof(struct spi_ioc_transfer) - 1 };

struct conn {
	pid_t pid;
};

static struct spidev *spi_of(struct node *node)
{
	return node->state;
}

static void *spi_open(struct node *node, pid_t pid)
{
	struct conn *conn = calloc(1, sizeof(*conn));

	(void)node;
	if (conn)
		conn->pid = pid;
	return conn;
}

static void spi_close(struct node *node, void *conn)
{
	(void)node;
	free(conn);
}

static uint32_t clock_of(const struct spidev *spi, uint32_t asked)
{
	uint32_t hz = asked ? asked : spi->hz;

	hz = hz < spi->hz ? hz : spi->hz;
	return hz < spi->config.max_hz ? hz : spi->config.max_hz;
}

static bool check_lengths(const struct spidev *spi, const struct spi_ioc_transfer *t, unsigned n)
{
	uint64_t tx = 0, rx = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		tx += t[i].tx_buf ? t[i].len : 0;
		rx += t[i].rx_buf ? t[i].len : 0;
		if (t[i].len > spi->config.bufsiz)
			return false;
	}
	return tx <= spi->config.bufsiz && rx <= spi->config.bufsiz;
}

/* One transfer beginning at *at_ps; `last`: of its message. */
static int run_transfer(struct spidev *spi, const struct conn *conn,
                        const struct spi_ioc_transfer *t, bool last, uint64_t *at_ps)
{
	uint8_t *out =
		calloc(1, t->len + 1); /* zeros are what a controller sends when told nothing */
	uint8_t *in = malloc(t->len + 1);
	bool deselect = last ? !t->cs_change : t->cs_change;
	int result = -EFAULT;

	if (!out || !in)
		result = -ENOMEM;
	if (!out || !in || (t->tx_buf && !client_peek(conn->pid, t->tx_buf, out, t->len)))
		goto done;
	wire_set_hz(spi->wire, clock_of(spi, t->speed_hz));
	wire_select(spi->wire, *at_ps, true);
	*at_ps = wire_clock(spi->wire, *at_ps, out, in, t->len);
	if (t->rx_buf && !client_poke(conn->pid, t->rx_buf, in, t->len))
		goto done;
	*at_ps += t->delay_usecs * PS_PER_US;
	if (deselect)
		wire_select(spi->wire, *at_ps, false);
	if (deselect && !last)
		*at_ps += CS_CHANGE_PS;
	spi->stats.transfers++;
	spi->stats.bytes_out += t->tx_buf ? t->len : 0;
	spi->stats.bytes_in += t->rx_buf ? t->len : 0;
	result = 0;
done:
	free(out);
	free(in);
	return result;
}

static long run_message(struct node *node, const struct conn *conn,
                        const struct spi_ioc_transfer *t, unsigned n)
{
	struct spidev *spi = spi_of(node);
	uint64_t at_ps = clock_now(node->clock);
	long total = 0;
	unsigned i;

	if (++spi->stats.messages == spi->config.error_at)
		return -EIO;
	if (!check_lengths(spi, t, n))
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		int result = run_transfer(spi, conn, &t[i], i + 1 == n, &at_ps);

		if (result)
			return result;
		total += (long)t[i].len;
	}
	clock_reach(node->clock, at_ps);
	return total;
}

static long message(struct node *node, const struct conn *conn, unsigned int request, uint64_t arg)
{
	size_t size = _IOC_SIZE(request);
	struct spi_ioc_transfer transfers[MAX_TRANSFERS];

	if (!size || size % sizeof(transfers[0]))
		return size ? -EINVAL : 0;
	if (!client_peek(conn->pid, arg, transfers, size))
		return -EFAULT;
	return run_message(node, conn, transfers, (unsigned)(size / sizeof(transfers[0])));
}

static long get(const struct conn *conn, uint64_t arg, uint32_t value, size_t size)
{
	return client_poke(conn->pid, arg, &value, size) ? 0 : -EFAULT;
}

static long set_mode(struct spidev *spi, uint32_t mode)
{
	if (mode & ~(uint32_t)(SPI_CPHA | SPI_CPOL | SPI_CS_HIGH | SPI_NO_CS))
		return -EINVAL;
	spi->mode = mode;
	return 0;
}

static long set_speed(struct spidev *spi, uint32_t hz)
{
	if (spi->config.refuse_speed || !hz)
		return -EINVAL;
	spi->hz = hz;
	return 0;
}

static long set(struct spidev *spi, const struct conn *conn, unsigned int request, uint64_t arg)
{
	uint32_t value = 0;

	if (!client_peek(conn->pid, arg, &value, _IOC_SIZE(request)))
		return -EFAULT;
	switch (request) {
	case SPI_IOC_WR_MODE:
	case SPI_IOC_WR_MODE32:
		return set_mode(spi, value);
	case SPI_IOC_WR_MAX_SPEED_HZ:
		return set_speed(spi, value);
	case SPI_IOC_WR_BITS_PER_WORD:
		return value && value != 8 ? -EINVAL : 0;
	case SPI_IOC_WR_LSB_FIRST:
		return value ? -EINVAL : 0;
	default:
		return -ENOTTY;
	}
}

static long spi_ioctl(struct node *node, void *opaque, unsigned int request, uint64_t arg)
{
	struct spidev *spi = spi_of(node);
	const struct conn *conn = opaque;

	if (node->gone)
		return -ESHUTDOWN;
	if (_IOC_TYPE(request) != SPI_IOC_MAGIC)
		return -ENOTTY;
	if (_IOC_NR(request) == 0 && _IOC_DIR(request) == _IOC_WRITE)
		return message(node, conn, request, arg);
	switch (request) {
	case SPI_IOC_RD_MODE:
		return get(conn, arg, spi->mode, 1);
	case SPI_IOC_RD_MODE32:
		return get(conn, arg, spi->mode, 4);
	case SPI_IOC_RD_LSB_FIRST:
		return get(conn, arg, 0, 1);
	case SPI_IOC_RD_BITS_PER_WORD:
		return get(conn, arg, 8, 1);
	case SPI_IOC_RD_MAX_SPEED_HZ:
		return get(conn, arg, spi->hz, 4);
	default:
		return _IOC_DIR(request) == _IOC_WRITE ? set(spi, conn, request, arg) : -ENOTTY;
	}
}

static long spi_transfer(struct node *node, void *conn, bool write, uint64_t addr, size_t len)
{
	struct spi_ioc_transfer t = {
		.tx_buf = write ? addr : 0, .rx_buf = write ? 0 : addr, .len = (uint32_t)len};

	if (node->gone)
		return -ESHUTDOWN;
	if (len > spi_of(node)->config.bufsiz)
		return -EMSGSIZE;
	return run_message(node, conn, &t, 1);
}

static bool spi_ready(struct node *node)
{
	(void)node;
	return true;
}

static uint64_t spi_due(struct node *node)
{
	(void)node;
	return PS_NEVER;
}

static const struct node_ops spidev_ops = {
	.open = spi_open,
	.close = spi_close,
	.ioctl = spi_ioctl,
	.transfer = spi_transfer,
	.ready = spi_ready,
	.due = spi_due,
};

void spidev_unplug(struct node *node)
{
	node->gone = true;
	spi_of(node)->stats.unplugs++;
	wire_power_off(spi_of(node)->wire, clock_now(node->clock));
}

void spidev_replug(struct node *node)
{
	node->gone = false;
	wire_power_on(spi_of(node)->wire, clock_now(node->clock));
}

void spidev_init(struct spidev *spi, struct node *node)
{
	spi->hz = spi->config.max_hz;
	spi->bits = 8;
	node->ops = &spidev_ops;
	node->state = spi;
	node->ioctl_ps = IOCTL_PS;
}
