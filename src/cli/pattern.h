/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PATTERN arguments: a part of the word, or with * ? [ the whole of it; case does not matter. */
#ifndef NP_CLI_PATTERN_H
#define NP_CLI_PATTERN_H

#include <stdbool.h>

bool pattern_matches(const char *pattern, const char *word);

#endif
