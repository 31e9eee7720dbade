/* SPDX-License-Identifier: GPL-2.0-or-later */
/* covers: serial.c serial_tcp.c tty_linux.c tty_posix.c serprog_ask.c serprog_line.c serprog_plain.c */
/* covers: serprog_program.c */
/* The serprog driver on real sockets and ptys, against a small plain device written from the public
 * protocol: optional commands missing, noise, a peer that closes, ports that are taken. */
#include <asm/termbits.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "spi/driver.h"
#include "support/suite.h"

/* What the fake device is like. */
struct device {
	uint16_t version;
	bool optional;  /* knows more than 00, 01, 02, 10 and 13 */
	bool no_spi;    /* 13 is not in its map */
	uint8_t buses;  /* answer to 05 */
	size_t hang_up; /* closes after so many bytes of SPI answers; 0 never */
	size_t noise;   /* bytes sent before anything is asked */
	bool mute;
	uint8_t spi_answer; /* instead of an acknowledgement of SPI operations; 0: as it should be
	                     */
	bool clock_told;    /* the clock it says it set, whatever was asked */
	uint32_t clock;
	uint8_t longest_write; /* the low byte of the answer to 08; 0: 512 */
	bool silent;           /* says nothing to a command that it does not know */
};

static const struct device ordinary = {.version = 1, .optional = true, .buses = 8};
static pid_t server;
static char spec[160];
static struct np_error err;

/* ---- the device, in a process of its own ---- */

static void put(int fd, const void *data, size_t len)
{
	if (write(fd, data, len) != (ssize_t)len)
		_exit(0);
}

static void get(int fd, uint8_t *data, size_t len)
{
	for (ssize_t n; len; data += n, len -= (size_t)n) {
		n = read(fd, data, len);
		if (n <= 0)
			_exit(0);
	}
}

static void answer(int fd, const void *data, size_t len)
{
	put(fd, "\x06", 1);
	put(fd, data, len);
}

static void send_map(int fd, const struct device *device)
{
	uint8_t map[32] = {0x07, 0, 0x01};

	if (!device->no_spi)
		map[2] |= 0x08;
	if (device->optional) {
		map[0] |= 0x28; /* name, bus types */
		map[1] |= 0x01; /* longest write */
		map[2] |= 0x36; /* longest read, bus, clock, pins */
	}
	answer(fd, map, sizeof(map));
}

/* A chip that answers 9Fh with an ID and anything else with 5Ah. */
static void operate(int fd, const struct device *device)
{
	static const uint8_t id[3] = {0xef, 0x40, 0x17};
	static size_t sent;
	uint8_t head[6], out[256], byte;
	size_t send, receive;

	get(fd, head, sizeof(head));
	send = head[0] | head[1] << 8;
	receive = head[3] | head[4] << 8 | (size_t)head[5] << 16;
	get(fd, out, send < sizeof(out) ? send : sizeof(out));
	put(fd, device->spi_answer ? (const char *)&device->spi_answer : "\x06", 1);
	for (size_t i = 0; i < receive; i++) {
		byte = out[0] == 0x9f && i < 3 ? id[i] : 0x5a;
		put(fd, &byte, 1);
		if (device->hang_up && ++sent == device->hang_up)
			_exit(0);
	}
}

/* What this device does not know may be a command of another's, and the bytes of a greeting to the bridge
 * must not be. */
static void refuse(int fd, const struct device *device, uint8_t cmd)
{
	if (cmd != 0x40 && cmd < 0x80 && (device->optional || cmd > 0x15))
		_exit(0);
	if (!device->silent)
		put(fd, "\x15", 1);
}

