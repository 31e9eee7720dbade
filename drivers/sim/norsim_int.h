/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the strict chip model, shared by its own files only. */
#ifndef NP_DRIVERS_SIM_NORSIM_INT_H
#define NP_DRIVERS_SIM_NORSIM_INT_H

#include "sim/norsim.h"
#include "sim/norsim_part.h"

#define NORSIM_PAGE_MAX 512
#define NORSIM_OTP_MAX  4096
#define NORSIM_ARGS_MAX 4
#define NORSIM_UID_MAX  16
#define NORSIM_DIES_MAX 4 /* of a stack whose dies C2h selects */

#define NORSIM_RESET_NS 30000 /* deaf behind a reset */

#define SR1_BUSY  0x01
#define SR1_WEL   0x02
#define SR1_E_ERR 0x20 /* Spansion */
#define SR1_P_ERR 0x40
#define SR1_SPRL  0x80 /* Atmel: sector protection registers locked */

#define SR3_ADS 0x01 /* Winbond: in 4-byte mode now */
#define SR3_ADP 0x02 /* ... and at power-up */

#define FSR_READY     0x80
#define FSR_E_ERR     0x20
#define FSR_P_ERR     0x10
#define FSR_PROTECTED 0x02
#define FSR_4BYTE     0x01

#define EON_OTP_LOCK 0x80 /* SR bit 7 in OTP mode */

/* What survives power-down besides the array: the content of FILE.regs, bytes only. */
struct norsim_nv {
	char magic[8];
	char part[24];
	uint8_t regs[NR_COUNT];
	uint8_t otp_flags; /* Eon: SR of the OTP mode; Macronix: security register */
	uint8_t reserved[3];
	uint8_t otp[NORSIM_OTP_MAX];
	uint8_t die_regs[NORSIM_DIES_MAX][NR_COUNT]; /* NF_DIE_SELECT: `regs` of each */
};

enum norsim_stream {
	NS_IGNORE, /* nothing comes out, nothing goes in */
	NS_ARRAY,  /* the array, address counting up */
	NS_STATUS, /* a register that may change as time passes */
	NS_BYTES,  /* a small fixed answer */
	NS_PAGE,   /* data into the page buffer */
	NS_ARGS,   /* a few bytes of argument */
};

struct norsim_cmd {
	uint8_t op;
	uint8_t addr;  /* address bytes; NC_ADDR_MODE: 3 or 4 as the mode says */
	uint8_t dummy; /* bytes between address and data */
	uint8_t stream;
	uint8_t flags;
	uint64_t feature;                                      /* all of these needed */
	uint8_t (*answer)(struct norsim *sim, uint32_t index); /* NS_STATUS, NS_BYTES */
	void (*act)(struct norsim *sim);                       /* when CS rises */
	uint32_t arg;
};

#define NC_ADDR_MODE 0xFF

enum norsim_cmd_flag {
	NC_BUSY_OK = 1 << 0,  /* heard while busy */
	NC_WEL = 1 << 1,      /* needs the write latch */
	NC_EXACT = 1 << 2,    /* CS must rise right behind the address */
	NC_SHORT_OK = 1 << 3, /* acts however many bytes follow */
	NC_DATA = 1 << 4,     /* needs at least one data byte */
};

enum norsim_work_kind {
	NW_NONE,
	NW_PROGRAM,  /* target, len, page buffer */
	NW_ERASE,    /* target, len */
	NW_REGS,     /* new registers, non-volatile */
	NW_OTP_FLAG, /* otp_flags |= value */
	NW_FAILED,   /* Spansion: an error holds BUSY until it is cleared */
};

struct norsim_work {
	enum norsim_work_kind kind;
	uint64_t until; /* UINT64_MAX: for ever */
	bool every_die; /* of a stack: at work on all of them */
	uint8_t die;    /* ... or on this one */
	uint8_t *target;
	size_t len;
	bool otp; /* target is the OTP area: regs file must be written */
	uint8_t regs[NR_COUNT];
	uint8_t value;
	uint8_t page[NORSIM_PAGE_MAX];
};

/* What each die of a stack has for itself where C2h selects who hears (NF_DIE_SELECT). That of the
 * one selected is in struct norsim itself. */
struct norsim_die {
	uint8_t regs[NR_COUNT], nv_regs[NR_COUNT];
	bool wel, mode_4byte;
	uint8_t ext_addr;
	struct norsim_work work;
};

struct norsim {
	const struct norsim_part *part;
	struct norsim_described *described; /* what `part` is in */
	uint8_t *mem;
	int fd, regs_fd;
	char *regs_path;
	struct norsim_nv nv;
	uint8_t regs[NR_COUNT]; /* the values in force */
	uint8_t uid[NORSIM_UID_MAX];

	bool powered, selected;
	bool asleep, wel, otp_mode, mode_4byte, qpi;
	bool volatile_next, volatile_now; /* 50h came just before */
	bool reset_next, reset_now;       /* 66h came just before */
	uint8_t ext_addr, flag_status, error_bits;
	uint8_t die; /* of a stack: whose status is read, or who hears */
	struct norsim_die dies[NORSIM_DIES_MAX]; /* NF_DIE_SELECT: the others */
	bool fsr_due; /* NF_FSR_DUE: an operation ended, and the flag status was not read since */
	bool in_aai;  /* SST25: ADh goes on without an address */
	uint32_t aai_addr; /* where */
	uint8_t *locks;    /* one per 4 KiB: individually locked */

	norsim_meddle_fn *meddle; /* NULL: none is waiting */
	void *meddle_ctx;
	uint64_t meddle_at_clock;

	uint64_t now, deaf_until;
	struct norsim_work work;

