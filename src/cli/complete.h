/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the shells' completions ask, so that three of them share one knowledge. */
#ifndef NP_CLI_COMPLETE_H
#define NP_CLI_COMPLETE_H

#include <stdio.h>

/*
 * `norprog complete WORD...`: what may stand in place of the last of these `count` words (after
 * `norprog`, the last one possibly empty), a line each: the word, and after a tab what it is.
 * A line ":files" says that files fit too. Behind a comma the whole list is printed again. Opens no
 * programmer. Always 0: a shell shows no error of a completion.
 */
int complete(FILE *out, int count, char **words);

#endif
