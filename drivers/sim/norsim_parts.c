/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of parts, from the makers' tables. */
#include "sim/norsim_part.h"

#include <string.h>

#include "sim/norsim.h"

static const struct norsim_part *const *const makers[] = {
	norsim_winbond,  norsim_eon,    norsim_gigadevice, norsim_macronix,
	norsim_spansion, norsim_micron, norsim_invented,
};

/* In the order of the tables. */
static const char *const names[] = {
	"W25Q64FV",       "W25Q64JV",   "W25Q128FV",   "W25Q128JV",   "W25Q256FV",
	"W25Q256JV",      "W25Q32FV",   "W25Q16",      "W25Q64FW",    "EN25QH128A",
	"EN25Q64",        "EN25QH64",   "EN25QH64A",   "GD25Q64C",    "GD25Q128C",
	"MX25L6433F",     "MX25L6405D", "MX25L12835F", "MX25L25635F", "S25FL128S",
	"S25FL128S-256K", "N25Q128",    "TEST-SFDP",   "TEST-NOSFDP", NULL,
};

const struct norsim_part *norsim_part_find(const char *name)
{
	for (size_t m = 0; m < sizeof(makers) / sizeof(makers[0]); m++)
		for (size_t i = 0; makers[m][i]; i++)
			if (strcmp(makers[m][i]->name, name) == 0)
				return makers[m][i];
	return NULL;
}

const char *const *norsim_parts(void)
{
	return names;
}
