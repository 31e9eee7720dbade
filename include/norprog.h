/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnorprog: back up, rewrite and selectively restore SPI NOR flash. doc/LIBRARY.md is the guide.
 *
 * Handles. Everything begins with a handle, norprog_new(). A handle has at most one programmer and
 * one chip, its own callbacks, its own last error and its own stop request. Handles share nothing:
 * use as many at once, in as many threads, as there are programmers.
 *
 * Threads. One handle does one thing at a time. A function that takes a handle (or a job of it) and
 * is called while another one runs on it, from another thread or from a callback, returns
 * NORPROG_E_BUSY at once and changes nothing, the last error included. Exceptions are said where
 * they are; norprog_stop() is the important one. Functions without a handle are pure and may be
 * called from anywhere; an object that is not being changed may be read by many threads. What a
 * function hands out of the handle is for the thread that works on it: others are given copies.
 *
 * Errors. A function that can fail returns 0 or one of the negative codes of enum norprog_code, and
 * leaves message and hint in the handle: norprog_error(). NORPROG_E_USAGE for an argument that may
 * not be NULL, and NORPROG_E_MEMORY, are possible everywhere and not repeated below. No function
 * prints, exits, or installs a signal handler. A program that writes to pipes or under a file size
 * limit should ignore SIGPIPE and SIGXFSZ, so that a full disk is an error instead of its end in
 * mid-erase.
 *
 * Structs. All structs below are made by the library and handed out as pointers to const. Later
 * versions may add members at their end, never change those that are there: a program compiled
 * against this header goes on to work. Strings are UTF-8 as far as their origin is, may hold
 * anything that a file, a chip or a USB device said, and are never NULL unless that is said.
 *
 * Callbacks are called in the thread of the function that works on the handle; what they are given
 * is valid during the call, their `ctx` stays the caller's.
 *
 * Blocking. Where nothing is said a function returns at once. One that "blocks for the bus" talks
 * to the adapter: every wait has a limit, and norprog_stop() ends it early. "Blocks for the disk"
 * means that files are read or written, and synced.
 *
 * Safety. What the command refuses the library refuses, by the same gates: unless a job is told
 * otherwise by the name of the gate, see norprog_job_override(). Nothing is erased before what it
 * held is on disk, and nothing is called written that was not read back. Before the first erase the
 * program is asked; without norprog_set_question() the answer is no.
 */
#ifndef NORPROG_H
#define NORPROG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* The version of this header, as norprog_version() counts. */
#define NORPROG_VERSION_NUMBER 0x000200

/* The version of the library in use: major << 16 | minor << 8 | patch. Until 1.0 programs should be
 * compiled again for each minor version; the number of the shared object and the version of its
 * symbols (NORPROG_0) see to it that they are. */
unsigned norprog_version(void);

/* ---- errors ------------------------------------------------------------------------------------ */

enum norprog_code {
	NORPROG_OK = 0,
	NORPROG_E_FAIL = -1,          /* anything without a better name */
	NORPROG_E_MEMORY = -2,        /* an allocation failed */
	NORPROG_E_OUTPUT = -3,        /* a file or the state folder cannot be written */
	NORPROG_E_USAGE = -4,         /* an argument makes no sense; a NULL that is not allowed */
	NORPROG_E_INPUT = -5,         /* a file is missing, unreadable, or not what it should be */
	NORPROG_E_RANGE = -6,         /* a region or address out of range or contradictory */
	NORPROG_E_CONFIRM = -7,       /* a question was due and there is nobody to answer it */
	NORPROG_E_NO_PROGRAMMER = -8, /* nothing attached, none chosen, or none open */
	NORPROG_E_ACCESS = -9,        /* the programmer may not be opened by this user */
	NORPROG_E_BUSY = -10,         /* the programmer, file or handle is in use */
	NORPROG_E_NO_CHIP = -11, /* no answer on the clip, or not asked yet: norprog_detect() */
	NORPROG_E_UNKNOWN_CHIP = -12,  /* an ID nobody knows, and no SFDP */
	NORPROG_E_CHIP_MISMATCH = -13, /* NORPROG_CHIP contradicts the ID */
	NORPROG_E_UNSTABLE = -14,      /* reads that disagree: contact, supply or clock */
	NORPROG_E_BUS = -15,           /* the bus or adapter failed in mid-operation */
	NORPROG_E_TIMEOUT = -16,       /* a bounded wait ended */
	NORPROG_E_GONE = -17,          /* the adapter was unplugged */
	NORPROG_E_VERIFY = -18,        /* what was read back differs */
	NORPROG_E_POLICY = -19,        /* refused by a gate */
	NORPROG_E_SIZE = -20,          /* the size of a file makes no sense here */
	NORPROG_E_UNIT = -21,          /* this unit's own data would be lost */
	NORPROG_E_PROTECTED = -22,     /* write protection that does not lift */
	NORPROG_E_VOLTAGE = -23,     /* a 1.8 V part, and nobody said that this is taken care of */
	NORPROG_E_INTERRUPTED = -24, /* a stop was asked for and obeyed, or the answer was no */
	NORPROG_E_JOURNAL = -25,     /* an unfinished job is open on this chip: NORPROG_RESUME */
	NORPROG_E_UNSUPPORTED = -26  /* chip, adapter or library cannot do this */
};

