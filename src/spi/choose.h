/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Choose the programmer, and read the clock out of its spec, where the user did not name them. */
#ifndef NP_SPI_CHOOSE_H
#define NP_SPI_CHOOSE_H

#include "spi/driver.h"

/* Call fn for each attached programmer of every driver. What could not be listed is logged as
 * information. */
void spi_list(spi_found_fn *fn, void *ctx);

/*
 * The programmer to use when none was named, into spec: $NORPROG_PROGRAMMER, else the one attached
 * of which nothing else looks like it. NP_E_NO_PROGRAMMER: none, or several; `tell` (may be NULL)
 * was called for each that could be chosen.
 */
int spi_choose(char *spec, size_t len, spi_found_fn *tell, void *ctx, struct np_error *err);

/* The clock that a programmer's spec asks for (hz=, or flashrom's spispeed= in kHz); 0: none. */
uint32_t spi_spec_clock(const char *spec);

#endif