static void obey(int fd, const struct device *device, uint8_t cmd)
{
	static const uint8_t most[4] = {0x00, 0x12, 0x7a, 0x00}; /* 8 MHz */
	uint8_t params[4], version[2] = {(uint8_t)device->version, (uint8_t)(device->version >> 8)};

	switch (cmd) {
	case 0x00:
		answer(fd, "", 0);
		return;
	case 0x01:
		answer(fd, version, 2);
		return;
	case 0x02:
		send_map(fd, device);
		return;
	case 0x10:
		put(fd, "\x15\x06", 2);
		return;
	case 0x13:
		operate(fd, device);
		return;
	}
	if (!device->optional) {
		refuse(fd, device, cmd);
		return;
	}
	switch (cmd) {
	case 0x03:
		answer(fd, "a fake programme", 16);
		break;
	case 0x05:
		answer(fd, &device->buses, 1);
		break;
	case 0x08:
		if (device->longest_write)
			answer(fd, (uint8_t[]){device->longest_write, 0, 0}, 3);
		else
			answer(fd, "\x00\x02\x00", 3); /* 512 */
		break;
	case 0x11:
		answer(fd, "\x00\x00\x00", 3); /* 2^24 */
		break;
	case 0x12:
	case 0x15:
		get(fd, params, 1);
		answer(fd, "", 0);
		break;
	case 0x14:
		get(fd, params, 4);
		if (device->clock_told)
			answer(fd, &device->clock, 4);
		else
			answer(fd, params[3] ? most : params, 4);
		break;
	default:
		refuse(fd, device, cmd);
	}
}

static void serve(int fd, const struct device *device)
{
	uint8_t cmd;

	for (size_t i = 0; i < device->noise; i++)
		put(fd, &"\x06\x15\x00\xff\x13"[i % 5], 1);
	for (;;) {
		get(fd, &cmd, 1);
		if (!device->mute)
			obey(fd, device, cmd);
	}
}

static void start_tcp(const struct device *device)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(spec, sizeof(spec), "serprog:ip=127.0.0.1@%u", ntohs(address.sin_port));
	server = fork();
	if (server == 0)
		serve(accept(fd, NULL, NULL), device);
	close(fd);
}

static void stop_server(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

static struct spi_bus *open_bus(void)
{
	struct spi_bus *bus = NULL;

	ck_assert_msg(spi_open(spec, NULL, &bus, &err) == 0, "%s", err.message);
	return bus;
}

static int read_some(struct spi_bus *bus, uint8_t op, uint8_t *rx, size_t len)
{
	struct spi_msg msg = {.cmd = {op}, .cmd_len = 1, .rx = rx, .rx_len = len};

	return spi_run(bus, &msg, 1, NULL, NULL, NULL, &err);
}

static void has_the_chip(struct spi_bus *bus)
{
	uint8_t id[3] = {0};

	ck_assert_int_eq(read_some(bus, 0x9f, id, 3), 0);
	ck_assert_mem_eq(id, "\xef\x40\x17", 3);
}

static void count_warning(void *ctx, enum np_log_level level, const char *line)
{
	if (level == NP_LOG_WARN && strstr(line, "is plain serprog: nothing on the line protects"))
		++*(unsigned *)ctx;
}

/* ---- over TCP ---- */

START_TEST(an_unprotected_line_is_said_once)
{
	unsigned warnings = 0;
	struct spi_bus *bus;

	np_log_set_sink(count_warning, &warnings);
	start_tcp(&ordinary);
	bus = open_bus();
	for (int i = 0; i < 5; i++)
		has_the_chip(bus);
	ck_assert_uint_eq(warnings, 1);
	spi_close(bus);
	stop_server();
	np_log_set_sink(NULL, NULL);
}
END_TEST

START_TEST(a_plain_device_tells_the_truth_about_itself)
{
	const struct spi_caps *caps;
	struct spi_bus *bus;

	start_tcp(&ordinary);
	bus = open_bus();
	caps = spi_caps(bus);
	ck_assert(!caps->safe_line && !caps->until && !caps->crc);
	ck_assert_uint_eq(caps->depth, 1);
	ck_assert_uint_eq(caps->max_tx, 512);
	ck_assert_uint_eq(caps->hz_max, 8000000);
	ck_assert_uint_eq(caps->hz_min, 1);
	ck_assert_int_eq(spi_set_hz(bus, 4000000, &err), 0);
	ck_assert_uint_eq(caps->hz, 4000000);
	has_the_chip(bus);
	spi_close(bus);
	stop_server();
}
END_TEST

/* Clocks that cannot be: 0, all ones (divided by after one was added: exit 136), 4 GHz. */
START_TEST(made_up_clocks_are_not_believed)
{
	static const uint32_t clocks[] = {0, UINT32_MAX, UINT32_MAX - 1, 1, 500000000};

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		struct device device = ordinary;
		const struct spi_caps *caps;
		struct spi_bus *bus;

		device.clock_told = true;
		device.clock = clocks[i];
		start_tcp(&device);
		bus = open_bus();
		caps = spi_caps(bus);
		ck_assert(caps->hz && caps->hz <= SPI_HZ_MAX);
		ck_assert(caps->hz_min && caps->hz_min <= caps->hz_max);
		has_the_chip(bus);
		ck_assert_int_eq(spi_set_hz(bus, 100000, &err), 0);
		has_the_chip(bus);
		spi_close(bus);
		stop_server();
	}
}
END_TEST

