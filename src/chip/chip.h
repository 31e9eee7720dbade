/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tables in chips/ are made of. A row states only what SFDP cannot say or what a part
 * without SFDP needs; times and protection schemes are shared by pointer. This is the only header a
 * table sees.
 */
#ifndef NP_CHIP_CHIP_H
#define NP_CHIP_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOR_ERASE_TYPES 4
#define NOR_ID_MAX      6
#define NOR_BP_MAX      5
#define NOR_TWINS       4

/* Rows are many: what they are made of is kept small. */
#define NOR_IN_A_BYTE __attribute__((packed))

/* One erase granularity. size 0: unused. Smallest first. op4 is the opcode that takes four address
 * bytes (0: none). */
struct nor_erase {
	uint32_t size;
	uint8_t op, op4;
	uint32_t typ_us, max_us;
};

/* Typical and largest busy times as the data sheet (or the best source there is) has them. chipdb
 * raises a largest that SFDP does not confirm to a generous floor; that is the limit of a wait. */
struct nor_times {
	uint32_t page_typ_us, page_max_us;
	uint32_t sr_typ_us, sr_max_us;
	uint32_t erase_4k_typ_us, erase_4k_max_us;
	uint32_t erase_32k_typ_us, erase_32k_max_us;
	uint32_t erase_64k_typ_us, erase_64k_max_us;
	uint32_t erase_256k_typ_us, erase_256k_max_us;
	uint32_t chip_typ_ms, chip_max_ms; /* 0: computed from size by chipdb */
	const char *source;
};

/* A bit in the status registers: register number 1..3 (4: see enum nor_reg4) in the high nibble,
 * bit in the low one. */
#define NOR_BIT(reg, bit) ((uint8_t)((reg) << 4 | (bit)))
#define NOR_NO_BIT        0

/* How the block protect bits map to addresses. */
enum nor_prot_kind {
	NOR_PROT_NONE,    /* nothing known: unprotect clears bits 2..5 of SR1, decode says
	                     "unknown" */
	NOR_PROT_WINBOND, /* BP x TB x SEC x CMP: 2^(bp-1) units of size/64 (64K at least); SEC:
	                     4K..32K; CMP inverts; all BP set: everything */
	NOR_PROT_BLOCKS,  /* 2^(bp-1) blocks of 64K from the top (or bottom with TB); CMP inverts;
	                     beyond size or all BP set: everything */
	NOR_PROT_EON_BP3, /* BP0-2 as NOR_PROT_WINBOND; the bit named BP3 acts as TB */
	NOR_PROT_GUESS,   /* not in the tables: `bp` and the others are where protection and its
	                   locks usually are. None set: not protected; else not known */
	NOR_PROT_SECTORS, /* individual sector locks: with `bp`, SR1 bits 2 and 3 show them and
	                     zeros in `bp` open all; without, nothing shows and 98h opens all */
} NOR_IN_A_BYTE;

/* What the values of the block protect bits do on their way from "none" to "all". */
enum nor_prot_shape {
	NOR_PROT_DOUBLING, /* each protects twice what the one below does */
	NOR_PROT_MIRRORED, /* the last bit set: the other bits inverted count what stays writable,
	                      from the same end; what is everything stays everything */
	NOR_PROT_GROWING,  /* doubling up to a half; then each halves what stays writable */
} NOR_IN_A_BYTE;

/* The register that sr[3] stands for, and how it is read. */
enum nor_reg4 {
	NOR_REG4_NONE,
	NOR_REG4_CONFIG,   /* 15h (Macronix: whenever sr_write is NOR_SR_MXIC) */
	NOR_REG4_FUNCTION, /* 48h (ISSI, early XMC); its bits are one-time */
	NOR_REG4_EON_OTP,  /* 05h between 3Ah and 04h: other bits than outside; all one-time */
} NOR_IN_A_BYTE;

