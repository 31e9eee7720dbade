/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --trace FILE: one line per message, for bug reports. */
#ifndef NP_SPI_TRACE_H
#define NP_SPI_TRACE_H

#include "spi/spi.h"

struct spi_trace;

/* Create (never overwrite) the file. Errors: NP_E_OUTPUT. */
int spi_trace_open(const char *path, const char *bus_name, struct spi_trace **trace,
                   struct np_error *err);

/* Write one line per message: running number, command bytes, lengths, the first bytes each way,
 * pause, outcome. `done` messages completed. Failures to write are remembered and told by close. */
void spi_trace_run(struct spi_trace *trace, const struct spi_msg *msgs, size_t count, size_t done,
                   int result);

/* Flush and free; 0 or NP_E_OUTPUT. NULL is fine. */
int spi_trace_close(struct spi_trace *trace);

#endif
