/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libnorprog: back up, rewrite and selectively restore SPI NOR flash. doc/LIBRARY.md is the guide.
 *
 * Handles. Everything begins with norprog_new(). A handle has at most one programmer and one chip,
 * its own callbacks, last error and stop request. Handles share nothing: use many at once, in many
 * threads.
 *
 * Threads. One handle does one thing at a time: a function called while another runs on the handle
 * (or a job of it), from another thread or a callback, returns NORPROG_E_BUSY and changes nothing,
 * the last error included; exceptions are named where they are. Functions without a handle may be
 * called from anywhere; an object that is not being changed may be read by many threads. What is
 * handed out of the handle is for the thread that works on it. Callbacks run in that thread, too,
 * and must return (no exception, no longjmp).
 *
 * Errors. What can fail returns 0 or a code of enum norprog_code, and leaves message and hint in
 * norprog_error(). Below, E_RANGE means NORPROG_E_RANGE; E_USAGE (a NULL that is not allowed) and
 * E_MEMORY are possible everywhere and not repeated. Nothing here prints, exits, or installs a
 * signal handler: ignore SIGPIPE and SIGXFSZ, so that a full disk is an error, not an end in
 * mid-erase.
 *
 * Structs are made by the library and handed out as pointers to const. Later versions may add
 * members at their end, and change none. Strings are UTF-8 as far as their origin is, may hold
 * anything that a file, a chip or a USB device said, and are never NULL unless that is said.
 *
 * Blocking. Where nothing is said a function returns at once. "Blocks for the bus": it talks to the
 * adapter, every wait has a limit, and norprog_stop() ends it early; it may fail with E_NO_CHIP
 * (none detected yet), E_INTERRUPTED and the bus errors E_BUS, E_TIMEOUT and E_GONE. "Blocks for
 * the disk": files are read or written, and synced.
 *
 * Safety. What the command refuses the library refuses, by the same gates, unless a job is told
 * otherwise by the gate's name: norprog_job_override(). Nothing is erased before what it held is on
 * disk, and nothing is called written that was not read back. Before the first erase the program is
 * asked; without norprog_set_question() the answer is no.
 */
#ifndef NORPROG_H
#define NORPROG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* major << 16 | minor << 8 | patch, of this header and of the library in use. Until 1.0 programs
 * are compiled again for each minor version, which the name of the shared object enforces. */
#define NORPROG_VERSION_NUMBER 0x000200
unsigned norprog_version(void);

typedef struct norprog norprog;
typedef struct norprog_layout norprog_layout;
typedef struct norprog_image norprog_image;
typedef struct norprog_job norprog_job;

/* ---- errors ------------------------------------------------------------------------------------ */
/* clang-format off */
enum norprog_code {
	NORPROG_OK = 0,
	NORPROG_E_FAIL = -1, NORPROG_E_MEMORY = -2, /* no better name; an allocation failed */
	NORPROG_E_OUTPUT = -3,         /* a file or the state folder cannot be written */
	NORPROG_E_USAGE = -4,          /* an argument makes no sense; a NULL that is not allowed */
	NORPROG_E_INPUT = -5,          /* a file is missing, unreadable, or not what it should be */
	NORPROG_E_RANGE = -6,          /* a region or address out of range or contradictory */
	NORPROG_E_CONFIRM = -7,        /* a question was due, and no norprog_set_question() */
	NORPROG_E_NO_PROGRAMMER = -8,  /* nothing attached, none chosen, or none open */
	NORPROG_E_ACCESS = -9,         /* the programmer may not be opened by this user */
	NORPROG_E_BUSY = -10,          /* the programmer, file or handle is in use */
	NORPROG_E_NO_CHIP = -11,       /* no answer on the clip, or not asked yet: norprog_detect() */
	NORPROG_E_UNKNOWN_CHIP = -12,  /* an ID that no table has, and no SFDP */
	NORPROG_E_CHIP_MISMATCH = -13, /* NORPROG_CHIP contradicts the ID */
	NORPROG_E_UNSTABLE = -14,      /* reads that disagree: contact, supply or clock */
	NORPROG_E_BUS = -15, NORPROG_E_TIMEOUT = -16, NORPROG_E_GONE = -17, /* in mid-operation: bus or
	                                  adapter failed; a bounded wait ended; it was unplugged */
	NORPROG_E_VERIFY = -18,        /* what was read back differs */
	NORPROG_E_POLICY = -19,        /* refused by a gate */
	NORPROG_E_SIZE = -20,          /* the size of a file makes no sense here */
	NORPROG_E_UNIT = -21,          /* this unit's own data would be lost */
	NORPROG_E_PROTECTED = -22,     /* write protection that does not lift */
	NORPROG_E_VOLTAGE = -23,       /* a 1.8 V part: override "supply" once its supply is right */
	NORPROG_E_INTERRUPTED = -24,   /* a stop was asked for and obeyed, or the answer was no */
	NORPROG_E_JOURNAL = -25,       /* an unfinished job is open on this chip: NORPROG_RESUME */
	NORPROG_E_UNSUPPORTED = -26    /* chip, adapter or library cannot do this */
};
/* clang-format on */

