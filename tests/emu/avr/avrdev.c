/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "avrdev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/sim_elf.h>

#include "avrdev_int.h"

/* ---- chance ---- */

uint64_t avrdev_draw(struct avrdev *dev)
{
	dev->rng ^= dev->rng << 13;
	dev->rng ^= dev->rng >> 7;
	dev->rng ^= dev->rng << 17;
	return dev->rng;
}

/* ---- time ---- */

uint64_t avrdev_to_ns(const struct avrdev *dev, uint64_t cycles)
{
	return cycles * 1000 / (dev->config.f_cpu / 1000000);
}

uint64_t avrdev_to_cycles(const struct avrdev *dev, uint64_t ns)
{
	return (ns * (dev->config.f_cpu / 1000000) + 999) / 1000;
}

uint64_t avrdev_now(const struct avrdev *dev)
{
	return avrdev_to_ns(dev, dev->avr->cycle);
}

/* ---- the board ---- */

static void no_sleep(avr_t *avr, avr_cycle_count_t cycles)
{
	(void)avr;
	(void)cycles;
}

void avrdev_hook(struct avrdev *dev, uint16_t reg, avr_io_read_t read, avr_io_write_t write)
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

static void board_reset(struct avrdev *dev)
{
	uint64_t cycle = dev->avr->cycle;

	avr_reset(dev->avr);
	dev->avr->run_cycle_limit = SLICE; /* 1 otherwise: it would return after each instruction */
	dev->avr->cycle = cycle;
	dev->reset_due = false;
	dev->held_until = cycle + avrdev_to_cycles(dev, dev->config.boot_ns);
	avrdev_uart_reset(dev);
	avrdev_spi_reset(dev);
	avrdev_timer_reset(dev);
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
	               : avrdev_to_cycles(dev, dev->out[dev->out_tail & (LINE_MAX - 1)].at);
}

/* The boot loader is in charge, or the CPU has stopped for good: the line goes on without it. */
static bool firmware_rests(const struct avrdev *dev)
{
	const avr_t *avr = dev->avr;

	return avr->cycle < dev->held_until || avr->state == cpu_Done || avr->state == cpu_Crashed;
}

static void run_until(struct avrdev *dev, uint64_t until, bool stop_at_byte)
{
	avr_t *avr = dev->avr;
	uint64_t end = avrdev_to_cycles(dev, until);

	while (avr->cycle < end && (!stop_at_byte || next_visible(dev) > avr->cycle)) {
		uint64_t target = avr->cycle + SLICE;

		if (target > end)
			target = end;
		if (stop_at_byte && next_visible(dev) < target)
			target = next_visible(dev);
		/* A byte that leaves in this slice may be visible before its end. */
		if (dev->config.latency_ns == 0 && target > avr->cycle + 80)
			target = avr->cycle + 80;
		if (dev->reset_due)
			board_reset(dev);
		if (firmware_rests(dev)) {
			avr->cycle = target;
			avrdev_uart_catch_up(dev, target);
			continue;
		}
		dev->stop_at_byte = stop_at_byte;
		dev->target = dev->config.latency_ns ? end : target;
		if (stop_at_byte && next_visible(dev) < dev->target)
			dev->target = next_visible(dev);
		if (avr->run_cycle_count > target - avr->cycle)
			avr->run_cycle_count = target - avr->cycle;
		avr_run(avr);
		avrdev_uart_catch_up(dev, avr->cycle);
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
	       !dev->fifo_len && (dev->polling || dev->avr->state == cpu_Sleeping);
}

void avrdev_send(struct avrdev *dev, const uint8_t *data, size_t len)
{
	avrdev_uart_catch_up(dev, dev->avr->cycle);
	for (size_t i = 0; i < len; i++)
		dev->line[dev->line_head++ & (LINE_MAX - 1)] = data[i];
	if (!dev->frame_on && len) {
		double now = (double)dev->avr->cycle;

		dev->frame_on = true;
		dev->frame_end =
			(dev->frame_end > now ? dev->frame_end : now) + avrdev_host_frame(dev);
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

void avrdev_set_exact(struct avrdev *dev, bool exact)
{
	dev->config.exact = exact;
}

static void seed_chance(struct avrdev *dev)
{
	dev->rng = 0x9e3779b97f4a7c15u ^ (dev->config.faults.seed * 0xbf58476d1ce4e5b9u);
	if (!dev->rng)
		dev->rng = 1;
}

void avrdev_set_faults(struct avrdev *dev, const struct line_faults *faults)
{
	dev->config.faults = *faults;
	seed_chance(dev);
	avrdev_clear_stats(dev);
}

bool avrdev_gone(const struct avrdev *dev)
{
	uint64_t after = dev->config.faults.gone_after;

	return after && dev->stats.host_bytes >= after;
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
			(struct stamped){avrdev_now(dev), (uint8_t)avrdev_draw(dev)};
}

/* libsimavr never frees what it set up for a core: its leaks are not ours. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libsimavr\n";
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
	dev->avr->run_cycle_limit = SLICE;
	for (avr_io_t *io = dev->avr->io_port; io; io = io->next)
		if (strcmp(io->kind, "uart") == 0)
			dev->uart = (avr_uart_t *)io;
	avrdev_uart_hook(dev);
	avrdev_spi_hook(dev);
	avrdev_timer_hook(dev);
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
	seed_chance(dev);
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
