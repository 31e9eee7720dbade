/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parts that are read and never written here, each for its reason. In the mode they power up in all
 * of them answer 03h or 13h as any other. Identity: Linux, U-Boot, ufprog, flashrom, DediProg.
 */
#include "table.h"

#define READ_AS(made_by, part, id0, id1, id2, kib, low_mv, high_mv, why, more)                \
	ROW(part, made_by, kib, id0, id1, id2),                                               \
		.times = &nor_times_usual, .prot = &nor_prot_bp4_odd, .vcc_min_mv = (low_mv), \
		.vcc_max_mv = (high_mv), .read_mhz = 33, .fast_mhz = 50,                      \
		.flags = NOR_F_READ_ONLY | NOR_F_NO_RESET | (more), .note = (why),            \
		.source = "Linux; U-Boot; ufprog; flashrom; DediProg", .proof = NOR_PROOF_MODEL

#define READ(...) READ_AS(__VA_ARGS__, 0)
#define OCTAL(...) \
	READ(__VA_ARGS__, "an octal part: it is read over one line, and not written by norprog")
#define UNEVEN(...) \
	READ(__VA_ARGS__, "sectors of several sizes, whose places are a setting: read, not written")
#define OWN_WAY(...) READ(__VA_ARGS__, "programmed in a way of its own: read, not written")
#define ROM(...)     READ(__VA_ARGS__, "a mask ROM: nothing can write it")

#define FOUR_BYTES .addr4 = NOR_ADDR4_NATIVE

