/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the simulated board, not for a real one: tells what the SPI's flags are in the moments that
 * drivers get wrong. Sends one answer after another, at 1 Mbaud; see test_bridge.c.
 */
#include <avr/io.h>
#include <util/delay_basic.h>

#define BYTE_LOOPS \
	300 /* of four cycles: more than the 1024 that a byte takes at the slowest clock */
#define RDID 0x9f

static void tell(uint8_t byte)
{
	while (!(UCSR0A & _BV(UDRE0)))
		;
	UDR0 = byte;
}

static void start(void)
{
	UBRR0 = 1;
	UCSR0A = _BV(U2X0);
	UCSR0B = _BV(TXEN0);
	DDRB = _BV(PB2) | _BV(PB3) | _BV(PB5);
	SPCR = _BV(SPE) | _BV(MSTR) | _BV(SPR1) | _BV(SPR0);
}

int main(void)
{
	uint8_t collided, after, stale, old;

	start();
	SPDR = RDID;
	SPDR = 0; /* too early */
	collided = SPSR;
	(void)SPDR;
	after = SPSR;
	_delay_loop_2(BYTE_LOOPS);
	SPDR = 0; /* SPIF was not seen yet: it stays up */
	stale = SPSR;
	_delay_loop_2(BYTE_LOOPS);
	SPDR = 0;
	old = SPDR; /* a byte is on its way: the one before is still there */
	tell(collided);
	tell(after);
	tell(stale);
	tell(old);
	for (;;)
		;
}