	/* the frame in hand */
	const struct norsim_cmd *cmd;
	uint8_t op, stream;
	uint8_t addr_len;
	uint32_t header_len, pos; /* bytes */
	uint32_t addr, cmd_arg;
	uint64_t data_len;
	uint8_t args[NORSIM_ARGS_MAX];
	uint8_t page[NORSIM_PAGE_MAX];
	uint8_t last_out; /* for the shifted-answers fault */

	struct norsim_faults faults;
	struct norsim_stats stats;
	uint8_t odd_op; /* of the last command that was unknown (but for 5Ah), malformed or
	                   ignored */
	uint64_t hz, rng, flip_in, weak_reads, programs;
};

/* What the SFDP of a described part shall say beyond its size and erase opcodes. */
struct norsim_sfdp_want {
	uint8_t minor;
	bool quad_out, quad_io, qpi; /* 1-1-4 (6Bh), 1-4-4 (EBh), 4-4-4 */
	bool addr4;                  /* table of 4-byte opcodes */
	uint8_t qer;
};

static inline bool norsim_has(const struct norsim *sim, uint64_t features)
{
	return (sim->part->features & features) == features;
}

/* norsim_describe.c: a part from a file of descriptions, NULL: from those built in. Errors:
 * NP_E_USAGE (not in it), NP_E_INPUT, NP_E_MEMORY. The caller frees. */
int norsim_describe(const char *path, const char *name, struct norsim_described **out,
                    struct np_error *err);

/* norsim_describe_keys.c: KEY=VALUE of a part, in the order in which a line has to state them; and
 * what a text says: hexadecimal up to max, a size up to max, the next word of a list (or NULL). */
enum norsim_key { NK_TAKEN, NK_BAD, NK_UNKNOWN };
enum norsim_key norsim_take_key(struct norsim_described *d, const char *key, char *value);
bool norsim_text_hex(const char *text, uint32_t max, uint32_t *value);
bool norsim_text_number(const char *text, uint64_t max, uint32_t *value);
char *norsim_text_next(char **at, const char *between);

/* norsim_sfdp.c: one word of a description: "1.6", "qer4", "quad-out", "quad-io", "qpi", "addr4";
 * false: none of these. */
bool norsim_sfdp_word(struct norsim_sfdp_want *want, const char *word);

/* Fill in d->sfdp and d->bfpt from what the part can do. */
void norsim_sfdp_build(struct norsim_described *d, const struct norsim_sfdp_want *want);

/* norsim_file.c: contents and registers on disk. */
int norsim_file_open(struct norsim *sim, const char *path, struct np_error *err);
void norsim_file_save_regs(struct norsim *sim);
void norsim_file_close(struct norsim *sim);

/* norsim_cmd.c: what an opcode means to this part; NULL: unknown. */
const struct norsim_cmd *norsim_cmd_find(const struct norsim *sim, uint8_t op);

/* norsim_array.c: answers and acts of the commands that reach the array or an OTP area. */
uint8_t norsim_answer_security(struct norsim *sim, uint32_t index);
uint8_t norsim_answer_plain_otp(struct norsim *sim, uint32_t index);
uint8_t norsim_answer_array_otp(struct norsim *sim, uint32_t index);
const struct norsim_erase_op *norsim_listed_erase(const struct norsim *sim, uint8_t op);
void norsim_act_program(struct norsim *sim);
void norsim_act_program_byte(struct norsim *sim);
void norsim_act_aai_word(struct norsim *sim);
void norsim_act_erase(struct norsim *sim);
void norsim_act_erase_listed(struct norsim *sim);
void norsim_act_security_program(struct norsim *sim);
void norsim_act_security_erase(struct norsim *sim);
void norsim_act_plain_otp_program(struct norsim *sim);

/* norsim_prot.c: registers and protection. */
bool norsim_protected(const struct norsim *sim, uint32_t addr, uint32_t len);
void norsim_regs_write(struct norsim *sim, const uint8_t *want, uint32_t mask);
void norsim_regs_power_up(struct norsim *sim);
uint8_t norsim_status(struct norsim *sim, uint32_t index);
bool norsim_starts_4byte(const struct norsim *sim);
void norsim_locks_power_up(struct norsim *sim);

/* norsim_die.c: another die hears from now on; all lose what is volatile, and the first hears; the
 * registers of the die that has `addr`; those of all from and to disk. */
void norsim_die_switch(struct norsim *sim, uint8_t die);
void norsim_dies_reset(struct norsim *sim);
const uint8_t *norsim_die_regs(const struct norsim *sim, uint32_t addr);
void norsim_dies_load(struct norsim *sim);
void norsim_dies_store(const struct norsim *sim, struct norsim_nv *nv);
uint64_t norsim_dies_busy_left(const struct norsim *sim);

/* norsim_work.c: operations that take time. */
void norsim_work_program(struct norsim *sim, uint8_t *target, size_t len, bool otp);
void norsim_work_erase(struct norsim *sim, uint8_t *target, size_t len, uint64_t ms, bool otp);
void norsim_work_start(struct norsim *sim, enum norsim_work_kind kind, uint64_t ns);
uint64_t norsim_work_left(const struct norsim *sim);
void norsim_work_abort(struct norsim *sim);
void norsim_work_refused(struct norsim *sim, bool erase);
void norsim_advance(struct norsim *sim, uint64_t ns);

/* norsim_fault.c: what noise does to an answer; random numbers. */
void norsim_fault_answer(struct norsim *sim, uint8_t *in, size_t len);
void norsim_fault_array(struct norsim *sim, uint8_t *in, uint32_t addr, size_t len);

/* Bytes that addresses reach: less than the part's with the fault real-size. */
uint32_t norsim_array_size(const struct norsim *sim);
uint64_t norsim_hash(uint64_t a, uint64_t b);

#endif
