/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emu-run: put any unmodified program in front of an emulated adapter with a simulated chip on it.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "options.h"
#include "report.h"
#include "rig.h"
#include "server.h"
#include "testbed.h"

enum {
	EXIT_EMULATOR = 125, /* emu-run itself failed; everything else is the program's own */
	EXIT_NO_PROGRAM = 127,
	MAX_ADAPTERS = EMU_ADAPTERS,
};

#define PRELOAD     "libumockdev-preload.so.0"
#define OWN_PRELOAD "emu-program.so" /* beside emu-run; see preload/program.c */

struct emulation {
	struct emu_options options;
	struct emu_clock clock;
	struct usb_line lines[2]; /* full speed, high speed */
	struct testbed *bed;
	struct server *server;
	struct rig rigs[MAX_ADAPTERS];
	struct emu_clock clocks[MAX_ADAPTERS]; /* of each one's program, where there are several */
	size_t count;
	uint64_t wall_us; /* the program ran so long */
};

/* ---- the adapter ---- */

static int add_usb(struct emulation *emu, struct rig *rig, struct np_error *err)
{
	struct testbed_usb usb;
	int result = rig_add_usb(rig, &emu->options, err);

	if (result)
		return result;
	if (rig->node.together)
		rig->usb.dev->line = &emu->lines[rig->usb.id.high_speed];
	usb = (struct testbed_usb){
		.high_speed = rig->usb.id.high_speed,
		.interface = rig->usb.id.interface,
		.vendor = rig->usb.id.vendor,
		.product = rig->usb.id.product,
		.version = rig->usb.id.version,
		.manufacturer = rig->usb.id.manufacturer,
		.name = rig->usb.id.name,
		.serial = rig->usb.id.serial,
		.kernel_driver = rig->usb.kernel_driver,
		.descriptors = rig->usb.descriptors,
		.descriptors_len = rig->usb.descriptors_len,
	};
	return testbed_add_usb(emu->bed, &usb, err);
}

static int add_spidev(struct emulation *emu, struct rig *a, struct np_error *err)
{
	const struct emu_options *o = &emu->options;
	uint32_t hz = o->hz ? o->hz : 20000000;

	wire_init(&a->wire, a->sim, hz);
	a->wire.fault = o->wire;
	a->spi.wire = &a->wire;
	a->spi.config = (struct spidev_config){
		.bufsiz = o->bufsiz ? o->bufsiz : 4096,
		.max_hz = hz,
		.refuse_speed = o->refuse_speed,
		.error_at = o->usb_faults.error_at,
	};
	spidev_init(&a->spi, &a->node);
	return testbed_add_spidev(emu->bed, o->bufsiz, o->pi5, err);
}

static int add_adapter(struct emulation *emu, struct np_error *err)
{
	size_t index = emu->count++;
	struct rig *rig = &emu->rigs[index];
	struct emu_clock *clock = &emu->clocks[index];
	char path[256];
	int result;

	rig->index = index;
	rig->kind = emu->options.kinds[index];
	result = rig_insert_chip(rig, &emu->options, err);
	if (result)
		return result;
	rig->node.together = emu->options.count > 1 && !emu->options.real_time;
	clock_init(clock, false, !emu->options.ignore_pauses);
	rig->node.clock = rig->node.together ? clock : &emu->clock;
	result = rig->kind == EMU_SPIDEV ? add_spidev(emu, rig, err) : add_usb(emu, rig, err);
	if (result)
		return result;
	if (emu->options.deny)
		testbed_deny(emu->bed, index);
	return server_add(emu->server, &rig->node,
	                  testbed_socket(emu->bed, index, path, sizeof(path)), err);
}

/* ---- unplugging ---- */

static void on_served(void *context, size_t index)
{
	struct emulation *emu = context;
	struct rig *a = &emu->rigs[index];
	struct np_error err = {0};

	if (rig_unplugs(a, &emu->options)) {
		(a->usb.dev ? usbfs_unplug : spidev_unplug)(&a->node);
		testbed_unplug(emu->bed, index);
	}
	if (a->node.gone && emu->options.replug && !a->node.open) {
		if (testbed_replug(emu->bed, index, &err))
			fprintf(stderr, "emu-run: %s\n", err.message);
		(a->usb.dev ? usbfs_replug : spidev_replug)(&a->node);
	}
}

static void on_ready(void *context, size_t index, bool ready)
{
	struct emulation *emu = context;

	testbed_set_ready(emu->bed, index, ready);
}

/* ---- the program ---- */

/* The path of a file beside this program. */
static void beside(const char *name, char *path, size_t len)
{
	ssize_t n = readlink("/proc/self/exe", path, len - strlen(name) - 2);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash)
		strcpy(slash + 1, name);
}

static void set_preload(void)
{
	const char *before = getenv("LD_PRELOAD");
	char own[2048], all[8192];

	beside(OWN_PRELOAD, own, sizeof(own));
	snprintf(all, sizeof(all), "%s:" PRELOAD "%s%s", own, before ? ":" : "",
	         before ? before : "");
	setenv("LD_PRELOAD", all, 1);
}

/* Program and emulator take turns, so that a second processor is of no use to them, and waking each
 * other across processors costs more than all else. Where this is not possible it is slower. */
