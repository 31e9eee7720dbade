/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/os.h"
#include "base/units.h"

static int refuse(const char *path, const char *why, struct np_error *err)
{
	np_fail(err, NP_E_INPUT, "%s: %s", path, why);
	return np_hint(err, "make one: umask 077; head -c 24 /dev/urandom | base64 > %s", path);
}

int np_secret_read(struct np_secret *secret, const char *path, struct np_error *err)
{
	uint8_t *data = NULL;
	struct stat st;
	size_t len;
	int ret = np_io_read(path, 4096, &data, &len, err);

	if (ret)
		return ret;
	secret->len = strcspn((const char *)data, "\r\n");
	if (secret->len >= NP_SECRET_LEAST && secret->len <= sizeof(secret->bytes))
		memcpy(secret->bytes, data, secret->len);
	free(data);
	if (secret->len < NP_SECRET_LEAST || secret->len > sizeof(secret->bytes))
		return refuse(path, "a secret has 8 to 256 characters, in its first line", err);
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & (S_IRWXG | S_IRWXO)) {
		np_fail(err, NP_E_INPUT, "%s: others on this computer may read this secret", path);
		return np_hint(err, "chmod 600 %s", path);
	}
	return 0;
}

int np_secret_challenge(char nonce[NP_NONCE_HEX + 1], struct np_error *err)
{
	uint8_t bytes[32];

	if (np_os_random(bytes, sizeof(bytes)) != 0)
		return np_fail(err, NP_E_FAIL, "no random numbers: %s", strerror(errno));
	np_format_hex(bytes, 32, nonce);
	return 0;
}

void np_secret_answer(const struct np_secret *secret, const char nonce[NP_NONCE_HEX + 1],
                      char answer[NP_NONCE_HEX + 1])
{
	uint8_t sum[32];

	np_hmac_sha256(secret->bytes, secret->len, nonce, NP_NONCE_HEX, sum);
	np_format_hex(sum, 32, answer);
}

bool np_secret_same(const char *a, const char *b)
{
	unsigned differs = 0;

	for (size_t i = 0; i < NP_NONCE_HEX; i++)
		differs |= (unsigned char)a[i] ^ (unsigned char)b[i];
	return !differs;
}
