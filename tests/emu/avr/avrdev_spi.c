/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPI and the pins, with the chip behind them. */
#include "avrdev_int.h"

/* Bring the chip's clock up to a cycle of ours. */
static void chip_catch_up(struct avrdev *dev, uint64_t cycle)
{
	uint64_t now = avrdev_to_ns(dev, cycle), chip = norsim_now(dev->config.chip);

	if (now > chip)
		norsim_time(dev->config.chip, now - chip);
}

/* ---- SPI and the pins ---- */

static uint32_t spi_divider(const uint8_t *data)
{
	static const uint8_t log2[4] = {2, 4, 6, 7};

	return (1u << log2[data[REG_SPCR] & 3]) >> (data[REG_SPSR] & 1);
}

static bool spi_driven(const avr_t *avr)
{
	uint8_t outputs = PIN_MOSI | PIN_SCK;

	return (avr->data[REG_DDRB] & outputs) == outputs && (avr->data[REG_SPCR] & 0x50) == 0x50;
}

static void spi_catch_up(struct avrdev *dev)
{
	if (!dev->spi_done || dev->spi_done > dev->avr->cycle)
		return;
	dev->spi_done = 0;
	dev->spi_in = dev->spi_shift;
	dev->spi_flags |= SPIF;
}

/* A flag ends when SPSR was read with it and then SPDR is touched; not before. */
static void spdr_touched(struct avrdev *dev)
{
	avrdev_touched(dev);
	spi_catch_up(dev);
	dev->spi_flags &= (uint8_t)~dev->spi_flags_read;
	dev->spi_flags_read = 0;
}

static void spdr_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	struct avrdev *dev = param;
	uint32_t cycles = 8 * spi_divider(avr->data);

	(void)addr;
	spdr_touched(dev);
	if (dev->spi_done) {
		dev->spi_flags |= WCOL; /* the byte is not sent */
		return;
	}
	dev->spi_done = avr->cycle + cycles;
	dev->spi_shift = 0xff;
	if (!spi_driven(avr))
		return;
	chip_catch_up(dev, avr->cycle);
	norsim_set_hz(dev->config.chip, dev->config.f_cpu / (cycles / 8));
	norsim_clock(dev->config.chip, &value, &dev->spi_shift, 1, avrdev_to_ns(dev, cycles));
}

static uint8_t spdr_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;

	(void)avr;
	(void)addr;
	spdr_touched(dev);
	return dev->spi_in;
}

static uint8_t spsr_read(avr_t *avr, avr_io_addr_t addr, void *param)
{
	struct avrdev *dev = param;

	avrdev_touched(dev);
	spi_catch_up(dev);
	dev->spi_flags_read = dev->spi_flags;
	return (avr->data[addr] & 1) | dev->spi_flags;
}

static void spsr_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	(void)param;
	avr->data[addr] = value & 1;
}

/* A pin that is not driven floats high: the chip's pull-up. */
static void port_changed(struct avrdev *dev)
{
	const uint8_t *data = dev->avr->data;
	bool low = (data[REG_DDRB] & PIN_CS) && !(data[REG_PORTB] & PIN_CS);

	avrdev_touched(dev);
	if (low == dev->selected)
		return;
	dev->selected = low;
	chip_catch_up(dev, dev->avr->cycle);
	norsim_cs(dev->config.chip, low);
}

static void port_write(avr_t *avr, avr_io_addr_t addr, uint8_t value, void *param)
{
	avr->data[addr] = value;
	port_changed(param);
}

bool avrdev_pins_driven(const struct avrdev *dev)
{
	return dev->avr->data[REG_DDRB] & (PIN_CS | PIN_MOSI | PIN_SCK);
}

bool avrdev_led(const struct avrdev *dev)
{
	return dev->avr->data[REG_DDRB] & dev->avr->data[REG_PORTB] & PIN_LED;
}

void avrdev_spi_hook(struct avrdev *dev)
{
	avrdev_hook(dev, REG_SPDR, spdr_read, spdr_write);
	avrdev_hook(dev, REG_SPSR, spsr_read, spsr_write);
	avrdev_hook(dev, REG_PORTB, NULL, port_write);
	avrdev_hook(dev, REG_DDRB, NULL, port_write);
}

void avrdev_spi_reset(struct avrdev *dev)
{
	dev->avr->data[REG_DDRB] = dev->avr->data[REG_PORTB] = 0;
	port_changed(dev);
	dev->spi_done = 0;
	dev->spi_flags = dev->spi_flags_read = 0;
}