/* The name of a code, as --json of the command has it: "no-chip", "unstable". Never NULL. */
const char *norprog_code_name(int code);

/* What a code means, one sentence without a full stop. Never NULL. */
const char *norprog_code_text(int code);

struct norprog_error {
	int code;            /* 0: the last function did not fail */
	const char *message; /* what happened: "erase 64K at 0x010000: USB bulk OUT timed out" */
	const char *hint;    /* what to do next; "" when there is nothing to say */
	const char *gate; /* the gate that refused, for norprog_job_override(); "" when none did */
};

typedef struct norprog norprog;

/* How the last function on this handle ended. Valid until the next function on the handle; a
 * function that returned NORPROG_E_BUSY has not changed it. Never NULL, not even for a NULL handle.
 * To be called by the thread that called that function. */
const struct norprog_error *norprog_error(const norprog *np);

/* ---- handles ----------------------------------------------------------------------------------- */

/* Make a handle. *np is the caller's and goes with norprog_free(). The state folder is the
 * command's ($XDG_STATE_HOME/norprog or ~/.local/state/norprog) unless NORPROG_STATE_FOLDER says
 * otherwise: command and library then find each other's backups and unfinished jobs. Reads the
 * environment. On failure *np is NULL. */
int norprog_new(norprog **np);

/* Close the programmer as norprog_close() does and free the handle. Jobs of the handle must be
 * freed before; layouts and images may outlive it. NULL is fine. Nothing may run on the handle.
 * Blocks for the bus when a programmer is open. */
void norprog_free(norprog *np);

enum norprog_option {
	/* Where backups and unfinished jobs are kept; created on need. An empty text or NULL is an
	 * error: nothing could be kept. */
	NORPROG_STATE_FOLDER = 1,
	/* The four below are looked at by norprog_detect(); NULL takes them back. */
	NORPROG_CHIP,       /* the name of the part; needed only where an ID does not tell */
	NORPROG_CHIPS_FILE, /* a file of chips of one's own (doc/CHIPS.md) */
	NORPROG_CLOCK,      /* "8M": never more, never less; NULL: the fastest that reads right */
	NORPROG_SIZE,       /* "8M": the size, against what the chip says; then it is only read */
	/* The layout in force, by built-in profile or file; NULL: the chip's, where it is
	 * recognised. Looked at by what comes after; an error says that there is none of that name.
	 */
	NORPROG_LAYOUT,
	NORPROG_TRACE /* a file that receives every message; looked at by norprog_open() */
};

/* Set an option. The text is copied. Blocks for the disk (NORPROG_LAYOUT). Errors: NORPROG_E_USAGE,
 * NORPROG_E_OUTPUT (no state folder), NORPROG_E_INPUT (no such layout); nothing is changed then. */
int norprog_set(norprog *np, enum norprog_option option, const char *value);

enum norprog_log_level { NORPROG_LOG_WARN, NORPROG_LOG_INFO, NORPROG_LOG_DEBUG };

/* One line without newline. */
typedef void norprog_log_fn(void *ctx, enum norprog_log_level level, const char *line);

/* Where this handle's log lines go (fn NULL: nowhere, as at first). Errors: NORPROG_E_BUSY. */
int norprog_set_log(norprog *np, norprog_log_fn *fn, void *ctx);

enum norprog_event_type {
	NORPROG_EV_PHASE,    /* a phase begins: `phase`, `total` bytes, `pass` of `passes` */
	NORPROG_EV_PROGRESS, /* `done` of `total` bytes of the phase; `addr` is in work */
	NORPROG_EV_PHASE_END,
	NORPROG_EV_PLAN,   /* the plan is made: norprog_job_plan_of() has it now */
	NORPROG_EV_BACKUP, /* a backup is safe on disk: `text` is its path */
	NORPROG_EV_STEP,   /* step `index` of `total` is done and verified: `addr`, `len` */
	NORPROG_EV_REREAD, /* reads disagreed and are voted on: `addr`, `len` */
	NORPROG_EV_NOTE,   /* worth saying: `text` */
	NORPROG_EV_WARN,   /* the user should act or at least know: `text` */
	NORPROG_EV_BLOCK   /* what is known of bytes has changed: `block`, `addr`, `len`. With these
	                      alone a map of the flash can be painted */
};

enum norprog_block {
	NORPROG_BLOCK_NONE,        /* of events of other types */
	NORPROG_BLOCK_READ,        /* read, and compared with nothing yet */
	NORPROG_BLOCK_READ_AGAIN,  /* once more, not compared yet */
	NORPROG_BLOCK_AGREED,      /* two reads were alike */
	NORPROG_BLOCK_DISAGREED,   /* they were not: it is read again and voted on */
	NORPROG_BLOCK_VOTED,       /* the vote had a majority */
	NORPROG_BLOCK_UNSTABLE,    /* it had none: what is there is not known */
	NORPROG_BLOCK_ERASING,     /* begins */
	NORPROG_BLOCK_PROGRAMMING, /* begins */
	NORPROG_BLOCK_VERIFYING,   /* begins */
	NORPROG_BLOCK_WRITTEN,     /* holds what it should, and was read back */
	NORPROG_BLOCK_SAME,        /* compared with a file: alike */
	NORPROG_BLOCK_DIFFERS      /* compared with a file: not alike */
};

