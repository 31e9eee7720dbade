/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * emu-avr [options] -- PROGRAM ARGS...: run a program against an Arduino behind a pty. {} in the
 * arguments is the pty's path. The program is unmodified and runs in wall time, the board in
 * simulated time; the two are kept in step: while the program computes, the board stands still, and
 * while it sleeps with nothing to read the board runs on. Counts are exact, times within a few per
 * cent; the benches link the board into their own process instead and are exact throughout.
 */
#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "avrdev.h"
#include "base/units.h"

#define BATCH_NS  125000u  /* bytes for the host are handed over this often; */
#define BATCH_MAX 32u      /* this many times more seldom while the host only listens */
#define SETTLE_NS 5000000u /* the most wall time a computing host is waited for, per look */
#define CHUNK     65536

struct options {
	struct avrdev_config board;
	struct norsim_config chip;
	const char *report;
	uint64_t limit_s;
	bool reset_on_open, rates_given;
};

struct host {
	int master, slave, opens;
	char path[64];
	pid_t child;
	int status;
	struct avrdev *dev;
	uint64_t first, last; /* simulated ns of the first and last byte seen */
	uint64_t paused_ns;   /* simulated time that passed only because the host slept */
	uint32_t baud, batches;
	uint8_t out[CHUNK];
	size_t have;
};

static uint64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

static void die(const char *what, const struct np_error *err)
{
	fprintf(stderr, "emu-avr: %s%s%s\n", what, err ? ": " : "", err ? err->message : "");
	exit(125);
}

/* ---- options ---- */

static void parse_line_fault(const char *word, struct line_faults *faults)
{
	static const char *const names[] = {"seed",    "flip",   "drop",  "double", "flip-at",
	                                    "drop-at", "silent", "reset", "garbage"};
	uint64_t *const values[] = {
		&faults->seed,          &faults->flip_one_in, &faults->drop_one_in,
		&faults->double_one_in, &faults->flip_at,     &faults->drop_at,
		&faults->silent_after,  &faults->reset_after, NULL};
	const char *value = strchr(word, '=');

	for (size_t i = 0; value && i < sizeof(names) / sizeof(*names); i++) {
		if (strlen(names[i]) != (size_t)(value - word) ||
		    strncmp(names[i], word, value - word))
			continue;
		if (values[i])
			*values[i] = strtoull(value + 1, NULL, 0);
		else
			faults->garbage_at_start = strtoul(value + 1, NULL, 0);
		return;
	}
	die("unknown --line fault", NULL);
}

static const char usage[] =
	"usage: emu-avr --firmware ELF [options] -- PROGRAM ARGS...   ({} is the pty)\n"
	"  --part NAME --file PATH     the chip and its contents (W25Q64FV)\n"
	"  --fault WORDS               the chip's faults, as of -p sim\n"
	"  --line WORD=N[,WORD=N]      seed flip drop double flip-at drop-at silent reset garbage\n"
	"  --latency US                from the line to the host (1000)\n"
	"  --boot MS                   reset on open, the boot loader eats the line this long\n"
	"  --mhz N                     where the firmware's name does not say (16)\n"
	"  --exact                     simulate every polling loop\n"
	"  --limit SECONDS             wall time after which the program is killed (600)\n"
	"  --report FILE               figures as key=value lines (default: stderr)\n";

static void apply_option(struct options *options, int option, char *value)
{
	struct np_error err = {0};
	uint64_t unused;

	switch (option) {
	case 'w':
		options->board.elf = value;
		options->rates_given =
			avrdev_parse_name(value, &options->board.f_cpu, &options->board.baud);
		break;
	case 'p':
		options->chip.part = value;
		break;
	case 'f':
		options->chip.file = value;
		break;
	case 'F':
		if (norsim_parse_faults(value, &options->chip.faults, &unused, &err))
			die("--fault", &err);
		break;
	case 'l':
		for (char *word = strtok(value, ","); word; word = strtok(NULL, ","))
			parse_line_fault(word, &options->board.faults);
		break;
	case 'L':
		options->board.latency_ns = strtoull(value, NULL, 0) * 1000;
		break;
	case 'b':
		options->board.boot_ns = strtoull(value, NULL, 0) * 1000000;
		options->reset_on_open = true;
		break;
	case 'm':
		options->board.f_cpu = strtoul(value, NULL, 0) * 1000000;
		break;
	case 'x':
		options->board.exact = true;
		break;
	case 't':
		options->limit_s = strtoull(value, NULL, 0);
		break;
	case 'r':
		options->report = value;
		break;
	default:
		fputs(usage, stderr);
		exit(125);
	}
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{"firmware", 1, NULL, 'w'}, {"part", 1, NULL, 'p'},   {"file", 1, NULL, 'f'},
		{"fault", 1, NULL, 'F'},    {"line", 1, NULL, 'l'},   {"latency", 1, NULL, 'L'},
		{"boot", 1, NULL, 'b'},     {"mhz", 1, NULL, 'm'},    {"exact", 0, NULL, 'x'},
		{"limit", 1, NULL, 't'},    {"report", 1, NULL, 'r'}, {"help", 0, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1)
		apply_option(options, option, optarg);
	if (!options->board.elf || optind >= argc)
		apply_option(options, 'h', NULL);
}

