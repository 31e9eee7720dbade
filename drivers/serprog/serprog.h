/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serprog over any line, for those who bring their own (tests, benches). */
#ifndef NP_DRIVERS_SERPROG_SERPROG_H
#define NP_DRIVERS_SERPROG_SERPROG_H

#include "serprog/serial.h"
#include "spi/driver.h"

struct serprog_options {
	uint32_t baud;    /* first rate to try; 0: the ladder from its top */
	uint32_t hz;      /* SPI clock; 0: the device's choice */
	uint32_t boot_us; /* how long the device may be in its boot loader */
	bool plain;       /* do not use the bridge commands */
	uint32_t token;   /* the session's token; not 0 */
};

/* Find the device on an open line and describe it as a bus. Takes over *serial, also on failure
 * (closed). Errors: NP_E_NO_PROGRAMMER (no answer), NP_E_GONE, NP_E_UNSUPPORTED (no SPI). */
int serprog_start(const struct serial *serial, const struct serprog_options *options,
                  struct spi_opened *out, struct np_error *err);

#endif