enum norprog_phase {
	NORPROG_PHASE_READ,
	NORPROG_PHASE_REREAD,
	NORPROG_PHASE_PROBE,
	NORPROG_PHASE_BACKUP,
	NORPROG_PHASE_WRITE,
	NORPROG_PHASE_VERIFY,
	NORPROG_PHASE_PROTECT, /* write protection is put back */
	NORPROG_PHASE_OTHER    /* one that a later version knows */
};

struct norprog_event {
	enum norprog_event_type type;
	enum norprog_phase phase;
	uint64_t done, total, addr, len;
	uint64_t index;
	unsigned pass, passes; /* of a read; 0 where they are not counted */
	const char *text;
	enum norprog_block block;
};

/* Must not block for long: the chip waits. */
typedef void norprog_event_fn(void *ctx, const struct norprog_event *event);

/* As norprog_set_log(), for what jobs tell while they run. Unknown types are to be passed over. */
int norprog_set_events(norprog *np, norprog_event_fn *fn, void *ctx);

typedef struct norprog_job norprog_job;

struct norprog_question {
	const char *text;       /* "erase and write 2 blocks of W25Q64FV?" */
	const norprog_job *job; /* whose plan it is about; NULL: about an OTP area */
};

/* 1: go ahead; 0: no, the job ends with NORPROG_E_INTERRUPTED and nothing was changed. May block as
 * long as it likes. */
typedef int norprog_question_fn(void *ctx, const struct norprog_question *question);

/* As norprog_set_log(), for the question that is asked once: before the first erase, and before
 * NORPROG_DISCARD forgets a record, which has no plan. Without it (fn NULL) the job ends with
 * NORPROG_E_CONFIRM. */
int norprog_set_question(norprog *np, norprog_question_fn *fn, void *ctx);

/* A norprog_question_fn that says yes to everything, for programs that asked before. It lifts no
 * refusal of a gate. */
int norprog_answer_yes(void *ctx, const struct norprog_question *question);

/* Ask what runs on the handle to stop. The first request ends a write after the erase block in work
 * is erased, programmed and verified, the second after the page in work; reads end at once. The
 * function that was stopped returns NORPROG_E_INTERRUPTED, and NORPROG_RESUME goes on. A request is
 * forgotten when the function it met returns; one that met none stops the next one before it
 * begins, unless norprog_stop_clear() comes first. Any thread, any time, also in callbacks and
 * signal handlers; the handle must not be freed meanwhile. NULL is fine. */
void norprog_stop(norprog *np);

/* Forget requests. Threads as norprog_stop(). */
void norprog_stop_clear(norprog *np);

/* ---- programmers ------------------------------------------------------------------------------- */

struct norprog_programmer {
	const char *driver;  /* "ch341a" */
	const char *where;   /* "1-1.4", "/dev/spidev0.0" */
	const char *product; /* what it says it is; "" when it says nothing */
	const char *serial;  /* its serial number or "" */
	const char *bound;   /* the kernel driver that holds it, or "" */
	const char *spec;    /* what norprog_open() takes; "" when it cannot be opened */
	const char *note;    /* what to do before it can be used; "" when all is well */
	int may_open;        /* this user may open it */
	int certain;         /* nothing else looks like it: norprog_open() may choose it */
};
typedef void norprog_programmer_fn(void *ctx, const struct norprog_programmer *programmer);

/* Call fn for each programmer attached. Opens and disturbs none. Blocks for the USB enumeration,
 * some milliseconds. What could not be listed is logged. */
int norprog_programmers(norprog *np, norprog_programmer_fn *fn, void *ctx);

/* Open a programmer: "ch341a", "serprog:dev=/dev/ttyACM0", "sim:chip=W25Q64FV,file=chip.bin", as
 * the command's -p. NULL: $NORPROG_PROGRAMMER, else the one attached of which nothing else looks
 * like it. One that is open is closed first. Blocks for the bus. Errors: NORPROG_E_NO_PROGRAMMER,
 * NORPROG_E_ACCESS, NORPROG_E_BUSY (also when it is another's), NORPROG_E_USAGE, NORPROG_E_BUS. */
int norprog_open(norprog *np, const char *spec);

/* Put the chip back as it was found, release pins and adapter. Nothing open is fine. All is
 * released whatever the result. Blocks for the bus. Errors: bus errors, when the chip could not be
 * put back. */
int norprog_close(norprog *np);

/* ---- the chip ---------------------------------------------------------------------------------- */

