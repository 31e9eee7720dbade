/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Did you mean": the word of a list that a mistyped one was meant to be. Pure. */
#ifndef NP_BASE_SUGGEST_H
#define NP_BASE_SUGGEST_H

#include <stddef.h>

/* Letters that have to be inserted, dropped, changed or swapped with their neighbour to turn one
 * word into the other; case does not count. Words longer than 63 letters are 64 apart. */
size_t np_word_distance(const char *a, const char *b);

/* The word of the NULL-terminated list that is nearest to `word`, when it is near enough to be
 * meant: one letter off in three, or cut short. NULL when none is, or when two are equally near. */
const char *np_suggest(const char *word, const char *const *list);

#endif
