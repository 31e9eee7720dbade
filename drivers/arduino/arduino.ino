/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bridge as a sketch. Change the baud rate in board.h (BAUD); wiring and warnings: doc/ARDUINO.md. */
extern "C" void bridge_main(void);

void setup()
{
	bridge_main();
}

void loop()
{
}