struct norprog_chip {
	const char *name;       /* "W25Q64FV", "W25Q64BV/CV", "unknown (SFDP)" */
	const char *maker;      /* or "" */
	uint64_t size;          /* bytes */
	uint32_t page;          /* bytes */
	uint32_t erase[4];      /* erase blocks, bytes, smallest first; 0 ends */
	const char *jedec_id;   /* "ef4017" */
	const char *unique_id;  /* hexadecimal; "" when it has none */
	const char *note;       /* a quirk worth telling, or "" */
	const char *programmer; /* "ch341a at 1-1.4" */
	int has_sfdp, sfdp_major, sfdp_minor;
	int low_voltage;              /* not known to take 3.3 V: a 1.8 V part, or nothing tells */
	int size_overridden;          /* by NORPROG_SIZE: it will not be changed */
	uint32_t id_reads, id_agreed; /* the contact: how many of its IDs were alike */
	uint32_t hz, hz_tried; /* the clock settled on; hz_tried > hz: faster did not read right */
	int was_asleep, was_busy, was_reset; /* what it took to make it answer */
};

/* Who is on the clip. Asks anew each time; what was known of the chip before is gone. *chip (may be
 * NULL) as norprog_chip(). Blocks for the bus, less than 200 ms on a healthy chip, up to a minute
 * where it is found busy. Errors: NORPROG_E_NO_PROGRAMMER (none open), NORPROG_E_NO_CHIP,
 * NORPROG_E_UNSTABLE, NORPROG_E_UNKNOWN_CHIP, NORPROG_E_CHIP_MISMATCH, NORPROG_E_INPUT
 * (NORPROG_CHIPS_FILE), bus errors. */
int norprog_detect(norprog *np, const struct norprog_chip **chip);

/* What norprog_detect() found; NULL: nothing yet. The handle's; valid until norprog_detect(),
 * norprog_open() or norprog_close(). */
const struct norprog_chip *norprog_chip(const norprog *np);

/* How good the contact is now: the ID is read `reads` times, and *agreed (may be NULL) says how
 * many were that of the chip detected. Blocks for the bus, a millisecond or less. Errors:
 * NORPROG_E_USAGE (0, more than 1024), NORPROG_E_NO_CHIP (nothing detected yet), bus errors. Reads
 * that disagree are no error here. */
int norprog_contact(norprog *np, unsigned reads, unsigned *agreed);

struct norprog_check {
	const char *name;  /* "programmer", "wires", "clock", ... */
	const char *level; /* "ok", "doubtful", "wrong", "not known" */
	const char *text;
};

struct norprog_diagnosis {
	int code;            /* 0: a backup read now may be trusted; else what speaks against it:
	                        NORPROG_E_NO_PROGRAMMER, NORPROG_E_UNSTABLE (the clip or the chip),
	                        NORPROG_E_POLICY */
	const char *verdict; /* one word: "ok", "no-answer-high", "power", ... (doc/FORMATS.md) */
	const char *conclusion, *action;    /* what is wrong, and what to do next */
	const char *programmer;             /* "ch341a at 1-1.4"; "" when none could be opened */
	const char *wiring;                 /* of this adapter to the chip, as lines of ASCII */
	const struct norprog_check *checks; /* from the plug to the chip */
	size_t check_count;
};

/* What is wrong? Opens the programmer (`spec` as norprog_open()), asks wires, clock and chip, and
 * closes it: whatever was open or detected on the handle is closed first. Only reads. What is wrong
 * is no error but a finding. *diagnosis is the handle's, valid until the next call. Blocks for the
 * bus, up to about ten seconds. Errors: NORPROG_E_USAGE (spec makes no sense), NORPROG_E_INPUT
 * (NORPROG_CHIPS_FILE), NORPROG_E_INTERRUPTED. */
int norprog_doctor(norprog *np, const char *spec, const struct norprog_diagnosis **diagnosis);

/* Bytes. The one struct that never grows. */
struct norprog_range {
	uint64_t start, len;
};

struct norprog_protection {
	const char *text;    /* "SR1=7C SR2=02: protects 0x000000-0x7fffff; SRP0 clear" */
	const char *meaning; /* what the bits mean and what can be done, lines; may be "" */
	int known;           /* `ranges` tells what is protected */
	const struct norprog_range *ranges;
	size_t range_count;
	int wp_decides; /* the WP# pin decides whether this can be changed */
	int locked;     /* until power-up or for ever */
};

/* Read write protection. *protection is the handle's, valid until the next call. Blocks for the
 * bus. Errors: NORPROG_E_NO_CHIP, bus errors. */
int norprog_protection(norprog *np, const struct norprog_protection **protection);

/* Change write protection for good (non-volatile): protect exactly `range`, "START+LEN",
 * "START-LAST" or a region of the layout; NULL: nothing. Jobs lift protection by themselves and put
 * it back: they need no call of this. Blocks for the bus. Errors: NORPROG_E_RANGE (the part cannot
 * express it: the hint says what it can), NORPROG_E_PROTECTED, NORPROG_E_UNSUPPORTED. */
int norprog_protect(norprog *np, const char *range);