/* The name of a code, as --json has it ("no-chip"), and what it means, in words. Never NULL. */
const char *norprog_code_name(int code);
const char *norprog_code_text(int code);

struct norprog_error {
	int code;            /* 0: the last function did not fail */
	const char *message; /* what happened: "erase 64K at 0x010000: USB bulk OUT timed out" */
	const char *hint;    /* what to do next; "" when there is nothing to say */
	const char *gate; /* the gate that refused, for norprog_job_override(); "" when none did */
};

/* How the last function on this handle ended, for the thread that called it; valid until the next
 * one that does not return E_BUSY. Never NULL, not even for a NULL handle. */
const struct norprog_error *norprog_error(const norprog *np);

/* ---- handles ----------------------------------------------------------------------------------- */
/* Make a handle; *np is the caller's, NULL on failure. Reads the environment: the state folder is
 * the command's ($XDG_STATE_HOME/norprog or ~/.local/state/norprog) unless NORPROG_STATE_FOLDER
 * is set, and the two find each other's backups and unfinished jobs. */
int norprog_new(norprog **np);

/* norprog_close(), then free the handle (or NULL); while something runs on it nothing happens. Its
 * jobs must be freed before; layouts and images may outlive it. */
void norprog_free(norprog *np);

enum norprog_option {
	NORPROG_STATE_FOLDER = 1, /* of backups and unfinished jobs; made on need; not NULL */
	/* The four below are looked at by norprog_detect(); NULL takes them back. */
	NORPROG_CHIP,       /* the name of the part; needed only where an ID does not tell */
	NORPROG_CHIPS_FILE, /* a file of chips of one's own (doc/CHIPS.md) */
	NORPROG_CLOCK,      /* "8M": never more, never less; NULL: the fastest that reads right */
	NORPROG_SIZE,       /* "8M", against what the chip says: then it is only read */
	NORPROG_LAYOUT, /* in force, as norprog_layout_load(); NULL: that of the device recognised */
	NORPROG_TRACE   /* a file that receives every message; looked at by norprog_open() */
};

/* Set an option. The text is copied. Blocks for the disk (NORPROG_LAYOUT). Errors: E_USAGE,
 * E_OUTPUT (no state folder), E_INPUT (no such layout); nothing is changed then. */
int norprog_set(norprog *np, enum norprog_option option, const char *value);

enum norprog_log_level { NORPROG_LOG_WARN, NORPROG_LOG_INFO, NORPROG_LOG_DEBUG };

/* Where this handle's log lines go, each without newline (fn NULL: nowhere, as at first). */
typedef void norprog_log_fn(void *ctx, enum norprog_log_level level, const char *line);
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
	NORPROG_EV_BLOCK   /* bytes are in another state now: `block`, `addr`, `len` */
};

/* clang-format off */
enum norprog_block {
	NORPROG_BLOCK_NONE,                            /* of events of other types */
	NORPROG_BLOCK_READ, NORPROG_BLOCK_READ_AGAIN,  /* read; once more; compared with nothing yet */
	NORPROG_BLOCK_AGREED, NORPROG_BLOCK_DISAGREED, /* two reads were alike; not: it is voted on */
	NORPROG_BLOCK_VOTED, NORPROG_BLOCK_UNSTABLE,   /* the vote had a majority; none */
	NORPROG_BLOCK_ERASING, NORPROG_BLOCK_PROGRAMMING, NORPROG_BLOCK_VERIFYING, /* begins */
	NORPROG_BLOCK_WRITTEN,                         /* holds what it should, and was read back */
	NORPROG_BLOCK_SAME, NORPROG_BLOCK_DIFFERS      /* compared with a file */
};