struct nor_prot {
	enum nor_prot_kind kind;
	enum nor_prot_shape shape;
	uint16_t unit_kib; /* what BP = 1 stands for; 0: 64, or by size for NOR_PROT_WINBOND */
	enum nor_reg4 reg4;
	uint8_t bp[NOR_BP_MAX]; /* NOR_BIT()s, BP0 first; NOR_NO_BIT ends */
	uint8_t tb, sec, cmp;   /* NOR_NO_BIT when the part has none */
	uint8_t srp0;           /* status register protect */
	uint8_t srp1;           /* lock-down, one-time or until power-up */
	uint8_t wps;            /* individual block lock mode */
	uint8_t idle;           /* has no say about ranges, but is cleared with the others */
	uint8_t contested;      /* sources make different things of it: with it set ranges are not
	                           known, and it is cleared with the others and never set */
	bool tb_otp;            /* TB is one-time (Macronix, ISSI): never written */
	bool inverted; /* the table counts what stays writable: "lower 127/128" (older Eon); what is
	                  everything stays everything */
	bool turned;   /* `tb` set: the table counts what is protected after all, at the same end */
};

/* How status registers are written. An SR3 that only protection bits are known of is written with
 * 11h. */
enum nor_sr_write {
	NOR_SR_ONE,        /* 01h with one byte; only SR1 exists */
	NOR_SR_TWO_CLEARS, /* 01h with two bytes; one byte would clear SR2 */
	NOR_SR_TWO,        /* 01h with one or two bytes; one byte keeps SR2 */
	NOR_SR_SEPARATE,   /* 01h SR1, 31h SR2, 11h SR3 */
	NOR_SR_THREE,      /* 01h SR1, SR2, SR3; a shorter write keeps the rest (S25FL-L) */
	NOR_SR_MXIC,       /* 01h SR1 + configuration register (15h reads it) */
} NOR_IN_A_BYTE;

enum nor_addr4 {
	NOR_ADDR4_NONE,     /* up to 16 MiB */
	NOR_ADDR4_NATIVE,   /* 13h/0Ch/12h/21h/5Ch/DCh whatever the mode */
	NOR_ADDR4_ENTER,    /* B7h / E9h */
	NOR_ADDR4_ENTER_WE, /* 06h first */
	NOR_ADDR4_BANK,     /* C5h/C8h extended address register */
	NOR_ADDR4_BRWR,     /* 17h/16h bank register (Spansion) */
	NOR_ADDR4_ALWAYS,
} NOR_IN_A_BYTE;

enum nor_uid {
	NOR_UID_NONE,
	NOR_UID_4B,   /* 4Bh + 4 dummy bytes, 8 bytes (Winbond and many) */
	NOR_UID_EON,  /* 5Ah at 000080h, 12 bytes */
	NOR_UID_GD16, /* 4Bh + 4 dummy bytes, 16 bytes */
} NOR_IN_A_BYTE;

enum nor_otp {
	NOR_OTP_NONE,
	NOR_OTP_SECREG,   /* 48h read, 42h program, 44h erase; registers at index << 12 */
	NOR_OTP_EON,      /* 3Ah enters OTP mode, 04h leaves */
	NOR_OTP_MXIC,     /* B1h / C1h */
	NOR_OTP_SPANSION, /* 42h / 4Bh */
	NOR_OTP_MICRON,
	NOR_OTP_SECREG_TOP, /* as NOR_OTP_SECREG, but in the last 16 KiB of the array (Eon) */
	NOR_OTP_ISSI,       /* 68h read, 62h program, 64h erase; locked in the function register */
	NOR_OTP_ISSI_ONCE,  /* likewise, without the erase */
} NOR_IN_A_BYTE;