/* Read `len` bytes at `addr` into buf, `passes` (1 to 5) times; reads that disagree are voted on by
 * 4 KiB. Blocks for the bus, about a second per MiB. Errors: NORPROG_E_RANGE, NORPROG_E_USAGE,
 * NORPROG_E_UNSTABLE (no majority; buf is filled all the same), NORPROG_E_INTERRUPTED, bus
 * errors. */
int norprog_read(norprog *np, uint64_t addr, void *buf, size_t len, unsigned passes);

/* A part that is supported by name. Parts that are not listed are driven by their SFDP. */
struct norprog_part {
	const char *name, *maker;
	const char *jedec_id; /* hexadecimal */
	uint64_t size;        /* bytes */
	int low_voltage;
	const char *proven; /* "table", "model" (on the strict model), "reported" (by users) */
	const char *note;   /* or "" */
	const char *source; /* where the figures come from, or "" */
};

typedef void norprog_part_fn(void *ctx, const struct norprog_part *part);

/* Call fn for each part. */
int norprog_parts(norprog_part_fn *fn, void *ctx);

/* ---- one-time programmable areas --------------------------------------------------------------- */

struct norprog_otp_area {
	unsigned number; /* as the data sheet counts */
	const char *name;
	uint32_t len;   /* bytes */
	int lock_known; /* `locked` means something */
	int locked;     /* can never be changed again */
	int erasable;   /* can be erased while it is not locked */
};
typedef void norprog_otp_fn(void *ctx, const struct norprog_otp_area *area);

/* Call fn for each area of the chip, once all are known. Blocks for the bus. Errors:
 * NORPROG_E_NO_CHIP, bus errors. */
int norprog_otp_list(norprog *np, norprog_otp_fn *fn, void *ctx);

/* Read a whole area; `len` is its length. Blocks for the bus. Errors: NORPROG_E_RANGE (no such
 * area, another length), NORPROG_E_NO_CHIP, bus errors. */
int norprog_otp_read(norprog *np, unsigned number, void *buf, size_t len);

enum norprog_otp_change { NORPROG_OTP_WRITE, NORPROG_OTP_ERASE, NORPROG_OTP_LOCK };

/* Change an area: write `len` bytes at `offset`, or erase or lock all of it (data NULL, len and
 * offset 0). Mostly for ever: `overrides` has to hold "permanent", and "supply" for a 1.8 V part,
 * divided by commas. The question is asked. What was written is read back. Blocks for the bus.
 * Errors: NORPROG_E_POLICY and NORPROG_E_VOLTAGE (an override is missing), NORPROG_E_RANGE,
 * NORPROG_E_PROTECTED (locked), NORPROG_E_CONFIRM, NORPROG_E_INTERRUPTED, NORPROG_E_VERIFY,
 * NORPROG_E_UNSUPPORTED, bus errors. */
int norprog_otp_change(norprog *np, unsigned number, enum norprog_otp_change change,
                       uint32_t offset, const void *data, size_t len, const char *overrides);

/* ---- layouts: the regions of a flash ----------------------------------------------------------- */

typedef struct norprog_layout norprog_layout;

struct norprog_layout_info {
	const char *name;   /* "tplink-mr200-v1" */
	const char *device; /* "TP-Link Archer MR200 v1", or "" */
	const char *source; /* where the facts come from */
	const char *doubt;  /* about the whole, or "" */
	uint64_t size;      /* of the flash; 0: any */
	int profile;        /* knows which data belong to one unit alone */
};

struct norprog_region {
	const char *name, *alias; /* alias: another name of it, or "" */
	const char *holds;        /* what is in it, or "" */
	const char *doubt;        /* or "" */
	uint64_t start, len;      /* bytes */
	int unit;                 /* this unit's own: lost for ever when it is overwritten */
	int boot;                 /* the boot loader */
};

/* The name of a built-in profile, by index; NULL past the last. */
const char *norprog_layout_name(size_t index);

/* Load a layout: a built-in profile by its name or the vendor's or OpenWrt's name of the device, or
 * a file (profile, flashrom layout, device tree, mtdparts, boot log; told apart by content).
 * *layout is the caller's: norprog_layout_free(). The handle is for the error alone. Blocks for the
 * disk. Errors: NORPROG_E_INPUT. */
int norprog_layout_load(norprog *np, const char *spec, norprog_layout **layout);
void norprog_layout_free(norprog_layout *layout);

/* Facts of a layout; the pointers are the layout's. NULL for a NULL layout. */
const struct norprog_layout_info *norprog_layout_info(const norprog_layout *layout);

/* A region, by index in address order; NULL past the last. The layout's. */
const struct norprog_region *norprog_layout_region(const norprog_layout *layout, size_t index);

struct norprog_device {
	const char *name;   /* the built-in profile; "": not recognised */
	const char *device; /* what people call it, or "" */
	const char *why;    /* what speaks for it; not recognised: for and against the nearest */
	const char *also;   /* other profiles that fit as well, divided by commas; or "" */
	int ambiguous;      /* one of those divides the flash otherwise: NORPROG_LAYOUT decides */
};