enum norprog_phase { /* PROTECT: write protection is put back; OTHER: one of a later version */
	NORPROG_PHASE_READ, NORPROG_PHASE_REREAD, NORPROG_PHASE_PROBE, NORPROG_PHASE_BACKUP,
	NORPROG_PHASE_WRITE, NORPROG_PHASE_VERIFY, NORPROG_PHASE_PROTECT, NORPROG_PHASE_OTHER
};
/* clang-format on */

struct norprog_event {
	enum norprog_event_type type;
	enum norprog_phase phase;
	uint64_t done, total, addr, len, index;
	unsigned pass, passes; /* of a read; 0 where they are not counted */
	const char *text;
	enum norprog_block block;
};

/* As norprog_set_log(), for what jobs tell while they run. Must not block for long, because the
 * chip waits; unknown types are to be passed over. */
typedef void norprog_event_fn(void *ctx, const struct norprog_event *event);
int norprog_set_events(norprog *np, norprog_event_fn *fn, void *ctx);

struct norprog_question {
	const char *text;       /* "erase and write 2 blocks of W25Q64FV?" */
	const norprog_job *job; /* whose plan it is about; NULL: an OTP area */
};

/* As norprog_set_log(), for the question that is asked once: before the first erase, and before
 * NORPROG_DISCARD forgets a record. fn returns 1: go ahead; anything else: the job ends with
 * E_INTERRUPTED and nothing was changed. It may block. Without it the job ends with E_CONFIRM. */
typedef int norprog_question_fn(void *ctx, const struct norprog_question *question);
int norprog_set_question(norprog *np, norprog_question_fn *fn, void *ctx);

/* Says yes to everything, for programs that asked before. It lifts no refusal of a gate. */
int norprog_answer_yes(void *ctx, const struct norprog_question *question);

/* Ask what runs on the handle to stop: it returns E_INTERRUPTED, and NORPROG_RESUME goes on.
 * Reads end at once, a write after its erase block is verified, at a second request after the
 * page. A request that met nothing stops the next function before it begins, unless
 * norprog_stop_clear() forgets it. Both: any thread, any time, also in callbacks and signal
 * handlers, on a handle (or NULL) that is not freed meanwhile. */
void norprog_stop(norprog *np);
void norprog_stop_clear(norprog *np);

/* ---- programmers ------------------------------------------------------------------------------- */
struct norprog_programmer {
	const char *driver, *where;   /* "ch341a"; "1-1.4", "/dev/spidev0.0" */
	const char *product, *serial; /* what it says of itself, or "" */
	const char *bound;            /* the kernel driver that holds it, or "" */
	const char *spec;             /* what norprog_open() takes; "" when it cannot be opened */
	const char *note;             /* what to do before it can be used; "" when all is well */
	int may_open, certain;        /* by this user; nothing else looks like it */
};
typedef void norprog_programmer_fn(void *ctx, const struct norprog_programmer *programmer);
/* Call fn for each programmer attached. Opens none. What could not be listed is logged. */
int norprog_programmers(norprog *np, norprog_programmer_fn *fn, void *ctx);

/* Open a programmer as the command's -p does: "ch341a", "serprog:dev=/dev/ttyACM0". NULL:
 * $NORPROG_PROGRAMMER, else the only one that is `certain`. One that is open is closed first.
 * Blocks for the bus. Errors: E_NO_PROGRAMMER, E_ACCESS, E_BUSY (in use), E_USAGE, E_BUS. */
int norprog_open(norprog *np, const char *spec);

/* Put the chip back as it was found, and release pins and adapter in any case; nothing open is
 * fine. Blocks for the bus. Errors: bus errors, when the chip could not be put back. */
int norprog_close(norprog *np);

