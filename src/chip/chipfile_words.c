/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "chip/chipfile_priv.h"

#include <string.h>

const struct chipfile_word chipfile_sr_writes[] = {
	{"one", NOR_SR_ONE},
	{"two", NOR_SR_TWO},
	{"two-clears", NOR_SR_TWO_CLEARS},
	{"three", NOR_SR_THREE},
	{"separate", NOR_SR_SEPARATE},
	{"macronix", NOR_SR_MXIC},
	{0},
};

const struct chipfile_word chipfile_addr4s[] = {
	{"none", NOR_ADDR4_NONE},     {"native", NOR_ADDR4_NATIVE},
	{"enter", NOR_ADDR4_ENTER},   {"enter-we", NOR_ADDR4_ENTER_WE},
	{"bank", NOR_ADDR4_BANK},     {"spansion-bank", NOR_ADDR4_BRWR},
	{"always", NOR_ADDR4_ALWAYS}, {0},
};

const struct chipfile_word chipfile_uids[] = {
	{"none", NOR_UID_NONE},
	{"4b", NOR_UID_4B},
	{"4b-16", NOR_UID_GD16},
	{"eon", NOR_UID_EON},
	{0},
};

const struct chipfile_word chipfile_otps[] = {
	{"none", NOR_OTP_NONE},
	{"registers", NOR_OTP_SECREG},
	{"eon", NOR_OTP_EON},
	{"macronix", NOR_OTP_MXIC},
	{"micron", NOR_OTP_MICRON},
	{"spansion", NOR_OTP_SPANSION},
	{"registers-top", NOR_OTP_SECREG_TOP},
	{"issi", NOR_OTP_ISSI},
	{"issi-once", NOR_OTP_ISSI_ONCE},
	{0},
};

const struct chipfile_word chipfile_flags[] = {
	{"volatile-status", NOR_F_VOLATILE_SR},
	{"flag-status", NOR_F_FSR},
	{"clear-status", NOR_F_CLSR},
	{"ecc", NOR_F_ECC},
	{"clear-ear-on-exit", NOR_F_EAR_ON_EXIT},
	{"global-unlock", NOR_F_GBULK},
	{"no-sfdp", NOR_F_NO_SFDP},
	{"bad-sfdp", NOR_F_BAD_SFDP},
	{"byte-program", NOR_F_BYTE_PROGRAM},
	{"aai-word", NOR_F_AAI_WORD},
	{"ewsr", NOR_F_EWSR},
	{"no-reset", NOR_F_NO_RESET},
	{"die-erase", NOR_F_DIE_ERASE},
	{"die-status", NOR_F_DIE_STATUS},
	{0},
};

static const struct nor_prot sectors = {
	.kind = NOR_PROT_SECTORS,
	.bp = {NOR_BIT(1, 2), NOR_BIT(1, 3), NOR_BIT(1, 4), NOR_BIT(1, 5)},
	.srp0 = NOR_BIT(1, 7),
};

static const struct nor_prot block_locks = {.kind = NOR_PROT_SECTORS};

const struct chipfile_prot chipfile_prots[] = {
	{"unknown", NULL},
	{"bp2", &nor_prot_bp2},
	{"bp3", &nor_prot_bp3},
	{"bp3-tb", &nor_prot_bp3_tb},
	{"bp4", &nor_prot_bp4},
	{"bp4-128k", &nor_prot_bp4_128k},
	{"bp4-mirrored", &nor_prot_bp4_mirrored},
	{"bp4-growing", &nor_prot_bp4_growing},
	{"bp4-tbs", &nor_prot_bp4_tbs},
	{"bp4-tb", &nor_prot_bp4_tb},
	{"bp4-tb-cmp", &nor_prot_bp4_tb_cmp},
	{"bp4-tb-cmp-wps", &nor_prot_bp4_tb_cmp_wps},
	{"ratio", &nor_prot_ratio},
	{"ratio-tb", &nor_prot_ratio_tb},
	{"ratio-mirrored", &nor_prot_ratio_mirrored},
	{"sec", &nor_prot_sec},
	{"sec-cmp", &nor_prot_sec_cmp},
	{"sec-cmp-wps", &nor_prot_sec_cmp_wps},
	{"lower", &nor_prot_lower},
	{"sectors", &sectors},
	{"block-locks", &block_locks},
	{0},
};

bool chipfile_is_erase_opcode(uint8_t op)
{
	static const uint8_t known[] = {0x20, 0x21, 0x40, 0x52, 0x53, 0x5c, 0x81, 0xd7, 0xd8, 0xdc};

	return memchr(known, op, sizeof(known)) != NULL;
}
