/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "board.h"

#include "bridge_proto.h"

uint8_t ring[RING_LEN];
uint8_t *ring_head = ring, *ring_tail = ring;
bool pins_driven;

static bool lost;
static uint16_t limit_rounds;
static uint32_t clock_hz = F_CPU / 2;

void line_init(void)
{
	UBRR0 = BAUD_DIVIDER - 1;
	UCSR0A = _BV(U2X0);
	UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
	UCSR0B = _BV(RXEN0) | _BV(TXEN0);
	TCCR1A = 0;
	TCCR1B = _BV(CS12) | _BV(CS10);
}

void line_put(uint8_t byte)
{
	do
		line_poll();
	while (!(UCSR0A & _BV(UDRE0)));
	UDR0 = byte;
	line_poll();
}

uint16_t line_count(void)
{
	return (uint16_t)(ring_head - ring_tail) & (RING_LEN - 1);
}

bool line_wait(uint16_t count)
{
	uint8_t *seen;

	line_poll();
	seen = ring_head;
	gap_start(TICKS_MS(BRIDGE_GAP_MS));
	line_poll();
	while (line_count() < count) {
		line_poll();
		if (ring_head != seen) {
			seen = ring_head;
			gap_start(TICKS_MS(BRIDGE_GAP_MS));
			line_poll();
		} else if (gap_over()) {
			lost = true;
			return false;
		}
	}
	return true;
}

uint8_t line_get(void)
{
	uint8_t byte;

	line_poll();
	if (ring_head == ring_tail && (lost || !line_wait(1)))
		return 0;
	byte = *ring_tail;
	ring_tail = ring_next(ring_tail);
	return byte;
}

uint16_t line_get16(void)
{
	uint16_t low = line_get();

	return low | (uint16_t)line_get() << 8;
}

uint32_t line_get24(void)
{
	uint32_t low = line_get16();

	return low | (uint32_t)line_get() << 16;
}

uint32_t line_get32(void)
{
	uint32_t low = line_get16();

	return low | (uint32_t)line_get16() << 16;
}

bool line_lost(void)
{
	bool was = lost;

	lost = false;
	return was;
}

void line_drain(void)
{
	ring_tail = ring_head;
	gap_start(TICKS_MS(BRIDGE_QUIET_MS));
	while (!gap_over()) {
		line_poll();
		if (ring_tail != ring_head) {
			ring_tail = ring_head;
			gap_start(TICKS_MS(BRIDGE_QUIET_MS));
		}
	}
}

/* Channel B counts at most 2^15 ticks at a time. Neither divisions nor long shifts here: on this
 * CPU they take longer than a byte. */
static void limit_arm(uint16_t ticks)
{
	OCR1B = TCNT1 + ticks;
	TIFR1 = _BV(OCF1B);
}

void limit_start(uint32_t us)
{
	uint32_t ticks = us / (1024000000UL / F_CPU) + 2; /* a power of two: shifts */

	line_poll();
	line_poll();
	limit_rounds = (uint16_t)(ticks >> 16) << 1 | ((uint16_t)ticks & 0x8000 ? 1 : 0);
	limit_arm((uint16_t)ticks & 0x7fff);
	line_poll();
}

bool limit_over(void)
{
	if (!(TIFR1 & _BV(OCF1B)))
		return false;
	if (!limit_rounds)
		return true;
	limit_rounds--;
	limit_arm(0x8000);
	return false;
}

void pause_us(uint32_t us)
{
	if (us == 0)
		return;
	limit_start(us);
	while (!limit_over())
		line_poll();
}

void pins_drive(void)
{
	PORTB |= PIN_CS;
	PORTB &= (uint8_t) ~(PIN_MOSI | PIN_SCK);
	DDRB |= PIN_CS | PIN_MOSI | PIN_SCK;
	SPCR |= _BV(SPE) | _BV(MSTR);
	pins_driven = true;
	led(true);
}

void pins_release(void)
{
	spi_deselect();
	SPCR &= (uint8_t) ~(_BV(SPE) | _BV(MSTR));
	DDRB &= (uint8_t) ~(PIN_CS | PIN_MOSI | PIN_MISO | PIN_SCK);
	PORTB &= (uint8_t) ~(PIN_CS | PIN_MOSI | PIN_MISO | PIN_SCK);
	pins_driven = false;
	led(false);
}

/* The divider is 2 << n; SPR1:0 and SPI2X encode it as 4, 16, 64, 128 and half of these. */
uint32_t spi_set_clock(uint32_t hz)
{
	uint8_t n = 0;

	clock_hz = F_CPU / 2;
	while (n < 6 && clock_hz > hz) {
		clock_hz /= 2;
		n++;
	}
	SPCR &= (uint8_t) ~(_BV(SPR1) | _BV(SPR0));
	SPCR |= n == 6 ? _BV(SPR1) | _BV(SPR0) : n >> 1;
	SPSR = (n & 1) || n == 6 ? 0 : _BV(SPI2X);
	return clock_hz;
}

uint32_t spi_clock(void)
{
	return clock_hz;
}

void spi_command(uint8_t opcode)
{
	spi_select();
	spi_byte(opcode);
	spi_deselect();
}

void spi_begin(uint8_t opcode, uint8_t addr_len, uint8_t dummy, uint32_t addr)
{
	const uint8_t *low_first =
		(const uint8_t *)&addr; /* shifting by a variable takes too long */

	spi_select();
	spi_byte(opcode);
	for (uint8_t i = addr_len; i; i--)
		spi_byte(low_first[i - 1]);
	while (dummy--)
		spi_byte(0);
}
