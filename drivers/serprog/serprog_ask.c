/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to the bridge and their answers, and the way back in step when one was lost. */
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "serprog/serprog_int.h"

#define QUIET_US       40000
#define STATUS_WAIT_US 150000
#define RESYNC_TRIES   10
#define FAULTS_IN_ROW  10

static int reply_len(const struct bridge_reply *reply)
{
	switch (reply->status) {
	case BRIDGE_OK:
		return (int)reply->len;
	case BRIDGE_DAMAGED:
	case BRIDGE_RANGE:
	case BRIDGE_FAILED:
		return 0;
	case BRIDGE_CHIP_BUSY:
	case BRIDGE_BAD_PAGE:
	case BRIDGE_STARVED:
	case BRIDGE_STOPPED:
		return BRIDGE_REPORT_LEN;
	}
	return -1;
}

static int far_end_failed(const struct serprog *sp, struct np_error *err)
{
	np_fail(err, NP_E_BUS, "the programmer behind %s failed", sp->line.name);
	return np_hint(err, "what `norprog serve` says there tells why; then run norprog again");
}

static bool has_report(uint8_t cmd, uint8_t status)
{
	return status != BRIDGE_DAMAGED && status != BRIDGE_RANGE && status != BRIDGE_FAILED &&
	       (status != BRIDGE_OK || cmd == BRIDGE_PROGRAM || cmd == BRIDGE_EXEC ||
	        cmd == BRIDGE_WAIT);
}

int bridge_read_reply(struct serprog *sp, uint8_t cmd, uint8_t seq, int first, uint32_t wait_us,
                      struct bridge_reply *reply, struct np_error *err)
{
	uint8_t report[BRIDGE_REPORT_LEN], check[4], status = (uint8_t)first;
	int ret = first < 0 ? sp_read(sp, &status, 1, wait_us, err) : 0, len;
	uint8_t *payload;
	uint32_t crc;

	if (ret)
		return ret;
	reply->status = status;
	len = has_report(cmd, status) ? BRIDGE_REPORT_LEN : reply_len(reply);
	payload = has_report(cmd, status) ? report : reply->payload;
	if (len < 0)
		return LINE_FAULT;
	ret = sp_read(sp, payload, (size_t)len, 0, err);
	if (!ret)
		ret = sp_read(sp, check, sizeof(check), 0, err);
	if (ret)
		return ret;
	crc = wire_reply_crc(cmd, seq, &status, 1);
	if (len) /* zlib takes a NULL buffer as a request for the start value */
		crc = np_crc32(crc, payload, (size_t)len);
	if (wire_get32(check) != crc)
		return LINE_FAULT;
	if (status == BRIDGE_FAILED)
		return far_end_failed(sp, err);
	if (payload == report) {
		reply->done = wire_get32(report);
		reply->last = report[4];
	}
	return 0;
}

/* One STATUS, with a seq of its own: an old answer cannot pass for it. */
static int ask_status(struct serprog *sp, struct np_error *err)
{
	uint8_t payload[BRIDGE_STATUS_PAYLOAD] = {0};
	struct bridge_reply reply = {.payload = payload, .len = sizeof(payload)};
	struct wire_request request;
	uint32_t slack_us = sp->line.slack_us;
	int ret;

	wire_begin(&request, BRIDGE_STATUS, ++sp->seq);
	wire_end(&request);
	ret = sp_write(sp, request.bytes, request.len, err);
	if (ret)
		return ret;
	if (slack_us > STATUS_WAIT_US && sp->baud)
		sp->line.slack_us = STATUS_WAIT_US;
	ret = bridge_read_reply(sp, BRIDGE_STATUS, sp->seq, -1, 0, &reply, err);
	sp->line.slack_us = slack_us;
	if (ret)
		return ret;
	if (reply.status != BRIDGE_OK)
		return LINE_FAULT;
	sp->last.cmd = payload[4];
	sp->last.seq = payload[5];
	sp->last.status = payload[6];
	sp->last.done = wire_get32(payload + 7);
	return wire_get32(payload) == sp->token ? 0 : NP_E_BUS;
}

static int was_reset(struct serprog *sp, struct np_error *err)
{
	sp->was_reset = true;
	np_fail(err, NP_E_BUS, "the bridge on %s was reset in the middle of its work",
	        sp->line.name);
	return np_hint(err,
	               "check its USB cable and supply; `norprog resume` finishes a job that had "
	               "begun");
}

static int no_way_back(struct serprog *sp, struct np_error *err)
{
	np_fail(err, NP_E_BUS, "the bridge on %s stopped answering", sp->line.name);
	return np_hint(err,
	               "check its USB cable, or try a lower baud rate (firmware and dev=...@BAUD)");
}

int bridge_resync(struct serprog *sp, struct np_error *err)
{
	static const uint8_t nop = SERPROG_NOP;
	int ret;

	for (int i = 0; i < RESYNC_TRIES; i++) {
		ret = sp->streaming ? sp_write(sp, &nop, 1, err) : 0;
		if (!ret)
			ret = sp_discard(sp, QUIET_US, err);
		sp->streaming = ret == LINE_FAULT;
		if (!ret)
			ret = ask_status(sp, err);
		if (ret == NP_E_BUS)
			return was_reset(sp, err);
		if (ret <= 0) {
			sp->adrift = ret != 0;
			return ret;
		}
	}
	return no_way_back(sp, err);
}

int bridge_after_fault(struct serprog *sp, struct fault_budget *budget, bool progress,
                       struct np_error *err)
{
	np_log(NP_LOG_DEBUG, "%s: bytes were lost or changed on the line; asking again",
	       sp->line.name);
	budget->in_row = progress ? 1 : budget->in_row + 1;
	if (budget->in_row > FAULTS_IN_ROW) {
		sp->adrift = true;
		np_fail(err, NP_E_BUS, "the line to %s changes or loses bytes all the time",
		        sp->line.name);
		return np_hint(err, "use a shorter cable or a lower baud rate (firmware and "
		                    "dev=...@BAUD)");
	}
	return bridge_resync(sp, err);
}

int bridge_ask(struct serprog *sp, const struct wire_request *request, uint32_t wait_us,
               struct bridge_reply *reply, struct np_error *err)
{
	struct fault_budget budget = {0};
	int ret = sp->adrift ? bridge_resync(sp, err) : 0;

	while (!ret) {
		ret = sp_write(sp, request->bytes, request->len, err);
		if (!ret)
			ret = bridge_read_reply(sp, request->bytes[0], request->bytes[1], -1,
			                        wait_us, reply, err);
		if (!ret && reply->status != BRIDGE_DAMAGED)
			return 0;
		if (ret >= 0)
			ret = bridge_after_fault(sp, &budget, false, err);
	}
	return ret;
}