/* Which device the chip is from, by what it holds: the few places that tell are read. Where that
 * would take more than a second, they are taken from the last whole backup of this chip. *device is
 * the handle's, valid until the next call. A device that is recognised for sure becomes the layout
 * in force, unless NORPROG_LAYOUT named one. Not recognised is no error. Blocks for the bus.
 * Errors: NORPROG_E_NO_CHIP, bus errors. */
int norprog_recognise(norprog *np, const struct norprog_device **device);

/* The layout in force: of NORPROG_LAYOUT, or recognised; NULL: none. The handle's, valid until
 * NORPROG_LAYOUT is set, norprog_detect(), norprog_recognise(), norprog_open() or
 * norprog_close(). */
const norprog_layout *norprog_layout_in_force(const norprog *np);

/* ---- images: files and dumps ------------------------------------------------------------------- */

typedef struct norprog_image norprog_image;

struct norprog_image_info {
	const uint8_t *data; /* all of it */
	size_t len;
	const char *kind;    /* "full-dump", "vendor-upgrade", "unknown", ... */
	const char *text;    /* one line: "full dump of TP-Link Archer MR200 v1" */
	const char *why;     /* what makes us think so, or "" */
	const char *profile; /* the built-in profile of the device it is from or for, or "" */
	int has_place;       /* where it belongs on that device's flash is known: */
	uint64_t place;      /* there, */
	const char *region;  /* the region that begins there, or "", */
	uint64_t strip;      /* without so many bytes in front */
	int truncated;       /* says itself that it should be longer */
	int damaged;         /* a checksum in it is wrong */
	const norprog_layout *layout; /* recognised, or found inside; NULL: none */
};

/* Open a file. *image is the caller's: norprog_image_free(). The handle is for the error alone here
 * and below. Blocks for the disk. Errors: NORPROG_E_INPUT (missing, unreadable, empty, longer than
 * 1 GiB). */
int norprog_image_open(norprog *np, const char *path, norprog_image **image);

/* The same of bytes in memory, which are copied. */
int norprog_image_copy(norprog *np, const void *data, size_t len, norprog_image **image);
void norprog_image_free(norprog_image *image);

/* Give it another layout than it was recognised by (spec as norprog_layout_load()). Errors:
 * NORPROG_E_INPUT, NORPROG_E_RANGE, NORPROG_E_SIZE (it does not fit). */
int norprog_image_set_layout(norprog *np, norprog_image *image, const char *spec);

/* What it is. The image's; valid until it is changed or freed. NULL for a NULL image. */
const struct norprog_image_info *norprog_image_info(const norprog_image *image);

enum norprog_field_state {
	NORPROG_FIELD_GOOD,       /* passes every check there is for its type */
	NORPROG_FIELD_DOUBTFUL,   /* cannot be right: `flaw` says why */
	NORPROG_FIELD_PLACEHOLDER /* somebody wrote it over before publishing: `flaw` says why */
};

/* A value that belongs to one unit: MAC, PIN, IMEI, serial number, calibration. */
struct norprog_field {
	const char *name;    /* "mac", "imei", "cal-2g" */
	const char *type;    /* "MAC", "calibration", ... */
	uint64_t start, len; /* bytes of the flash */
	const char *value;   /* "a0:f3:c1:00:00:01" */
	const char *flaw;    /* "" when good */
	const char *doubt;   /* why the address may be wrong, or "" */
	enum norprog_field_state state;
};

/* A field of the image by its layout, by index; NULL past the last, or without a layout. The
 * image's, valid until it is changed. */
const struct norprog_field *norprog_image_field(const norprog_image *image, size_t index);

/* Set a field, "mac=a0:f3:c1:00:00:01", checked as one that is read. Errors: NORPROG_E_USAGE (no
 * such field, a value that cannot be), NORPROG_E_INPUT (no layout); nothing is changed then. */
int norprog_image_set_field(norprog *np, norprog_image *image, const char *assignment);

/* Save the image, or just `what` of it (a region or range; NULL: all), under a new name; what
 * exists is never overwritten. Blocks for the disk. Errors: NORPROG_E_OUTPUT, NORPROG_E_RANGE. */
int norprog_image_save(norprog *np, const norprog_image *image, const char *what, const char *path);

struct norprog_difference {
	uint64_t start, len; /* from the first to the last byte that differs, with small gaps */
	uint64_t bytes;      /* that differ */
	int unit;            /* looks like, or is by the layout, one unit's own */
	const char *guess;   /* "mac", "15 digits", or "" */
};
typedef void norprog_difference_fn(void *ctx, const struct norprog_difference *difference);

/* Call fn for each stretch in which two images of one length differ, in address order; the layout
 * of `a` helps to tell unit data. *bytes (may be NULL): how many bytes differ. Errors:
 * NORPROG_E_SIZE. */
int norprog_image_compare(norprog *np, const norprog_image *a, const norprog_image *b,
                          norprog_difference_fn *fn, void *ctx, uint64_t *bytes);

/* ---- jobs -------------------------------------------------------------------------------------- */

