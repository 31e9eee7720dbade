/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spi/spi.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/suggest.h"
#include "spi/driver.h"
#include "spi/trace.h"

struct spi_bus {
	struct spi_opened open;
	struct spi_trace *trace;
};

static bool word_is(const char *word, const char *const *list)
{
	for (; list && *list; list++)
		if (strcasecmp(word, *list) == 0)
			return true;
	return false;
}

static void join(const char *const *list, char *buf, size_t len)
{
	buf[0] = '\0';
	for (; list && *list; list++) {
		if (buf[0])
			strncat(buf, ", ", len - strlen(buf) - 1);
		strncat(buf, *list, len - strlen(buf) - 1);
	}
}

static const struct spi_driver *find_driver(const char *name)
{
	for (size_t i = 0; spi_drivers[i]; i++)
		if (strcasecmp(name, spi_drivers[i]->name) == 0 ||
		    word_is(name, spi_drivers[i]->aliases))
			return spi_drivers[i];
	return NULL;
}

static int unknown_driver(const char *name, struct np_error *err)
{
	const char *names[32] = {NULL}, *meant;
	char known[256];

	for (size_t i = 0; i < 31 && spi_drivers[i]; i++)
		names[i] = spi_drivers[i]->name;
	join(names, known, sizeof(known));
	np_fail(err, NP_E_USAGE, "unknown programmer '%s'", name);
	if (strcasecmp(name, "internal") == 0)
		return np_hint(err, "norprog drives a clip or a socket: this computer's own BIOS "
		                    "flash is for flashrom");
	meant = np_suggest(name, names);
	if (meant)
		return np_hint(err, "did you mean -p %s? known programmers: %s", meant, known);
	return np_hint(err, "known programmers: %s; `norprog list` shows what is attached", known);
}

static int add_param(struct spi_spec *spec, const struct spi_driver *driver, char *word,
                     struct np_error *err)
{
	char *value = strchr(word, '=');
	char known[256];

	if (value)
		*value++ = '\0';
	if (!word_is(word, driver->keys)) {
		join(driver->keys, known, sizeof(known));
		np_fail(err, NP_E_USAGE, "programmer %s: unknown key '%s'", driver->name, word);
		return np_hint(err, "keys of %s: %s", driver->name, known[0] ? known : "none");
	}
	if (!value || !*value)
		return np_fail(err, NP_E_USAGE, "programmer %s: key '%s' needs a value (%s=...)",
		               driver->name, word, word);
	if (spi_spec_get(spec, word))
		return np_fail(err, NP_E_USAGE, "programmer %s: key '%s' given twice", driver->name,
		               word);
	if (spec->param_count == SPI_PARAMS_MAX)
		return np_fail(err, NP_E_USAGE, "programmer %s: too many keys", driver->name);
	spec->params[spec->param_count].key = word;
	spec->params[spec->param_count++].value = value;
	return 0;
}

/* A path alone ("/dev/ttyACM0") names the driver that such a device needs: users of flashrom's
 * dev= type it so. */
static const char *node_driver(const char *text)
{
	if (strncmp(text, "/dev/spidev", 11) == 0)
		return "spidev:dev=";
	if (strncmp(text, "/dev/tty", 8) == 0 || strncmp(text, "/dev/serial/", 12) == 0)
		return "serprog:dev=";
	return "";
}

int spi_spec_parse(const char *text, struct spi_spec *spec, const struct spi_driver **driver,
                   struct np_error *err)
{
	const char *prefix = node_driver(text);
	char *at, *next;
	int ret;

	memset(spec, 0, sizeof(*spec));
	if (strlen(prefix) + strlen(text) >= sizeof(spec->text))
		return np_fail(err, NP_E_USAGE, "programmer argument longer than %zu characters",
		               sizeof(spec->text) - 1);
	strcpy(spec->text, prefix);
	strcat(spec->text, text);
	spec->name = spec->text;
	at = strchr(spec->text, ':');
	if (at)
		*at++ = '\0';
	*driver = find_driver(spec->name);
	if (!*driver)
		return unknown_driver(spec->name, err);
	for (; at && *at; at = next) {
		next = strchr(at, ',');
		if (next)
			*next++ = '\0';
		ret = add_param(spec, *driver, at, err);
		if (ret)
			return ret;
	}
	return 0;
}

const char *spi_spec_get(const struct spi_spec *spec, const char *key)
{
	for (size_t i = 0; i < spec->param_count; i++)
		if (strcasecmp(spec->params[i].key, key) == 0)
			return spec->params[i].value;
	return NULL;
}

uint32_t spi_believe_hz(uint32_t told_hz, uint32_t unknown_hz)
{
	if (!told_hz)
		return unknown_hz;
	return told_hz < SPI_HZ_MAX ? told_hz : SPI_HZ_MAX;
}

/* What a device says of itself is checked here, because the engine divides by clocks and sizes
 * its queues by these numbers. */
