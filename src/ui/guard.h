/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may talk to the server. Another site's page in the same browser can send requests here, and
 * can give itself a name that leads here (DNS rebinding): so Host must be an address, not any name,
 * Origin must be the same, and whatever reads or changes anything needs a key that only a page of
 * ours was given. Pure.
 */
#ifndef NP_UI_GUARD_H
#define NP_UI_GUARD_H

#include <stdbool.h>

#define UI_SECRET_LEN 32

struct ui_guard {
	unsigned port;
	bool loopback;                /* listens there alone: other addresses are not ours */
	char key[UI_SECRET_LEN + 1];  /* what the page sends with each request */
	char once[UI_SECRET_LEN + 1]; /* the token of the printed address; "" once it was used */
};

/* May a request have this Host header (NULL: none)? */
bool ui_guard_host(const struct ui_guard *guard, const char *host);

/* May a request to `host` have this Origin header (NULL: none, as for a page typed in)? */
bool ui_guard_origin(const char *host, const char *origin);

/* Is `given` (NULL: nothing) the secret? Takes the same time wherever they differ; "" matches
 * nothing. */
bool ui_guard_secret(const char *secret, const char *given);

/* Take the token of the address: true once, then it is used up. */
bool ui_guard_take_once(struct ui_guard *guard, const char *given);

#endif