enum norprog_operation {
	NORPROG_READ,    /* the chip, or parts of it, into a file with its manifest (FILE.json) */
	NORPROG_VERIFY,  /* compare the chip with a file, or with FFh where none is given */
	NORPROG_WRITE,   /* make the chip hold a file */
	NORPROG_RESTORE, /* put back regions of a dump, or a partial backup where it came from */
	NORPROG_ERASE,   /* all, or a selection */
	NORPROG_RESUME,  /* finish the unfinished job of this chip */
	NORPROG_UNDO,    /* put its backup back */
	NORPROG_DISCARD  /* forget it; the chip is left as it is */
};

/* Begin to describe a job on the chip of the handle. *job is the caller's: norprog_job_free(). It
 * belongs to the handle and must not outlive it. */
int norprog_job_new(norprog *np, enum norprog_operation operation, norprog_job **job);
void norprog_job_free(norprog_job *job);

/* The file to write, restore or verify with: a dump of the whole chip, exactly the selected bytes
 * in address order, a piece for NORPROG_JOB_AT, or (restore, verify) a partial backup with its
 * manifest. Read when the job runs. */
int norprog_job_file(norprog_job *job, const char *path);

/* The same of bytes in memory, which are copied. */
int norprog_job_bytes(norprog_job *job, const void *data, size_t len);

/* Add to what is selected (nothing: everything), or to what must survive: a region or group of the
 * layout in force, "unit" (all that belongs to this unit alone), "START+LEN" or "START-LAST".
 * Unknown names are found when the job runs. */
int norprog_job_only(norprog_job *job, const char *what);
int norprog_job_keep(norprog_job *job, const char *what);

enum norprog_setting {
	NORPROG_JOB_AT = 1, /* write, verify: an address or region where a short file belongs */
	NORPROG_JOB_FIELD,  /* write, restore: "mac=a0:f3:c1:00:00:01"; may be given often */
	NORPROG_JOB_OUTPUT, /* read: the file to make; not given: a new backup in the state folder */
	NORPROG_JOB_BACKUP, /* write, restore, erase: the name of the backup */
	NORPROG_JOB_BASE,   /* a dump that the chip is known to hold, or "blank": sampled */
	NORPROG_JOB_PASSES, /* "1" to "5" */
	/* Switches: "1" is on, "0" is off, as at first. */
	NORPROG_JOB_STRIP,      /* with AT: leave out the vendor's header in front */
	NORPROG_JOB_VERIFY_ALL, /* verify more than was touched */
	NORPROG_JOB_NO_VERIFY,  /* verify nothing */
	NORPROG_JOB_NO_BACKUP,  /* keep none once the job is done */
	NORPROG_JOB_CHIP_ERASE, /* erase all at once */
	NORPROG_JOB_BOOT_LAST   /* write the boot loader last */
};

/* Set one. The text is copied. Errors: NORPROG_E_USAGE (a setting that the operation does not have
 * included). */
int norprog_job_set(norprog_job *job, enum norprog_setting setting, const char *value);

/* Lift one refusal, by the name of its gate: for a user who has read it. Errors: NORPROG_E_USAGE
 * (no gate of that name, or one that nothing lifts). */
int norprog_job_override(norprog_job *job, const char *gate);

struct norprog_plan {
	int nothing_to_do; /* the chip holds it already */
	uint64_t erase_bytes, program_bytes;
	uint64_t changed_bytes; /* that will differ */
	uint64_t duration_us;   /* expected: erase, program and verify */
	size_t steps;
};

/* The dry run of a write, restore, erase, resume or undo: read what must be known, ask all gates, make the plan,
 * change nothing. *plan (may be NULL) is the job's, valid until it is planned, run or freed. Blocks
 * for the bus. Errors: as norprog_job_run() before the first erase. */
int norprog_job_plan(norprog_job *job, const struct norprog_plan **plan);

/* The plan that was made, by norprog_job_plan() or by the run under way, in callbacks too; NULL:
 * none yet. */
const struct norprog_plan *norprog_job_plan_of(const norprog_job *job);

struct norprog_step {
	uint64_t start, len; /* bytes */
	uint32_t erase;      /* size of the erase block; 0: only programmed */
	uint32_t pages;      /* to program */
	uint64_t duration_us;
	const char *regions; /* those it touches, divided by commas; "" without a layout */
};

/* A step of that plan, by index in the order of execution; NULL past the last. Valid as the plan. */
const struct norprog_step *norprog_job_step(const norprog_job *job, size_t index);

enum norprog_verdict_kind { NORPROG_PASS, NORPROG_WARNING, NORPROG_REFUSAL };

struct norprog_verdict {
	const char *gate; /* its name */
	enum norprog_verdict_kind kind;
	const char *message, *hint; /* "" when it passed */
	int overridden;             /* it would refuse, and norprog_job_override() lifted that */
};

/* What a gate said in the last plan or run, by index; NULL past the last. A plan asks all gates, a
 * run ends at the first refusal. Valid as the plan. */
const struct norprog_verdict *norprog_job_verdict(const norprog_job *job, size_t index);

