/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated programmer: any temperament of bus in front of the strict chip. */
#include "sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/log.h"

#define CHUNK         (256 * 1024) /* bytes between two looks at the stop request */
#define POLL_SLICE_NS 50000000ULL
#define REPORT_NS     100000000ULL
#define REAL_SLACK_NS 200000
#define HOPEFUL_POLLS 10000
#define HOPELESS_NS   1000000ULL

struct sim {
	struct norsim *chip;
	struct spi_caps caps;
	struct sim_counters counters;
	uint64_t fail_msg;
	uint64_t byte_ns;
	bool real_time;
	uint64_t wall_start, model_start; /* real time: both ns */
	char *stats_path;
};

/* One run under way. */
struct run {
	struct sim *sim;
	spi_progress_fn *progress;
	void *ctx;
	size_t index;
	uint64_t reported_ns;
	struct np_error *err;
};

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

/* Real time: sleep until the wall clock is where the model is. */
static void keep_pace(struct sim *sim)
{
	uint64_t model = norsim_now(sim->chip) - sim->model_start, wall, ahead;
	struct timespec nap;

	if (!sim->real_time)
		return;
	wall = wall_ns() - sim->wall_start;
	if (model < wall + REAL_SLACK_NS)
		return;
	ahead = model - wall;
	nap.tv_sec = (time_t)(ahead / 1000000000ULL);
	nap.tv_nsec = (long)(ahead % 1000000000ULL);
	nanosleep(&nap, NULL);
}

/* The host computed meanwhile, and the chip's time went on with the wall clock. */
static void catch_up(struct sim *sim)
{
	uint64_t model = norsim_now(sim->chip) - sim->model_start, wall;

	if (!sim->real_time)
		return;
	wall = wall_ns() - sim->wall_start;
	if (wall > model)
		norsim_time(sim->chip, wall - model);
}

static void clock_bytes(struct sim *sim, const uint8_t *out, uint8_t *in, size_t len)
{
	norsim_clock(sim->chip, out, in, len, sim->byte_ns);
	sim->counters.wire_bytes += len;
	sim->counters.wire_ns += len * sim->byte_ns;
}

static int report(struct run *run, size_t bytes)
{
	run->reported_ns = norsim_now(run->sim->chip);
	keep_pace(run->sim);
	if (!run->progress || !run->progress(run->ctx, run->index, bytes))
		return 0;
	return np_fail(run->err, NP_E_INTERRUPTED, "stopped on request");
}

static int send_data(struct run *run, const struct spi_msg *msg)
{
	for (size_t at = 0; at < msg->tx_len;) {
		size_t n = msg->tx_len - at < CHUNK ? msg->tx_len - at : CHUNK;

		clock_bytes(run->sim, msg->tx + at, NULL, n);
		at += n;
		if (n == CHUNK && report(run, at))
			return NP_E_INTERRUPTED;
	}
	return 0;
}

static int receive_data(struct run *run, const struct spi_msg *msg)
{
	for (size_t at = 0; at < msg->rx_len;) {
		size_t n = msg->rx_len - at < CHUNK ? msg->rx_len - at : CHUNK;

		clock_bytes(run->sim, NULL, msg->rx + at, n);
		at += n;
		if (n == CHUNK && report(run, msg->tx_len + at))
			return NP_E_INTERRUPTED;
	}
	return 0;
}

static int receive_crc(struct run *run, struct spi_msg *msg)
{
	uint8_t buf[4096];

	msg->crc = 0;
	for (size_t at = 0; at < msg->rx_len;) {
		size_t n = msg->rx_len - at < sizeof(buf) ? msg->rx_len - at : sizeof(buf);

		clock_bytes(run->sim, NULL, buf, n);
		msg->crc = np_crc32(msg->crc, buf, n);
		at += n;
		if (at % CHUNK == 0 && report(run, at))
			return NP_E_INTERRUPTED;
	}
	return 0;
}

static bool noisy(struct sim *sim)
{
	const struct norsim_faults *f = norsim_faults(sim->chip);

	return f->flip_one_in || f->max_hz || f->shift_id;
}

/* Status bytes that cannot yet be the awaited one: while the chip works its status stands still, so
 * they need clocking but not looking at. Noise may turn any of them into a ready one, so there each
 * is seen. A chip that does not work and still does not answer as awaited is looked at less often.
 */
static size_t polls_to_skip(struct sim *sim, unsigned seen, uint64_t deadline)
{
	uint64_t left = norsim_busy_left(sim->chip), now = norsim_now(sim->chip);

	if (noisy(sim))
		return 0;
	if (left == 0 && seen > HOPEFUL_POLLS)
		left = HOPELESS_NS;
	if (left <= sim->byte_ns)
		return 0;
	if (left > POLL_SLICE_NS)
		left = POLL_SLICE_NS;
	if (now + left > deadline)
		left = deadline > now ? deadline - now : 0;
	return (size_t)(left / sim->byte_ns);
}

