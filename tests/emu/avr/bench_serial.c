/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Arduino bridge in simulated time: the real firmware on the simulated board, the real driver
 * and jobs in this process. The line is nominal baud / 10. Arguments: firmware ELF, state folder,
 * latency in us, KiB of chip for the stream figures, and which figures: d(ump) p(rogram) h(alf
 * blank) v(erify) w(rite) r(estore) a(ll verified).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "avrline.h"
#include "store/backup.h"
#include "job/job.h"
#include "serprog/serprog.h"

#define SIZE  (UINT32_C(8) << 20)
#define BLOCK UINT32_C(65536)

struct bench {
	struct norsim *chip;
	struct avrdev *dev;
	struct spi_bus *bus;
	struct nor *nor;
	struct job job;
	struct np_error err;
	uint32_t baud;
	uint64_t begin, planned;
};

static void must(struct bench *b, int ret, const char *what)
{
	if (!ret)
		return;
	fprintf(stderr, "bench_serial: %s: %s\n", what, b->err.message);
	exit(1);
}

static void fill(uint8_t *bytes, size_t len, uint32_t state)
{
	for (size_t i = 0; i < len; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(state >> 24);
	}
}

static int note_plan(void *ctx, const struct plan *plan, struct np_error *err)
{
	struct bench *b = ctx;

	(void)plan;
	(void)err;
	b->planned = avrdev_now(b->dev);
	return 0;
}

static void start(struct bench *b, const char *elf, const char *state_dir, uint64_t latency_us)
{
	struct norsim_config chip = {.part = "W25Q64FV"};
	struct avrdev_config config = {.elf = elf, .latency_ns = latency_us * 1000};
	struct serprog_options options = {.boot_us = 2500000};
	struct nor_options nor_options = {0};
	struct spi_opened opened;
	struct serial serial;

	if (!avrdev_parse_name(elf, &config.f_cpu, &config.baud))
		must(b, 1, "the firmware's name has no clock and rate");
	must(b, norsim_open(&chip, &b->chip, &b->err), "chip");
	config.chip = b->chip;
	options.baud = b->baud = config.baud;
	must(b, avrdev_open(&config, &b->dev, &b->err), "board");
	avrline_open(b->dev, &serial);
	serial.latency_us = (uint32_t)latency_us;
	must(b, serprog_start(&serial, &options, &opened, &b->err), "device");
	must(b, spi_wrap(&opened, &b->bus, &b->err), "bus");
	must(b, nor_open(b->bus, &nor_options, &b->nor, &b->err), "identify");
	b->job = (struct job){.nor = b->nor,
	                      .programmer = "bridge",
	                      .state_dir = state_dir,
	                      .confirm = note_plan,
	                      .confirm_ctx = b};
}

static void begin(struct bench *b)
{
	avrdev_clear_stats(b->dev);
	norsim_clear_stats(b->chip);
	b->begin = avrdev_now(b->dev);
}

static double seconds_since(const struct bench *b, uint64_t from)
{
	return (double)(avrdev_now(b->dev) - from) / 1e9;
}

static double share(const struct bench *b, uint64_t bytes)
{
	return 100.0 * (double)bytes / (b->baud / 10.0 * seconds_since(b, b->begin));
}

static void bench_dump(struct bench *b, uint8_t *image, size_t len, const char *what)
{
	begin(b);
	must(b, nor_read(b->nor, 0, image, len, NULL, NULL, &b->err), "read");
	printf("%-34s %9.3f s   payload %6.2f %% of the line\n", what, seconds_since(b, b->begin),
	       share(b, len));
	if (memcmp(image, norsim_mem(b->chip), len) != 0)
		must(b, 1, "the dump differs");
}

static void bench_program(struct bench *b, const uint8_t *image, size_t len)
{
	static struct nor_piece pieces[BLOCK / 256];
	const struct avrdev_stats *line = avrdev_stats(b->dev);

	memset(norsim_mem(b->chip), 0xff, SIZE);
	begin(b);
	for (uint32_t at = 0; at < len; at += BLOCK) {
		for (uint32_t i = 0; i < BLOCK / 256; i++)
			pieces[i] = (struct nor_piece){at + i * 256, 256, image + at + i * 256};
		must(b, nor_program(b->nor, pieces, BLOCK / 256, NULL, NULL, NULL, &b->err),
		     "program");
	}
	printf("%-34s %9.3f s   payload %6.2f %%, with framing %6.2f %%, overruns %" PRIu64 "\n",
	       "streamed program", seconds_since(b, b->begin), share(b, len),
	       share(b, line->host_bytes), line->overruns);
	if (memcmp(image, norsim_mem(b->chip), len) != 0)
		must(b, 1, "the chip differs");
}

static void bench_verify(struct bench *b, uint8_t *image, const char *what)
{
	struct intent intent = {.operation = INTENT_VERIFY, .image = {.data = image}};
	struct verify_result result = {0};

	begin(b);
	must(b, job_verify(&b->job, &intent, &result, &b->err), what);
	intent_free(&intent);
	printf("%-34s %9.3f s   line bytes %" PRIu64 "\n", what, seconds_since(b, b->begin),
	       avrdev_stats(b->dev)->host_bytes + avrdev_stats(b->dev)->board_bytes);
}