static void stay_on_one_cpu(void)
{
	int here = sched_getcpu();
	cpu_set_t set;

	if (here < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)here, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void become_program(const struct emu_options *o)
{
	sigset_t none;

	set_preload();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (o->deny) { /* root is refused like anybody else */
		prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
		prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
	}
	execvp(o->program[0], o->program);
	fprintf(stderr, "emu-run: %s: %s\n", o->program[0], strerror(errno));
	_exit(EXIT_NO_PROGRAM);
}

static uint64_t wall_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t timeval_us(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static int run_program(struct emulation *emu, int *exit_code, struct np_error *err)
{
	uint64_t begun_us = wall_us();
	pid_t child = fork();
	int status, result;

	if (child < 0)
		return np_fail(err, NP_E_FAIL, "fork: %s", strerror(errno));
	if (!child)
		become_program(&emu->options);
	result = server_run(emu->server, child, &status, err);
	emu->wall_us = wall_us() - begun_us;
	if (!result)
		*exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return result;
}

static int set_up(struct emulation *emu, struct np_error *err)
{
	const struct server_events events = {
		.context = emu, .ready = on_ready, .served = on_served};
	unsigned i;
	int result;

	clock_init(&emu->clock, emu->options.real_time, !emu->options.ignore_pauses);
	/* First: it blocks the signals it waits for, and the test bed starts threads. */
	result = server_create(&emu->clock, &events, &emu->server, err);
	if (!result)
		result = testbed_create(&emu->bed, err);
	for (i = 0; !result && i < emu->options.count; i++)
		result = add_adapter(emu, err);
	return result;
}

/* The job takes as long as the slowest of its adapters. */
static const struct emu_clock *last_clock(const struct emulation *emu)
{
	const struct emu_clock *last = &emu->clock;

	for (size_t i = 0; i < emu->count; i++)
		if (emu->rigs[i].node.clock->now_ps > last->now_ps)
			last = emu->rigs[i].node.clock;
	return last;
}

static int save_images(const struct emulation *emu, struct np_error *err)
{
	int result = 0;

	for (size_t i = 0; i < emu->count && !result; i++)
		result = rig_save(&emu->rigs[i], &emu->options, err);
	return result;
}

static int conclude(struct emulation *emu, int exit_code, struct np_error *err)
{
	const struct emu_options *o = &emu->options;
	const struct rig *a = &emu->rigs[0];
	struct rusage used;
	struct emu_report report = {
		.device = rig_name(o->kind),
		.chip = o->chip,
		.clock = last_clock(emu),
		.lines = emu->lines,
		.node = &a->node,
		.wire = &a->wire,
		.usb = a->usb.dev ? &a->usb : NULL,
		.spi = &a->spi,
		.exit_code = exit_code,
		.wall_us = emu->wall_us,
	};

	for (size_t i = 0; i < emu->count; i++)
		report.adapter_ps[report.adapter_count++] = emu->rigs[i].node.clock->now_ps;
	getrusage(RUSAGE_CHILDREN, &used);
	report.cpu_us = timeval_us(used.ru_utime) + timeval_us(used.ru_stime);
	report.max_rss_kib = (uint64_t)used.ru_maxrss;

	if (o->report && emu_report_write(&report, o->report))
		return np_fail(err, NP_E_OUTPUT, "%s: %s", o->report, strerror(errno));
	return save_images(emu, err);
}

static void tear_down(struct emulation *emu)
{
	size_t i;

	server_free(emu->server);
	for (i = 0; i < emu->count; i++)
		rig_free(&emu->rigs[i]);
	testbed_free(emu->bed);
}

/* The Arduino is a program of its own, beside this one: libsimavr's licence is not ours. */
static bool is_for_avr(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--device=arduino") == 0 ||
		    (strcmp(argv[i], "arduino") == 0 && strcmp(argv[i - 1], "--device") == 0))
			return true;
	return false;
}

static int run_emu_avr(char **argv)
{
	char path[4096];

	beside("emu-avr", path, sizeof(path));
	execv(path, argv);
	fprintf(stderr,
	        "emu-run: no %s: it needs libsimavr (Debian: apt-get install libsimavr-dev)\n",
	        path);
	return EXIT_EMULATOR;
}

int main(int argc, char **argv)
{
	struct emulation emu = {0};
	struct np_error err = {0};
	bool help = false;
	int exit_code = EXIT_EMULATOR, result;

	if (is_for_avr(argc, argv))
		return run_emu_avr(argv);
	result = emu_options_parse(&emu.options, argc, argv, &help, &err);

	if (help) {
		fputs(emu_usage, stdout);
		return 0;
	}
	stay_on_one_cpu();
	if (!result)
		result = set_up(&emu, &err);
	if (!result)
		result = run_program(&emu, &exit_code, &err);
	if (!result)
		result = conclude(&emu, exit_code, &err);
	tear_down(&emu);
	if (!result)
		return exit_code;
	fprintf(stderr, "emu-run: %s\n", err.message);
	if (*err.hint)
		fprintf(stderr, "%s\n", err.hint);
	return EXIT_EMULATOR;
}