/* ---- the chip ---------------------------------------------------------------------------------- */
struct norprog_chip {
	const char *name, *maker;         /* "W25Q64FV", "unknown (SFDP)"; "Winbond" or "" */
	uint64_t size;                    /* bytes, as the two below */
	uint32_t page, erase[4];          /* erase blocks: smallest first; 0 ends */
	const char *jedec_id, *unique_id; /* hexadecimal; or "" */
	const char *note;                 /* a quirk worth telling, or "" */
	const char *programmer;           /* "ch341a at 1-1.4" */
	int has_sfdp, sfdp_major, sfdp_minor;
	int low_voltage;              /* not known to take 3.3 V: a 1.8 V part, or nothing tells */
	int size_overridden;          /* by NORPROG_SIZE: it will not be changed */
	uint32_t id_reads, id_agreed; /* the contact: how many of its IDs were alike */
	uint32_t hz, hz_tried; /* the clock settled on; hz_tried > hz: faster did not read right */
	int was_asleep, was_busy, was_reset; /* what it took to make it answer */
};

/* Who is on the clip, asked anew each time. *chip (may be NULL) as norprog_chip(). Blocks for the
 * bus: under 200 ms, up to a minute where the chip is found busy. Errors: E_NO_PROGRAMMER (none
 * open), E_UNSTABLE, E_UNKNOWN_CHIP, E_CHIP_MISMATCH, E_INPUT (NORPROG_CHIPS_FILE). */
int norprog_detect(norprog *np, const struct norprog_chip **chip);

/* What norprog_detect() found; NULL: nothing. Valid until it, norprog_open() or norprog_close(). */
const struct norprog_chip *norprog_chip(const norprog *np);

/* How good the contact is now: the ID is read `reads` times (1 to 1024); *agreed (may be NULL) says
 * how many were the chip's. Fewer than all is no error. Blocks for the bus, briefly. */
int norprog_contact(norprog *np, unsigned reads, unsigned *agreed);

struct norprog_check {
	const char *name, *level, *text; /* "wires"; "ok", "doubtful", "wrong", "not known" */
};

struct norprog_diagnosis {
	int code; /* 0: a backup read now may be trusted; E_NO_PROGRAMMER, E_UNSTABLE, E_POLICY */
	const char *verdict; /* one word: "ok", "no-answer-high", "power", ... (doc/FORMATS.md) */
	const char *conclusion, *action; /* what is wrong, and what to do next */
	const char *programmer, *wiring; /* "ch341a at 1-1.4" or ""; to the chip, lines of ASCII */
	const struct norprog_check *checks; /* `check_count`, from the plug to the chip */
	size_t check_count;
};

/* What is wrong? Opens the programmer (`spec` as norprog_open()), asks wires, clock and chip by
 * reads alone, and closes it; what was open before is closed first. *diagnosis is valid until the
 * next call. Blocks for the bus, up to about ten seconds. Errors: E_USAGE (spec makes no sense),
 * E_INPUT (NORPROG_CHIPS_FILE), E_INTERRUPTED; what is wrong is none, but a finding. */
int norprog_doctor(norprog *np, const char *spec, const struct norprog_diagnosis **diagnosis);

struct norprog_range {
	uint64_t start, len; /* bytes. The one struct that never grows. */
};

struct norprog_protection {
	const char *text;    /* "SR1=7C SR2=02: protects 0x000000-0x7fffff; SRP0 clear" */
	const char *meaning; /* what the bits mean and what can be done, lines; may be "" */
	int known;           /* `ranges` tells what is protected */
	const struct norprog_range *ranges;
	size_t range_count;
	int wp_decides, locked; /* by the WP# pin; until power-up or for ever */
};

/* Read write protection. *protection is valid until the next call. Blocks for the bus. */
int norprog_protection(norprog *np, const struct norprog_protection **protection);

/* Protect for good (non-volatile) exactly `range`, as norprog_job_only() takes it; NULL: nothing.
 * Jobs lift protection and put it back by themselves. Blocks for the bus. Errors: E_RANGE (the
 * hint says what the part can express), E_PROTECTED, E_UNSUPPORTED. */
int norprog_protect(norprog *np, const char *range);

/* Read `len` bytes at `addr` into buf, `passes` (1 to 5) times; reads that disagree are voted on
 * by 4 KiB. Blocks for the bus, about a second per MiB. Errors: E_RANGE, E_USAGE, E_UNSTABLE (no
 * majority; buf is filled all the same). */
