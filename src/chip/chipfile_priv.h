/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the chip file parser share. */
#ifndef NP_CHIP_CHIPFILE_PRIV_H
#define NP_CHIP_CHIPFILE_PRIV_H

#include "base/ini.h"
#include "chip/chipfile.h"

#define CHIPFILE_TEXT 128

/* ---- the words of a file and what they stand for; each list ends with name NULL ---- */

struct chipfile_word {
	const char *name;
	uint32_t value;
};

struct chipfile_prot {
	const char *name;
	const struct nor_prot *prot;
};

extern const struct chipfile_word chipfile_sr_writes[], chipfile_addr4s[], chipfile_uids[],
	chipfile_otps[], chipfile_flags[];
extern const struct chipfile_prot chipfile_prots[];

/* Opcodes that erase a block on one part or another; never chip erase. */
bool chipfile_is_erase_opcode(uint8_t op);

/* ---- a file being read ---- */

/* What a row points to. */
struct chipfile_own {
	char name[CHIPFILE_TEXT], maker[CHIPFILE_TEXT], source[CHIPFILE_TEXT], note[CHIPFILE_TEXT];
	struct nor_erase erase[NOR_ERASE_TYPES];
	struct nor_times times;
};

struct chipfile {
	struct nor_chip rows[CHIPFILE_CHIPS];
	struct chipfile_own own[CHIPFILE_CHIPS];
	size_t count;
};

struct chipfile_parser {
	struct np_ini ini;
	const char *name;
	uint32_t seen;                  /* keys of this chip, by index */
	const struct chipfile_key *key; /* being taken */
	struct chipfile *file;
	struct nor_chip *chip;
	struct chipfile_own *own;
	struct np_error *err;
};

/* Record what is wrong with `value` (NULL: none) in that line, or in the line being read. Returns
 * NP_E_INPUT. */
int chipfile_fail_at(struct chipfile_parser *p, unsigned line, const char *what, const char *value);
int chipfile_fail(struct chipfile_parser *p, const char *what, const char *value);

/* Take `name = value` into the chip being described. */
int chipfile_take_key(struct chipfile_parser *p, const char *name, const char *value);

/* A key that the chip being described lacks, or NULL. */
const char *chipfile_missing_key(const struct chipfile_parser *p);

#endif
