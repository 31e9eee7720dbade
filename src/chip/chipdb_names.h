/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What people type for a part: its ID, another tool's name, or what is printed on the package. Pure.
 */
#ifndef NP_CHIP_CHIPDB_NAMES_H
#define NP_CHIP_CHIPDB_NAMES_H

#include "chip/chip.h"

/* Does the row answer the ID that `word` spells: "EF4018", "0xef4018", "EF 40 18", or the beginning
 * of one, two bytes at least? False where it is not the spelling of an ID. */
bool chipdb_id_is(const struct nor_chip *chip, const char *word);

/*
 * How well `word` names the row; 0: not at all, more is better. Case does not matter. A list with
 * '/' names each of its members; a '.' in a name stands for any letters ("W25Q128.V"), and what is
 * in brackets may be there or not ("FM25F02(A)"). A marking begins with the name, the maker's
 * letters in front of it left out or not, and goes on with letters for the package, the temperature
 * and the like: "25Q128JVSQ", "QH128A-104HIP". Letters of another maker name another part.
 */
unsigned chipdb_name_score(const struct nor_chip *chip, const char *word);

/* Is `word` the name of a family that the row belongs to: its name but for the letters at the end,
 * with or without the maker's in front ("W25Q64" or "25Q64" for W25Q64FV)? */
bool chipdb_name_begins(const struct nor_chip *chip, const char *word);

#define CHIPDB_NAME_EXACT 1000 /* the score of a name as the row has it */

#endif
