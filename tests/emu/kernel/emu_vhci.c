/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emu-vhci: emu-run's adapters on a real kernel's USB. They are plugged into its virtual host controller and take their
 * time of the wall clock; the program below runs as on any machine, with nothing preloaded. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "usbip.h"
#include "vhci.h"

enum {
	EXIT_EMULATOR = 125, /* emu-vhci itself failed; everything else is the program's own */
	EXIT_NO_PROGRAM = 127,
	HARDWARE = 50, /* the real-time priority of what stands for hardware */
};

#define SETTLE_PS  (200 * PS_PER_MS)  /* so long after the last request a driver has had its say */
#define LONGEST_PS (5000 * PS_PER_MS) /* for plugging in, and for pulling out */

struct emulation {
	struct emu_options options;
	struct emu_clock clock;
	struct usb_line lines[2]; /* full speed, high speed */
	struct rig rigs[EMU_ADAPTERS];
	struct usbip links[EMU_ADAPTERS];
	unsigned ports[EMU_ADAPTERS];
	size_t count;
	int signals;
	pid_t child;
	int status;
	bool ended;
	uint64_t heard_ps; /* the last message from the kernel */
	uint64_t wall_us;  /* the program ran so long */
};

/* ---- the adapters ---- */

static int check_options(const struct emu_options *o, struct np_error *err)
{
	if (o->deny || o->claimed || o->kernel_driver || o->replug)
		return np_fail(
			err, NP_E_USAGE,
			"permissions, drivers and plugging in again are a real kernel's own here");
	for (unsigned i = 0; i < o->count; i++)
		if (o->kinds[i] == EMU_SPIDEV)
			return np_fail(err, NP_E_USAGE, "a spidev is not on USB");
	return 0;
}

static int add_adapter(struct emulation *emu, struct np_error *err)
{
	size_t index = emu->count++;
	struct rig *rig = &emu->rigs[index];
	struct usbip *link = &emu->links[index];
	int result;

	*link = (struct usbip){.fd = -1, .rig = rig};
	rig->index = index;
	rig->kind = emu->options.kinds[index];
	rig->node.clock = &emu->clock;
	result = rig_insert_chip(rig, &emu->options, err);
	if (!result)
		result = rig_add_usb(rig, &emu->options, err);
	if (result)
		return result;
	rig->usb.dev->line = &emu->lines[rig->usb.id.high_speed];
	return vhci_plug(rig->usb.id.high_speed, &emu->ports[index], &link->fd, err);
}

static void unplug(struct usbip *link)
{
	if (link->fd < 0)
		return;
	usbip_close(link);
	usbfs_unplug(&link->rig->node);
}

/* All events up to now, those of several adapters in the order of their times. */
static void advance(struct emulation *emu, uint64_t now_ps)
{
	for (;;) {
		uint64_t first_ps = PS_NEVER;
		struct usb_device *first = NULL;

		for (size_t i = 0; i < emu->count; i++) {
			uint64_t next_ps = usbdev_next(emu->rigs[i].usb.dev);

			if (next_ps < first_ps) {
				first_ps = next_ps;
				first = emu->rigs[i].usb.dev;
			}
		}
		if (!first || first_ps > now_ps)
			return;
		usbdev_step(first, first_ps);
	}
}

/* ---- the loop ---- */

static void end_of_child(struct emulation *emu)
{
	struct signalfd_siginfo info;
	pid_t pid;
	int status;

	if (read(emu->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGCHLD && emu->child)
		kill(emu->child, (int)info.ssi_signo);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == emu->child) {
			emu->ended = true;
			emu->status = status;
		}
}

static void give_back(struct emulation *emu, uint64_t now_ps)
{
	for (size_t i = 0; i < emu->count; i++)
		if (emu->links[i].fd >= 0 && (rig_unplugs(&emu->rigs[i], &emu->options) ||
		                              !usbip_give_back(&emu->links[i], now_ps)))
			unplug(&emu->links[i]);
}

static uint64_t next_due(const struct emulation *emu)
{
	uint64_t due_ps = PS_NEVER;

	for (size_t i = 0; i < emu->count; i++) {
		uint64_t at_ps = emu->links[i].fd >= 0 ? usbip_due(&emu->links[i]) : PS_NEVER;

		due_ps = at_ps < due_ps ? at_ps : due_ps;
	}
	return due_ps;
}

static void wait_until(struct emulation *emu, struct pollfd *fds, uint64_t due_ps)
{
	uint64_t now_ps = clock_now(&emu->clock), ns;
	struct timespec wait;

	ns = due_ps > now_ps ? (due_ps - now_ps) / PS_PER_NS + 1 : 0;
	wait = (struct timespec){.tv_sec = (time_t)(ns / 1000000000u),
	                         .tv_nsec = (long)(ns % 1000000000u)};
	ppoll(fds, emu->count + 1, &wait, NULL);
}

/* Let the adapters work until something happens, at the latest until `until_ps`. */
static void turn(struct emulation *emu, uint64_t until_ps)
{
	struct pollfd fds[EMU_ADAPTERS + 1];
	uint64_t now_ps = clock_now(&emu->clock), due_ps;
	size_t i;

	advance(emu, now_ps);
	give_back(emu, now_ps);
	for (i = 0; i < emu->count; i++)
		fds[i] = (struct pollfd){.fd = emu->links[i].fd, .events = POLLIN};
	fds[i] = (struct pollfd){.fd = emu->signals, .events = POLLIN};
	due_ps = next_due(emu);
	wait_until(emu, fds, due_ps < until_ps ? due_ps : until_ps);
	now_ps = clock_now(&emu->clock);
	advance(emu, now_ps);
	for (i = 0; i < emu->count; i++) {
		if (emu->links[i].fd < 0 || !fds[i].revents)
			continue;
		emu->heard_ps = now_ps;
		if (!usbip_receive(&emu->links[i], now_ps))
			unplug(&emu->links[i]);
	}
	if (fds[i].revents)
		end_of_child(emu);
}

