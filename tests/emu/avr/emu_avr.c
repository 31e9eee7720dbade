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

#include <jansson.h>

#include "avrdev.h"
#include "emu/report_chip.h"

#define BATCH_NS  125000u  /* bytes for the host are handed over this often; */
#define BATCH_MAX 32u      /* this many times more seldom while the host only listens */
#define SETTLE_NS 5000000u /* the most wall time a computing host is waited for, per look */
#define CHUNK     65536

struct options {
	struct avrdev_config board;
	struct norsim_config chip;
	const char *report, *image, *save;
	uint64_t limit_s;
	uint32_t baud;
	bool reset_on_open;
	char firmware[512];
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
	"usage: emu-avr [options] -- PROGRAM ARGS...   ({} in them is the serial port)\n"
	"Runs PROGRAM, unmodified, in front of a simulated Arduino with a simulated chip on it.\n"
	"  --firmware ELF   what the board runs\n"
	"  --baud N         norprog's own firmware for this rate (1000000)\n"
	"  --chip NAME      the chip (W25Q64FV)\n"
	"  --image FILE     what it holds at the start (blank)\n"
	"  --save FILE      where its contents go at the end\n"
	"  --report FILE    counters and times as JSON; - is stderr\n"
	"  --latency US     from the line to the host (1000)\n"
	"  --boot MS        opening resets the board, and its boot loader eats the line this long\n"
	"  --mhz N          where the firmware's name does not say (16)\n"
	"  --exact          simulate every polling loop\n"
	"  --limit SECONDS  wall time after which the program is killed (600)\n"
	"Faults:\n"
	"  --fault WORDS    of the chip: flip=20000+seed=7, silent, slow=400, ...\n"
	"  --line WORDS     of the line: seed=N, flip=N, drop=N, double=N (one byte in N), flip-at=N,\n"
	"                   drop-at=N, silent=N, reset=N (at the n-th byte), garbage=N; with commas\n";

static void apply_option(struct options *options, int option, char *value)
{
	struct np_error err = {0};
	uint64_t unused;

	switch (option) {
	case 'w':
		options->board.elf = value;
		avrdev_parse_name(value, &options->board.f_cpu, &options->board.baud);
		break;
	case 'B':
		options->baud = strtoul(value, NULL, 0);
		break;
	case 'p':
		options->chip.part = value;
		break;
	case 'i':
		options->image = value;
		break;
	case 'S':
		options->save = value;
		break;
	case 'D':
		if (strcmp(value, "arduino") != 0)
			die("--device: only arduino", NULL);
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

/* The build's own, in the folder beside the one of this program. */
static void own_firmware(struct options *options)
{
	char self[384], *slash;
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[len > 0 ? len : 0] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	snprintf(options->firmware, sizeof(options->firmware),
	         "%s/../firmware/norprog-atmega328p-16mhz-%u.elf", self, options->baud);
	if (access(options->firmware, R_OK))
		die("no firmware: make firmware (Debian: gcc-avr avr-libc), or --firmware ELF",
		    NULL);
	options->board.elf = options->firmware;
	avrdev_parse_name(options->firmware, &options->board.f_cpu, &options->board.baud);
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{"firmware", 1, NULL, 'w'}, {"baud", 1, NULL, 'B'},   {"device", 1, NULL, 'D'},
		{"chip", 1, NULL, 'p'},     {"image", 1, NULL, 'i'},  {"save", 1, NULL, 'S'},
		{"fault", 1, NULL, 'F'},    {"line", 1, NULL, 'l'},   {"latency", 1, NULL, 'L'},
		{"boot", 1, NULL, 'b'},     {"mhz", 1, NULL, 'm'},    {"exact", 0, NULL, 'x'},
		{"limit", 1, NULL, 't'},    {"report", 1, NULL, 'r'}, {"help", 0, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1)
		apply_option(options, option, optarg);
	if (optind >= argc)
		apply_option(options, 'h', NULL);
	if (!options->board.elf)
		own_firmware(options);
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

/* ---- the chip's contents, the report ---- */

static void load_image(const char *path, struct norsim *chip)
{
	FILE *file = fopen(path, "rbe");
	size_t size = norsim_size(chip);

	if (!file || fread(norsim_mem(chip), 1, size, file) != size || fgetc(file) != EOF)
		die("--image: unreadable, or not of the chip's size", NULL);
	fclose(file);
}

static void save_image(const char *path, struct norsim *chip)
{
	FILE *file = fopen(path, "wbe");
	size_t size = norsim_size(chip);

	if (!file || fwrite(norsim_mem(chip), 1, size, file) != size || fclose(file))
		die("--save: cannot be written", NULL);
}

static int exit_code(const struct host *host)
{
	return WIFEXITED(host->status) ? WEXITSTATUS(host->status) : 128 + WTERMSIG(host->status);
}

static void report(const struct host *host, const struct options *options,
                   const struct norsim *chip)
{
	const struct avrdev_stats *line = avrdev_stats(host->dev);
	bool to_stderr = strcmp(options->report, "-") == 0;
	FILE *file = to_stderr ? stderr : fopen(options->report, "we");
	json_t *object = json_object();

	if (!file)
		die("cannot write the report", NULL);
	json_object_set_new(object, "device", json_string("arduino"));
	json_object_set_new(object, "chip_name", json_string(options->chip.part));
	json_object_set_new(object, "exit", json_integer(exit_code(host)));
	report_put(object, "device_us", (host->last - host->first) / 1000);
	report_put(object, "host_pause_us", host->paused_ns / 1000);
	report_put(object, "bytes_out", line->host_bytes);
	report_put(object, "bytes_in", line->board_bytes);
	report_put(object, "overruns", line->overruns);
	report_put(object, "flips", line->flips);
	report_put(object, "drops", line->drops);
	report_put(object, "doubles", line->doubles);
	report_put(object, "resets", line->resets);
	report_put(object, "spi_clocks", norsim_stats(chip)->clocks);
	json_object_set_new(object, "pins_driven", json_boolean(avrdev_pins_driven(host->dev)));
	json_object_set_new(object, "chip", report_chip(norsim_stats(chip)));
	json_dumpf(object, file, JSON_INDENT(1));
	fputc('\n', file);
	json_decref(object);
	if (!to_stderr)
		fclose(file);
}

int main(int argc, char **argv)
{
	static struct options options = {
		.chip = {.part = "W25Q64FV"}, .limit_s = 600, .baud = 1000000};
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
	if (options.image)
		load_image(options.image, chip);
	if (avrdev_open(&options.board, &host.dev, &err))
		die("the board", &err);
	pty_open(&host);
	start_program(&host, argv + optind);
	serve(&host, &options);
	if (options.report)
		report(&host, &options, chip);
	if (options.save)
		save_image(options.save, chip);
	avrdev_close(host.dev);
	norsim_close(chip);
	return exit_code(&host);
}
