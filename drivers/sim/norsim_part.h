/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the strict chip model describes a part. These descriptions are the model's own: they are not
 * derived from chips/, so that a wrong row there meets a chip that disagrees.
 */
#ifndef NP_DRIVERS_SIM_NORSIM_PART_H
#define NP_DRIVERS_SIM_NORSIM_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a part understands beyond the commands that all have (03h 0Bh 02h 04h 05h 06h 01h
 * 9Fh) and the erase opcodes in its list. */
/* clang-format off */
enum norsim_feature {
	NF_SR2_35           = 1 << 6,  /* 35h reads SR2 */
	NF_SR3_15           = 1 << 7,  /* 15h/11h SR3 */
	NF_WRITE_31         = 1 << 8,  /* 31h writes SR2 */
	NF_VOLATILE_50      = 1 << 9,  /* 50h: the next status write is volatile */
	NF_UID_4B           = 1 << 10, /* 4Bh: unique ID behind four dummy bytes */
	NF_UID_EON          = 1 << 11, /* twelve bytes of unique ID at SFDP address 80h */
	NF_SECREGS          = 1 << 12, /* 48h/42h/44h security registers */
	NF_OTP_EON          = 1 << 13, /* 3Ah OTP mode */
	NF_OTP_MXIC         = 1 << 14, /* B1h/C1h secured OTP, 2Bh/2Fh security register */
	NF_SLEEP            = 1 << 15, /* B9h/ABh */
	NF_RESET            = 1 << 16, /* 66h 99h */
	NF_4BYTE_MODE       = 1 << 17, /* B7h/E9h */
	NF_4BYTE_WE         = 1 << 18, /* ... only behind 06h */
	NF_WRITE4           = 1 << 19, /* 12h 21h DCh: four address bytes in any mode */
	NF_EXT_ADDR         = 1 << 21, /* C5h/C8h */
	NF_EXT_ADDR_ON_EXIT = 1 << 22, /* E9h leaves the extended address register at 1 */
	NF_FLAG_STATUS      = 1 << 23, /* 70h, and 50h clears it (Micron) */
	NF_SPANSION         = 1 << 24, /* 35h CR1, 07h, F0h; 30h clears the errors in SR1 */
	NF_CONFIG_15        = 1 << 25, /* 15h reads the configuration register (Macronix) */
	NF_BLOCK_LOCKS      = 1 << 26, /* WPS (SR3.2): 36h 39h 3Dh 7Eh 98h */
	NF_REMS             = 1 << 27, /* 90h */
	NF_READ4            = 1 << 28, /* 13h 0Ch */
	NF_OTP_4B           = 1 << 29, /* 4Bh reads, 42h programs an OTP area, locked by its own bytes */
	NF_DEVICE_ID        = 1 << 30, /* ABh answers the device ID (part of NF_SLEEP) */
};

/* Beyond what an enumeration holds. */
#define NF_GBULK       (UINT64_C(1) << 31) /* 98h opens every block: all there is to it */
#define NF_BYTE        (UINT64_C(1) << 32) /* 02h programs one byte (SST25) */
#define NF_AAI         (UINT64_C(1) << 33) /* ADh programs words until 04h (SST25) */
#define NF_EWSR        (UINT64_C(1) << 34) /* 50h instead of 06h before 01h */
#define NF_RELOCK      (UINT64_C(1) << 35) /* status registers start as from the factory */
#define NF_ATMEL       (UINT64_C(1) << 36) /* sectors: 36h 39h 3Ch; all: bits 5:2 of 01h */
#define NF_SST26       (UINT64_C(1) << 37) /* every block locked at power-up, 98h opens all */
#define NF_BANK_17     (UINT64_C(1) << 38) /* 17h/16h bank register (Spansion) */
#define NF_DIE_STATUS  (UINT64_C(1) << 39) /* C2h: whose status is read; what reaches
                                               every die ends later on some */
#define NF_FSR_DUE     (UINT64_C(1) << 40) /* deaf to what follows until 70h was read as ready */
#define NF_FUNCTION_48 (UINT64_C(1) << 41) /* 48h reads the function register (ISSI), kept as CR */
#define NF_IROW        (UINT64_C(1) << 42) /* 68h/62h information rows, locked by 42h/48h (ISSI) */
#define NF_IROW_ERASE  (UINT64_C(1) << 43) /* ... and 64h */
#define NF_SECREG_TOP  (UINT64_C(1) << 44) /* security registers in the array's last 16 KiB (Eon) */
#define NF_EDGES       (UINT64_C(1) << 45) /* D8h: 8 and 32 KiB at both ends (SST26) */
#define NF_BOOT_BOTTOM (UINT64_C(1) << 48) /* D8h: 4, 4, 8, 16, 32 KiB at the bottom (EN25B) */
#define NF_BOOT_TOP    (UINT64_C(1) << 49) /* ... or, upside down, at the top; 32 KiB in the rest */
#define NF_DIE_SELECT  (UINT64_C(1) << 47) /* C2h: who hears what follows (W25M) */
#define NF_PAIR        (UINT64_C(1) << 50) /* C2h 01h: a NAND die that answers pair_id (W25M161) */
#define NF_WPSEL       (UINT64_C(1) << 51) /* bit 7 of 2Bh: each block has a lock, closed at
                                               power-up; 98h 7Eh 3Ch (Macronix) */
