/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of src/nor, and by no other room. */
#ifndef NP_NOR_NOR_PRIV_H
#define NP_NOR_NOR_PRIV_H

#include "nor/nor.h"
#include "chip/nor_cmd.h"
#include "chip/nor_status.h"
#include "chip/sfdp.h"

#define NOR_TRAIN_PAGES   256 /* 64 KiB of 256-byte pages: one erase block, one round trip */
#define NOR_ADDR_MSGS     2   /* that set address mode or bank */
#define NOR_BUSY_MSGS     (NOR_ADDR_MSGS + 3) /* the most that nor_run_busy() takes */
#define NOR_PAGE_MSGS     (NOR_ADDR_MSGS + 3)
#define NOR_QUEUE         (NOR_PAGE_MSGS * NOR_TRAIN_PAGES)
#define NOR_BANK_SIZE     (UINT32_C(1) << 24) /* what three address bytes reach */
#define NOR_TAIL_BYTES    (64 * 1024)
#define NOR_LOCKS_MAX     1088 /* of a Winbond of 64 MiB */
#define NOR_LOCKS_BYTES   (NOR_LOCKS_MAX / 8)
#define NOR_LOCKS_BATCH   64
#define NOR_DIES_MAX      4 /* that C2h selects */
#define NOR_MAKER_WINBOND 0xef
#define NOR_FAR_US        2000 /* a round trip from which on work is saved up for fewer of them */
#define NOR_APART_US \
	100 /* between two reads that must agree: a chip that is being reset answers
                                  neither, and is deaf for about 30 us */
#define NOR_SFDP_AHEAD   256    /* where SFDP ends on nearly all parts */
#define NOR_PAUSE_MAX_US 100000 /* longer waits are made of several */

/* How long an operation keeps the chip busy: learned from what the status reads showed. */
struct nor_busy {
	uint32_t typ_us, max_us; /* table: where to start, and the limit of every wait */
	bool found;              /* not begun by us: a stop request ends the wait */
	unsigned looks;          /* pages timed so far; learned after LOOKS of them */
	uint64_t looked_ns;      /* the longest of them */
	bool learned;
	unsigned early;    /* times in a row that it was ready at the first look */
	uint64_t pause_ns; /* wait before the tail */
	size_t tail;       /* status bytes clocked */
};

struct nor {
	struct spi_bus *bus;
	const struct spi_caps *caps;
	struct nor_info info;
	struct nor_chip chip; /* the row in force */
	struct nor_erase erase[NOR_ERASE_TYPES];
	struct nor_times times;
	struct sfdp sfdp;
	char sfdp_flaw[160]; /* why it was refused; "" when it was not */
	bool has_uid_ahead;  /* two reads of the unique ID, made with the proof of the clock */
	uint8_t uid_ahead[2][NOR_UID_MAX];
	bool has_sfdp_ahead; /* two reads of its begin, made with the ID and not yet used */
	uint8_t sfdp_ahead[2][NOR_SFDP_AHEAD];

	bool has_sr_ahead; /* two reads of the status registers, made behind the last byte of a read, */
	bool takes_sr_ahead; /* which are now wanted */
	uint8_t sr_ahead[2][4];

	/* How it is asked whether it is ready: masked, the answer equals the value. */
	uint8_t ready_op, ready_mask, ready_value;

	unsigned addr_len;
	bool native4;  /* opcodes with four address bytes, whatever the mode */
	bool forgets;  /* a reset of the chip would change what our addresses mean */
	bool entered4; /* we entered 4-byte mode: it was not on at the start */

	bool small_sectors; /* NOR_UNEVEN_S25FS: there are, from here */
	uint32_t small_at;

	/* A page may be sent twice only if the chip does not hold it: of a part that is told by a
	 * far host it is not known whether it may be programmed twice. */
	bool once_only;

	struct nor_busy page_busy; /* in trains */
	struct nor_busy page_alone, erase_busy[NOR_ERASE_TYPES], chip_busy, sr_busy;
	struct spi_msg *queue; /* NOR_QUEUE */
	uint8_t *tails;        /* NOR_TAIL_BYTES */
	uint16_t again[NOR_TRAIN_PAGES];

	unsigned die; /* of a stack: the one whose registers are spoken to */

	/* Before protection was lifted; of each die, and a bit for each. */
	uint8_t saved_sr[NOR_DIES_MAX][4];
	unsigned lifted, lifted_volatile;
	enum nor_lock_kind opened; /* locks that were opened one and all, and were so: */
	uint8_t saved_locks[NOR_LOCKS_BYTES];
	bool wpsel_opened; /* all of Macronix's block locks were opened */
};

/* An empty one, asked by 05h whether it is ready; NULL and NP_E_MEMORY. nor_free() frees it and
 * leaves the chip as it is. */
struct nor *nor_new(struct spi_bus *bus, struct np_error *err);
void nor_free(struct nor *nor);

/* The end of a hint: "" on an adapter that has one clock only. */
const char *nor_or_slower(const struct nor *nor);

/* Does each run of the bus cost so much that doing something needless is cheaper than asking first? */
static inline bool nor_is_far(const struct nor *nor)
{
	return nor->caps->trip_us >= NOR_FAR_US && nor->caps->depth > 1;
}