START_TEST(a_buffer_too_small_for_a_command_is_refused)
{
	struct device device = ordinary;
	struct spi_bus *bus = NULL;

	device.longest_write = 3;
	start_tcp(&device);
	ck_assert_int_eq(spi_open(spec, NULL, &bus, &err), NP_E_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.message, "limits that make no sense"));
	ck_assert(err.hint[0]);
	stop_server();
}
END_TEST

START_TEST(the_least_that_serprog_asks_for_is_enough)
{
	static const struct device least = {.version = 1};
	struct spi_bus *bus;

	start_tcp(&least);
	bus = open_bus();
	ck_assert_uint_eq(spi_caps(bus)->hz_min, spi_caps(bus)->hz_max); /* a fixed clock */
	has_the_chip(bus);
	spi_close(bus);
	stop_server();
}
END_TEST

/* With the first question over TCP goes a greeting to the bridge, which others take for unknown commands. */
START_TEST(the_greeting_to_a_bridge_does_no_harm_to_another)
{
	struct device device = ordinary;

	device.silent = _i & 1;
	for (int i = 0; i < 8; i++) {
		struct spi_bus *bus;

		start_tcp(&device);
		bus = open_bus();
		ck_assert_uint_eq(spi_caps(bus)->hz_max, 8000000);
		ck_assert(!spi_caps(bus)->safe_line);
		has_the_chip(bus);
		spi_close(bus);
		stop_server();
	}
}
END_TEST

START_TEST(noise_before_the_first_answer_is_skipped)
{
	struct device noisy = ordinary;
	struct spi_bus *bus;

	noisy.noise = 1000;
	start_tcp(&noisy);
	bus = open_bus();
	has_the_chip(bus);
	spi_close(bus);
	stop_server();
}
END_TEST

START_TEST(what_is_not_an_spi_programmer_is_named)
{
	static const struct device wrong[] = {
		{.version = 2, .optional = true, .buses = 8},
		{.version = 1, .optional = true, .buses = 1},
		{.version = 1, .optional = true, .buses = 8, .no_spi = true},
	};
	static const char *const says[] = {"version 2", "no SPI", "no SPI"};
	struct spi_bus *bus;

	start_tcp(&wrong[_i]);
	ck_assert_int_eq(spi_open(spec, NULL, &bus, &err), NP_E_UNSUPPORTED);
	ck_assert_msg(strstr(err.message, says[_i]) != NULL, "%s", err.message);
	stop_server();
}
END_TEST

