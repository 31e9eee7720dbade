/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "avrdev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

/* Data-space addresses of the ATmega328P. */
enum {
	REG_DDRB = 0x24,
	REG_PORTB = 0x25,
	REG_SPCR = 0x4c,
	REG_SPSR = 0x4d,
	REG_SPDR = 0x4e,
	REG_UCSR0A = 0xc0,
	REG_UCSR0B = 0xc1,
	REG_UBRR0L = 0xc4,
	REG_UBRR0H = 0xc5,
	REG_UDR0 = 0xc6,
};

enum { PIN_CS = 1 << 2, PIN_MOSI = 1 << 3, PIN_SCK = 1 << 5 };
enum { RXC = 0x80, UDRE = 0x20, TXC = 0x40, DOR = 0x08, U2X = 0x02, RXCIE = 0x80, RXEN = 0x10 };

#define SLICE     1000u      /* cycles between looks at the host's side */
#define LINE_MAX  (1u << 22) /* bytes either way; a power of two */
#define NEVER     UINT64_MAX
#define POLLS_MIN 8 /* equal polling rounds before they are skipped */

struct stamped {
	uint64_t at; /* ns: visible to the host */
	uint8_t byte;
};

struct avrdev {
	struct avrdev_config config;
	struct avrdev_stats stats;
	avr_t *avr;
	avr_uart_t *uart;
	uint64_t rng;
	uint64_t held_until; /* cycles: the boot loader is in charge */

	/* host to board */
	uint8_t *line;
	size_t line_head, line_tail;
	double frame_end; /* cycles: when the frame on the line ends */
	bool frame_on;
	uint8_t fifo[2], fifo_len;
	bool shift_full, overrun;
	uint8_t shift;
	uint64_t shift_freed;

	/* board to host */
	struct stamped *out;
	size_t out_head, out_tail;
	uint64_t shifting_until; /* cycles; 0: transmitter idle */
	bool buffered;
	uint8_t buffer;

	/* SPI */
	uint64_t spi_done;
	bool spi_flag, spi_flag_read;
	uint8_t spi_in;
	bool selected;

	/* skipping of polling loops */
	uint64_t poll[2], round;
	uint32_t rounds;
	bool polling;
	uint64_t target;
};

/* ---- chance
 * ---------------------------------------------------------------------------------------- */

static uint64_t draw(struct avrdev *dev)
{
	dev->rng ^= dev->rng << 13;
	dev->rng ^= dev->rng >> 7;
	dev->rng ^= dev->rng << 17;
	return dev->rng;
}

static bool one_in(struct avrdev *dev, uint64_t n)
{
	return n && draw(dev) % n == 0;
}