/* clang-format off */
enum nor_flag {
	NOR_F_VOLATILE_SR  = 1 << 0,  /* 50h enables a volatile status write */
	NOR_F_FSR          = 1 << 1,  /* Micron flag status register 70h, clear 50h */
	NOR_F_CLSR         = 1 << 2,  /* Spansion E_ERR/P_ERR in SR1, clear 30h */
	NOR_F_ECC          = 1 << 3,  /* on-die ECC: a page half is programmed once per erase */
	NOR_F_EAR_ON_EXIT  = 1 << 4,  /* leaving 4-byte mode sets the extended address register:
	                                 write 0 */
	NOR_F_GBULK        = 1 << 5,  /* 98h unlocks all blocks (06h first) */
	NOR_F_NO_SFDP      = 1 << 6,  /* answers 5Ah with rubbish or not at all */
	NOR_F_BAD_SFDP     = 1 << 7,  /* its SFDP lies: the row wins (reason in `note`) */
	NOR_F_BYTE_PROGRAM = 1 << 8,  /* 02h takes one byte */
	NOR_F_AAI_WORD     = 1 << 9,  /* SST ADh */
	NOR_F_EWSR         = 1 << 10, /* 50h instead of 06h before 01h */
	NOR_F_NO_RESET     = 1 << 11, /* 66h/99h not understood */
	NOR_F_DIE_ERASE    = 1 << 12, /* stacked dies: C4h erases one, and there is no C7h */
	NOR_F_DIE_STATUS   = 1 << 13, /* stacked dies: C2h selects whose status 05h reads */
	NOR_F_READ_ONLY    = 1 << 14, /* read, never written, for the reason in `note` */
	NOR_F_DIE_SELECT   = 1 << 15, /* stacked dies: C2h selects which of them hears all else */
};
/* clang-format on */

/* Where D8h does not erase 64 KiB everywhere: the engine makes 64 KiB of several erases there. */
enum nor_uneven {
	NOR_UNEVEN_NONE,
	NOR_UNEVEN_EDGES, /* 4 x 8K and 32K in the first 64K, the same upside down in the last:
	                     SST26 */
	NOR_UNEVEN_BOOT, /* even, or in the first or in the last 64K 4, 4, 8, 16 and 32K, the last upside
	                    down; of 128K and less, all else 32K (EN25P and EN25B answer alike) */
	NOR_UNEVEN_S25FS, /* 8 x 4K at one end, or nowhere; 64K or 256K: as CR1 and CR3 say (65h) */
} NOR_IN_A_BYTE;

/* How far a row was proven. */
enum nor_proof {
	NOR_PROOF_TABLE,    /* figures only */
	NOR_PROOF_MODEL,    /* driven end to end on the strict model */
	NOR_PROOF_REPORTED, /* a user reported hardware */
} NOR_IN_A_BYTE;

/* Tells parts that share an ID apart; all zero: matches any. The minor revision is that of the BFPT
 * header (0: JESD216, 5: A, 6: B). */
struct nor_match {
	uint32_t bfpt_mask, bfpt_value; /* of the dword below, which is masked and compared */
	uint8_t bfpt_dword;             /* counted from 1; 0: unused */
	uint8_t sfdp_minor_min, sfdp_minor_max; /* max 0: any */
	bool want_sfdp : 1, want_no_sfdp : 1;
	bool want_dies : 1; /* a stack with the ID of one of its dies: found by asking for the
	                       second */
};

struct nor_chip {
	const char *name; /* as on the package: "W25Q64FV" */
	const char *maker;
	const struct nor_erase *erase; /* NOR_ERASE_TYPES of them; NULL: erase_set + times */
	const struct nor_times *times;
	const struct nor_prot *prot;
	/* Chips that answer alike and protect by different schemes: those, NULL ends; `prot` is
	 * then NOR_PROT_NONE. Never in a row. */
	const struct nor_prot *twins[NOR_TWINS];
	const char *source; /* data sheet or public source of the figures */
	const char *note;   /* quirk worth telling, or NULL */
	uint32_t size;      /* bytes */
	uint32_t die;   /* bytes of each die of a stack: no read may cross into the next; 0: one */
	uint32_t flags; /* enum nor_flag */
	struct nor_match match;
	uint16_t page;                   /* program page, bytes; 0 means 256 */
	uint16_t read_mhz, fast_mhz;     /* READ 03h and FAST READ 0Bh limits; 0: 20 / 50 */
	uint16_t vcc_min_mv, vcc_max_mv; /* 0: not known. Of one row: nor_supply.h has the chip's */
	uint16_t otp_reg_size;           /* bytes */
	uint8_t id[NOR_ID_MAX];
	uint8_t id_len;    /* 3 to 6 */
	uint8_t erase_set; /* the usual opcodes: a bitmask of enum nor_erase_set */
	enum nor_uneven uneven;
	enum nor_sr_write sr_write;
	uint8_t qe; /* NOR_BIT() of the quad enable bit, kept on every status write */
	enum nor_addr4 addr4;
	uint8_t addr4_bit; /* NOR_BIT() that reads 1 in 4-byte mode; NOR_NO_BIT: cannot be read */
	enum nor_uid uid;
	enum nor_otp otp;
	uint8_t otp_regs;  /* security registers */
	uint8_t otp_first; /* number of the first one (Winbond 1) */
	enum nor_proof proof;
};