/* ---- the pty and the program ---- */

static void pty_open(struct host *host)
{
	struct termios2 tio;

	host->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (host->master < 0 || grantpt(host->master) || unlockpt(host->master) ||
	    ptsname_r(host->master, host->path, sizeof(host->path)))
		die("cannot make a pty", NULL);
	host->slave = open(host->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (host->slave < 0 || ioctl(host->slave, TCGETS2, &tio))
		die("cannot open the pty", NULL);
	tio.c_iflag = tio.c_oflag = tio.c_lflag = 0;
	if (ioctl(host->slave, TCSETS2, &tio))
		die("cannot set up the pty", NULL);
	host->opens = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (host->opens < 0 || inotify_add_watch(host->opens, host->path, IN_OPEN) < 0)
		die("cannot watch the pty", NULL);
}

/* Every {} in `text` becomes the pty's path. */
static char *with_path(const char *text, const char *path)
{
	size_t len = 0;
	char *out = malloc(strlen(text) * (strlen(path) + 1) + 1);

	if (!out)
		die("out of memory", NULL);
	while (*text) {
		if (text[0] == '{' && text[1] == '}') {
			memcpy(out + len, path, strlen(path));
			len += strlen(path);
			text += 2;
		} else {
			out[len++] = *text++;
		}
	}
	out[len] = '\0';
	return out;
}

static void start_program(struct host *host, char **args)
{
	for (char **arg = args; *arg; arg++)
		*arg = with_path(*arg, host->path);
	host->child = fork();
	if (host->child < 0)
		die("cannot fork", NULL);
	if (host->child == 0) {
		execvp(args[0], args);
		_exit(127);
	}
}

static bool program_ended(struct host *host)
{
	return waitpid(host->child, &host->status, WNOHANG) == host->child;
}

/* Asleep, with nothing left to read. */
static bool host_waits(const struct host *host)
{
	char path[64], text[256];
	const char *state;
	int fd, unread = 0;
	ssize_t len;

	if (ioctl(host->slave, FIONREAD, &unread) || unread)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)host->child);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	state = strrchr(text, ')');
	return !state || state[1] == '\0' || state[2] == 'S' || state[2] == 'Z';
}

static bool host_has_sent(const struct host *host)
{
	struct pollfd poll_in = {host->master, POLLIN, 0};

	return poll(&poll_in, 1, 0) > 0;
}

/* Let the program act on what it was given, while the board stands still. */
static void settle(const struct host *host)
{
	uint64_t end = wall_ns() + SETTLE_NS;
	int calm = 0;

	while (calm < 3 && wall_ns() < end) {
		sched_yield();
		if (host_has_sent(host))
			return;
		calm = host_waits(host) ? calm + 1 : 0;
	}
}

/* ---- the two sides ---- */

static void note_byte(struct host *host)
{
	host->last = avrdev_now(host->dev);
	if (!host->first)
		host->first = host->last;
}

static void follow_rate(struct host *host)
{
	struct termios2 tio;

	if (ioctl(host->master, TCGETS2, &tio) || !tio.c_ospeed || tio.c_ospeed == host->baud)
		return;
	host->baud = tio.c_ospeed;
	avrdev_set_baud(host->dev, host->baud);
}

static bool take_from_host(struct host *host)
{
	uint8_t buf[4096];
	ssize_t len = 0;

	if (avrdev_unsent(host->dev) < CHUNK)
		len = read(host->master, buf, sizeof(buf));
	if (len <= 0)
		return false;
	note_byte(host);
	host->batches = 1;
	follow_rate(host);
	avrdev_send(host->dev, buf, len);
	return true;
}

