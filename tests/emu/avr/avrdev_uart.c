/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line between the host and the board's UART. */
#include <string.h>

#include "avrdev_int.h"

static bool one_in(struct avrdev *dev, uint64_t n)
{
	return n && avrdev_draw(dev) % n == 0;
}

/* Apply the seeded faults to a byte; returns how many copies arrive. */
static int disturb(struct avrdev *dev, uint8_t *byte)
{
	const struct line_faults *faults = &dev->config.faults;

	if (one_in(dev, faults->flip_one_in)) {
		*byte ^= 1 << avrdev_draw(dev) % 8;
		dev->stats.flips++;
	}
	if (one_in(dev, faults->drop_one_in)) {
		dev->stats.drops++;
		return 0;
	}
	if (one_in(dev, faults->double_one_in)) {
		dev->stats.doubles++;
		return 2;
	}
	return 1;
}

/* ---- the UART ---- */

static uint32_t board_divider(const struct avrdev *dev)
{
	const uint8_t *data = dev->avr->data;
	uint32_t ubrr = data[REG_UBRR0L] | (data[REG_UBRR0H] & 0x0f) << 8;

	return (data[REG_UCSR0A] & U2X ? 8 : 16) * (ubrr + 1);
}

static bool rates_agree(const struct avrdev *dev)
{
	double board = (double)dev->config.f_cpu / board_divider(dev);
	double ratio = dev->config.baud / board;

	return ratio > 0.96 && ratio < 1.04;
}

double avrdev_host_frame(const struct avrdev *dev)
{
	return 10.0 * dev->config.f_cpu / dev->config.baud;
}

static void arrive(struct avrdev *dev, uint8_t byte)
{
	if (!rates_agree(dev))
		byte = avrdev_draw(dev);
	if (dev->shift_full ||
	    dev->shift_freed > (uint64_t)(dev->frame_end - avrdev_host_frame(dev))) {
		dev->overrun = true;
		dev->stats.overruns++;
	} else if (dev->fifo_len < 2) {
		dev->fifo[dev->fifo_len++] = byte;
	} else {
		dev->shift = byte;
		dev->shift_full = true;
	}
}

/* Everything the line has delivered by `cycle`. */
static void line_catch_up(struct avrdev *dev, uint64_t cycle)
{
	const struct line_faults *faults = &dev->config.faults;

	while (dev->frame_on && dev->frame_end <= (double)cycle) {
		uint8_t byte = dev->line[dev->line_tail++ & (LINE_MAX - 1)];
		uint64_t count = ++dev->stats.host_bytes;
		int copies = disturb(dev, &byte);

		if (count == faults->flip_at)
			byte ^= 0x10;
		if (count == faults->drop_at)
			copies = 0;
		while (copies--)
			if (dev->avr->cycle >= dev->held_until)
				arrive(dev, byte);
		dev->frame_on = dev->line_tail != dev->line_head;
		dev->frame_end += avrdev_host_frame(dev);
		if (count == faults->reset_after) {
			dev->reset_due = true;
			dev->avr->run_cycle_count = 1;
			return;
		}
	}
}

static uint64_t next_arrival(const struct avrdev *dev)
{
	return dev->frame_on ? (uint64_t)dev->frame_end : NEVER;
}

static void transmit(struct avrdev *dev, uint8_t byte, uint64_t from)
{
	const struct line_faults *faults = &dev->config.faults;
	uint64_t end = from + 10 * board_divider(dev);
	uint64_t visible_ns = avrdev_to_ns(dev, end) + dev->config.latency_ns;
	int copies;

	dev->shifting_until = end;
	dev->stats.board_bytes++;
	if (!rates_agree(dev))
		byte = avrdev_draw(dev);
	copies = disturb(dev, &byte);
	if (dev->stats.board_bytes == faults->answer_flip_at)
		byte ^= 0x80; /* what tells acknowledgements from replies */
	if (dev->stats.board_bytes == faults->answer_drop_at)
		copies = 0;
	if (faults->silent_after && dev->stats.board_bytes > faults->silent_after)
		return;
	if (copies && dev->stop_at_byte && avrdev_to_cycles(dev, visible_ns) < dev->target)
		dev->target = avrdev_to_cycles(dev, visible_ns);
	while (copies--)
		dev->out[dev->out_head++ & (LINE_MAX - 1)] = (struct stamped){visible_ns, byte};
}

static void transmitter_catch_up(struct avrdev *dev, uint64_t cycle)
{
	while (dev->shifting_until && dev->shifting_until <= cycle) {
		uint64_t end = dev->shifting_until;

		dev->shifting_until = 0;
		if (dev->buffered) {
			dev->buffered = false;
			transmit(dev, dev->buffer, end);
		}
	}
}