enum nor_erase_set {
	NOR_ERASE_4K = 1,     /* 20h (21h) */
	NOR_ERASE_32K = 2,    /* 52h (5Ch) */
	NOR_ERASE_64K = 4,    /* D8h (DCh) */
	NOR_ERASE_256K = 8,   /* D8h erases 256K */
	NOR_ERASE_4K_D7 = 16, /* D7h erases 4K (PMC) */
};

/* What a match mostly asks for: revisions of the BFPT. */
#define NOR_NO_SFDP   .match = {.want_no_sfdp = true}
#define NOR_ANY_SFDP  .match = {.want_sfdp = true}
#define NOR_SFDP_1_0  .match = {.want_sfdp = true, .sfdp_minor_max = 4}
#define NOR_SFDP_A    .match = {.sfdp_minor_min = 5, .sfdp_minor_max = 5}
#define NOR_SFDP_A_UP .match = {.sfdp_minor_min = 5}
#define NOR_SFDP_B_UP .match = {.sfdp_minor_min = 6}

/* Protection as many makers have it (chips/prot.c). SRP0 is SR1 bit 7 in all of them. */
/* clang-format off */
extern const struct nor_prot
	nor_prot_bp2,             /* BP0-1: 64K blocks from the top */
	nor_prot_bp3,             /* BP0-2: likewise */
	nor_prot_bp3_tb,          /* BP0-2 and TB in bit 5: 64K blocks */
	nor_prot_ratio,           /* BP0-2: 1/64 to 1/2 from the top */
	nor_prot_ratio_tb,        /* likewise with TB in bit 5 */
	nor_prot_sec,             /* Winbond: TB, SEC */
	nor_prot_sec_cmp,         /* Winbond: TB, SEC, CMP in SR2 */
	nor_prot_sec_cmp_wps,     /* likewise, WPS in SR3 bit 2 */
	nor_prot_bp4,             /* BP0-3: 64K blocks from the top */
	nor_prot_bp4_128k,        /* BP0-3: 128K, 256K, ... from the top */
	nor_prot_bp4_mirrored,    /* BP0-2: 64K blocks; BP3 mirrors them */
	nor_prot_ratio_mirrored,  /* BP0-2: 1/64 and up; BP3 mirrors them */
	nor_prot_bp4_growing,     /* Eon: BP0-3 grow; one-time T/B, seen only in OTP mode */
	nor_prot_bp4_tbs,         /* ISSI: BP0-3, one-time T/B in the function register */
	nor_prot_bp4_tb,          /* BP0-3, TB in bit 6: 64K blocks */
	nor_prot_bp3_agreed,      /* BP0-2: 64K blocks, on which sources agree; not on bit 5 */
	nor_prot_bp4_tb_cmp,      /* likewise with CMP */
	nor_prot_bp4_tb_cmp_wps,  /* likewise, WPS in SR3 bit 2 */
	nor_prot_lower,           /* BP0-2, TB: "lower 127/128" */
	nor_prot_sec_odd, /* BP0-2, TB, SEC, CMP, or others in their places: no source tells */
	nor_prot_bp3_odd,         /* BP0-2 with ranges that no source tells */
	nor_prot_bp4_odd;         /* BP0-3 likewise */
/* clang-format on */

/* For parts of which only identity is known: SFDP has better ones (chips/prot.c). */
extern const struct nor_times nor_times_usual;

/* One table file. */
struct nor_chip_table {
	const struct nor_chip *rows;
	size_t count;
};

extern const struct nor_chip_table chips_winbond, chips_eon, chips_macronix, chips_gigadevice,
	chips_spansion, chips_micron, chips_issi, chips_xmc, chips_puya, chips_boya, chips_fudan,
	chips_sst, chips_atmel, chips_pmc, chips_esmt, chips_xtx, chips_small, chips_others,
	chips_readonly;

#endif