/* Run the board, collecting what the host is to be given next. */
static void run_board(struct host *host, uint64_t ns)
{
	uint64_t end = avrdev_now(host->dev) + ns;
	size_t room;

	do {
		avrdev_run(host->dev, end);
		room = sizeof(host->out) - host->have;
		host->have += avrdev_receive(host->dev, host->out + host->have, room);
	} while (avrdev_now(host->dev) < end && host->have < sizeof(host->out));
}

static bool give_to_host(struct host *host)
{
	ssize_t len;

	if (host->have == 0)
		return false;
	note_byte(host);
	if (host->batches < BATCH_MAX)
		host->batches++;
	len = write(host->master, host->out, host->have);
	if (len > 0) {
		host->have -= len;
		memmove(host->out, host->out + len, host->have);
	}
	return true;
}

static void watch_opens(struct host *host, bool reset)
{
	char events[1024];

	if (read(host->opens, events, sizeof(events)) > 0 && reset)
		avrdev_reset(host->dev);
}

/* Nothing happens until the host does something or a time-out ends: let wall time pass. */
static void idle(struct host *host)
{
	struct pollfd poll_in = {host->master, POLLIN, 0};
	uint64_t before = wall_ns(), past;

	poll(&poll_in, 1, 1);
	past = wall_ns() - before;
	if (poll_in.revents & POLLIN)
		return;
	host->paused_ns += past;
	run_board(host, past);
}

static void serve(struct host *host, const struct options *options)
{
	uint64_t end = wall_ns() + options->limit_s * 1000000000u;

	while (!program_ended(host)) {
		bool acted = take_from_host(host);

		acted |= give_to_host(host);
		watch_opens(host, options->reset_on_open);
		if (acted) {
			settle(host);
			acted = take_from_host(host);
		}
		if (acted || !avrdev_idle(host->dev))
			run_board(host, host->batches * BATCH_NS);
		else if (host_waits(host))
			idle(host);
		else
			sched_yield();
		if (wall_ns() > end) {
			kill(host->child, SIGKILL);
			fprintf(stderr, "emu-avr: the program was killed after %llu s\n",
			        (unsigned long long)options->limit_s);
			end = UINT64_MAX;
		}
	}
}

static void report(const struct host *host, const struct norsim *chip, const char *path)
{
	const struct avrdev_stats *line = avrdev_stats(host->dev);
	const struct norsim_stats *nor = norsim_stats(chip);
	FILE *file = path ? fopen(path, "w") : stderr;

	if (!file)
		die("cannot write the report", NULL);
	fprintf(file, "simulated_ns=%llu\npaused_ns=%llu\nhost_bytes=%llu\nboard_bytes=%llu\n",
	        (unsigned long long)(host->last - host->first), (unsigned long long)host->paused_ns,
	        (unsigned long long)line->host_bytes, (unsigned long long)line->board_bytes);
	fprintf(file, "overruns=%llu\nflips=%llu\ndrops=%llu\ndoubles=%llu\nresets=%llu\n",
	        (unsigned long long)line->overruns, (unsigned long long)line->flips,
	        (unsigned long long)line->drops, (unsigned long long)line->doubles,
	        (unsigned long long)line->resets);
	fprintf(file,
	        "spi_clocks=%llu\npages=%llu\nerases_4k=%llu\nerases_64k=%llu\npins_driven=%d\n",
	        (unsigned long long)nor->clocks, (unsigned long long)nor->pages_programmed,
	        (unsigned long long)nor->erases_4k, (unsigned long long)nor->erases_64k,
	        avrdev_pins_driven(host->dev));
	if (path)
		fclose(file);
}

int main(int argc, char **argv)
{
	struct options options = {.chip = {.part = "W25Q64FV"}, .limit_s = 600};
	struct norsim *chip = NULL;
	struct np_error err = {0};
	static struct host host = {.batches = 1};

	options.board.latency_ns = 1000000;
	options.board.f_cpu = 16000000;
	options.board.baud = 115200;
	parse_options(&options, argc, argv);
	if (norsim_open(&options.chip, &chip, &err))
		die("the chip", &err);
	options.board.chip = chip;
	if (avrdev_open(&options.board, &host.dev, &err))
		die("the board", &err);
	pty_open(&host);
	start_program(&host, argv + optind);
	serve(&host, &options);
	report(&host, chip, options.report);
	avrdev_close(host.dev);
	norsim_close(chip);
	return WIFEXITED(host.status) ? WEXITSTATUS(host.status) : 128 + WTERMSIG(host.status);
}
