/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serprog/greeting.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

int greeting_read(const struct serial *serial, char line[GREETING_MAX], struct np_error *err)
{
	uint64_t end = serial->ops->now_us(serial->self) + GREETING_WAIT_US, now;

	for (size_t at = 0; at < GREETING_MAX;) {
		size_t got = 0;
		int ret;

		now = serial->ops->now_us(serial->self);
		ret = now < end ? serial->ops->read(serial->self, (uint8_t *)line + at, 1,
		                                    (uint32_t)(end - now), &got, err)
		                : np_fail(err, NP_E_TIMEOUT, "%s does not answer", serial->name);
		if (ret)
			return ret;
		if (got && line[at] == '\n') {
			line[at] = '\0';
			return 0;
		}
		/* Not our text: no need to wait for the end of a line that never comes. */
		if (got && (line[at] < 0x20 || line[at] > 0x7e))
			break;
		at += got;
	}
	return np_fail(err, NP_E_BUS, "%s answers, but not as norprog or a serprog server would",
	               serial->name);
}

int greeting_explain(const char *heard, const char *name, struct np_error *err)
{
	if (begins(heard, GREETING_ASK)) {
		np_fail(err, NP_E_ACCESS, "the server at %s asks for a secret", name);
		return np_hint(err, "give its file: -p serprog:ip=HOST@PORT,secret=FILE");
	}
	if (!begins(heard, GREETING_SORRY))
		return 0;
	np_fail(err, strstr(heard, "in use") ? NP_E_BUSY : NP_E_ACCESS,
	        "the server at %s says: %.*s", name, (int)strcspn(heard, "\r\n") - 15, heard + 15);
	return np_hint(err,
	               err->code == NP_E_BUSY
	                       ? "wait until that one is done, or end it"
	                       : "check --allow and the secret at the server, and secret= here");
}

static int no_greeting(const struct serial *serial, int ret, struct np_error *err)
{
	if (ret != NP_E_TIMEOUT && ret != NP_E_BUS)
		return ret;
	np_fail(err, NP_E_NO_PROGRAMMER, "%s asks for no secret", serial->name);
	return np_hint(err, "leave secret= out, or serve with --secret there");
}

int greeting_answer(const struct serial *serial, const char *secret_path, struct np_error *err)
{
	char line[GREETING_MAX], answer[NP_NONCE_HEX + 2];
	size_t ask = strlen(GREETING_ASK);
	struct np_secret secret;
	int ret = np_secret_read(&secret, secret_path, err);

	if (ret)
		return ret;
	ret = greeting_read(serial, line, err);
	if (ret)
		return no_greeting(serial, ret, err);
	if (!begins(line, GREETING_ASK) || strlen(line) != ask + NP_NONCE_HEX) {
		ret = greeting_explain(line, serial->name, err);
		return ret ? ret : no_greeting(serial, NP_E_BUS, err);
	}
	np_secret_answer(&secret, line + ask, answer);
	strcat(answer, "\n");
	ret = serial->ops->write(serial->self, (uint8_t *)answer, strlen(answer), err);
	if (!ret)
		ret = greeting_read(serial, line, err);
	if (ret || strcmp(line, GREETING_WELCOME) == 0)
		return ret;
	ret = greeting_explain(line, serial->name, err);
	return ret ? ret : no_greeting(serial, NP_E_BUS, err);
}
