/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/pattern.h"

#include <fnmatch.h>
#include <string.h>

bool pattern_matches(const char *pattern, const char *word)
{
	if (strpbrk(pattern, "*?["))
		return fnmatch(pattern, word, FNM_CASEFOLD) == 0;
	return strcasestr(word, pattern) != NULL;
}
