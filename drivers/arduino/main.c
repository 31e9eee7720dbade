/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * norprog bridge: a serprog programmer with checked, streamed commands (doc/BRIDGE.md). Build it
 * with `make firmware`, or open arduino.ino in the Arduino IDE.
 */
#include <avr/interrupt.h>
#include <avr/wdt.h>

#include "board.h"
#include "bridge_proto.h"
#include "serprog.h"

#define TICK_MS 100

bool guard;
uint8_t reset_cause;
void bridge_main(void) __attribute__((noreturn));

static bool trouble; /* the last command failed: the LED blinks */

/* False: damaged, cut short, unknown or refused. */
static bool run_plain(uint8_t cmd)
{
	if (serprog_run(cmd))
		return true;
	line_put(SERPROG_NAK);
	if (guard)
		line_drain();
	return false;
}

static void run_command(uint8_t cmd)
{
	bool good;

	led(true);
	if (cmd >= BRIDGE_HELLO && cmd <= BRIDGE_SPEED)
		good = bridge_run(cmd);
	else
		good = run_plain(cmd);
	trouble = line_lost() || !good;
	if (trouble)
		pins_release();
}

/* 100 ms of silence passed, `idle` times in a row. */
static void idle_tick(uint8_t idle)
{
	if (idle == BRIDGE_RELEASE_MS / TICK_MS)
		pins_release();
	if (idle == BRIDGE_GUARD_MS / TICK_MS)
		guard = false;
	led(trouble ? idle & 1 : pins_driven);
}

void bridge_main(void)
{
	uint8_t idle = 0;

	cli();
	reset_cause = MCUSR;
	MCUSR = 0;
	wdt_disable();
	line_init();
	DDRB |= PIN_LED;
	pins_release();
	spi_set_clock(F_CPU / 2);
	gap_start(TICKS_MS(TICK_MS));
	for (;;) {
		line_poll();
		if (ring_head != ring_tail) {
			run_command(line_get());
			idle = 0;
			gap_start(TICKS_MS(TICK_MS));
		} else if (gap_over()) {
			if (idle < 255)
				idle_tick(++idle);
			gap_start(TICKS_MS(TICK_MS));
		}
	}
}

#ifndef ARDUINO
int main(void)
{
	bridge_main();
}
#endif
