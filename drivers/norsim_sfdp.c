/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SFDP space, byte by byte: signature, parameter headers, tables, FFh between. */
#include "norsim_part.h"

static uint8_t byte_of(uint32_t dword, uint32_t index)
{
	return (uint8_t)(dword >> (8 * (index & 3)));
}

/* Parameter header: ID LSB, minor, major, dwords, 3-byte pointer, ID MSB. */
static uint8_t header_byte(uint16_t id, uint8_t minor, uint8_t dwords, uint16_t at, uint32_t index)
{
	const uint8_t header[8] = {
		(uint8_t)id,       minor, 1, dwords, (uint8_t)at, (uint8_t)(at >> 8), 0,
		(uint8_t)(id >> 8)};

	return header[index];
}

uint8_t norsim_sfdp_byte(const struct norsim_sfdp *sfdp, uint32_t addr)
{
	static const uint8_t signature[4] = {'S', 'F', 'D', 'P'};
	uint8_t tables;

	if (!sfdp)
		return 0xFF;
	tables = sfdp->addr4_at ? 2 : 1;
	if (addr < 4)
		return signature[addr];
	if (addr == 4)
		return sfdp->minor;
	if (addr == 5)
		return 1;
	if (addr == 6)
		return (uint8_t)(tables - 1);
	if (addr >= 8 && addr < 16)
		return header_byte(0xFF00, sfdp->minor, sfdp->dwords, sfdp->bfpt_at, addr - 8);
	if (tables == 2 && addr >= 16 && addr < 24)
		return header_byte(0xFF84, 0, 2, sfdp->addr4_at, addr - 16);
	if (addr >= sfdp->bfpt_at && addr < sfdp->bfpt_at + 4U * sfdp->dwords)
		return byte_of(sfdp->bfpt[(addr - sfdp->bfpt_at) / 4], addr - sfdp->bfpt_at);
	if (tables == 2 && addr >= sfdp->addr4_at && addr < sfdp->addr4_at + 8U)
		return byte_of(sfdp->addr4[(addr - sfdp->addr4_at) / 4], addr - sfdp->addr4_at);
	return 0xFF;
}