START_TEST(a_peer_that_closes_is_gone)
{
	static uint8_t buf[4096];
	struct device quits = ordinary;
	struct spi_bus *bus;

	quits.hang_up = 1000;
	start_tcp(&quits);
	bus = open_bus();
	ck_assert_int_eq(read_some(bus, 0x03, buf, sizeof(buf)), NP_E_GONE);
	ck_assert_str_ne(err.hint, "");
	spi_close(bus);
	stop_server();
}
END_TEST

/* What follows is not data of the chip, whatever it looks like. */
START_TEST(an_operation_that_is_not_acknowledged_has_failed)
{
	static const uint8_t answers[] = {0x15, 0x42};
	static const int errors[] = {NP_E_BUS, NP_E_TIMEOUT};
	static const char *const says[] = {"refused command 13h",
	                                   "no answer to serprog command 13h"};
	struct device odd = ordinary;
	struct spi_bus *bus;
	uint8_t id[3];

	odd.spi_answer = answers[_i];
	start_tcp(&odd);
	bus = open_bus();
	ck_assert_int_eq(read_some(bus, 0x9f, id, 3), errors[_i]);
	ck_assert_msg(strstr(err.message, says[_i]) != NULL, "%s", err.message);
	ck_assert_str_ne(err.hint, "");
	spi_close(bus);
	stop_server();
}
END_TEST

START_TEST(a_mute_peer_is_no_programmer)
{
	static const struct device mute = {.version = 1, .mute = true};
	struct spi_bus *bus;

	start_tcp(&mute);
	ck_assert_int_eq(spi_open(spec, NULL, &bus, &err), NP_E_NO_PROGRAMMER);
	ck_assert_str_ne(err.hint, "");
	stop_server();
}
END_TEST

START_TEST(nobody_listening_is_no_programmer)
{
	struct spi_bus *bus;

	start_tcp(&ordinary);
	stop_server();
	ck_assert_int_eq(spi_open(spec, NULL, &bus, &err), NP_E_NO_PROGRAMMER);
}
END_TEST

START_TEST(longer_than_the_cap_is_refused_before_it_is_sent)
{
	static uint8_t data[600];
	struct spi_msg msg = {
		.cmd = {2, 0, 0, 0}, .cmd_len = 4, .tx = data, .tx_len = sizeof(data)};
	struct spi_bus *bus;

	start_tcp(&ordinary);
	bus = open_bus();
	ck_assert_int_eq(spi_run(bus, &msg, 1, NULL, NULL, NULL, &err), NP_E_UNSUPPORTED);
	has_the_chip(bus);
	spi_close(bus);
	stop_server();
}
END_TEST

/* ---- over a tty ---- */

static int start_tty(const struct device *device, char path[64])
{
	struct termios2 tio;
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	snprintf(path, 64, "%s", ptsname(master));
	slave = open(path, O_RDWR | O_NOCTTY); /* keeps the line up between openings */
	ck_assert_int_eq(ioctl(slave, TCGETS2, &tio), 0);
	tio.c_iflag = tio.c_oflag = tio.c_lflag = 0;
	ck_assert_int_eq(ioctl(slave, TCSETS2, &tio), 0);
	server = fork();
	if (server == 0)
		serve(master, device);
	close(master);
	return slave;
}

/* Where the system has only the classic rates, one of those. */
#define RATE (OS_LINUX ? 1234567 : 230400)

START_TEST(any_rate_is_set_and_the_port_is_ours_alone)
{
	struct spi_bus *bus, *second;
	struct termios2 tio;
	char path[64];
	int slave = start_tty(&ordinary, path);

	snprintf(spec, sizeof(spec), "serprog:dev=%s%c%d", path, _i ? ':' : '@', RATE);
	bus = open_bus();
	ck_assert_int_eq(ioctl(slave, TCGETS2, &tio), 0);
	ck_assert_uint_eq(tio.c_ospeed, RATE);
	ck_assert_uint_eq(tio.c_cflag & HUPCL, 0); /* closing will not reset the board */
	ck_assert_int_eq(flock(slave, LOCK_EX | LOCK_NB), -1);
	ck_assert_int_eq(spi_open(spec, NULL, &second, &err), NP_E_BUSY);
	has_the_chip(bus);
	spi_close(bus);
	bus = open_bus(); /* closing let go */
	spi_close(bus);
	close(slave);
	stop_server();
}
END_TEST