int norprog_read(norprog *np, uint64_t addr, void *buf, size_t len, unsigned passes);

/* A part that is supported by name; others are driven by their SFDP. fn is called for each. */
struct norprog_part {
	const char *name, *maker, *jedec_id; /* the ID hexadecimal */
	uint64_t size;                       /* bytes */
	int low_voltage;
	const char *proven; /* "table", "model" (on the strict model), "reported" (by users) */
	const char *note, *source; /* or ""; source: where the figures come from */
};
typedef void norprog_part_fn(void *ctx, const struct norprog_part *part);
int norprog_parts(norprog_part_fn *fn, void *ctx);

/* ---- one-time programmable areas --------------------------------------------------------------- */
struct norprog_otp_area {
	unsigned number; /* as the data sheet counts */
	const char *name;
	uint32_t len;           /* bytes */
	int lock_known, locked; /* locked, if that is known: it can never be changed again */
	int erasable;           /* can be erased while it is not locked */
};
typedef void norprog_otp_fn(void *ctx, const struct norprog_otp_area *area);
/* Call fn for each area. Blocks for the bus. */
int norprog_otp_list(norprog *np, norprog_otp_fn *fn, void *ctx);

/* Read a whole area of `len` bytes. Blocks for the bus. Errors: E_RANGE (no area, or length). */
int norprog_otp_read(norprog *np, unsigned number, void *buf, size_t len);

enum norprog_otp_change { NORPROG_OTP_WRITE, NORPROG_OTP_ERASE, NORPROG_OTP_LOCK };

/* Change an area: write `len` bytes at `offset` and read them back, or erase or lock all of it
 * (data NULL, len and offset 0). Mostly for ever: the question is asked, and `overrides` has to
 * hold "permanent", for a 1.8 V part "permanent,supply". Blocks for the bus. Errors: E_POLICY,
 * E_VOLTAGE (override missing), E_RANGE, E_PROTECTED (locked), E_CONFIRM, E_VERIFY. */
int norprog_otp_change(norprog *np, unsigned number, enum norprog_otp_change change,
                       uint32_t offset, const void *data, size_t len, const char *overrides);

/* ---- layouts: the regions of a flash ----------------------------------------------------------- */
struct norprog_layout_info {
	const char *name, *device;  /* "tplink-mr200-v1"; "TP-Link Archer MR200 v1", or "" */
	const char *source, *doubt; /* where the facts come from; about the whole, or "" */
	uint64_t size;              /* of the flash; 0: any */
	int profile;                /* knows which data belong to one unit alone */
};

struct norprog_region {
	const char *name, *alias;  /* alias: another name of it, or "" */
	const char *holds, *doubt; /* what is in it; or "" */
	uint64_t start, len;       /* bytes */
	int unit, boot; /* the unit's own, lost for ever when it is overwritten; the boot loader */
};

/* The name of a built-in profile, by index; NULL past the last. */
const char *norprog_layout_name(size_t index);

/* Load a layout: a built-in profile by its name or the vendor's or OpenWrt's name of the device, or
 * a file (profile, flashrom layout, device tree, mtdparts, boot log; told apart by content). The
 * caller frees *layout. np is for the error alone. Blocks for the disk. Errors: E_INPUT. */
int norprog_layout_load(norprog *np, const char *spec, norprog_layout **layout);
void norprog_layout_free(norprog_layout *layout);

/* Facts, and regions by index in address order (NULL past the last), while the layout lives. */
const struct norprog_layout_info *norprog_layout_info(const norprog_layout *layout);
const struct norprog_region *norprog_layout_region(const norprog_layout *layout, size_t index);

struct norprog_device {
	const char *name, *device; /* the profile, "": not recognised; what people call it */
	const char *why;  /* what speaks for it; not recognised: for and against the nearest */
	const char *also; /* other profiles that fit as well, divided by commas; or "" */
	int ambiguous;    /* one of those divides the flash otherwise: NORPROG_LAYOUT decides */
};

/* Which device the chip is from, by what it holds: the few places that tell are read, or where
 * that takes more than a second, the last whole backup of this chip. *device is valid until the
 * next call. A device that is recognised for sure becomes the layout in force, unless
 * NORPROG_LAYOUT named one. Not recognised is no error. Blocks for the bus. */