/* Apply the seeded faults to a byte; returns how many copies arrive. */
static int disturb(struct avrdev *dev, uint8_t *byte)
{
	const struct line_faults *faults = &dev->config.faults;

	if (one_in(dev, faults->flip_one_in)) {
		*byte ^= 1 << draw(dev) % 8;
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

/* ---- time
 * ------------------------------------------------------------------------------------------ */

static uint64_t to_ns(const struct avrdev *dev, uint64_t cycles)
{
	return cycles * 1000 / (dev->config.f_cpu / 1000000);
}

static uint64_t to_cycles(const struct avrdev *dev, uint64_t ns)
{
	return (ns * (dev->config.f_cpu / 1000000) + 999) / 1000;
}

uint64_t avrdev_now(const struct avrdev *dev)
{
	return to_ns(dev, dev->avr->cycle);
}

/* Bring the chip's clock up to a cycle of ours. */
static void chip_catch_up(struct avrdev *dev, uint64_t cycle)
{
	uint64_t now = to_ns(dev, cycle), chip = norsim_now(dev->config.chip);

	if (now > chip)
		norsim_time(dev->config.chip, now - chip);
}

/* ---- the UART
 * --------------------------------------------------------------------------------------- */

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

static double host_frame(const struct avrdev *dev)
{
	return 10.0 * dev->config.f_cpu / dev->config.baud;
}

static void arrive(struct avrdev *dev, uint8_t byte)
{
	if (!rates_agree(dev))
		byte = draw(dev);
	if (dev->shift_full || dev->shift_freed > (uint64_t)(dev->frame_end - host_frame(dev))) {
		dev->overrun = true;
		dev->stats.overruns++;
	} else if (dev->fifo_len < 2) {
		dev->fifo[dev->fifo_len++] = byte;
	} else {
		dev->shift = byte;
		dev->shift_full = true;
	}
}

static void board_reset(struct avrdev *dev);

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
		dev->frame_end += host_frame(dev);
		if (count == faults->reset_after) {
			board_reset(dev);
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
	int copies;

	dev->shifting_until = end;
	dev->stats.board_bytes++;
	if (!rates_agree(dev))
		byte = draw(dev);
	copies = disturb(dev, &byte);
	if (faults->silent_after && dev->stats.board_bytes > faults->silent_after)
		return;
	while (copies--)
		dev->out[dev->out_head++ & (LINE_MAX - 1)] =
			(struct stamped){to_ns(dev, end) + dev->config.latency_ns, byte};
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

/* The firmware did something besides polling the line. */
static void touched(struct avrdev *dev)
{
	dev->rounds = 0;
	dev->polling = false;
}

/* A polling loop that has gone round several times in equal time, with nothing else touched, will
 * do so until the next event: go there at once. Timers are events, so time-outs keep their time. */
static void skip_polling(struct avrdev *dev)
{
	avr_t *avr = dev->avr;
	uint64_t now = avr->cycle, next = next_arrival(dev), round = now - dev->poll[0];

	dev->rounds = round == dev->round ? dev->rounds + 1 : 0;
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
	touched(dev);
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
	touched(dev);
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
	return when + (avr_cycle_count_t)(host_frame(dev) / 4);
}

static void ucsr0b_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	avr->data[addr] = value;
	if (value & RXCIE)
		avr_cycle_timer_register(avr, 4, raise_receive, param);
}

/* ---- SPI and the pins
 * -------------------------------------------------------------------------------- */

static uint32_t spi_divider(const uint8_t *data)
{
	static const uint8_t log2[4] = {2, 4, 6, 7};

	return (1u << log2[data[REG_SPCR] & 3]) >> (data[REG_SPSR] & 1);
}

static bool spi_driven(const avr_t *avr)
{
	uint8_t outputs = PIN_MOSI | PIN_SCK;

	return (avr->data[REG_DDRB] & outputs) == outputs && (avr->data[REG_SPCR] & 0x50) == 0x50;
}

static void spdr_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	struct avrdev *dev = param;
	uint32_t cycles = 8 * spi_divider(avr->data);

	(void)addr;
	touched(dev);
	if (dev->spi_done > avr->cycle)
		return; /* write collision */
	dev->spi_flag = dev->spi_flag_read = false;
	dev->spi_done = avr->cycle + cycles;
	dev->spi_in = 0xff;
	if (!spi_driven(avr))
		return;
	chip_catch_up(dev, avr->cycle);
	norsim_set_hz(dev->config.chip, dev->config.f_cpu / (cycles / 8));
	norsim_clock(dev->config.chip, &value, &dev->spi_in, 1, to_ns(dev, cycles));
}

static uint8_t spdr_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;

	(void)addr;
	if (dev->spi_flag_read)
		dev->spi_flag = dev->spi_flag_read = false;
	return dev->spi_done <= avr->cycle ? dev->spi_in : 0;
}

static uint8_t spsr_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;

	touched(dev);
	if (dev->spi_done && dev->spi_done <= avr->cycle) {
		dev->spi_flag = true;
		dev->spi_done = 0;
	}
	dev->spi_flag_read = dev->spi_flag;
	return (avr->data[addr] & 1) | (dev->spi_flag ? 0x80 : 0);
}

static void spsr_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	(void)param;
	avr->data[addr] = value & 1;
}

/* A pin that is not driven floats high: the chip's pull-up. */
static void port_changed(struct avrdev *dev)
{
	const uint8_t *data = dev->avr->data;
	bool low = (data[REG_DDRB] & PIN_CS) && !(data[REG_PORTB] & PIN_CS);

	touched(dev);
	if (low == dev->selected)
		return;
	dev->selected = low;
	chip_catch_up(dev, dev->avr->cycle);
	norsim_cs(dev->config.chip, low);
}

static void port_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	avr->data[addr] = value;
	port_changed(param);
}

