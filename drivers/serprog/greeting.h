/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `norprog serve` says in text before serprog begins, one line each (doc/BRIDGE.md). A server
 * that asks for no secret and is free says nothing, so that any serprog client can talk to it.
 */
#ifndef NP_DRIVERS_SERPROG_GREETING_H
#define NP_DRIVERS_SERPROG_GREETING_H

#include "base/err.h"
#include "serprog/serial.h"

#define GREETING_PREFIX  "norprog serve: "
#define GREETING_ASK     GREETING_PREFIX "secret? " /* and a challenge of 64 hex digits */
#define GREETING_WELCOME GREETING_PREFIX "welcome"
#define GREETING_SORRY   GREETING_PREFIX "sorry, " /* and why; then the server hangs up */
#define GREETING_MAX     200                       /* bytes of a line, with its end */
#define GREETING_WAIT_US 5000000u

/* Read a line of at most GREETING_MAX bytes into `line`, without its end. NP_E_TIMEOUT, NP_E_GONE;
 * NP_E_BUS: what comes is no line. */
int greeting_read(const struct serial *serial, char line[GREETING_MAX], struct np_error *err);

/* As a client that was given a secret: answer the challenge. NP_E_INPUT (the file), NP_E_ACCESS (it
 * is another secret), NP_E_BUSY, NP_E_NO_PROGRAMMER (the client sends no greeting). */
int greeting_answer(const struct serial *serial, const char *secret_path, struct np_error *err);

/* What a server said that did not become a serprog device: an error that tells it, or 0 when it
 * is none of its words. */
int greeting_explain(const char *heard, const char *name, struct np_error *err);

#endif
