/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A secret that two programs share, in a file, and the proof that one knows it. */
#ifndef NP_BASE_SECRET_H
#define NP_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define NP_SECRET_MAX   256
#define NP_SECRET_LEAST 8
#define NP_NONCE_HEX    64 /* digits of a challenge, and of the answer */

struct np_secret {
	uint8_t bytes[NP_SECRET_MAX];
	size_t len; /* 0: there is none */
};

/* The first line of a file that only its owner may read; 8 to 256 bytes. Errors: NP_E_INPUT. */
int np_secret_read(struct np_secret *secret, const char *path, struct np_error *err);

/* A challenge that was never used before, as hex digits with a NUL. NP_E_FAIL. */
int np_secret_challenge(char nonce[NP_NONCE_HEX + 1], struct np_error *err);

/* The answer to it: HMAC-SHA-256 of the digits, under the secret, as hex digits with a NUL. */
void np_secret_answer(const struct np_secret *secret, const char nonce[NP_NONCE_HEX + 1],
                      char answer[NP_NONCE_HEX + 1]);

/* Are the two answers the same? Takes as long whatever they are. */
bool np_secret_same(const char *a, const char *b);

#endif