bool avrdev_pins_driven(const struct avrdev *dev)
{
	return dev->avr->data[REG_DDRB] & (PIN_CS | PIN_MOSI | PIN_SCK);
}

/* ---- the board
 * ----------------------------------------------------------------------------------------- */

static void no_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
	(void)avr;
	(void)cycles;
}

static void hook(struct avrdev *dev, uint16_t reg, avr_io_read_t read, avr_io_write_t write)
{
	avr_io_addr_t at = AVR_DATA_TO_IO(reg);

	if (read) {
		dev->avr->io[at].r.c = read;
		dev->avr->io[at].r.param = dev;
	}
	if (write) {
		dev->avr->io[at].w.c = write;
		dev->avr->io[at].w.param = dev;
	}
}

static void hook_all(struct avrdev *dev)
{
	hook(dev, REG_UCSR0A, ucsr0a_read, ucsr0a_write);
	hook(dev, REG_UCSR0B, NULL, ucsr0b_write);
	hook(dev, REG_UDR0, udr0_read, udr0_write);
	hook(dev, REG_SPDR, spdr_read, spdr_write);
	hook(dev, REG_SPSR, spsr_read, spsr_write);
	hook(dev, REG_PORTB, NULL, port_write);
	hook(dev, REG_DDRB, NULL, port_write);
}

static void board_reset(struct avrdev *dev)
{
	uint64_t cycle = dev->avr->cycle;

	avr_reset(dev->avr);
	dev->avr->cycle = cycle;
	dev->avr->data[REG_DDRB] = dev->avr->data[REG_PORTB] = 0;
	port_changed(dev);
	dev->held_until = cycle + to_cycles(dev, dev->config.boot_ns);
	dev->fifo_len = 0;
	dev->shift_full = dev->overrun = dev->buffered = false;
	dev->shifting_until = dev->spi_done = 0;
	dev->stats.resets++;
}

void avrdev_reset(struct avrdev *dev)
{
	dev->line_tail = dev->line_head;
	dev->frame_on = false;
	dev->out_tail = dev->out_head;
	board_reset(dev);
}

static uint64_t next_visible(const struct avrdev *dev)
{
	return dev->out_tail == dev->out_head
	               ? NEVER
	               : to_cycles(dev, dev->out[dev->out_tail & (LINE_MAX - 1)].at);
}

static void run_until(struct avrdev *dev, uint64_t until, bool stop_at_byte)
{
	avr_t *avr = dev->avr;
	uint64_t end = to_cycles(dev, until);

	while (avr->cycle < end && (!stop_at_byte || next_visible(dev) > avr->cycle)) {
		uint64_t target = avr->cycle + SLICE;

		if (target > end)
			target = end;
		if (stop_at_byte && next_visible(dev) < target)
			target = next_visible(dev);
		/* A byte that leaves in this slice may be visible before its end. */
		if (dev->config.latency_ns == 0 && target > avr->cycle + 80)
			target = avr->cycle + 80;
		if (avr->cycle < dev->held_until) {
			avr->cycle = target;
			line_catch_up(dev, target);
			continue;
		}
		dev->target = dev->config.latency_ns ? end : target;
		if (stop_at_byte && next_visible(dev) < dev->target)
			dev->target = next_visible(dev);
		if (avr->run_cycle_count > target - avr->cycle)
			avr->run_cycle_count = target - avr->cycle;
		avr_run(avr);
		transmitter_catch_up(dev, avr->cycle);
	}
}

void avrdev_run(struct avrdev *dev, uint64_t until)
{
	run_until(dev, until, true);
}

void avrdev_pass(struct avrdev *dev, uint64_t ns)
{
	run_until(dev, avrdev_now(dev) + ns, false);
}

bool avrdev_idle(const struct avrdev *dev)
{
	return !dev->frame_on && !dev->shifting_until && dev->out_head == dev->out_tail &&
	       !dev->fifo_len && (dev->polling || dev->avr->data[REG_UCSR0B] & RXCIE);
}

void avrdev_send(struct avrdev *dev, const uint8_t *data, size_t len)
{
	line_catch_up(dev, dev->avr->cycle);
	for (size_t i = 0; i < len; i++)
		dev->line[dev->line_head++ & (LINE_MAX - 1)] = data[i];
	if (!dev->frame_on && len) {
		double now = (double)dev->avr->cycle;

		dev->frame_on = true;
		dev->frame_end = (dev->frame_end > now ? dev->frame_end : now) + host_frame(dev);
	}
}

