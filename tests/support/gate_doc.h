/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doc/GATES.md, made from the table of gates. */
#ifndef NP_TESTS_SUPPORT_GATE_DOC_H
#define NP_TESTS_SUPPORT_GATE_DOC_H

#include <stdio.h>

void gate_doc_print(FILE *out);

#endif
