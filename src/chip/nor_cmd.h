/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes and the messages made of them. Pure. The opcodes are those common to the 25-series data
 * sheets and JESD216; those of one maker are named after it.
 */
#ifndef NP_CHIP_NOR_CMD_H
#define NP_CHIP_NOR_CMD_H

#include <stdint.h>

#include "spi/spi.h"

enum nor_opcode {
	NOR_OP_WRSR = 0x01,
	NOR_OP_PP = 0x02,
	NOR_OP_READ = 0x03,
	NOR_OP_WRDI = 0x04,
	NOR_OP_RDSR = 0x05,
	NOR_OP_WREN = 0x06,
	NOR_OP_FAST_READ = 0x0b,
	NOR_OP_FAST_READ4 = 0x0c,
	NOR_OP_WRSR3 = 0x11,
	NOR_OP_PP4 = 0x12,
	NOR_OP_READ4 = 0x13,
	NOR_OP_RDSR3 = 0x15, /* Winbond and others; the configuration register on Macronix */
	NOR_OP_SPANSION_BRRD = 0x16,
	NOR_OP_SPANSION_BRWR = 0x17,
	NOR_OP_SPANSION_CLSR = 0x30,
	NOR_OP_WRSR2 = 0x31,
	NOR_OP_RDSR2 = 0x35,
	NOR_OP_EON_OTP = 0x3a,      /* enters OTP mode, 04h leaves */
	NOR_OP_LOCK = 0x36,         /* one sector (Atmel) or block (Winbond with WPS) */
	NOR_OP_MXIC_RDSCUR = 0x2b,  /* security register; bit 7 is WPSEL */
	NOR_OP_UNLOCK = 0x39,       /* likewise */
	NOR_OP_ATMEL_RDLOCK = 0x3c, /* its lock: 00h open, FFh closed */
	NOR_OP_RDLOCK = 0x3d,       /* Winbond: bit 0 */
	NOR_OP_ISSI_RDFR = 0x48,    /* function register */
	NOR_OP_UID = 0x4b,
	NOR_OP_VSRWEN = 0x50, /* volatile status write enable; clears the flag status on Micron */
	NOR_OP_RDSFDP = 0x5a,
	NOR_OP_RESET_ENABLE = 0x66,
	NOR_OP_MICRON_RDFSR = 0x70,
	NOR_OP_LOCK_ALL = 0x7e,
	NOR_OP_GBULK = 0x98,
	NOR_OP_RESET = 0x99,
	NOR_OP_RDID = 0x9f,
	NOR_OP_WAKE = 0xab,
	NOR_OP_EN4B = 0xb7,
	NOR_OP_WINBOND_DIE = 0xc2, /* whose status is read */
	NOR_OP_DIE_ERASE = 0xc4,
	NOR_OP_WREAR = 0xc5,
	NOR_OP_CHIP_ERASE = 0xc7,
	NOR_OP_RDEAR = 0xc8,
	NOR_OP_EX4B = 0xe9,
	NOR_OP_EXIT_QPI = 0xff,
};

#define NOR_SR_WIP            0x01 /* write in progress */
#define NOR_SR_WEL            0x02 /* write enable latch */
#define NOR_SR_SPANSION_E_ERR 0x20
#define NOR_SR_SPANSION_P_ERR 0x40
#define NOR_FSR_READY         0x80
#define NOR_FSR_E_ERR         0x20
#define NOR_FSR_P_ERR         0x10
#define NOR_FSR_PT_ERR        0x02
#define NOR_FSR_4BYTE         0x01
#define NOR_FSR_SUSPENDED     0x44 /* an erase, a program */

/* An opcode alone. */
struct spi_msg nor_cmd_op(uint8_t op);

/* An opcode that answers `len` bytes into `rx`. */
struct spi_msg nor_cmd_get(uint8_t op, uint8_t *rx, size_t len);

/* An opcode followed by `len` (up to 4) register bytes. */
struct spi_msg nor_cmd_set(uint8_t op, const uint8_t *bytes, size_t len);

/* An opcode with an address of addr_len (3 or 4) bytes, most significant first, and `dummy` FFh
 * bytes. */
struct spi_msg nor_cmd_addr(uint8_t op, uint32_t addr, unsigned addr_len, unsigned dummy);

/* A status read whose answer is `len` bytes, sampled one after the other. */
struct spi_msg nor_cmd_status(uint8_t op, uint8_t *rx, size_t len);

/* A status read that the bus repeats by itself until ready; only where caps.until. */
struct spi_msg nor_cmd_until(uint8_t op, uint8_t mask, uint8_t value, uint32_t limit_us,
                             uint8_t *rx);

#endif
