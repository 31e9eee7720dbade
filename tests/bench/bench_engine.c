/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engine itself costs, on the simulated bus in virtual time: wall time of the main jobs,
 * the part of it spent above the driver, round trips, messages, and device time against its floor.
 * Argument: a state folder (on tmpfs, syncing costs nothing in the comparison).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "job/job.h"
#include "sim/sim.h"

#define SIZE    (UINT32_C(8) << 20)
#define PAGE_US 700
#define PAGES   (SIZE / 256)

/* The driver, with a watch on its run(). */
struct watched {
	struct spi_opened inner;
	uint64_t inside_ns;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int watched_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                       spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct watched *w = self;
	uint64_t begin = now_ns();
	int ret = w->inner.ops->run(w->inner.self, msgs, count, done, progress, ctx, err);

	w->inside_ns += now_ns() - begin;
	return ret;
}

static int watched_set_hz(void *self, uint32_t hz, struct np_error *err)
{
	struct watched *w = self;

	return w->inner.ops->set_hz(w->inner.self, hz, err);
}

static void watched_close(void *self)
{
	struct watched *w = self;

	w->inner.ops->close(w->inner.self);
}

static const struct spi_ops watched_ops = {
	.run = watched_run, .set_hz = watched_set_hz, .close = watched_close};

struct bench {
	struct watched watched;
	struct spi_bus *bus;
	struct nor *nor;
	struct job job;
	struct np_error err;
};

static void must(struct bench *b, int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, b->err.message);
	exit(1);
}

static void start(struct bench *b, const struct sim_config *config, const char *state_dir)
{
	struct nor_options options = {0};
	struct spi_opened outer;

	memset(b, 0, sizeof(*b));
	must(b, sim_open(config, &b->watched.inner, &b->err), "open");
	outer = b->watched.inner;
	outer.self = &b->watched;
	outer.ops = &watched_ops;
	must(b, spi_wrap(&outer, &b->bus, &b->err), "wrap");
	must(b, nor_open(b->bus, &options, &b->nor, &b->err), "identify");
	b->job = (struct job){.nor = b->nor, .programmer = "sim", .state_dir = state_dir};
	b->watched.inside_ns = 0;
}

static void finish(struct bench *b)
{
	must(b, nor_close(b->nor, &b->err), "close");
	spi_close(b->bus);
}

static void fill(uint8_t *bytes, size_t len, uint32_t state)
{
	for (size_t i = 0; i < len; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(state >> 24);
	}
}

static void report(const struct bench *b, const char *what, uint64_t begin_ns)
{
	double wall = (double)(now_ns() - begin_ns) / 1e9,
	       inside = (double)b->watched.inside_ns / 1e9;

	printf("%-44s wall %6.3f s, above the driver %4.1f %%\n", what, wall,
	       100 * (wall - inside) / wall);
}

static void bench_read(uint8_t *image, const char *state_dir)
{
	struct read_options options = {.passes = 2};
	struct read_result result = {0};
	struct sim_config config;
	struct bench b;
	uint64_t begin;

	sim_config_default(&config);
	start(&b, &config, state_dir);
	fill(norsim_mem(sim_chip(b.watched.inner.self)), SIZE, 1);
	begin = now_ns();
	must(&b, job_read(&b.job, &options, image, &result, &b.err), "read");
	report(&b, "read 8 MiB, two passes", begin);
	read_result_free(&result);
	finish(&b);
}

static void bench_write(uint8_t *image, const char *state_dir)
{
	struct intent intent = {.image = {.data = image}};
	struct write_options options = {.dry_run = false};
	struct write_result result = {0};
	struct sim_config config;
	struct bench b;
	uint64_t begin;

	sim_config_default(&config);
	start(&b, &config, state_dir);
	fill(norsim_mem(sim_chip(b.watched.inner.self)), SIZE, 1);
	fill(image, SIZE, 2);
	begin = now_ns();
	must(&b, job_write(&b.job, &intent, &options, &result, &b.err), "write");
	report(&b, "random over random, backup and verify", begin);
	if (memcmp(norsim_mem(sim_chip(b.watched.inner.self)), image, SIZE) != 0)
		must(&b, 1, "the chip does not hold the image");
	remove(result.backup_path);
	strcat(result.backup_path, ".json");
	remove(result.backup_path);
	intent_free(&intent);
	finish(&b);
}

static void program_blank(struct bench *b, const uint8_t *image)
{
	static struct nor_piece pieces[256];

	for (uint32_t block = 0; block < SIZE; block += 65536) {
		for (uint32_t i = 0; i < 256; i++)
			pieces[i] =
				(struct nor_piece){block + i * 256, 256, image + block + i * 256};
		must(b, nor_program(b->nor, pieces, 256, NULL, NULL, NULL, &b->err), "program");
	}
}

static void bench_program(const uint8_t *image, uint32_t depth, bool until)
{
	const struct sim_counters *counters;
	struct sim_config config;
	struct bench b;
	uint64_t begin, before, floor_ns;
	char what[64];

	sim_config_default(&config);
	config.depth = depth;
	config.until = until;
	start(&b, &config, NULL);
	counters = sim_counters(b.watched.inner.self);
	sim_clear_counters(b.watched.inner.self);
	before = norsim_now(sim_chip(b.watched.inner.self));
	begin = now_ns();
	program_blank(&b, image);
	snprintf(what, sizeof(what), "program 8 MiB, depth %u%s", depth, until ? ", until" : "");
	report(&b, what, begin);
	floor_ns =
		PAGES * ((1 + 4 + 256 + 2) * (uint64_t)spi_caps(b.bus)->byte_ns + PAGE_US * 1000);
	printf("    %.3f trips per 64 KiB, %.3f messages per page, device time %.4f of the floor, ignored while "
	       "busy %" PRIu64 "\n",
	       (double)counters->trips / (SIZE / 65536), (double)counters->messages / PAGES,
	       (double)(norsim_now(sim_chip(b.watched.inner.self)) - before) / (double)floor_ns,
	       norsim_stats(sim_chip(b.watched.inner.self))->ignored_busy);
	finish(&b);
}

int main(int argc, char **argv)
{
	const char *state_dir = argc > 1 ? argv[1] : "/dev/shm/norprog-bench";
	uint8_t *image = malloc(SIZE);
	struct rusage usage;

	if (!image)
		return 1;
	bench_read(image, state_dir);
	bench_write(image, state_dir);
	bench_program(image, 32, false);
	bench_program(image, 1, false);
	bench_program(image, 1, true);
	getrusage(RUSAGE_SELF, &usage);
	printf("peak memory %.1f MiB with the model's own 8 MiB and one image of 8 MiB\n",
	       (double)usage.ru_maxrss / 1024);
	free(image);
	return 0;
}
