/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serprog: any serprog device on a tty or a TCP port; with norprog's own bridge more than that. */
#include "serprog/serprog.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/units.h"
#include "serprog/greeting.h"
#include "serprog/serprog_int.h"

#define BOOT_US    2500000 /* optiboot takes 0.5 to 1 s, older boot loaders 2 */
#define RUNG_US    400000
#define BAUD_FIRST 115200

static const uint32_t ladder[] = {1000000, 2000000, 115200, 500000, 250000, 57600};

/* ---- finding the device ---- */

static int set_baud(struct serprog *sp, uint32_t baud, struct np_error *err)
{
	int ret = sp->line.ops->set_baud(sp->line.self, baud, err);

	if (!ret)
		sp->baud = baud;
	return ret;
}

static int no_device(const struct serprog *sp, struct np_error *err)
{
	np_fail(err, NP_E_NO_PROGRAMMER, "nothing on %s answers as a serprog device",
	        sp->line.name);
	return np_hint(
		err,
		"put the bridge firmware on it (doc/ARDUINO.md), or name its rate: dev=/dev/...@BAUD");
}

/* Try the asked rate first and longest: the board may be in its boot loader. */
static int climb(struct serprog *sp, uint32_t asked, uint32_t boot_us, struct np_error *err)
{
	int ret = set_baud(sp, asked, err);

	if (!ret)
		ret = sp_sync(sp, boot_us, err);
	for (size_t i = 0; ret == LINE_FAULT && i < sizeof(ladder) / sizeof(*ladder); i++) {
		if (ladder[i] == asked || set_baud(sp, ladder[i], err))
			continue;
		ret = sp_sync(sp, RUNG_US, err);
		if (!ret)
			np_log(NP_LOG_WARN, "%s answers at %u baud, not at %u", sp->line.name,
			       ladder[i], asked);
	}
	return ret;
}

static int find_device(struct serprog *sp, const struct serprog_options *options,
                       struct np_error *err)
{
	/* A new connection holds no bytes of an earlier conversation. */
	int ret = sp->line.ops->set_baud ? sp_discard(sp, 30000, err) : 0;

	if (ret < 0)
		return greeting_explain(sp->heard, sp->line.name, err) ? err->code : ret;
	if (sp->line.ops->set_baud)
		ret = climb(sp, options->baud ? options->baud : BAUD_FIRST, options->boot_us, err);
	else
		ret = sp_sync(sp, options->boot_us, err);
	if (ret && greeting_explain(sp->heard, sp->line.name, err))
		return err->code;
	return ret == LINE_FAULT ? no_device(sp, err) : ret;
}

static bool is_bridge(const struct serprog *sp)
{
	for (uint8_t cmd = BRIDGE_HELLO; cmd <= BRIDGE_SPEED; cmd++)
		if (!sp_has(sp, cmd))
			return false;
	return true;
}

/* A device that is no bridge has refused each byte of the HELLO that was sent ahead. */
static int forget_hello(struct serprog *sp, struct np_error *err)
{
	bool asked = sp->hello_asked;
	int ret = 0;

	sp->hello_asked = false;
	if (asked)
		ret = sp_sync(sp, BOOT_US, err);
	return ret == LINE_FAULT ? no_device(sp, err) : ret;
}

/* Queries carry no check: what was mangled is asked again from the start. */
static int ask(struct serprog *sp, int (*fn)(struct serprog *, struct np_error *),
               struct np_error *err)
{
	int ret = LINE_FAULT;

	for (int i = 0; i < 5 && ret == LINE_FAULT; i++) {
		ret = fn(sp, err);
		if (ret == LINE_FAULT && sp_sync(sp, BOOT_US, err) < 0)
			return NP_E_GONE;
	}
	return ret == LINE_FAULT ? no_device(sp, err) : ret;
}

static void warn_plain(const struct serprog *sp)
{
	np_log(NP_LOG_WARN,
	       "%s (\"%s\") is plain serprog: nothing on the line protects commands and data; norprog's "
	       "bridge firmware does (doc/ARDUINO.md)",
	       sp->line.name, sp->name);
}

static int greet(struct serprog *sp, struct np_error *err)
{
	int ret = ask(sp, plain_ask_map, err);

	if (!ret && sp->may_be_bridge && is_bridge(sp)) {
		ret = bridge_hello(sp, err);
		sp->bridge = ret == 0;
		ret = ret == LINE_FAULT ? 0 : ret;
	} else if (!ret) {
		ret = forget_hello(sp, err);
	}
	if (ret || sp->bridge)
		return ret;
	ret = ask(sp, plain_set_up, err);
	if (!ret)
		warn_plain(sp);
	return ret;
}

/* ---- the bus ---- */

static int serprog_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                       spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct serprog *sp = self;
	struct serprog_run run = {.sp = sp,
	                          .msgs = msgs,
	                          .count = count,
	                          .progress = progress,
	                          .ctx = ctx,
	                          .err = err};

	return sp->bridge ? bridge_run(&run, count, done) : plain_run(&run, count, done);
}

static int serprog_set_hz(void *self, uint32_t hz, struct np_error *err)
{
	struct serprog *sp = self;

	return sp->bridge ? bridge_set_hz(sp, hz, err) : plain_set_hz(sp, hz, err);
}

static void serprog_close(void *self)
{
	struct serprog *sp = self;

	if (sp->bridge)
		bridge_leave(sp);
	else
		plain_release(sp);
	sp->line.ops->close(sp->line.self);
	free(sp);
}