static bool all_configured(const struct emulation *emu)
{
	for (size_t i = 0; i < emu->count; i++)
		if (!emu->links[i].configured)
			return false;
	return true;
}

/* Until the kernel has taken them all into use, and nobody asks them anything more. */
static int wait_for_kernel(struct emulation *emu, struct np_error *err)
{
	uint64_t begun_ps = clock_now(&emu->clock);

	while (!all_configured(emu) || emu->heard_ps + SETTLE_PS > emu->clock.now_ps) {
		if (emu->clock.now_ps > begun_ps + LONGEST_PS)
			return np_fail(err, NP_E_TIMEOUT, "the kernel does not take the adapter");
		turn(emu, emu->clock.now_ps + SETTLE_PS);
	}
	return 0;
}

/* Else the next one finds the ports taken, and a program two adapters where there is one. */
static void wait_for_ports(struct emulation *emu)
{
	uint64_t begun_ps = clock_now(&emu->clock);

	for (size_t i = 0; i < emu->count; i++)
		while (!vhci_is_free(emu->ports[i]) &&
		       clock_now(&emu->clock) < begun_ps + LONGEST_PS)
			clock_reach(&emu->clock, emu->clock.now_ps + 10 * PS_PER_MS);
}

/* ---- the program ---- */

static void become_program(const struct emu_options *o)
{
	const struct sched_param normal = {0};
	sigset_t none;

	sched_setscheduler(0, SCHED_OTHER, &normal);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(o->program[0], o->program);
	fprintf(stderr, "emu-vhci: %s: %s\n", o->program[0], strerror(errno));
	_exit(EXIT_NO_PROGRAM);
}

static int run_program(struct emulation *emu, struct np_error *err)
{
	uint64_t begun_ps = clock_now(&emu->clock);

	emu->child = fork();
	if (emu->child < 0)
		return np_fail(err, NP_E_FAIL, "fork: %s", strerror(errno));
	if (!emu->child)
		become_program(&emu->options);
	while (!emu->ended)
		turn(emu, PS_NEVER);
	emu->wall_us = (clock_now(&emu->clock) - begun_ps) / PS_PER_US;
	return 0;
}

static int set_up(struct emulation *emu, struct np_error *err)
{
	const struct sched_param hardware = {.sched_priority = HARDWARE};
	int result = check_options(&emu->options, err);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	emu->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	sched_setscheduler(0, SCHED_FIFO, &hardware); /* where it may not, it is slower */
	clock_init(&emu->clock, true, true);
	for (unsigned i = 0; !result && i < emu->options.count; i++)
		result = add_adapter(emu, err);
	return result ? result : wait_for_kernel(emu, err);
}

static uint64_t timeval_us(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

static int conclude(const struct emulation *emu, int exit_code, struct np_error *err)
{
	const struct emu_options *o = &emu->options;
	const struct rig *rig = &emu->rigs[0];
	struct rusage used;
	struct emu_report report = {
		.device = rig_name(o->kind),
		.chip = o->chip,
		.clock = &emu->clock,
		.lines = emu->lines,
		.node = &rig->node,
		.wire = &rig->wire,
		.usb = &rig->usb,
		.exit_code = exit_code,
		.wall_us = emu->wall_us,
	};
	int result = 0;

	getrusage(RUSAGE_CHILDREN, &used);
	report.cpu_us = timeval_us(used.ru_utime) + timeval_us(used.ru_stime);
	report.max_rss_kib = (uint64_t)used.ru_maxrss;
	if (o->report && emu_report_write(&report, o->report))
		return np_fail(err, NP_E_OUTPUT, "%s: %s", o->report, strerror(errno));
	for (size_t i = 0; i < emu->count && !result; i++)
		result = rig_save(&emu->rigs[i], o, err);
	return result;
}

static void tear_down(struct emulation *emu)
{
	for (size_t i = 0; i < emu->count; i++)
		usbip_close(&emu->links[i]);
	wait_for_ports(emu);
	for (size_t i = 0; i < emu->count; i++)
		rig_free(&emu->rigs[i]);
}

int main(int argc, char **argv)
{
	static struct emulation emu;
	struct np_error err = {0};
	bool help = false;
	int result = emu_options_parse(&emu.options, argc, argv, &help, &err);

	if (help) {
		fputs(emu_usage, stdout);
		return 0;
	}
	if (!result)
		result = set_up(&emu, &err);
	if (!result)
		result = run_program(&emu, &err);
	if (!result)
		result = conclude(&emu,
		                  WIFEXITED(emu.status) ? WEXITSTATUS(emu.status)
		                                        : 128 + WTERMSIG(emu.status),
		                  &err);
	tear_down(&emu);
	if (!result)
		return WIFEXITED(emu.status) ? WEXITSTATUS(emu.status) : 128 + WTERMSIG(emu.status);
	fprintf(stderr, "emu-vhci: %s\n", err.message);
	return EXIT_EMULATOR;
}
