/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "avrline.h"

#include <stdio.h>

static int gone(struct np_error *err)
{
	np_fail(err, NP_E_GONE, "the simulated line is gone");
	return np_hint(err, "plug it in again");
}

static int line_write(void *self, const uint8_t *data, size_t len, struct np_error *err)
{
	if (avrdev_gone(self))
		return gone(err);
	avrdev_send(self, data, len);
	return 0;
}

static int line_read(void *self, uint8_t *buf, size_t len, uint32_t wait_us, size_t *got,
                     struct np_error *err)
{
	struct avrdev *dev = self;
	uint64_t end = avrdev_now(dev) + wait_us * 1000ull;

	*got = avrdev_receive(dev, buf, len);
	while (*got == 0 && avrdev_now(dev) < end) {
		avrdev_run(dev, end);
		*got = avrdev_receive(dev, buf, len);
	}
	return *got == 0 && avrdev_gone(dev) ? gone(err) : 0;
}

static int line_set_baud(void *self, uint32_t baud, struct np_error *err)
{
	(void)err;
	avrdev_set_baud(self, baud);
	return 0;
}

static uint64_t line_now_us(void *self)
{
	return avrdev_now(self) / 1000;
}

static void line_sleep_us(void *self, uint32_t us)
{
	avrdev_pass(self, us * 1000ull);
}

static void line_close(void *self)
{
	(void)self;
}

static const struct serial_ops line_ops = {
	.write = line_write,
	.read = line_read,
	.set_baud = line_set_baud,
	.now_us = line_now_us,
	.sleep_us = line_sleep_us,
	.close = line_close,
};

void avrline_open(struct avrdev *dev, struct serial *serial)
{
	serial->ops = &line_ops;
	serial->self = dev;
	serial->latency_us = 1000;
	serial->slack_us = 400000;
	snprintf(serial->name, sizeof(serial->name), "the simulated board");
}