/* In one run, or as few as the bus takes. */
int nor_run(struct nor *nor, struct spi_msg *msgs, size_t count, struct np_error *err);

/* Read one register. */
int nor_get(struct nor *nor, uint8_t op, uint8_t *rx, size_t len, struct np_error *err);

#define NOR_STATUS_MSGS 12

/* The messages that read the status registers twice, for nor_protection_found(); 0 where that takes
 * more than messages. */
size_t nor_status_ask(struct nor *nor, struct spi_msg msgs[NOR_STATUS_MSGS]);

#define NOR_UID_MSGS 4

/* The messages that read the unique ID twice, 0 where it is not read by a command of its own. */
size_t nor_uid_ask(const struct nor *nor, struct spi_msg msgs[NOR_UID_MSGS],
                   uint8_t (*uid)[NOR_UID_MAX]);

/* Identify: fills info's ID fields. (nor_id.c) */
int nor_identify(struct nor *nor, bool fixed_hz, struct np_error *err);

/* Settle on the fastest clock that reads right. (nor_clock.c) */
int nor_clock_settle(struct nor *nor, struct np_error *err);

/* Sizes that contradict each other: noted, and the larger that can be reached is taken for reading;
 * then, with a clock that reads right, looked at. `told` is --size. (nor_size.c) */
void nor_size_weigh(struct nor *nor);
int nor_size_settle(struct nor *nor, uint64_t told, struct np_error *err);

/* Fill the row in force of a chip of which nothing is known but --size. */
int nor_size_force(struct nor *nor, uint64_t told, struct np_error *err);

/* Wait until the chip is ready, polling about 32 times within busy->typ_us and at most
 * busy->max_us. *waited_ns
 * (may be NULL) is about how long it took; 0 over a bus that polls by itself. NP_E_INTERRUPTED only
 * if busy->found. */
int nor_wait_ready(struct nor *nor, const struct nor_busy *busy, uint64_t *waited_ns,
                   struct np_error *err);

/* Is this what it answers when it is ready? */
static inline bool nor_is_ready(const struct nor *nor, uint8_t status)
{
	return (status & nor->ready_mask) == nor->ready_value;
}

/* A stack whose dies have a status each: wait for all of them, after what reaches all of them. */
int nor_wait_dies(struct nor *nor, const struct nor_busy *busy, struct np_error *err);

/* Send `count` messages (the last one starts the operation) and wait for its end. */
int nor_run_busy(struct nor *nor, struct spi_msg *msgs, size_t count, struct nor_busy *busy,
                 struct np_error *err);

/* Error bits that some makers keep: checked, told and cleared after a program or an erase that
 * ended as `ret` says. Spansion parts stay busy when they fail, so a timeout is looked into as
 * well. Returns what is now known, `ret` when the chip tells nothing. */
int nor_check_errors(struct nor *nor, int ret, const char *doing, struct np_error *err);

/* One command of an erase. */
struct nor_erase_step {
	uint8_t op;
	uint32_t addr;
};

#define NOR_ERASE_STEPS 9

/* What erases the block at `addr`, one step where the part is even. Returns how many.
 * (nor_uneven.c)
 */
size_t nor_uneven_steps(const struct nor *nor, const struct nor_erase *erase, uint32_t addr,
                        struct nor_erase_step steps[NOR_ERASE_STEPS]);

/* Ask the chip how uneven it is, where that is a setting. */
int nor_uneven_setup(struct nor *nor, struct np_error *err);

/* 4-byte addressing. (nor_addr.c) */
int nor_addr_setup(struct nor *nor, struct np_error *err);
int nor_addr_restore(struct nor *nor, struct np_error *err);

/* The messages after which `addr` has its meaning, even if the chip was reset before them: to be
 * sent right in front of each erase and page. Returns how many; none for most parts. */
size_t nor_addr_select(const struct nor *nor, uint64_t addr, struct spi_msg msgs[NOR_ADDR_MSGS]);

/* ---- stacks whose dies C2h selects (nor_dies.c); all others have one die ---- */

/* How many dies have registers of their own, and the bytes of each. */
unsigned nor_dies(const struct nor *nor);
uint64_t nor_die_size(const struct nor *nor);

/* The message that selects a die, or the one that has `addr`; returns how many: 1 or 0. It goes in
 * front of every command, in the same queue. */
size_t nor_die_select(const struct nor *nor, unsigned die, struct spi_msg *msg);
size_t nor_die_of(const struct nor *nor, uint64_t addr, struct spi_msg *msg);

/* Run one message on nor->die. */
int nor_die_run(struct nor *nor, struct spi_msg *msg, struct np_error *err);

/* Select the first, as after power-up. */
int nor_dies_leave(struct nor *nor, struct np_error *err);

/* Where the ID may be that of a stack, ask, and make info's candidates fit. `named`: the user named
 * the part. NP_E_CHIP_MISMATCH, NP_E_UNSTABLE, bus errors. */
int nor_dies_settle(struct nor *nor, bool named, struct np_error *err);