/* Whether the CPU is exactly where it was two polls ago. */
static bool same_state(struct avrdev *dev)
{
	const avr_t *avr = dev->avr;
	uint8_t now[40] = {0};
	bool same;

	memcpy(now, avr->data, 32);
	memcpy(now + 32, &avr->pc, sizeof(avr->pc));
	same = memcmp(now, dev->seen[0], sizeof(now)) == 0;
	memcpy(dev->seen[0], dev->seen[1], sizeof(now));
	memcpy(dev->seen[1], now, sizeof(now));
	return same;
}

/* A polling loop that went round several times with nothing else touched and every CPU register as
 * it was will do so until the next event: go there at once. Timers are events, so time-outs keep
 * their time. */
static void skip_polling(struct avrdev *dev)
{
	avr_t *avr = dev->avr;
	uint64_t now = avr->cycle, next = next_arrival(dev), round = now - dev->poll[0];

	dev->rounds = same_state(dev) && round == dev->round ? dev->rounds + 1 : 0;
	dev->round = round;
	dev->poll[0] = dev->poll[1];
	dev->poll[1] = now;
	if (dev->rounds < POLLS_MIN || dev->fifo_len)
		return;
	dev->polling = true;
	if (dev->config.exact)
		return;
	if (dev->shifting_until && dev->shifting_until < next)
		next = dev->shifting_until;
	if (avr->cycle_timers.timer && avr->cycle_timers.timer->when < next)
		next = avr->cycle_timers.timer->when;
	if (avrdev_timer_next(dev) < next)
		next = avrdev_timer_next(dev);
	if (dev->target < next)
		next = dev->target;
	if (next > now + 2 * round) {
		avr->cycle += (next - now) / round * round - round;
		avr->run_cycle_count = 1;
		dev->rounds = 0;
	}
}

static uint8_t ucsr0a_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;
	uint8_t value = avr->data[addr] & U2X;

	line_catch_up(dev, avr->cycle);
	transmitter_catch_up(dev, avr->cycle);
	skip_polling(dev);
	value |= dev->fifo_len ? RXC : 0;
	value |= dev->buffered ? 0 : UDRE;
	value |= dev->overrun ? DOR : 0;
	return value;
}

static void ucsr0a_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	(void)param;
	avr->data[addr] = value & U2X;
}

static uint8_t udr0_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;
	uint8_t byte = dev->fifo[0];

	(void)addr;
	avrdev_touched(dev);
	line_catch_up(dev, avr->cycle);
	if (dev->fifo_len == 0)
		return 0;
	dev->fifo[0] = dev->fifo[1];
	dev->fifo_len--;
	dev->overrun = false;
	if (dev->shift_full) {
		dev->fifo[dev->fifo_len++] = dev->shift;
		dev->shift_full = false;
		dev->shift_freed = avr->cycle;
	}
	if (dev->fifo_len == 0)
		avr_clear_interrupt(avr, &dev->uart->rxc);
	return byte;
}

static void udr0_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	struct avrdev *dev = param;

	(void)addr;
	avrdev_touched(dev);
	transmitter_catch_up(dev, avr->cycle);
	if (!dev->shifting_until) {
		transmit(dev, value, avr->cycle);
	} else {
		dev->buffer = value;
		dev->buffered = true;
	}
}

/* For firmware that takes bytes by interrupt: look at every quarter frame while it is enabled. */
static avr_cycle_count_t raise_receive(avr_t *avr, avr_cycle_count_t when, void *param)
{
	struct avrdev *dev = param;

	if (!(avr->data[REG_UCSR0B] & RXCIE))
		return 0;
	line_catch_up(dev, avr->cycle);
	if (dev->fifo_len)
		avr_raise_interrupt(avr, &dev->uart->rxc);
	return when + (avr_cycle_count_t)(avrdev_host_frame(dev) / 4);
}

static void ucsr0b_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	avr->data[addr] = value;
	if (value & RXCIE)
		avr_cycle_timer_register(avr, 4, raise_receive, param);
}

/* ---- for the board ---- */

void avrdev_uart_catch_up(struct avrdev *dev, uint64_t cycle)
{
	line_catch_up(dev, cycle);
	transmitter_catch_up(dev, cycle);
}

void avrdev_uart_hook(struct avrdev *dev)
{
	avrdev_hook(dev, REG_UCSR0A, ucsr0a_read, ucsr0a_write);
	avrdev_hook(dev, REG_UCSR0B, NULL, ucsr0b_write);
	avrdev_hook(dev, REG_UDR0, udr0_read, udr0_write);
}

void avrdev_uart_reset(struct avrdev *dev)
{
	dev->fifo_len = 0;
	dev->shift_full = dev->overrun = dev->buffered = false;
	dev->shifting_until = 0;
}