START_TEST(a_rate_that_the_system_lacks_is_refused)
{
	struct spi_bus *bus;
	char path[64];
	int slave = start_tty(&ordinary, path);

	snprintf(spec, sizeof(spec), "serprog:dev=%s@123457", path);
	if (OS_LINUX) {
		spi_close(open_bus());
	} else {
		ck_assert_int_eq(spi_open(spec, NULL, &bus, &err), NP_E_UNSUPPORTED);
		ck_assert_ptr_nonnull(strstr(err.message, "123457 baud"));
		ck_assert_ptr_nonnull(strstr(err.hint, "115200"));
	}
	close(slave);
	stop_server();
}
END_TEST

START_TEST(a_tty_that_disappears_is_gone)
{
	static uint8_t buf[4096];
	struct device quits = ordinary;
	struct spi_bus *bus;
	char path[64];
	int slave;

	quits.hang_up = 1000;
	slave = start_tty(&quits, path);
	snprintf(spec, sizeof(spec), "serprog:dev=%s@115200", path);
	bus = open_bus();
	close(slave);
	ck_assert_int_eq(read_some(bus, 0x03, buf, sizeof(buf)), NP_E_GONE);
	spi_close(bus);
	stop_server();
}
END_TEST

START_TEST(wrong_words_are_wrong_usage)
{
	static const char *const wrong[] = {
		"serprog",
		"serprog:dev=/dev/null,ip=localhost@1",
		"serprog:dev=/dev/null@5",
		"serprog:dev=/dev/null@4295082496", /* 115200 in 32 bits */
		"serprog:dev=/dev/null",
		"serprog:ip=localhost",
		"serprog:ip=localhost@http",
		"serprog:dev=/dev/null@115200,hz=fast",
		"serprog:port=/dev/null",
	};
	struct spi_bus *bus;

	ck_assert_int_eq(spi_open(wrong[_i], NULL, &bus, &err), NP_E_USAGE);
	ck_assert_str_ne(err.message, "");
	if (_i == 2 || _i == 3)
		ck_assert_ptr_nonnull(strstr(err.message, "no baud rate"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("serprog");
	TCase *tc = tcase_create("serprog");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, an_unprotected_line_is_said_once);
	tcase_add_test(tc, a_plain_device_tells_the_truth_about_itself);
	tcase_add_test(tc, made_up_clocks_are_not_believed);
	tcase_add_test(tc, a_buffer_too_small_for_a_command_is_refused);
	tcase_add_test(tc, the_least_that_serprog_asks_for_is_enough);
	tcase_add_loop_test(tc, the_greeting_to_a_bridge_does_no_harm_to_another, 0, 2);
	tcase_add_test(tc, noise_before_the_first_answer_is_skipped);
	tcase_add_loop_test(tc, what_is_not_an_spi_programmer_is_named, 0, 3);
	tcase_add_test(tc, a_peer_that_closes_is_gone);
	tcase_add_loop_test(tc, an_operation_that_is_not_acknowledged_has_failed, 0, 2);
	tcase_add_test(tc, a_mute_peer_is_no_programmer);
	tcase_add_test(tc, nobody_listening_is_no_programmer);
	tcase_add_test(tc, longer_than_the_cap_is_refused_before_it_is_sent);
	tcase_add_loop_test(tc, any_rate_is_set_and_the_port_is_ours_alone, 0, 2);
	tcase_add_test(tc, a_rate_that_the_system_lacks_is_refused);
	tcase_add_test(tc, a_tty_that_disappears_is_gone);
	tcase_add_loop_test(tc, wrong_words_are_wrong_usage, 0, 9);
	return run_suite(suite);
}
