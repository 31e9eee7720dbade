/* SPDX-License-Identifier: GPL-2.0-or-later */
/* As much of the Arduino core as the sketch can notice: interrupts and timers are on when setup()
 * begins. Built with the IDE's flags. */
#include <avr/interrupt.h>
#include <avr/io.h>

#include "../../../drivers/arduino/arduino.ino"

ISR(TIMER0_OVF_vect)
{
}

int main()
{
	sei();
	TCCR0B = _BV(CS01) | _BV(CS00);
	TIMSK0 = _BV(TOIE0);
	TCCR1A = _BV(WGM10);
	TCCR1B = _BV(CS11) | _BV(CS10);
	UCSR0B = 0;
	setup();
	for (;;)
		loop();
}
