/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of parts that several public tables know by ID, size, supply and the kind of their status
 * registers, and whose other traits only one source tells. The ranges of their protection
 * stay undecoded, what erases them is what the whole family has, and SFDP takes away what this one
 * lacks. Between them the tables compared: flashrom, flashprog, ufprog, Linux, U-Boot, IMSProg,
 * SNANDer, the vendor lists of DediProg and Rockchip; at least two of them for each row.
 */
#ifndef NP_CHIPS_IDENTITY_H
#define NP_CHIPS_IDENTITY_H

#include "table.h"

/* Supply in millivolts. */
#define BY_ID(made_by, part, id0, id1, id2, kib, low_mv, high_mv)                                \
	ROW(part, made_by, kib, id0, id1, id2),                                                  \
		.source = "at least two public tables agree", .times = &nor_times_usual,         \
		.vcc_min_mv = (low_mv), .vcc_max_mv = (high_mv), .read_mhz = 33, .fast_mhz = 50, \
		.proof = NOR_PROOF_MODEL

/* No SR2. */
#define ONE_REGISTER_AS(sizes, prot_) .erase_set = (sizes), .prot = (prot_), .sr_write = NOR_SR_ONE
#define ONE_REGISTER(sizes)           ONE_REGISTER_AS(sizes, &nor_prot_bp4_odd)

/* SR2 with QE, written along with SR1, which any such part takes; or by 31h where it needs that. */
#define WITH_SR2_AS(sizes, how, prot_) \
	.erase_set = (sizes), .prot = (prot_), .sr_write = (how), .qe = NOR_BIT(2, 1)
#define WITH_SR2(sizes, how)      WITH_SR2_AS(sizes, how, &nor_prot_sec_odd)
#define TWO_REGISTERS(sizes)      WITH_SR2(sizes, NOR_SR_TWO_CLEARS)
#define SEPARATE_REGISTERS(sizes) WITH_SR2(sizes, NOR_SR_SEPARATE)

/* Beyond 16 MiB with opcodes of their own. */
#define ABOVE_16M_AS(prot_)  WITH_SR2_AS(NO_32K, NOR_SR_SEPARATE, prot_), .addr4 = NOR_ADDR4_NATIVE
#define ABOVE_16M            ABOVE_16M_AS(&nor_prot_sec_odd)
#define ABOVE_16M_ONE(prot_) ONE_REGISTER_AS(NO_32K, prot_), .addr4 = NOR_ADDR4_NATIVE

#endif