/* Keeps CS low and clocks status bytes until they match. */
static int receive_until(struct run *run, struct spi_msg *msg)
{
	struct sim *sim = run->sim;
	uint64_t deadline = norsim_now(sim->chip) + msg->until_us * 1000ULL;

	for (unsigned seen = 1;; seen++) {
		uint8_t status;

		clock_bytes(sim, NULL, &status, 1);
		if (msg->rx)
			msg->rx[0] = status;
		if ((status & msg->until_mask) == msg->until_value)
			return 0;
		if (norsim_now(sim->chip) >= deadline)
			return np_fail(run->err, NP_E_TIMEOUT,
			               "status %02xh never became %02xh under mask %02xh in %u us",
			               status, msg->until_value, msg->until_mask, msg->until_us);
		clock_bytes(sim, NULL, NULL, polls_to_skip(sim, seen, deadline));
		if (norsim_now(sim->chip) - run->reported_ns >= POLL_SLICE_NS && report(run, 0))
			return NP_E_INTERRUPTED;
	}
}

static int receive(struct run *run, struct spi_msg *msg)
{
	if (msg->flags & SPI_MSG_UNTIL)
		return receive_until(run, msg);
	if (msg->flags & SPI_MSG_CRC)
		return receive_crc(run, msg);
	return receive_data(run, msg);
}

static int frame(struct run *run, struct spi_msg *msg)
{
	struct sim *sim = run->sim;
	int ret;

	norsim_cs(sim->chip, true);
	clock_bytes(sim, msg->cmd, NULL, msg->cmd_len);
	ret = send_data(run, msg);
	if (!ret)
		ret = receive(run, msg);
	norsim_cs(sim->chip, false);
	return ret;
}

static void round_trip(struct sim *sim)
{
	sim->counters.trips++;
	norsim_time(sim->chip, sim->caps.trip_us * 1000ULL);
}

static int one_message(struct run *run, struct spi_msg *msg)
{
	struct sim *sim = run->sim;
	uint64_t pause = msg->pause_us * 1000ULL;
	int ret;

	if (sim->fail_msg && --sim->fail_msg == 0)
		return np_fail(run->err, NP_E_BUS, "message failed (as fault=fail-msg asked)");
	if (sim->caps.depth == 1)
		round_trip(sim);
	sim->counters.messages++;
	ret = frame(run, msg);
	if (pause && pause < sim->caps.pause_ns_min)
		pause = sim->caps.pause_ns_min;
	norsim_time(sim->chip, sim->caps.msg_ns + pause);
	sim->counters.wire_ns += sim->caps.msg_ns;
	sim->counters.pause_ns += pause;
	keep_pace(sim);
	if (!ret && norsim_now(sim->chip) - run->reported_ns >= REPORT_NS)
		ret = report(run, msg->tx_len + msg->rx_len);
	return ret;
}

static int sim_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                   spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct sim *sim = self;
	struct run run = {.sim = sim, .progress = progress, .ctx = ctx, .err = err};
	int ret = 0;

	catch_up(sim);
	sim->counters.runs++;
	if (sim->caps.depth > 1)
		round_trip(sim);
	run.reported_ns = norsim_now(sim->chip);
	for (run.index = 0; run.index < count && !ret; run.index++)
		ret = one_message(&run, &msgs[run.index]);
	*done = ret ? run.index - 1 : count;
	sim->counters.device_ns = norsim_now(sim->chip);
	return ret;
}

static void use_hz(struct sim *sim, uint32_t hz)
{
	sim->caps.hz = hz;
	sim->byte_ns = (8000000000ULL + hz - 1) / hz;
	sim->caps.byte_ns = (uint32_t)sim->byte_ns;
	norsim_set_hz(sim->chip, hz);
}

static int sim_set_hz(void *self, uint32_t hz, struct np_error *err)
{
	struct sim *sim = self;

	if (sim->caps.hz_min == sim->caps.hz_max)
		return 0;
	if (hz < sim->caps.hz_min)
		return np_fail(err, NP_E_UNSUPPORTED, "the simulated bus cannot go below %u Hz",
		               sim->caps.hz_min);
	use_hz(sim, hz < sim->caps.hz_max ? hz : sim->caps.hz_max);
	return 0;
}

/* ---- the statistics file ---- */

static void print_counters(FILE *out, const struct sim_counters *c)
{
	fprintf(out,
	        "{\"runs\": %" PRIu64 ", \"messages\": %" PRIu64 ", \"trips\": %" PRIu64
	        ", \"wire_bytes\": %" PRIu64 ", \"wire_ns\": %" PRIu64 ", \"pause_ns\": %" PRIu64
	        ", \"device_ns\": %" PRIu64,
	        c->runs, c->messages, c->trips, c->wire_bytes, c->wire_ns, c->pause_ns,
	        c->device_ns);
}

#define STAT(name)                                         \
	{                                                  \
#name, offsetof(struct norsim_stats, name) \
	}