struct norprog_result {
	int nothing_to_do;
	uint64_t changed_bytes, erased_bytes, programmed_bytes, verified_bytes;
	uint64_t retried_blocks; /* that had to be written twice */
	uint64_t duration_us;
	const char *backup;        /* write, restore, erase: its path; "" when none was needed */
	const char *file;          /* read: the path */
	const char *sha256;        /* read: of the file; hexadecimal, or "" */
	uint64_t file_bytes;       /* read: its length */
	unsigned passes;           /* read: made over everything */
	uint64_t disagreed_blocks; /* read: of 4 KiB, that had to be voted on */
	int all_ff, all_00, equal_halves, zero_bursts; /* read: contents that a bad contact reads */
	uint64_t differing_bytes, first; /* verify: how many, and the address of the first */
	int chip_byte, image_byte;       /* verify: what is there */
	/* read: an address line does not arrive; bits are the same in every byte; bytes were lost on
	 * the way */
	int address_line, stuck_bits, shifted;
};

/* Do it. *result (may be NULL) is the job's, valid until it is planned, run or freed, and is filled
 * as far as the job came. Blocks for the bus and the disk, seconds to many minutes. A job may be
 * run again.
 *
 * Errors: NORPROG_E_NO_CHIP, NORPROG_E_USAGE and NORPROG_E_INPUT (what was asked for makes no
 * sense), NORPROG_E_SIZE, NORPROG_E_RANGE, NORPROG_E_OUTPUT; a gate's refusal: NORPROG_E_POLICY,
 * NORPROG_E_UNIT, NORPROG_E_VOLTAGE, NORPROG_E_JOURNAL, ..., norprog_error()->gate names it;
 * NORPROG_E_CONFIRM, NORPROG_E_INTERRUPTED before the first erase; NORPROG_E_UNSTABLE; and once
 * something may have changed NORPROG_E_VERIFY, NORPROG_E_INTERRUPTED and bus errors: then the
 * message says which block is in flux, and NORPROG_RESUME finishes or NORPROG_UNDO puts back. */
int norprog_job_run(norprog_job *job, const struct norprog_result **result);

struct norprog_gate {
	const char *name;     /* "unit-data": what norprog_job_override() takes */
	const char *protects; /* what from what, a sentence or two */
	int can_override;
};

/* A gate, by index in the order in which they are asked; NULL past the last. Valid until this
 * thread's next call. */
const struct norprog_gate *norprog_gate(size_t index);

/* ---- what is kept ------------------------------------------------------------------------------ */

struct norprog_backup {
	const char *path;
	const char *operation; /* what it was made by: "read", "write", ... */
	const char *chip, *unique_id, *profile, *date; /* "" when unknown; UTC, ISO 8601 */
	uint64_t chip_size, size;                      /* of the file */
	const char *sha256;
	int whole;     /* all of the chip */
	int this_chip; /* the unique ID is that of the chip detected */
	unsigned passes;
	const char *device, *mac;   /* by the profile that was in force; "" when not known */
	const char *file, *regions; /* what the job was to write, and where to; "": nothing or not
	                               told, all of the chip or not told */
	int needed;                 /* an unfinished job may want it back */
};
typedef void norprog_backup_fn(void *ctx, const struct norprog_backup *backup);

/* Call fn for each backup in the state folder, newest first. Manifests are read, files are not.
 * What is damaged is logged and passed over. Blocks for the disk. Errors: NORPROG_E_OUTPUT (no
 * state folder). */
int norprog_backups(norprog *np, norprog_backup_fn *fn, void *ctx);

/* Is the backup (its path or file name) what its manifest says? Reads all of it. Errors:
 * NORPROG_E_INPUT (there is none, it is missing, its length or SHA-256 differs), NORPROG_E_OUTPUT. */
int norprog_backup_verify(norprog *np, const char *path);

/* Remove backups so that of each chip the newest `keep` (at least 1) stay. Calls fn (may be NULL) for
 * each that goes, before the first is removed; with `dry_run` none is. What stays in any case: the
 * newest that holds all of a chip, what an unfinished job needs, and what does not tell which chip it
 * is of. What is kept is read, and counts only when it is sound. Errors: NORPROG_E_USAGE,
 * NORPROG_E_POLICY (an unfinished job's record is damaged), NORPROG_E_OUTPUT, NORPROG_E_BUSY. */
int norprog_backups_prune(norprog *np, unsigned keep, int dry_run, norprog_backup_fn *fn,
                          void *ctx);

struct norprog_unfinished {
	const char *operation;                               /* "write", ... */
	const char *chip, *unique_id, *programmer, *started; /* "" when unknown; UTC */
	const char *backup;                                  /* path of what the chip held */
	uint64_t chip_size;
	int damaged; /* the record cannot be read: it can only be undone from a backup, or discarded */
	const char *file, *regions; /* as those of a backup */
};
typedef void norprog_unfinished_fn(void *ctx, const struct norprog_unfinished *job);

/* Call fn for each unfinished job in the state folder, of whatever chip. Blocks for the disk.
 * Errors as norprog_backups(). */
int norprog_unfinished_jobs(norprog *np, norprog_unfinished_fn *fn, void *ctx);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