static void forget(char path[NP_PATH_MAX])
{
	if (!path[0])
		return;
	remove(path);
	strcat(path, ".json");
	remove(path);
}

/* A backup of all that the chip holds, as a read before left it. */
static void back_up(struct bench *b, char path[NP_PATH_MAX])
{
	struct store store = {.dir = b->job.state_dir, .chip = nor_info(b->nor)};
	struct np_ranges all = {0};
	struct manifest manifest;

	must(b, np_ranges_add(&all, (struct np_range){0, SIZE}, &b->err), "range");
	manifest_begin(&manifest, nor_info(b->nor), "bridge", "read");
	must(b, backup_write(&store, NULL, norsim_mem(b->chip), &all, &manifest, path, &b->err),
	     "backup");
	store_close(&store);
	manifest_free(&manifest);
	np_ranges_free(&all);
}

static void bench_write(struct bench *b, uint8_t *image)
{
	struct intent intent = {.image = {.data = image}};
	struct write_options options = {.dry_run = false};
	struct write_result result = {0};

	fill(norsim_mem(b->chip), SIZE, 3);
	fill(image, SIZE, 4);
	begin(b);
	must(b, job_write(&b->job, &intent, &options, &result, &b->err), "write");
	intent_free(&intent);
	printf("%-34s %9.3f s   (with the backup dump %.3f s), erases of 64K %" PRIu64
	       ", pages %" PRIu64 "\n",
	       "verified write, random on random", seconds_since(b, b->planned),
	       seconds_since(b, b->begin), norsim_stats(b->chip)->erases_64k,
	       norsim_stats(b->chip)->pages_programmed);
	if (memcmp(image, norsim_mem(b->chip), SIZE) != 0)
		must(b, 1, "the chip differs");
	forget(result.backup_path);
}

static void bench_restore(struct bench *b, uint8_t *image, bool all)
{
	struct intent intent = {.operation = INTENT_RESTORE, .image = {.data = image}};
	struct write_options options = {.verify_all = all};
	struct write_result result = {0};
	char whole[NP_PATH_MAX] = "";

	must(b, selection_add(&intent.selection, NULL, "0x120000+64K", SIZE, &b->err), "range");
	fill(norsim_mem(b->chip), SIZE, 5);
	memcpy(image, norsim_mem(b->chip), SIZE);
	fill(image + 0x120000, BLOCK, 6);
	if (all)
		back_up(b, whole);
	begin(b);
	must(b, job_write(&b->job, &intent, &options, &result, &b->err), "restore");
	printf("%-34s %9.3f s   line bytes %" PRIu64 "\n",
	       all ? "  the same with --verify-all" : "restore one 64 KiB region",
	       seconds_since(b, b->begin),
	       avrdev_stats(b->dev)->host_bytes + avrdev_stats(b->dev)->board_bytes);
	if (memcmp(image, norsim_mem(b->chip), SIZE) != 0)
		must(b, 1, "the chip differs");
	if (all && result.outside_bytes != SIZE - BLOCK)
		must(b, 1, "not all of the rest was compared");
	forget(result.backup_path);
	forget(whole);
	intent_free(&intent);
}

static void run_figure(struct bench *b, char figure, uint8_t *image, size_t len)
{
	switch (figure) {
	case 'd':
		fill(norsim_mem(b->chip), SIZE, 1);
		bench_dump(b, image, len, "dump, random");
		break;
	case 'h':
		fill(norsim_mem(b->chip), SIZE, 1);
		memset(norsim_mem(b->chip) + len / 2, 0xff, len / 2);
		bench_dump(b, image, len, "dump, half blank");
		break;
	case 'p':
		fill(image, SIZE, 2);
		bench_program(b, image, len);
		break;
	case 'v':
		fill(norsim_mem(b->chip), SIZE, 7);
		memcpy(image, norsim_mem(b->chip), SIZE);
		bench_verify(b, image, "verify of the whole chip");
		break;
	case 'w':
		bench_write(b, image);
		break;
	case 'r':
	case 'a':
		bench_restore(b, image, figure == 'a');
		break;
	}
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const char *figures = argc > 5 ? argv[5] : "dphvwra";
	uint64_t latency_us = argc > 3 ? strtoull(argv[3], NULL, 0) : 1000;
	size_t len = argc > 4 ? strtoull(argv[4], NULL, 0) * 1024 : SIZE;
	uint8_t *image = malloc(SIZE);
	static struct bench b;

	if (argc < 3 || !image || len > SIZE || len % BLOCK) {
		fprintf(stderr,
		        "usage: bench_serial ELF STATE-FOLDER [LATENCY-US [KIB [FIGURES]]]\n");
		return 2;
	}
	start(&b, argv[1], argv[2], latency_us);
	printf("%" PRIu32 " baud, host latency %" PRIu64 " us, streams over %zu KiB\n", b.baud,
	       latency_us, len / 1024);
	for (; *figures; figures++)
		run_figure(&b, *figures, image, len);
	must(&b, nor_close(b.nor, &b.err), "close");
	spi_close(b.bus);
	avrdev_close(b.dev);
	norsim_close(b.chip);
	free(image);
	return 0;
}