size_t avrdev_unsent(const struct avrdev *dev)
{
	return dev->line_head - dev->line_tail;
}

size_t avrdev_receive(struct avrdev *dev, uint8_t *buf, size_t len)
{
	uint64_t now = avrdev_now(dev);
	size_t count = 0;

	while (count < len && dev->out_tail != dev->out_head) {
		const struct stamped *next = &dev->out[dev->out_tail & (LINE_MAX - 1)];

		if (next->at > now)
			break;
		buf[count++] = next->byte;
		dev->out_tail++;
	}
	return count;
}

void avrdev_set_baud(struct avrdev *dev, uint32_t baud)
{
	dev->config.baud = baud;
}

void avrdev_set_latency(struct avrdev *dev, uint64_t ns)
{
	dev->config.latency_ns = ns;
}

struct line_faults *avrdev_faults(struct avrdev *dev)
{
	return &dev->config.faults;
}

const struct avrdev_stats *avrdev_stats(const struct avrdev *dev)
{
	return &dev->stats;
}

void avrdev_clear_stats(struct avrdev *dev)
{
	memset(&dev->stats, 0, sizeof(dev->stats));
}

static void noise_at_start(struct avrdev *dev)
{
	for (uint32_t i = 0; i < dev->config.faults.garbage_at_start; i++)
		dev->out[dev->out_head++ & (LINE_MAX - 1)] =
			(struct stamped){avrdev_now(dev), (uint8_t)draw(dev)};
}

/* libsimavr's own chatter. */
static void no_log(avr_t *avr, const int level, const char *format, va_list args)
{
	(void)avr;
	(void)level;
	(void)format;
	(void)args;
}

static int board_boot(struct avrdev *dev, struct np_error *err)
{
	elf_firmware_t firmware = {0};

	avr_global_logger_set(no_log);
	if (elf_read_firmware(dev->config.elf, &firmware))
		return np_fail(err, NP_E_INPUT, "cannot load firmware %s", dev->config.elf);
	dev->avr = avr_make_mcu_by_name("atmega328p");
	if (!dev->avr)
		return np_fail(err, NP_E_FAIL, "libsimavr has no atmega328p");
	avr_init(dev->avr);
	dev->avr->log = LOG_ERROR;
	firmware.frequency = dev->config.f_cpu;
	avr_load_firmware(dev->avr, &firmware);
	dev->avr->sleep = no_sleep;
	for (avr_io_t *io = dev->avr->io_port; io; io = io->next)
		if (strcmp(io->kind, "uart") == 0)
			dev->uart = (avr_uart_t *)io;
	hook_all(dev);
	avrdev_run(dev, 20000000);
	noise_at_start(dev);
	return 0;
}

int avrdev_open(const struct avrdev_config *config, struct avrdev **out, struct np_error *err)
{
	struct avrdev *dev = calloc(1, sizeof(*dev));
	int ret;

	if (!dev)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	dev->config = *config;
	dev->rng = 0x9e3779b97f4a7c15u ^ (config->faults.seed * 0xbf58476d1ce4e5b9u);
	if (!dev->rng)
		dev->rng = 1;
	dev->line = malloc(LINE_MAX);
	dev->out = malloc(LINE_MAX * sizeof(*dev->out));
	ret = dev->line && dev->out ? board_boot(dev, err)
	                            : np_fail(err, NP_E_MEMORY, "out of memory");
	if (ret) {
		avrdev_close(dev);
		return ret;
	}
	*out = dev;
	return 0;
}

void avrdev_close(struct avrdev *dev)
{
	if (!dev)
		return;
	if (dev->avr) {
		avr_terminate(dev->avr);
		free(dev->avr);
	}
	free(dev->line);
	free(dev->out);
	free(dev);
}

bool avrdev_parse_name(const char *elf, uint32_t *f_cpu, uint32_t *baud)
{
	const char *at = strstr(elf, "-atmega328p-");
	unsigned mhz, rate;

	if (!at || sscanf(at, "-atmega328p-%umhz-%u", &mhz, &rate) != 2)
		return false;
	*f_cpu = mhz * 1000000u;
	*baud = rate;
	return true;
}
