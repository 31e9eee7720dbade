/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the simulated board, not for a real one: tells what the SPI's flags are in the moments that
 * drivers get wrong, then takes bytes by interrupt, computes for a while, and sends each back. At 1
 * Mbaud; see test_bridge.c.
 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <util/delay_basic.h>

#define BYTE_LOOPS \
	300 /* of four cycles: more than the 1024 that a byte takes at the slowest clock */
#define THINK_LOOPS 20000 /* 5 ms */
#define RDID        0x9f

static volatile uint8_t taken, waiting;

ISR(USART_RX_vect)
{
	taken = UDR0;
	waiting = 1;
}

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

static void tell_flags(void)
{
	uint8_t collided, after, stale, old;

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
}

static void next_byte(void)
{
	cli();
	while (!waiting) {
		sleep_enable();
		sei();
		sleep_cpu();
		cli();
	}
	waiting = 0;
	sei();
}

int main(void)
{
	start();
	tell_flags();
	UCSR0B |= _BV(RXEN0) | _BV(RXCIE0);
	for (;;) {
		next_byte();
		_delay_loop_2(THINK_LOOPS);
		tell(taken);
	}
}
