/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a programmer driver provides, and the registry through which commands reach it. */
#ifndef NP_SPI_DRIVER_H
#define NP_SPI_DRIVER_H

#include "spi/spi.h"

#define SPI_PARAMS_MAX 16

/* A parsed `-p NAME:key=value,...`. Strings point into `text`. */
struct spi_spec {
	char text[512];
	const char *name;
	struct {
		const char *key, *value;
	} params[SPI_PARAMS_MAX];
	size_t param_count;
};

/* One attached programmer, for `list` and for picking one. Strings are copies, "" when unknown. */
struct spi_found {
	const char *driver; /* registry name, static */
	char where[128];    /* "1-1.4", "/dev/spidev0.0", "/dev/ttyUSB0" */
	char product[96];   /* product string or what it is taken for */
	char serial[64];
	char bound[64]; /* kernel driver that holds it now */
	char spec[160]; /* the -p argument that opens it */
	char note[480]; /* what to do if it cannot be used; "" when all is well */
	bool may_open;  /* this user may open it */
	bool certain;   /* nothing else looks like it: may be chosen without -p */
	bool host_own;  /* part of this computer: never chosen, and never written */
};

typedef void spi_found_fn(void *ctx, const struct spi_found *found);

/* The operations of one open bus; `self` is the driver's own state. run() honours spi_run()'s
 * contract (arguments were checked against the caps by spi_run() already). */
struct spi_ops {
	int (*run)(void *self, struct spi_msg *msgs, size_t count, size_t *done,
	           spi_progress_fn *progress, void *ctx, struct np_error *err);
	int (*set_hz)(void *self, uint32_t hz, struct np_error *err); /* NULL: fixed clock */
	void (*close)(void *self);                                    /* never fails */
	void (*sleep)(void *self, uint64_t us); /* NULL: its time is the computer's */
};

/* What open() fills in. `caps` points into the driver's state and is kept true by the driver. */
struct spi_opened {
	void *self;
	const struct spi_ops *ops;
	const struct spi_caps *caps;
	const char *host_own; /* see spi_host_own(); NULL: no such thing */
	char name[96];
	char serial[64]; /* see spi_serial() */
};

struct spi_driver {
	const char *name;
	const char *const *aliases; /* NULL-terminated flashrom spellings, or NULL */
	const char *summary;        /* one line for `list` and --help */
	const char *levels; /* a sentence on its supply and signals that a chip may suffer from;
	                       NULL: none */
	const char *const *keys; /* NULL-terminated allowed keys (with flashrom's); values are the
	                            driver's to check */
	/* List what is attached. Must not open or disturb devices. May be NULL. */
	int (*list)(spi_found_fn *fn, void *ctx, struct np_error *err);
	/* Open. On failure nothing is held. Errors: NP_E_NO_PROGRAMMER, NP_E_ACCESS, NP_E_BUSY,
	 * NP_E_USAGE (bad value), NP_E_BUS. */
	int (*open)(const struct spi_spec *spec, struct spi_opened *out, struct np_error *err);
};

/* The drivers built in, NULL-terminated (the Makefile's list of backends). */
extern const struct spi_driver *const spi_drivers[];

/* Parse and check a programmer argument against the registry: unknown name or key is NP_E_USAGE and
 * names the known ones. */
int spi_spec_parse(const char *text, struct spi_spec *spec, const struct spi_driver **driver,
                   struct np_error *err);

/* The value of a key, or NULL. */
const char *spi_spec_get(const struct spi_spec *spec, const char *key);

/* Parse and open. `trace` (may be NULL) is a path: every message of this bus is written there, one
 * line each. Errors as driver open(), and NP_E_OUTPUT for the trace. */
int spi_open(const char *text, const char *trace, struct spi_bus **bus, struct np_error *err);

/* No SPI NOR and no adapter is clocked faster; a higher figure is an error of the adapter. */
#define SPI_HZ_MAX 400000000u

/* A clock that a device, or the kernel, reports: 0 means unknown and becomes `unknown_hz`, and
 * more than SPI_HZ_MAX is taken for SPI_HZ_MAX. */
uint32_t spi_believe_hz(uint32_t told_hz, uint32_t unknown_hz);

/* Make a bus of something opened in-process (tests, benches). Takes over `open`: spi_close() closes
 * it; on failure it stays the caller's. Errors: NP_E_MEMORY; NP_E_UNSUPPORTED when what it says of
 * itself cannot be, or is too little to speak to a chip. */
int spi_wrap(const struct spi_opened *open, struct spi_bus **bus, struct np_error *err);

#endif
