/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>
#include <string.h>

#include "doctor/doctor.h"

#define PINS_8                               \
	"        .---.\n"                    \
	"  CS  1-|o  |-8 3.3 V\n"            \
	" MISO 2-|   |-7 HOLD# (to 3.3 V)\n" \
	"  WP# 3-|   |-6 CLK\n"              \
	"  GND 4-|   |-5 MOSI\n"             \
	"        '---'\n"

#define PINS_16                                      \
	"               .----.\n"                    \
	" HOLD#, 3.3 V 1-|o   |-16 CLK\n"            \
	"        3.3 V 2-|    |-15 MOSI\n"           \
	"              3-|    |-14\n"                \
	"              4-|    |-13\n"                \
	"              5-|    |-12\n"                \
	"              6-|    |-11\n"                \
	"           CS 7-|    |-10 GND\n"            \
	"         MISO 8-|    |-9  WP# (to 3.3 V)\n" \
	"                '----'\n"

/* Pins of the adapters as their makers print them. */
static const struct {
	const char *driver, *soic8, *soic16;
} wirings[] = {
	{"ch341a",
         PINS_8 "CH341A: the socket's pin 1 is at the lever; the red wire of the clip is pin 1.\n",
         PINS_16 "CH341A: CS=D0, CLK=D3, MOSI=D5, MISO=D7, 3.3 V and GND of the header.\n"},
	{"ch347",
         PINS_8 "CH347: CS=CS0, CLK=SCK, MOSI=MOSI, MISO=MISO, 3.3 V, GND (mode 1 or 3).\n",
         PINS_16 "CH347: CS=CS0, CLK=SCK, MOSI=MOSI, MISO=MISO, 3.3 V, GND (mode 1 or 3).\n"},
	{"ft232h",
         PINS_8 "FT232H: CLK=AD0, MOSI=AD1, MISO=AD2, CS=AD3; 3.3 V and GND of the board.\n",
         PINS_16 "FT232H: CLK=AD0, MOSI=AD1, MISO=AD2, CS=AD3; 3.3 V and GND of the board.\n"},
	{"spidev",
         PINS_8 "Raspberry Pi header: CS=24, MISO=21, MOSI=19, CLK=23, 3.3 V=17, GND=25.\n",
         PINS_16 "Raspberry Pi header: CS=24, MISO=21, MOSI=19, CLK=23, 3.3 V=17, GND=25.\n"},
	{"serprog",
         PINS_8 "Arduino Uno: CS=D10, MOSI=D11, MISO=D12, CLK=D13; 5 V: level shifter needed.\n",
         PINS_16 "Arduino Uno: CS=D10, MOSI=D11, MISO=D12, CLK=D13; 5 V: level shifter needed.\n"},
};

const char *doctor_wiring(const char *driver, const char *package)
{
	bool wide = package && strcmp(package, "SOIC16") == 0;

	for (size_t i = 0; driver && i < sizeof(wirings) / sizeof(wirings[0]); i++)
		if (strcmp(driver, wirings[i].driver) == 0)
			return wide ? wirings[i].soic16 : wirings[i].soic8;
	return wide ? PINS_16 : PINS_8;
}
