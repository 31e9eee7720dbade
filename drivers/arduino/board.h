/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The board: ATmega328P (Uno, Nano, Pro Mini). Nothing here uses interrupts: an interrupt per
 * received byte would eat most of the 80 cycles that a byte lasts at 2 Mbaud. Every loop polls the
 * UART instead, at least once per 150 cycles (the receiver holds two bytes and a third in its shift
 * register).
 */
#ifndef BOARD_H
#define BOARD_H

#include <avr/io.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef ARDUINO /* its IDE builds for size, which costs 4 % of the line at 2 Mbaud */
#pragma GCC optimize("O2")
#endif

#ifndef F_CPU
#error "define F_CPU: 16000000UL, or 8000000UL for 3.3 V boards"
#endif
#ifndef BAUD
#define BAUD 115200UL
#endif

/* Double-speed UART: the divider nearest to BAUD; 115200 at 16 MHz is really 117647. */
#define BAUD_DIVIDER ((F_CPU + 4 * BAUD) / (8 * BAUD))
#define BAUD_REAL    (F_CPU / 8 / BAUD_DIVIDER)

/* Arduino names: D8 LED, D10 CS, D11 MOSI, D12 MISO, D13 SCK. */
#define PIN_LED  _BV(PB0)
#define PIN_CS   _BV(PB2)
#define PIN_MOSI _BV(PB3)
#define PIN_MISO _BV(PB4)
#define PIN_SCK  _BV(PB5)

/* ---- the line: a ring that every loop fills ---- */

#define RING_LEN 1024 /* a power of two */

extern uint8_t ring[RING_LEN];
extern uint8_t *ring_head, *ring_tail; /* head: next byte to store; tail: next to take */

static inline __attribute__((always_inline)) uint8_t *ring_next(uint8_t *at)
{
	return ++at == ring + RING_LEN ? ring : at;
}

/* Take what the UART holds: with that, 160 cycles may pass from one call to the next at 2 Mbaud. */
static inline __attribute__((always_inline)) void line_poll(void)
{
	uint8_t *head;

	if (!(UCSR0A & _BV(RXC0)))
		return;
	head = ring_head;
	do {
		*head = UDR0;
		head = ring_next(head);
	} while (UCSR0A & _BV(RXC0));
	ring_head = head;
}

void line_init(void);

/* Send one byte; polls while the transmitter is busy. */
void line_put(uint8_t byte);

/* Bytes waiting in the ring. */
uint16_t line_count(void);

/* Wait until `count` bytes are in the ring; false when BRIDGE_GAP_MS passed without one. */
bool line_wait(uint16_t count);

/* The next byte; 0 after a gap. line_lost() tells. */
uint8_t line_get(void);
uint16_t line_get16(void);
uint32_t line_get24(void);
uint32_t line_get32(void);

/* Whether a gap ended something since the last call; forgets it. */
bool line_lost(void);

/* Discard input until it has been silent for BRIDGE_QUIET_MS. */
void line_drain(void);

/* ---- time: Timer 1 at F_CPU / 1024; two independent alarms ---- */

#define TICKS_MS(ms) ((uint16_t)((F_CPU / 1024UL) * (ms) / 1000UL + 1))

/* The gap alarm (channel A): one shot. */
static inline void gap_start(uint16_t ticks)
{
	OCR1A = TCNT1 + ticks;
	TIFR1 = _BV(OCF1A);
}

static inline bool gap_over(void)
{
	return TIFR1 & _BV(OCF1A);
}

/* The limit of a wait for the chip (channel B), microseconds, any length. */
void limit_start(uint32_t us);
bool limit_over(void);

/* At least `us` (to the next tick of 64 us, 128 at 8 MHz), polling the line. */
void pause_us(uint32_t us);

/* ---- SPI ---- */

extern bool pins_driven;

void pins_drive(void);   /* CS high, then outputs on */
void pins_release(void); /* CS high, then everything an input without pull-up */

/* Set the highest clock not above `hz`, else the lowest; returns it. */
uint32_t spi_set_clock(uint32_t hz);
uint32_t spi_clock(void);

static inline void spi_select(void)
{
	if (!pins_driven)
		pins_drive();
	PORTB &= (uint8_t)~PIN_CS;
}

static inline void spi_deselect(void)
{
	PORTB |= PIN_CS;
}

static inline __attribute__((always_inline)) void spi_wait(void)
{
	while (!(SPSR & _BV(SPIF)))
		;
}

/* One byte each way, polling the line while it is shifted. */
static inline uint8_t spi_byte(uint8_t out)
{
	SPDR = out;
	do
		line_poll();
	while (!(SPSR & _BV(SPIF)));
	return SPDR;
}

/* A frame of one byte. */
void spi_command(uint8_t opcode);

/* Opcode, addr_len address bytes (most significant first), dummy bytes; leaves the chip
 * selected. */
void spi_begin(uint8_t opcode, uint8_t addr_len, uint8_t dummy, uint32_t addr);

static inline void led(bool on)
{
	if (on)
		PORTB |= PIN_LED;
	else
		PORTB &= (uint8_t)~PIN_LED;
}

#endif
