/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which value was given to which unit, for ever: a MAC that two units have is a fault that nobody
 * sees before both are in one network. One file in the state folder, a line a value. */
#ifndef NP_STORE_GIVEN_H
#define NP_STORE_GIVEN_H

#include "store/state.h"

/* One value. Texts without tabs and line ends; compared in any case, so write MACs in one form. */
struct given {
	const char *field, *value;
	const char *source; /* "units.csv:3", for who asks later */
};

/*
 * May the unit have these values? No other may have been given one. `unit`: its chip's unique ID;
 * "": it has none, and then a value that was ever given is somebody else's, for all that can be
 * known. With `keep` they are recorded as given, on disk when this returns. Errors: NP_E_POLICY (one
 * is another's), NP_E_OUTPUT, NP_E_BUSY, NP_E_INPUT (the file is not as it was written).
 */
int given_take(struct store *store, const struct given *values, size_t count, const char *unit,
               bool keep, struct np_error *err);

#endif
