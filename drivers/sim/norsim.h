/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The strict chip model. It knows three things: a CS edge, a byte clocked, and time passing. It is
 * written from data-sheet behaviour and its own part descriptions, never from chips/: a wrong row
 * there must fail here. Bits only fall; programming needs the write latch and consumes it; pages
 * wrap; commands while busy are ignored and counted; protection is honoured; times run on its own
 * clock.
 */
#ifndef NP_DRIVERS_SIM_NORSIM_H
#define NP_DRIVERS_SIM_NORSIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct norsim;

#define NORSIM_SR_SET 0x100

/* Everything that can go wrong on request. Zero: nothing does. Positions count from 1. */
struct norsim_faults {
	uint64_t flip_one_in;    /* flip one bit per about this many bytes sent to the host */
	uint64_t seed;           /* of every random choice */
	int miso_stuck;          /* 0 no, 1 high, -1 low */
	bool silent;             /* the chip never answers (MISO floats high) */
	bool busy_forever;       /* an operation once begun never ends */
	bool stubborn;           /* block protection bits do not yield (WP# held low) */
	uint64_t cut_at_clock;   /* power fails at this SPI clock: the page or block in work is left
	                            half done, then the chip is silent until norsim_power_on() */
	uint64_t reset_at_clock; /* the supply sags at this SPI clock: as a power cut, but the chip
	                            comes up again by itself, 30 us later */
	uint64_t slow_percent;   /* busy times multiplied: 400 = four times; 0 means 100 */
	uint64_t max_hz;         /* above this clock read data are garbled; 0: no limit */
	uint64_t wake_us;        /* deaf this long after power-up */
	bool start_powered_down; /* found in deep power-down (B9h) */
	bool start_wel;          /* found with the write latch set */
	bool start_busy;         /* found in mid-erase of the last block */
	bool start_4byte;        /* found in 4-byte address mode (parts that have it) */
	bool start_otp;          /* found in OTP mode (Eon) */
	bool start_qpi; /* found in QPI mode: hears four lines at once, of which a plain master
	                   drives one and the others are high, until it hears FFh */
	int start_sr1;  /* the register holds this (bits 7:0) if NORSIM_SR_SET is there too */
	int start_sr2, start_sr3, start_cr;
	uint64_t program_fails_at; /* the n-th page program leaves one bit unprogrammed */
	uint64_t shift_id;         /* bits by which answers are shifted (bad clock edge); 0 none */
	uint64_t weak_page_addr_plus1; /* this page never reads the same twice; 0 none */
	uint64_t real_size; /* a relabelled part: the array has this many bytes (a power of two),
	                       and higher addresses reach it again; 0: as many as the ID says */
};

struct norsim_config {
	const char *part;       /* "W25Q64FV"; unknown: NP_E_USAGE, the hint lists the parts */
	const char *parts_file; /* take the description of `part` from this file; NULL: built in */
	/* Contents, created blank (FFh) at full size; NULL: memory only. Non-volatile registers
	 * live in FILE.regs, written when they differ from the factory's. */
	const char *file;
	struct norsim_faults faults;
	uint64_t uid; /* 0: one derived from the part's name and file */
};

/* Counters since open or norsim_clear_stats(). */
struct norsim_stats {
	uint64_t clocks;        /* SPI clock cycles */
	uint64_t frames;        /* CS frames with at least one byte */
	uint64_t ignored_busy;  /* commands ignored because the chip was busy */
	uint64_t ignored_latch; /* program/erase/status writes without the write latch */
	uint64_t ignored_protected;
	uint64_t unknown; /* opcodes this part does not know */
	uint64_t pages_programmed, bytes_programmed;
	uint64_t erases_4k, erases_32k, erases_64k, erases_256k, erases_die, erases_odd,
		erases_chip;
	uint64_t lost_bits;  /* bits asked to rise by a program */
	uint64_t page_wraps; /* programs that ran over the page end */
	uint64_t status_reads;
	uint64_t sr_writes_nv, sr_writes_volatile;
	uint64_t busy_ns; /* total time the chip was busy */
	uint64_t bytes_read;
	uint64_t ignored_asleep; /* frames while in deep power-down, resetting or waking up */
	uint64_t malformed;   /* frames of a wrong length: extra bytes behind an erase, no data to
	                         program */
	uint64_t resets_busy; /* resets that broke off an operation */
	uint64_t die_wraps;   /* reads that ran over the end of a die */
	uint64_t once_set; /* writes that set a bit for ever: one-time register bits, OTP locks */
};

