/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makers whose parts are known by identity alone (identity.h says from where). */
#include "identity.h"

/* Boot sectors at one end, or at the other under the same ID. flashrom, flashprog and DediProg agree
 * on them; those of the EN25B lie at the same places. */
#define AMIC_BOOT(part, kib, code)                                                                 \
	.name = (part), .maker = "AMIC", .id = {0x7f, 0x37, 0x20, (code)}, .id_len = 4,            \
	.size = (kib)*1024U, .source = "flashrom; flashprog; DediProg", .times = &nor_times_usual, \
	.erase_set = NOR_ERASE_64K, .uneven = NOR_UNEVEN_BOOT, .prot = &nor_prot_bp3_odd,          \
	.sr_write = NOR_SR_ONE, .read_mhz = 33, .fast_mhz = 50,                                    \
	.flags = NOR_F_NO_SFDP | NOR_F_NO_RESET, V33, .proof = NOR_PROOF_MODEL

static const struct nor_chip rows[] = {
	{BY_ID("Fremont", "FT25H02/ACE25AC200G", 0x0e, 0x40, 0x12, 256, 2700, 3600),
         ONE_REGISTER(NO_32K)},
	{BY_ID("Fremont", "FT25H04/ACE25AC400G", 0x0e, 0x40, 0x13, 512, 2700, 3600),
         ONE_REGISTER(NO_32K)},
	{BY_ID("Fremont", "FT25H16", 0x0e, 0x40, 0x15, 2048, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("GM", "GM25Q128A", 0x1c, 0x40, 0x18, 16384, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("AMIC", "A25L10P", 0x37, 0x20, 0x11, 128, 2700, 3600), ONE_REGISTER(NOR_ERASE_64K),
         .uneven = NOR_UNEVEN_BOOT},
	{BY_ID("AMIC", "A25L20P", 0x37, 0x20, 0x12, 256, 2700, 3600), ONE_REGISTER(NOR_ERASE_64K),
         .uneven = NOR_UNEVEN_BOOT},
	{AMIC_BOOT("A25L05PU", 64, 0x10)},
	{AMIC_BOOT("A25L05PT", 64, 0x20)},
	{AMIC_BOOT("A25L10PU", 128, 0x11)},
	{AMIC_BOOT("A25L10PT", 128, 0x21)},
	{AMIC_BOOT("A25L20PU", 256, 0x12)},
	{AMIC_BOOT("A25L20PT", 256, 0x22)},
	{AMIC_BOOT("A25L40PU/A25L40PT", 512, 0x13)},
	{AMIC_BOOT("A25L80P", 1024, 0x14)},
	{AMIC_BOOT("A25L16PU", 2048, 0x15)},
	{AMIC_BOOT("A25L16PT", 2048, 0x25)},
	{BY_ID("AMIC", "A25L032", 0x37, 0x30, 0x16, 4096, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("AMIC", "A25LQ080", 0x37, 0x40, 0x14, 1024, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("AMIC", "A25LQ16", 0x37, 0x40, 0x15, 2048, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("AMIC", "A25LQ032/A25LQ32A", 0x37, 0x40, 0x16, 4096, 2700, 3600),
         ONE_REGISTER(NO_32K)},
	{BY_ID("AMIC", "A25LQ64", 0x37, 0x40, 0x17, 8192, 2700, 3600), TWO_REGISTERS(NO_32K)},

	{BY_ID("ESI", "ES25P40", 0x4a, 0x20, 0x13, 512, 2700, 3600), ONE_REGISTER(NOR_ERASE_64K)},
	{BY_ID("ESI", "ES25P80", 0x4a, 0x20, 0x14, 1024, 2700, 3600), ONE_REGISTER(NOR_ERASE_64K)},
	{BY_ID("ESI", "ES25P16", 0x4a, 0x20, 0x15, 2048, 2700, 3600), ONE_REGISTER(NOR_ERASE_64K)},

	{BY_ID("MD", "MD25D20", 0x51, 0x40, 0x12, 256, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("MD", "MD25D40", 0x51, 0x40, 0x13, 512, 2700, 3600), ONE_REGISTER(NO_32K)},

	{BY_ID("Nor-Mem", "NM25Q128EVB/NM25Q128FV", 0x52, 0x21, 0x18, 16384, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("DouQi", "DQ25Q64AS", 0x54, 0x40, 0x17, 8192, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("DouQi", "DQ25Q128AL", 0x54, 0x60, 0x18, 16384, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("Zbit", "ZB25Q256A", 0x5e, 0x40, 0x19, 32768, 2700, 3600), ABOVE_16M},
	{BY_ID("Zbit", "ZB25LQ16", 0x5e, 0x50, 0x15, 2048, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zbit", "ZB25LQ32", 0x5e, 0x50, 0x16, 4096, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zbit", "ZB25LQ64", 0x5e, 0x50, 0x17, 8192, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zbit", "ZB25LQ128", 0x5e, 0x50, 0x18, 16384, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zbit", "ZB25VQ40/ZB25VQ40A", 0x5e, 0x60, 0x13, 512, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zbit", "ZB25LQ40", 0x5e, 0x60, 0x13, 512, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zbit", "ZB25VQ80/ZB25VQ80A/ZB25VQ80B", 0x5e, 0x60, 0x14, 1024, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("UCUN", "UC25HQ40", 0xb3, 0x60, 0x13, 512, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("Zetta", "ZD25Q64B", 0xba, 0x32, 0x17, 8192, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zetta", "ZD25Q16A", 0xba, 0x40, 0x15, 2048, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zetta", "ZD25Q32A", 0xba, 0x40, 0x16, 4096, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zetta", "ZD25Q128A", 0xba, 0x40, 0x18, 16384, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zetta", "ZD25Q80C", 0xba, 0x60, 0x14, 1024, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Zetta", "ZD25WQ80B", 0xba, 0x60, 0x14, 1024, 1650, 3600), TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("Giantec", "GT25D05C/GT25Q05C", 0xc4, 0x40, 0x10, 64, 2700, 3600),
         ONE_REGISTER(NO_32K)},
	{BY_ID("Giantec", "GT25D10C", 0xc4, 0x40, 0x11, 128, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("Giantec", "GT25D20C/GT25Q20C", 0xc4, 0x40, 0x12, 256, 2700, 3600),
         ONE_REGISTER(NO_32K)},
	{BY_ID("Giantec", "GT25Q40C", 0xc4, 0x40, 0x13, 512, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Giantec", "GT25Q80A", 0xc4, 0x60, 0x14, 1024, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Giantec", "GT25Q16A", 0xc4, 0x60, 0x15, 2048, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Giantec", "GT25Q32A", 0xc4, 0x60, 0x16, 4096, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("Nantronics", "N25S10", 0xd5, 0x30, 0x11, 128, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Nantronics", "N25S20", 0xd5, 0x30, 0x12, 256, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Nantronics", "N25S40", 0xd5, 0x30, 0x13, 512, 2700, 3600), ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Nantronics", "N25S80", 0xd5, 0x30, 0x14, 1024, 2700, 3600),
         ONE_REGISTER(ALL_SIZES)},
	{BY_ID("Nantronics", "N25S16", 0xd5, 0x30, 0x15, 2048, 2700, 3600), ONE_REGISTER(NO_32K)},
	{BY_ID("Nantronics", "N25S32", 0xd5, 0x30, 0x16, 4096, 2700, 3600), ONE_REGISTER(NO_32K)},

	{BY_ID("YC", "YC25Q128", 0xd8, 0x40, 0x18, 16384, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("Paragon", "PN25F08", 0xe0, 0x40, 0x14, 1024, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Paragon", "PN25F16", 0xe0, 0x40, 0x15, 2048, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Paragon", "PN25F32", 0xe0, 0x40, 0x16, 4096, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Paragon", "PN25F64", 0xe0, 0x40, 0x17, 8192, 2700, 3600), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Paragon", "PN25F128", 0xe0, 0x40, 0x18, 16384, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},

	{BY_ID("Dosilicon", "DS25Q4AA", 0xe5, 0x31, 0x18, 16384, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Dosilicon", "DS25M4CB", 0xe5, 0x40, 0x1a, 65536, 1650, 2000), ABOVE_16M},
	{BY_ID("Dosilicon", "DS25M4AB", 0xe5, 0x42, 0x18, 16384, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Dosilicon", "DS25M4BA", 0xe5, 0x42, 0x19, 32768, 1650, 2000), ABOVE_16M},

	{BY_ID("Fidelix", "FM25Q04A(Fidelix)", 0xf8, 0x32, 0x13, 512, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25Q08A(Fidelix)", 0xf8, 0x32, 0x14, 1024, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25Q16A(Fidelix)", 0xf8, 0x32, 0x15, 2048, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25Q32A(Fidelix)", 0xf8, 0x32, 0x16, 4096, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25Q64A(Fidelix)", 0xf8, 0x32, 0x17, 8192, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25Q128A(Fidelix)", 0xf8, 0x32, 0x18, 16384, 2700, 3600),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25M04A", 0xf8, 0x42, 0x13, 512, 1650, 2000), TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25M08A", 0xf8, 0x42, 0x14, 1024, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25M16A", 0xf8, 0x42, 0x15, 2048, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25M32A/FM25M32B", 0xf8, 0x42, 0x16, 4096, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25M64A", 0xf8, 0x42, 0x17, 8192, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25M4AA", 0xf8, 0x42, 0x18, 16384, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
	{BY_ID("Fidelix", "FM25M64C", 0xf8, 0x43, 0x17, 8192, 1650, 2000),
         TWO_REGISTERS(ALL_SIZES)},
};

const struct nor_chip_table chips_others = {rows, sizeof(rows) / sizeof(rows[0])};