/* Look for a NAND die behind C2h; fills info.other_die and warns. `ask`: ordinary chips, too. */
int nor_dies_find_nand(struct nor *nor, bool ask, struct np_error *err);

/* What goes down the wire for `addr`: in a stack whose dies are selected, the address in its
 * die. */
uint32_t nor_addr_wire(const struct nor *nor, uint64_t addr);

/* The same before reading, but for the die of a stack: nor_die_of(). */
int nor_addr_set(struct nor *nor, uint64_t addr, struct np_error *err);

/* As nor_addr_select(), for a command that takes four address bytes in the mode only; for parts
 * with native opcodes nor_addr_restore() is due behind it. */
int nor_addr_mode(struct nor *nor, uint64_t addr, struct spi_msg msgs[NOR_ADDR_MSGS], size_t *count,
                  struct np_error *err);

/* Bytes from addr to the end of what one read may cross (bank, die), at most len. */
size_t nor_addr_span(const struct nor *nor, uint64_t addr, size_t len);

/* The read of memory at `addr`, to be given rx or a CRC flag. */
struct spi_msg nor_read_message(const struct nor *nor, uint64_t addr);

/* Is the piece one that this chip takes? nor_check_change(), and NP_E_RANGE across a page. */
int nor_check_piece(const struct nor *nor, const struct nor_piece *piece, struct np_error *err);

/* A program was stopped: let the page in work end. */
void nor_settle_after_stop(struct nor *nor);

/* Says so, with what to do; NP_E_TIMEOUT. */
int nor_busy_too_long(const struct nor_busy *busy, uint8_t status, struct np_error *err);

/* Read the ID `count` times (at most NOR_IDS_MOST) and in the same run `extra` more messages. */
int nor_id_repeat_with(struct nor *nor, size_t count, size_t *agreed, const struct spi_msg *extra,
                       size_t extra_count, struct np_error *err);

#define NOR_IDS_MOST    64
#define NOR_PRESENT_IDS 8

/* Ask for IDs to see that the chip is still there, and judge them: NP_E_NO_CHIP. */
void nor_present_ask(struct spi_msg msgs[NOR_PRESENT_IDS], uint8_t (*ids)[NOR_ID_MAX]);
int nor_present_judge(const struct nor *nor, uint8_t (*ids)[NOR_ID_MAX], struct np_error *err);

/* May this chip be changed at all? NP_E_POLICY under a size override; range checks. */
int nor_check_change(const struct nor *nor, uint64_t addr, uint64_t len, struct np_error *err);
int nor_check_range(const struct nor *nor, uint64_t addr, uint64_t len, struct np_error *err);

/* Find out how the status registers of a part that is not in the tables are written. (nor_sr.c) */
int nor_status_setup(struct nor *nor, struct np_error *err);

/* Read SR1..SR3 and CR as far as the part has them. (nor_sr.c) */
int nor_status_read_all(struct nor *nor, uint8_t sr[4], struct np_error *err);

/* Write what differs between `from` (as read) and `to`, in the form the part takes; waits. */
int nor_status_write(struct nor *nor, const uint8_t from[4], const uint8_t to[4], bool is_volatile,
                     struct np_error *err);

/* Macronix with WPSEL set, which is for ever: BP bits mean nothing, each block has a lock, and all
 * are closed at power-up. *on: it is so; *closed: by the locks at the chip's ends. Then all of
 * them, with one command. (nor_locks.c) */
int nor_wpsel_read(struct nor *nor, bool *on, bool *closed, struct np_error *err);
int nor_wpsel_set(struct nor *nor, bool closed, struct np_error *err);

/* How many single locks of that kind can be read and set here; 0: none. (nor_locks.c) A map has
 * NOR_LOCKS_BYTES and a bit for each. */
size_t nor_locks_count(const struct nor *nor, enum nor_lock_kind kind);

/* Which are closed; two reads agree. */
int nor_locks_read(struct nor *nor, enum nor_lock_kind kind, uint8_t *map, struct np_error *err);

/* Open and close what differs between `from` (as read) and `to`. */
int nor_locks_write(struct nor *nor, enum nor_lock_kind kind, const uint8_t *from,
                    const uint8_t *to, struct np_error *err);

/* A map as ranges; the last of `max` takes in what lies behind it. Returns their number. */
size_t nor_locks_ranges(const struct nor *nor, enum nor_lock_kind kind, const uint8_t *map,
                        struct np_range *ranges, size_t max);

/* The map that closes all locks in `range`, and what they cover. */
void nor_locks_cover(const struct nor *nor, enum nor_lock_kind kind, struct np_range range,
                     uint8_t *map, struct np_range *covered);

/* nor_program() without its checks of what this chip is. */
int nor_program_trains(struct nor *nor, const struct nor_piece *pieces, size_t count, size_t *done,
                       nor_progress_fn *progress, void *ctx, struct np_error *err);

/* Parts without a page buffer: nor_program() of them. (nor_aai.c) */
int nor_program_bytes(struct nor *nor, const struct nor_piece *pieces, size_t count, size_t *done,
                      nor_progress_fn *progress, void *ctx, struct np_error *err);

#endif