static int check_caps(const struct spi_opened *open, struct np_error *err)
{
	const struct spi_caps *caps = open->caps;

	if (caps->hz && caps->hz <= SPI_HZ_MAX && caps->hz_min && caps->hz_min <= caps->hz_max &&
	    caps->hz_max <= SPI_HZ_MAX && caps->depth && caps->max_queue && caps->byte_ns &&
	    caps->max_tx > SPI_CMD_MAX && caps->max_rx >= SPI_RX_LEAST)
		return 0;
	np_fail(err, NP_E_UNSUPPORTED,
	        "%s reports limits that make no sense: %u Hz of %u to %u, %zu bytes out, %zu in",
	        open->name, caps->hz, caps->hz_min, caps->hz_max, caps->max_tx, caps->max_rx);
	return np_hint(err, "look for newer firmware of the programmer");
}

int spi_wrap(const struct spi_opened *open, struct spi_bus **bus, struct np_error *err)
{
	struct spi_bus *b;
	int ret = check_caps(open, err);

	if (ret)
		return ret;
	b = calloc(1, sizeof(*b));
	if (!b)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	b->open = *open;
	*bus = b;
	return 0;
}

int spi_open(const char *text, const char *trace, struct spi_bus **bus, struct np_error *err)
{
	const struct spi_driver *driver = NULL;
	struct spi_opened open = {0};
	struct spi_spec spec;
	struct spi_bus *b = NULL;
	int ret = spi_spec_parse(text, &spec, &driver, err);

	if (!driver || ret)
		return ret;
	ret = driver->open(&spec, &open, err);
	if (ret) {
		np_context(err, "programmer %s", driver->name);
		return ret;
	}
	ret = spi_wrap(&open, &b, err);
	if (!b) {
		open.ops->close(open.self);
		return ret;
	}
	if (trace) {
		ret = spi_trace_open(trace, b->open.name, &b->trace, err);
		if (ret) {
			spi_close(b);
			return ret;
		}
	}
	*bus = b;
	return 0;
}

static int check_message(const struct spi_caps *caps, const struct spi_msg *msg,
                         struct np_error *err)
{
	bool ok = msg->cmd_len <= SPI_CMD_MAX && msg->cmd_len + msg->tx_len + msg->rx_len > 0 &&
	          msg->cmd_len + msg->tx_len <= caps->max_tx && msg->rx_len <= caps->max_rx &&
	          (!msg->tx_len || msg->tx) &&
	          (!msg->rx_len || !!msg->rx != !!(msg->flags & SPI_MSG_CRC));

	if (msg->flags & SPI_MSG_UNTIL)
		ok = ok && caps->until && msg->rx_len == 1 && msg->until_us;
	if (msg->flags & SPI_MSG_CRC)
		ok = ok && caps->crc && msg->rx_len;
	if (ok)
		return 0;
	return np_fail(err, NP_E_UNSUPPORTED,
	               "the adapter cannot send command %02Xh (%zu bytes out, %zu in)",
	               msg->cmd_len ? msg->cmd[0] : 0, msg->cmd_len + msg->tx_len, msg->rx_len);
}

int spi_run(struct spi_bus *bus, struct spi_msg *msgs, size_t count, size_t *done,
            spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	const struct spi_caps *caps = bus->open.caps;
	size_t completed = 0;
	int ret = 0;

	if (count == 0 || count > caps->max_queue)
		ret = np_fail(err, NP_E_UNSUPPORTED,
		              "a queue of %zu messages on a bus that takes %u", count,
		              caps->max_queue);
	for (size_t i = 0; i < count && !ret; i++)
		ret = check_message(caps, &msgs[i], err);
	if (!ret) {
		ret = bus->open.ops->run(bus->open.self, msgs, count, &completed, progress, ctx,
		                         err);
		if (!ret)
			completed = count;
		if (bus->trace)
			spi_trace_run(bus->trace, msgs, count, completed, ret);
	}
	if (done)
		*done = completed;
	return ret;
}

const struct spi_caps *spi_caps(const struct spi_bus *bus)
{
	return bus->open.caps;
}

int spi_set_hz(struct spi_bus *bus, uint32_t hz, struct np_error *err)
{
	if (!bus->open.ops->set_hz || bus->open.caps->hz == hz)
		return 0;
	return bus->open.ops->set_hz(bus->open.self, hz, err);
}

void spi_sleep(struct spi_bus *bus, uint64_t us)
{
	if (bus->open.ops->sleep)
		bus->open.ops->sleep(bus->open.self, us);
	else
		np_sleep_us(us);
}

const char *spi_name(const struct spi_bus *bus)
{
	return bus->open.name;
}

const char *spi_serial(const struct spi_bus *bus)
{
	return bus->open.serial;
}

const char *spi_host_own(const struct spi_bus *bus)
{
	return bus->open.host_own;
}

int spi_end_trace(struct spi_bus *bus, struct np_error *err)
{
	int ret = bus && bus->trace ? spi_trace_close(bus->trace) : 0;

	if (bus)
		bus->trace = NULL;
	if (!ret)
		return 0;
	np_fail(err, ret, "the trace could not be written completely");
	return np_hint(err, "make room on its disk, or trace to another one");
}

void spi_close(struct spi_bus *bus)
{
	struct np_error err;

	if (!bus)
		return;
	bus->open.ops->close(bus->open.self);
	if (spi_end_trace(bus, &err))
		np_log(NP_LOG_WARN, "%s", err.message);
	free(bus);
}