int norprog_recognise(norprog *np, const struct norprog_device **device);

/* The layout in force: of NORPROG_LAYOUT, or recognised; NULL: none. Valid until NORPROG_LAYOUT
 * is set, norprog_detect(), norprog_recognise(), norprog_open() or norprog_close(). */
const norprog_layout *norprog_layout_in_force(const norprog *np);

/* ---- images: files and dumps ------------------------------------------------------------------- */
struct norprog_image_info {
	const uint8_t *data; /* `len` bytes */
	size_t len;
	const char *kind, *text; /* "full-dump"; "full dump of TP-Link Archer MR200 v1" */
	const char *why;         /* what makes us think so, or "" */
	const char *profile;     /* the built-in profile of the device it is from or for, or "" */
	int has_place;           /* where it belongs on that device's flash is known: */
	uint64_t place;          /* there, */
	const char *region;      /* the region that begins there, or "", */
	uint64_t strip;          /* without so many bytes in front */
	int truncated, damaged;  /* it says that it should be longer; a checksum in it is wrong */
	const norprog_layout *layout; /* recognised, or found inside; NULL: none */
};

/* An image from a file, or from bytes in memory, which are copied. The caller frees *image. Here
 * and below the handle is for the error alone. The first blocks for the disk. Errors: E_INPUT
 * (missing, unreadable, empty, longer than 1 GiB). */
int norprog_image_open(norprog *np, const char *path, norprog_image **image);
int norprog_image_copy(norprog *np, const void *data, size_t len, norprog_image **image);
void norprog_image_free(norprog_image *image);

/* Give it another layout (spec as norprog_layout_load()). Errors: E_INPUT, E_RANGE, E_SIZE. */
int norprog_image_set_layout(norprog *np, norprog_image *image, const char *spec);

/* What it is; valid until the image is changed. NULL for a NULL image. */
const struct norprog_image_info *norprog_image_info(const norprog_image *image);

/* Passes all checks of its type; cannot be right; overwritten before the dump was published. */
enum norprog_field_state { NORPROG_FIELD_GOOD, NORPROG_FIELD_DOUBTFUL, NORPROG_FIELD_PLACEHOLDER };

/* A value that belongs to one unit: MAC, PIN, IMEI, serial number, calibration. */
struct norprog_field {
	const char *name, *type;  /* "cal-2g", "calibration" */
	uint64_t start, len;      /* bytes of the flash */
	const char *value, *flaw; /* "a0:f3:c1:00:00:01"; what is wrong with it, or "" */
	const char *doubt;        /* why the address may be wrong, or "" */
	enum norprog_field_state state;
};

/* A field of the image by index; NULL past the last. Valid until the image is changed. */
const struct norprog_field *norprog_image_field(const norprog_image *image, size_t index);

/* Set a field, "mac=a0:f3:c1:00:00:01", checked as one that is read. Errors: E_USAGE (no such
 * field, a value that cannot be), E_INPUT (no layout); nothing is changed then. */
int norprog_image_set_field(norprog *np, norprog_image *image, const char *assignment);

/* Save the image, or just `what` of it (a region or range; NULL: all), under a new name; what
 * exists is never overwritten. Blocks for the disk. Errors: E_OUTPUT, E_RANGE. */
int norprog_image_save(norprog *np, const norprog_image *image, const char *what, const char *path);

struct norprog_difference {
	uint64_t start, len, bytes; /* from the first to the last that differs; how many differ */
	int unit;                   /* looks like, or is by the layout, one unit's own */
	const char *guess;          /* "mac", "15 digits", or "" */
};
typedef void norprog_difference_fn(void *ctx, const struct norprog_difference *difference);
/* Call fn for each stretch in which two images of one length differ, in address order; the layout
 * of `a` helps to tell unit data. *bytes (may be NULL): how many bytes differ. Errors: E_SIZE. */
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

/* A job on the handle's chip. The caller frees *job, before the handle and not while it runs. */
int norprog_job_new(norprog *np, enum norprog_operation operation, norprog_job **job);
void norprog_job_free(norprog_job *job);

