/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timer 1 in normal mode: the count and two compare flags. libsimavr's own reschedules its events
 * at each write of a compare register and loses matches; here a match is a cycle number, looked at
 * when asked.
 */
#include "avrdev_int.h"

#define WRAP 65536u

enum { OCF1A = 1 << 1, OCF1B = 1 << 2 };

static uint32_t divider(const struct avrdev *dev)
{
	static const uint16_t dividers[8] = {0, 1, 8, 64, 256, 1024, 0, 0};

	return dividers[dev->avr->data[REG_TCCR1B] & 7];
}

static uint64_t count(const struct avrdev *dev)
{
	uint32_t div = divider(dev);

	return div ? (dev->avr->cycle - dev->timer_base) / div : 0;
}

/* A flag rises one timer clock after the count equals the register. */
static void schedule(struct avrdev *dev, int channel)
{
	const uint8_t *data = dev->avr->data;
	int reg = channel ? REG_OCR1BL : REG_OCR1AL;
	uint16_t compare = (uint16_t)(data[reg] | data[reg + 1] << 8);
	uint64_t now = count(dev);
	uint64_t ahead = (compare - now) & (WRAP - 1);

	dev->match[channel] =
		divider(dev) ? dev->timer_base + (now + ahead + 1) * divider(dev) : NEVER;
}

static void catch_up(struct avrdev *dev)
{
	for (int i = 0; i < 2; i++)
		while (dev->match[i] <= dev->avr->cycle) {
			dev->matched[i] = true;
			dev->match[i] += (uint64_t)WRAP * divider(dev);
		}
}

static uint8_t tcnt_low_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;
	uint64_t now = count(dev);

	(void)addr;
	avr->data[REG_TCNT1H] = (uint8_t)(now >> 8);
	return (uint8_t)now;
}

static void high_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	struct avrdev *dev = param;

	(void)avr;
	(void)addr;
	dev->timer_temp = value;
}

static void compare_low_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	struct avrdev *dev = param;

	avr->data[addr] = value;
	avr->data[addr + 1] = dev->timer_temp;
	catch_up(dev);
	schedule(dev, addr == REG_OCR1BL);
}

static void control_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	struct avrdev *dev = param;

	avr->data[addr] = value;
	if (addr != REG_TCCR1B)
		return;
	dev->timer_base = avr->cycle;
	schedule(dev, 0);
	schedule(dev, 1);
}

static uint8_t flags_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;

	(void)avr;
	(void)addr;
	catch_up(dev);
	return (dev->matched[0] ? OCF1A : 0) | (dev->matched[1] ? OCF1B : 0);
}

static void flags_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	struct avrdev *dev = param;

	(void)avr;
	(void)addr;
	catch_up(dev);
	if (value & OCF1A)
		dev->matched[0] = false;
	if (value & OCF1B)
		dev->matched[1] = false;
}

uint64_t avrdev_timer_next(const struct avrdev *dev)
{
	return dev->match[0] < dev->match[1] ? dev->match[0] : dev->match[1];
}

void avrdev_timer_hook(struct avrdev *dev)
{
	avrdev_hook(dev, REG_TCCR1A, NULL, control_write);
	avrdev_hook(dev, REG_TCCR1B, NULL, control_write);
	avrdev_hook(dev, REG_TCNT1L, tcnt_low_read, NULL);
	avrdev_hook(dev, REG_OCR1AH, NULL, high_write);
	avrdev_hook(dev, REG_OCR1BH, NULL, high_write);
	avrdev_hook(dev, REG_OCR1AL, NULL, compare_low_write);
	avrdev_hook(dev, REG_OCR1BL, NULL, compare_low_write);
	avrdev_hook(dev, REG_TIFR1, flags_read, flags_write);
	avrdev_timer_reset(dev);
}

void avrdev_timer_reset(struct avrdev *dev)
{
	dev->match[0] = dev->match[1] = NEVER;
	dev->matched[0] = dev->matched[1] = false;
}