/* Create a model. Errors: NP_E_USAGE (unknown part), NP_E_INPUT (file of another size, no file,
 * or a description that does not parse, with its line), NP_E_ACCESS (a file this user may not
 * open), NP_E_BUSY (file locked by another process), NP_E_OUTPUT, NP_E_MEMORY. */
int norsim_open(const struct norsim_config *config, struct norsim **sim, struct np_error *err);

/* Write back, unlock, free. NULL is fine. */
void norsim_close(struct norsim *sim);

/* CS edge: `low` true selects. A rising edge starts what was commanded. */
void norsim_cs(struct norsim *sim, bool low);

/* Clock `len` bytes: out[] (NULL: all FFh) goes in on MOSI, in[] (NULL: dropped) receives MISO;
 * each byte takes `byte_ns` of the model's time before its last clock. */
void norsim_clock(struct norsim *sim, const uint8_t *out, uint8_t *in, size_t len,
                  uint64_t byte_ns);

/* Time passes with no clock. */
void norsim_time(struct norsim *sim, uint64_t ns);

/* The model's own clock since power-up, nanoseconds. */
uint64_t norsim_now(const struct norsim *sim);

/* Nanoseconds until the operation in work ends; 0 when ready. */
uint64_t norsim_busy_left(const struct norsim *sim);

/* The SPI clock now in use, for the max_hz fault. */
void norsim_set_hz(struct norsim *sim, uint64_t hz);

/* Power returns after a cut: volatile state is lost, arrays stay. */
void norsim_power_on(struct norsim *sim);

/* False after a power cut. */
bool norsim_powered(const struct norsim *sim);

const struct norsim_stats *norsim_stats(const struct norsim *sim);
void norsim_clear_stats(struct norsim *sim);

/* The array and its size, for tests and emulators to fill and compare. */
uint8_t *norsim_mem(struct norsim *sim);
size_t norsim_size(const struct norsim *sim);

/* Change the faults in mid-flight (tests). */
struct norsim_faults *norsim_faults(struct norsim *sim);

/* Call `meddle` once, before the first frame that begins after so many SPI clocks (as counted by
 * norsim_stats()). It may change the chip, and speak to it; NULL: never. */
typedef void norsim_meddle_fn(struct norsim *sim, void *ctx);
void norsim_meddle_at(struct norsim *sim, uint64_t clock, norsim_meddle_fn *meddle, void *ctx);

/* Parse one `fault=` word, joined by '+' where several: "flip=20000", "seed=7", "miso=high",
 * "miso=low", "silent", "busy-forever", "wp", "cut=123456", "reset=123456", "slow=400",
 * "max-hz=8M", "wake=20ms", "asleep", "wel", "start-busy", "program-fails=3", "shift=1",
 * "weak-page=0x1000", "real-size=4M", "fail-msg=N" (left to the caller: stored in *fail_msg), "4byte", "otp", "qpi",
 * "sr1=0x1c", "sr2=0x40", "sr3=0x04", "cr=0x08". Errors: NP_E_USAGE. */
int norsim_parse_faults(const char *text, struct norsim_faults *faults, uint64_t *fail_msg,
                        struct np_error *err);

/* Check every line of a file of descriptions (NULL: of those built in). *count (may be NULL): the parts in it. Errors:
 * NP_E_INPUT, with the line. */
int norsim_check_parts(const char *path, size_t *count, struct np_error *err);

/* Names of the parts that are built in, NULL-terminated. */
const char *const *norsim_parts(void);

#endif