static const struct spi_ops serprog_ops = {
	.run = serprog_run,
	.set_hz = serprog_set_hz,
	.close = serprog_close,
};

int serprog_start(const struct serial *serial, const struct serprog_options *options,
                  struct spi_opened *out, struct np_error *err)
{
	struct serprog *sp = calloc(1, sizeof(*sp));
	int ret;

	if (!sp) {
		serial->ops->close(serial->self);
		return np_fail(err, NP_E_MEMORY, "out of memory");
	}
	sp->line = *serial;
	sp->token = options->token ? options->token : 1;
	sp->may_be_bridge = !options->plain;
	ret = find_device(sp, options, err);
	if (!ret)
		ret = greet(sp, err);
	if (!ret && options->hz)
		ret = serprog_set_hz(sp, options->hz, err);
	if (ret) {
		serial->ops->close(serial->self);
		free(sp);
		return ret;
	}
	out->self = sp;
	out->ops = &serprog_ops;
	out->caps = &sp->caps;
	snprintf(out->name, sizeof(out->name), "%s at %s", sp->bridge ? "bridge" : "serprog",
	         sp->line.name);
	return 0;
}

/* ---- the programmer argument ---- */

/* "PATH@NUMBER" or "PATH:NUMBER": cut at the last separator that digits follow; NULL without one.
 */
static char *split_number(char *text)
{
	char *at = strrchr(text, '@');

	if (!at)
		at = strrchr(text, ':');
	if (!at || !at[1] || at[1 + strspn(at + 1, "0123456789")])
		return NULL;
	*at = '\0';
	return at + 1;
}

static int open_tty(const char *value, struct serial *serial, uint32_t *baud, struct np_error *err)
{
	char path[128], *number;
	unsigned long rate;

	snprintf(path, sizeof(path), "%s", value);
	number = split_number(path);
	rate = number ? strtoul(number, NULL, 10) : *baud;
	*baud = (uint32_t)rate;
	if (number && (rate < 1200 || rate > 20000000))
		return np_fail(err, NP_E_USAGE, "dev=%s: %s is no baud rate", value, number);
	return serial_open_tty(path, serial, err);
}

static int open_tcp(const char *value, struct serial *serial, struct np_error *err)
{
	char text[128], *port, *host;

	snprintf(text, sizeof(text), "%s", value);
	port = split_number(text);
	host = np_bare_host(text);
	if (!port || !host[0] || strlen(port) > 5 || strtoul(port, NULL, 10) > UINT16_MAX) {
		np_fail(err, NP_E_USAGE, "ip=%s: write ip=HOST@PORT", value);
		return np_hint(err, "such as serprog:ip=192.168.1.7@4141, serprog:ip=[::1]@4141");
	}
	return serial_open_tcp(host, port, serial, err);
}

static int open_line(const struct spi_spec *spec, struct serial *serial, uint32_t *baud,
                     struct np_error *err)
{
	const char *dev = spi_spec_get(spec, "dev"), *ip = spi_spec_get(spec, "ip");

	if (!dev == !ip) {
		np_fail(err, NP_E_USAGE, "name the line: either dev= or ip=");
		np_hint(err, "serprog:dev=/dev/ttyACM0@1000000 or serprog:ip=HOST@PORT");
		return NP_E_USAGE;
	}
	return dev ? open_tty(dev, serial, baud, err) : open_tcp(ip, serial, err);
}

static int serprog_open(const struct spi_spec *spec, struct spi_opened *out, struct np_error *err)
{
	struct serprog_options options = {.boot_us = BOOT_US};
	const char *hz = spi_spec_get(spec, "hz"), *bridge = spi_spec_get(spec, "bridge");
	const char *secret = spi_spec_get(spec, "secret");
	struct serial serial = {0};
	int ret;

	if (bridge && strcmp(bridge, "yes") != 0 && strcmp(bridge, "no") != 0)
		return np_fail(err, NP_E_USAGE, "bridge=%s: yes or no", bridge);
	if (secret && !spi_spec_get(spec, "ip"))
		return np_fail(err, NP_E_USAGE, "secret= is for ip=HOST@PORT");
	options.plain = bridge && bridge[0] == 'n';

	if (!hz)
		hz = spi_spec_get(spec, "spispeed");
	if (hz && (!np_parse_hz(hz, &options.hz) || !options.hz))
		return np_fail(err, NP_E_USAGE, "hz=%s is no clock", hz);
	ret = open_line(spec, &serial, &options.baud, err);
	if (ret)
		return ret;
	if (secret)
		ret = greeting_answer(&serial, secret, err);
	if (ret) {
		serial.ops->close(serial.self);
		return ret;
	}
	options.token = (uint32_t)serial.ops->now_us(serial.self) | 1;
	return serprog_start(&serial, &options, out, err);
}

static int serprog_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	return serial_list(fn, ctx, err);
}

static const char *const aliases[] = {"arduino", NULL};
static const char *const keys[] = {"dev", "ip", "hz", "spispeed", "bridge", "secret", NULL};

extern const struct spi_driver serprog_driver;
const struct spi_driver serprog_driver = {
	.name = "serprog",
	.aliases = aliases,
	.summary = "serprog devices and the Arduino bridge, on a serial port or TCP",
	.levels = "a 5 V Arduino needs a level shifter, and a 1.8 V part an adapter",
	.keys = keys,
	.list = serprog_list,
	.open = serprog_open,
};
