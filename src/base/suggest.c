/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/suggest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define LETTERS 63

static int lower(char c)
{
	return tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t np_word_distance(const char *a, const char *b)
{
	size_t rows[3][LETTERS + 1], la = strlen(a), lb = strlen(b);
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	if (la > LETTERS || lb > LETTERS)
		return LETTERS + 1;
	for (size_t j = 0; j <= lb; j++)
		last[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *oldest = before;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t change = lower(a[i - 1]) != lower(b[j - 1]);

			now[j] = least(last[j - 1] + change, 1 + least(last[j], now[j - 1]));
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = oldest;
	}
	return last[lb];
}

const char *np_suggest(const char *word, const char *const *list)
{
	size_t len = strlen(word), limit = (len + 1) / 3, best = limit + 1;
	const char *found = NULL;

	for (; len && *list; list++) {
		size_t distance = np_word_distance(word, *list);

		if (len >= 3 && strncasecmp(word, *list, len) == 0)
			distance = least(distance, 1);
		if (distance < best) {
			best = distance;
			found = *list;
		} else if (distance == best) {
			found = NULL;
		}
	}
	return best <= limit ? found : NULL;
}