/* What to write, restore or verify with, from a file that is read when the job runs, or from
 * bytes, which are copied: a dump of the whole chip, exactly the selected bytes in address order,
 * a piece for NORPROG_JOB_AT, or (file; restore, verify) a partial backup with its manifest. */
int norprog_job_file(norprog_job *job, const char *path);
int norprog_job_bytes(norprog_job *job, const void *data, size_t len);

/* Add to what is selected (nothing: everything), or to what must survive: a region or group of
 * the layout in force, "unit" (all that belongs to this unit alone), "START+LEN" or "START-LAST".
 * Unknown names are found when the job runs. */
int norprog_job_only(norprog_job *job, const char *what);
int norprog_job_keep(norprog_job *job, const char *what);

enum norprog_setting {
	NORPROG_JOB_AT = 1, /* write, verify: an address or region where a short file belongs */
	NORPROG_JOB_FIELD,  /* write, restore: "mac=a0:f3:c1:00:00:01"; may be given often */
	NORPROG_JOB_OUTPUT, /* read: the file to make; not given: a new backup in the state folder */
	NORPROG_JOB_BACKUP, /* the name of the backup; resume, undo: where it is now, if it was moved */
	NORPROG_JOB_BASE,   /* a dump that the chip is known to hold, or "blank": sampled */
	NORPROG_JOB_PASSES, /* "1" to "5" */
	NORPROG_JOB_PART, /* write, verify: "2/2:8M+4M": the file is for two chips, this the second */
	/* Switches: "1" is on, "0" is off, as at first. */
	NORPROG_JOB_STRIP,      /* with AT: leave out the vendor's header in front */
	NORPROG_JOB_VERIFY_ALL, /* verify more than was touched */
	NORPROG_JOB_NO_VERIFY,  /* verify nothing */
	NORPROG_JOB_NO_BACKUP,  /* keep none once the job is done */
	NORPROG_JOB_CHIP_ERASE, /* erase all at once */
	NORPROG_JOB_BOOT_LAST   /* write the boot loader last */
};

/* Set one. The text is copied. Errors: E_USAGE (also: the operation has no such setting). */
int norprog_job_set(norprog_job *job, enum norprog_setting setting, const char *value);

/* Lift one refusal, by the name of its gate: for a user who has read it. Errors: E_USAGE (no gate
 * of that name, or one that nothing lifts). */
int norprog_job_override(norprog_job *job, const char *gate);

struct norprog_plan {
	int nothing_to_do;                                  /* the chip holds it already */
	uint64_t erase_bytes, program_bytes, changed_bytes; /* changed: that will differ */
	uint64_t duration_us; /* expected: erase, program and verify */
	size_t steps;
};

/* The dry run of all that changes: read what must be known, ask all gates, make the plan. *plan
 * (may be NULL) is valid until the job is planned, run or freed. Blocks for the bus. Errors: as
 * norprog_job_run() before the first erase. */
int norprog_job_plan(norprog_job *job, const struct norprog_plan **plan);
/* The plan that was made, by this or by the run under way, in callbacks too; NULL: none yet. */
const struct norprog_plan *norprog_job_plan_of(const norprog_job *job);

struct norprog_step {
	uint64_t start, len;   /* bytes */
	uint32_t erase, pages; /* size of the erase block, 0: only programmed; pages to program */
	uint64_t duration_us;
	const char *regions; /* those it touches, divided by commas; "" without a layout */
};

/* A step of that plan, by index in their order; NULL past the last. Valid as the plan. */
const struct norprog_step *norprog_job_step(const norprog_job *job, size_t index);

enum norprog_verdict_kind { NORPROG_PASS, NORPROG_WARNING, NORPROG_REFUSAL };

struct norprog_verdict {
	const char *gate; /* its name */
	enum norprog_verdict_kind kind;
	const char *message, *hint; /* "" when it passed */
	int overridden;             /* it would refuse, and norprog_job_override() lifted that */
};

/* What a gate said in the last plan or run, by index; NULL past the last. A plan asks all gates,
 * a run ends at the first refusal. Valid as the plan. */
const struct norprog_verdict *norprog_job_verdict(const norprog_job *job, size_t index);