static const struct nor_chip rows[] = {
	{OCTAL("Micron", "MT35XL512ABA", 0x2c, 0x5a, 0x1a, 65536, 2700, 3600), FOUR_BYTES},
	{OCTAL("Micron", "MT35XU512ABA", 0x2c, 0x5b, 0x1a, 65536, 1650, 2000), FOUR_BYTES},
	{OCTAL("Micron", "MT35XU01GBBA", 0x2c, 0x5b, 0x1b, 131072, 1650, 2000), FOUR_BYTES},
	{OCTAL("Micron", "MT35XU02GCBA", 0x2c, 0x5b, 0x1c, 262144, 1650, 2000), FOUR_BYTES},
	{OCTAL("Infineon", "S28HL512T", 0x34, 0x5a, 0x1a, 65536, 2700, 3600), FOUR_BYTES},
	{OCTAL("Infineon", "S28HL01GT", 0x34, 0x5a, 0x1b, 131072, 2700, 3600), FOUR_BYTES},
	{OCTAL("Infineon", "S28HS256T", 0x34, 0x5b, 0x19, 32768, 1650, 2000), FOUR_BYTES},
	{OCTAL("Infineon", "S28HS512T", 0x34, 0x5b, 0x1a, 65536, 1650, 2000), FOUR_BYTES},
	{OCTAL("Infineon", "S28HS01GT", 0x34, 0x5b, 0x1b, 131072, 1650, 2000), FOUR_BYTES},
	{OCTAL("Infineon", "S28HS02GT", 0x34, 0x5b, 0x1c, 262144, 1650, 2000), FOUR_BYTES},
	{OCTAL("ISSI", "IS25LX512M", 0x9d, 0x5a, 0x1a, 65536, 2700, 3600), FOUR_BYTES},
	{OCTAL("ISSI", "IS25WX128", 0x9d, 0x5b, 0x18, 16384, 1650, 2000)},
	{OCTAL("ISSI", "IS25WX256", 0x9d, 0x5b, 0x19, 32768, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX25UM25645G", 0xc2, 0x80, 0x39, 32768, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX25UM51245G", 0xc2, 0x80, 0x3a, 65536, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX66UM1G45G", 0xc2, 0x80, 0x3b, 131072, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX66UM2G45G", 0xc2, 0x80, 0x3c, 262144, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX25UW6445G", 0xc2, 0x81, 0x37, 8192, 1650, 2000)},
	{OCTAL("Macronix", "MX25UW25645G", 0xc2, 0x81, 0x39, 32768, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX25UM51345G/MX25UW51245G", 0xc2, 0x81, 0x3a, 65536, 1650, 2000),
         FOUR_BYTES},
	{OCTAL("Macronix", "MX66UW1G45G", 0xc2, 0x81, 0x3b, 131072, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX25UM25345G", 0xc2, 0x83, 0x39, 32768, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX25UW25345G", 0xc2, 0x84, 0x39, 32768, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX66UW2G345G", 0xc2, 0x84, 0x3c, 262144, 1650, 2000), FOUR_BYTES},
	{OCTAL("Macronix", "MX25LM25645G", 0xc2, 0x85, 0x39, 32768, 2700, 3600), FOUR_BYTES},
	{OCTAL("Macronix", "MX25LM51245G", 0xc2, 0x85, 0x3a, 65536, 2700, 3600), FOUR_BYTES},
	{OCTAL("Macronix", "MX66LM1G45G", 0xc2, 0x85, 0x3b, 131072, 2700, 3600), FOUR_BYTES},
	{OCTAL("Macronix", "MX25LW51245G", 0xc2, 0x86, 0x3a, 65536, 2700, 3600), FOUR_BYTES},
	{OCTAL("Macronix", "MX66UW2G345GX0", 0xc2, 0x94, 0x3c, 262144, 1650, 2000), FOUR_BYTES},
	{OCTAL("Winbond", "W35T02NW", 0xef, 0x5b, 0x1c, 262144, 1650, 2000), FOUR_BYTES},
	{OCTAL("GigaDevice", "GD25X512ME", 0xc8, 0x48, 0x1a, 65536, 2700, 3600), FOUR_BYTES},
	{OCTAL("GigaDevice", "GD55X01GE", 0xc8, 0x48, 0x1b, 131072, 2700, 3600), FOUR_BYTES},
	{OCTAL("GigaDevice", "GD55X02GE", 0xc8, 0x48, 0x1c, 262144, 2700, 3600), FOUR_BYTES},
	{OCTAL("GigaDevice", "GD25LX128J", 0xc8, 0x68, 0x18, 16384, 1650, 2000)},
	{OCTAL("GigaDevice", "GD25LX256E", 0xc8, 0x68, 0x19, 32768, 1650, 2000), FOUR_BYTES},
	{OCTAL("GigaDevice", "GD25LX512ME", 0xc8, 0x68, 0x1a, 65536, 1650, 2000), FOUR_BYTES},
	{OCTAL("GigaDevice", "GD55LX01GE", 0xc8, 0x68, 0x1b, 131072, 1650, 2000), FOUR_BYTES},
	{OCTAL("GigaDevice", "GD55LX02GE", 0xc8, 0x68, 0x1c, 262144, 1650, 2000), FOUR_BYTES},

	{UNEVEN("Infineon", "S25HL512T", 0x34, 0x2a, 0x1a, 65536, 2700, 3600), FOUR_BYTES},
	{UNEVEN("Infineon", "S25HL01GT", 0x34, 0x2a, 0x1b, 131072, 2700, 3600), FOUR_BYTES},
	{UNEVEN("Infineon", "S25FS256T", 0x34, 0x2b, 0x19, 32768, 1650, 2000), FOUR_BYTES},
	{UNEVEN("Infineon", "S25HS512T", 0x34, 0x2b, 0x1a, 65536, 1650, 2000), FOUR_BYTES},
	{UNEVEN("Infineon", "S25HS01GT", 0x34, 0x2b, 0x1b, 131072, 1650, 2000), FOUR_BYTES},
	{UNEVEN("Intel", "QB25F160S33B", 0x89, 0x89, 0x11, 2048, 2700, 3600)},
	{UNEVEN("Intel", "QB25F320S33B", 0x89, 0x89, 0x12, 4096, 2700, 3600)},
	{UNEVEN("Intel", "QB25F640S33B", 0x89, 0x89, 0x13, 8192, 2700, 3600)},
	{UNEVEN("Intel", "QB25F160S33T", 0x89, 0x89, 0x15, 2048, 2700, 3600)},
	{UNEVEN("Intel", "QB25F320S33T", 0x89, 0x89, 0x16, 4096, 2700, 3600)},
	{UNEVEN("Intel", "QB25F640S33T", 0x89, 0x89, 0x17, 8192, 2700, 3600)},

	{OWN_WAY("Sanyo", "LE25FW403A", 0x62, 0x11, 0x00, 512, 2700, 3600)},
	{OWN_WAY("Sanyo", "LE25FW203A", 0x62, 0x16, 0x00, 256, 2700, 3600)},
	{OWN_WAY("Atmel", "AT26DF041", 0x1f, 0x44, 0x00, 512, 2700, 3600)},

	{ROM("Macronix", "MX23L1654", 0xc2, 0x05, 0x15, 2048, 2700, 3600)},
	{ROM("Macronix", "MX23L3254", 0xc2, 0x05, 0x16, 4096, 2700, 3600)},
	{ROM("Macronix", "MX23L6454", 0xc2, 0x05, 0x17, 8192, 2700, 3600)},
	{ROM("Macronix", "MX23L12854", 0xc2, 0x05, 0x18, 16384, 2700, 3600)},
};

const struct nor_chip_table chips_readonly = {rows, sizeof(rows) / sizeof(rows[0])};