static const struct {
	const char *name;
	size_t offset;
} chip_stats[] = {
	STAT(clocks),
	STAT(frames),
	STAT(ignored_busy),
	STAT(ignored_latch),
	STAT(ignored_protected),
	STAT(ignored_asleep),
	STAT(unknown),
	STAT(malformed),
	STAT(pages_programmed),
	STAT(bytes_programmed),
	STAT(erases_4k),
	STAT(erases_32k),
	STAT(erases_64k),
	STAT(erases_256k),
	STAT(erases_die),
	STAT(erases_odd),
	STAT(erases_chip),
	STAT(lost_bits),
	STAT(page_wraps),
	STAT(status_reads),
	STAT(sr_writes_nv),
	STAT(sr_writes_volatile),
	STAT(busy_ns),
	STAT(bytes_read),
	STAT(resets_busy),
};

static void write_stats(const struct sim *sim)
{
	const char *base = (const char *)norsim_stats(sim->chip);
	FILE *out = fopen(sim->stats_path, "we");

	if (!out) {
		np_log(NP_LOG_WARN, "sim: cannot write statistics to %s", sim->stats_path);
		return;
	}
	print_counters(out, &sim->counters);
	for (size_t i = 0; i < sizeof(chip_stats) / sizeof(chip_stats[0]); i++) {
		uint64_t value;

		memcpy(&value, base + chip_stats[i].offset, sizeof(value));
		fprintf(out, ", \"%s\": %" PRIu64, chip_stats[i].name, value);
	}
	fputs("}\n", out);
	if (fclose(out))
		np_log(NP_LOG_WARN, "sim: cannot write statistics to %s", sim->stats_path);
}

static void sim_close(void *self)
{
	struct sim *sim = self;

	if (sim->stats_path)
		write_stats(sim);
	free(sim->stats_path);
	norsim_close(sim->chip);
	free(sim);
}

static void sim_sleep(void *self, uint64_t us)
{
	struct sim *sim = self;

	catch_up(sim);
	norsim_time(sim->chip, us * 1000);
	keep_pace(sim);
}

static const struct spi_ops sim_ops = {
	.run = sim_run,
	.set_hz = sim_set_hz,
	.close = sim_close,
	.sleep = sim_sleep,
};

/* ---- opening ---- */

void sim_config_default(struct sim_config *config)
{
	*config = (struct sim_config){
		.chip = {.part = "W25Q64FV"},
		.hz = 20000000,
		.hz_min = 100000,
		.hz_max = 50000000,
		.depth = 32,
		.max_queue = 4096,
		.max_tx = 64 << 20,
		.max_rx = 64 << 20,
		.trip_us = 125,
		.msg_ns = 200,
		.pause_ns_min = 1000,
		.safe_line = true,
	};
}

static void take_caps(struct sim *sim, const struct sim_config *config)
{
	sim->caps = (struct spi_caps){
		.depth = config->depth,
		.max_queue = config->max_queue,
		.max_tx = config->max_tx,
		.max_rx = config->max_rx,
		.msg_ns = config->msg_ns,
		.trip_us = config->trip_us,
		.pause_ns_min = config->pause_ns_min,
		.hz_min = config->hz_min,
		.hz_max = config->hz_max,
		.until = config->until,
		.crc = config->crc,
		.safe_line = config->safe_line,
	};
	use_hz(sim, config->hz);
}

int sim_open(const struct sim_config *config, struct spi_opened *out, struct np_error *err)
{
	const char *path = config->stats_path ? config->stats_path : getenv("NORPROG_SIM_STATS");
	struct sim *sim = calloc(1, sizeof(*sim));
	int ret;

	if (!sim) {
		np_fail(err, NP_E_MEMORY, "out of memory");
		return NP_E_MEMORY;
	}
	if (path && *path)
		sim->stats_path = strdup(path);
	ret = norsim_open(&config->chip, &sim->chip, err);
	if (ret) {
		free(sim->stats_path);
		free(sim);
		return ret;
	}
	take_caps(sim, config);
	sim->fail_msg = config->fail_msg;
	sim->real_time = config->real_time;
	sim->wall_start = wall_ns();
	sim->model_start = norsim_now(sim->chip);
	out->self = sim;
	out->ops = &sim_ops;
	out->caps = &sim->caps;
	out->host_own = config->host_own ? "this computer's own flash (rehearsed)" : NULL;
	snprintf(out->name, sizeof(out->name), "sim %s", config->chip.part);
	return 0;
}

int sim_open_bus(const struct sim_config *config, struct spi_bus **bus, void **self,
                 struct np_error *err)
{
	struct spi_opened open = {0};
	int ret = sim_open(config, &open, err);

	if (ret)
		return ret;
	ret = spi_wrap(&open, bus, err);
	if (ret)
		sim_close(open.self);
	else if (self)
		*self = open.self;
	return ret;
}

struct norsim *sim_chip(void *self)
{
	return ((struct sim *)self)->chip;
}

const struct sim_counters *sim_counters(void *self)
{
	return &((struct sim *)self)->counters;
}

void sim_clear_counters(void *self)
{
	memset(&((struct sim *)self)->counters, 0, sizeof(struct sim_counters));
}

void sim_fail_message(void *self, uint64_t n)
{
	((struct sim *)self)->fail_msg = n;
}