#define NF_S25FS       (UINT64_C(1) << 46) /* 65h, and erases as CR1 and CR3 say; CR2
                                               and CR3 are kept as SR2 and SR3 */
/* clang-format on */

/* Index of each register in the model. */
enum norsim_reg_index { NR_SR1, NR_SR2, NR_SR3, NR_CR, NR_COUNT };

/* One register: value from the factory, bits a host can write, bits that can only ever be set. */
struct norsim_reg {
	uint8_t factory, writable, once;
};

/* One setting of the protection bits, as a data sheet's table lists it. */
struct norsim_range {
	uint32_t value; /* SR1, SR2, CR and Eon's SR of the OTP mode, eight bits each, SR1 lowest;
	                   under norsim_ranges.mask */
	uint32_t bytes; /* protected length, or */
	uint8_t share;  /* protected share: 1/2^share of the chip, plus one; 0: see bytes */
	bool bottom;
	bool rest;   /* what is counted stays open, the rest is protected */
	bool or_all; /* ... unless all would stay open: then all is protected */
};

#define NORSIM_RANGES_MAX 96

/* A protection scheme as a table. A value that is not listed protects everything, zero nothing. */
struct norsim_ranges {
	uint32_t mask;
	size_t count;
	struct norsim_range list[NORSIM_RANGES_MAX];
};

#define NORSIM_ERASES_MAX   12
#define NORSIM_RAW_SFDP_MAX 512

/* An erase opcode. */
struct norsim_erase_op {
	uint8_t op;
	uint32_t size;  /* 0: the whole chip */
	uint32_t below; /* works below this address only; 0: everywhere */
};

/* Typical busy times. */
struct norsim_times {
	uint32_t page_us, sr_us;
	uint32_t erase_4k_ms, erase_32k_ms, erase_64k_ms, erase_256k_ms, chip_ms;
};

/* SFDP as the part has it: the header is built around the tables. bfpt NULL: none, 5Ah unknown. */
struct norsim_sfdp {
	uint8_t minor;
	uint8_t dwords;
	uint16_t bfpt_at;
	const uint32_t *bfpt;
	uint16_t addr4_at; /* 4-byte address table (FF84h); 0: none */
	uint32_t addr4[2];
};

struct norsim_part {
	const char *name;
	uint8_t id[6], id_len;
	uint8_t device_id;  /* of 90h and ABh */
	uint8_t pair_id[3]; /* NF_PAIR */
	uint32_t size;
	uint32_t die; /* bytes of each die of a stack, where a read starts over; 0: one die */
	uint16_t page;
	uint64_t features; /* enum norsim_feature, NF_... */
	struct norsim_reg regs[NR_COUNT];
	uint8_t wr01[3]; /* enum norsim_reg_index of each byte of 01h */
	uint8_t wr01_count;
	bool wr01_short_clears; /* a short 01h clears the registers it does not reach */
	uint8_t srp_mask,
		lock_mask; /* SR1: WP# low locks the registers; SR2: locked until power-up */
	const struct norsim_ranges *ranges; /* NULL: nothing protects */
	const struct norsim_times *times;
	const struct norsim_sfdp *sfdp;
	const uint8_t *raw_sfdp; /* instead: its first bytes as they are, FFh behind them */
	uint16_t raw_sfdp_len;
	uint8_t uid_len;
	uint8_t otp_regs; /* security registers, numbered from otp_first */
	uint8_t otp_first;
	uint16_t otp_size; /* bytes of each, or of the whole OTP area */
	size_t erase_count;
	struct norsim_erase_op erases[NORSIM_ERASES_MAX];
};

/* A part as its description says, and everything it points to. */
struct norsim_described {
	struct norsim_part part;
	char name[24];
	struct norsim_ranges ranges;
	struct norsim_times times;
	struct norsim_sfdp sfdp;
	uint32_t bfpt[20];
	uint8_t raw_sfdp[NORSIM_RAW_SFDP_MAX];
};

/* drivers/sim/parts.txt as compiled in (embed.sh), and the names in it, NULL-terminated. */
extern const char norsim_builtin_text[];
extern const char *const norsim_builtin_names[];

/* The byte at `addr` of the part's SFDP space (without the unique ID). */
uint8_t norsim_sfdp_byte(const struct norsim_sfdp *sfdp, uint32_t addr);

#endif