struct norprog_result {
	int nothing_to_do;
	uint64_t changed_bytes, erased_bytes, programmed_bytes, verified_bytes;
	uint64_t retried_blocks, duration_us; /* blocks that had to be written twice */
	const char *backup;        /* write, restore, erase: its path; "" when none was needed */
	const char *file, *sha256; /* read: path and digest (hexadecimal) of the file, or "" */
	uint64_t file_bytes;       /* read: its length */
	unsigned passes;           /* read: made over everything */
	uint64_t disagreed_blocks; /* read: of 4 KiB, that had to be voted on */
	int all_ff, all_00, equal_halves, zero_bursts; /* read: contents that a bad contact reads */
	uint64_t differing_bytes, first; /* verify: how many, and the address of the first */
	int chip_byte, image_byte;       /* verify: what is there */
	/* read: an address line does not arrive; a bit is the same in all bytes; bytes were lost */
	int address_line, stuck_bits, shifted;
};

/* Do it; it may be done again. *result (may be NULL) is valid until the job is planned, run or
 * freed, and filled as far as it came. Blocks for the bus and the disk, seconds to many minutes.
 *
 * Errors: E_USAGE and E_INPUT (what was asked for makes no sense), E_SIZE, E_RANGE, E_OUTPUT; a
 * gate's refusal: E_POLICY, E_UNIT, E_VOLTAGE, E_JOURNAL, ..., norprog_error()->gate names it;
 * E_CONFIRM, E_INTERRUPTED before the first erase; E_UNSTABLE; and once something may have
 * changed E_VERIFY, E_INTERRUPTED and bus errors: then the message says which block is in flux,
 * and NORPROG_RESUME finishes or NORPROG_UNDO puts back. */
int norprog_job_run(norprog_job *job, const struct norprog_result **result);

struct norprog_gate {
	const char *name, *protects; /* "unit-data"; what from what, a sentence or two */
	int can_override;
};

/* By index, in the order of asking; NULL past the last. Valid until this thread's next call. */
const struct norprog_gate *norprog_gate(size_t index);

/* ---- what is kept ------------------------------------------------------------------------------ */
struct norprog_backup {
	const char *path, *operation, *sha256;         /* operation: "read", "write", ... */
	const char *chip, *unique_id, *profile, *date; /* "" when unknown; UTC, ISO 8601 */
	uint64_t chip_size, size;                      /* of the file */
	int whole, this_chip; /* all of the chip; the unique ID is that of the chip detected */
	unsigned passes;
	const char *device, *mac;   /* by the profile that was in force; "" when not known */
	const char *file, *regions; /* what the job was to write, and where to; or "" */
	int needed;                 /* an unfinished job may want it back */
};
typedef void norprog_backup_fn(void *ctx, const struct norprog_backup *backup);
/* Call fn for each backup in the state folder, newest first, by its manifest; what is damaged is
 * logged and passed over. Blocks for the disk. Errors: E_OUTPUT (no state folder). */
int norprog_backups(norprog *np, norprog_backup_fn *fn, void *ctx);

/* Is the backup (its path or file name) what its manifest says? Reads all of it. Errors: E_INPUT
 * (there is none, it is missing, its length or SHA-256 differs), E_OUTPUT. */
int norprog_backup_verify(norprog *np, const char *path);

/* Remove backups; of each chip the newest `keep` (at least 1) that are sound stay: they are read.
 * Calls fn (may be NULL) for each that goes, before the first is removed; with `dry_run` none is.
 * The newest that holds all of a chip, what an unfinished job needs, and what does not tell its
 * chip stay. Errors: E_POLICY (an unfinished job's record is damaged), E_OUTPUT, E_BUSY. */
int norprog_backups_prune(norprog *np, unsigned keep, int dry_run, norprog_backup_fn *fn,
                          void *ctx);

struct norprog_unfinished {
	const char *chip, *unique_id, *programmer, *started; /* "" when unknown; UTC */
	const char *operation, *backup; /* "write", ...; path of what the chip held */
	uint64_t chip_size;
	int damaged; /* the record cannot be read: it can only be undone from a backup, or discarded */
	const char *file, *regions; /* as those of a backup */
};
typedef void norprog_unfinished_fn(void *ctx, const struct norprog_unfinished *job);
/* Call fn for each unfinished job in the state folder, of whatever chip. As norprog_backups(). */
int norprog_unfinished_jobs(norprog *np, norprog_unfinished_fn *fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
