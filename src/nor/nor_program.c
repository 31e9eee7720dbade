/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page programming. A page is three messages (and in front of them what sets the address mode, on
 * parts that may forget it): write enable, page program with the pause in which the chip is surely
 * busy, and a status tail: status bytes clocked while it finishes. If the last
 * byte of a tail says ready, the next page's write enable was heard; so a whole run of pages goes
 * down the wire with no round trip. If it says busy, the next page may have been ignored and is
 * sent again: programming the same bytes twice is harmless.
 *
 * How long the pause and the tail are is learned from where in the tails the chip became ready.
 */
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/stop.h"
#include "nor/nor_priv.h"

#define MAX_ROUNDS     8  /* of sending again, before each page is waited for alone */
#define TAIL_SHARE     32 /* a tail covers 1/32 of the pause ... */
#define TAIL_MIN       4
#define TAIL_MAX       64
#define FIRST_TAIL_MAX 4096
#define LOOKS          2 /* a host that was held up makes one page look fast; hardly two */

struct train {
	struct nor *nor;
	const struct nor_piece *pieces;
	size_t count; /* pages in this train */
	size_t tail;  /* status bytes per page */
	size_t msgs;  /* messages per page */
	uint32_t pause_us;
	bool until;
	nor_progress_fn *progress;
	void *ctx;
	uint64_t base; /* pieces done before this train */
};

int nor_check_writable(const struct nor_info *info, struct np_error *err)
{
	if (!info->known) {
		np_fail(err, NP_E_UNKNOWN_CHIP, "how this chip is written is not known");
		return np_hint(
			err, "describe it in a file (doc/CHIPS.md) and pass it with --chips FILE");
	}
	if (info->chip->flags & NOR_F_READ_ONLY) {
		np_fail(err, NP_E_UNSUPPORTED, "%s: %s", info->name,
		        info->chip->note ? info->chip->note : "read, not written");
		return np_hint(
			err,
			"its data sheet tells how: describe it in a file (doc/CHIPS.md) and pass that with --chips FILE");
	}
	if (info->size_overridden) {
		np_fail(err, NP_E_POLICY,
		        "the size of this chip was overridden: it can be read, not changed");
		return np_hint(err, "leave the size out, so that the chip's own size is used");
	}
	return nor_check_size(info, err);
}

int nor_check_change(const struct nor *nor, uint64_t addr, uint64_t len, struct np_error *err)
{
	int ret = nor_check_writable(&nor->info, err);

	return ret ? ret : nor_check_range(nor, addr, len, err);
}

static size_t page_msgs(const struct nor *nor)
{
	struct spi_msg ignored[NOR_ADDR_MSGS];

	return 3 + nor_addr_select(nor, 0, ignored);
}

static size_t train_room(const struct nor *nor)
{
	size_t pages = nor->caps->max_queue / page_msgs(nor);

	/* On-die ECC: no page may be sent twice, so none may be sent before the one before it is
	 * known to be done. */
	if (nor->chip.flags & NOR_F_ECC && !nor->caps->until)
		return 0;
	return pages > NOR_TRAIN_PAGES ? NOR_TRAIN_PAGES : pages;
}

static uint8_t *tail_of(const struct train *train, size_t i)
{
	return train->nor->tails + i * train->tail;
}

static void build_page(const struct train *train, size_t i, const struct nor_piece *piece)
{
	const struct nor *nor = train->nor;
	struct spi_msg *msgs = &nor->queue[train->msgs * i];

	msgs += nor_addr_select(nor, piece->addr, msgs);
	msgs[0] = nor_cmd_op(NOR_OP_WREN);
	msgs[1] = nor_cmd_addr(nor->native4 ? NOR_OP_PP4 : NOR_OP_PP,
	                       nor_addr_wire(nor, piece->addr), nor->addr_len, 0);
	msgs[1].tx = piece->data;
	msgs[1].tx_len = piece->len;
	if (train->until) {
		msgs[2] = nor_cmd_until(nor->ready_op, nor->ready_mask, nor->ready_value,
		                        nor->page_busy.max_us, tail_of(train, i));
		return;
	}
	msgs[1].pause_us = train->pause_us;
	msgs[2] = nor_cmd_status(nor->ready_op, tail_of(train, i), train->tail);
}

/* The second stop request ends at the end of the page. */
static int watch_train(void *ctx, size_t msg, size_t bytes)
{
	struct train *train = ctx;

	(void)bytes;
	if (train->progress && train->progress(train->ctx, train->base + msg / train->msgs))
		return 1;
	return np_stop_level() >= 2;
}

static void shape_train(struct train *train)
{
	struct nor *nor = train->nor;
	struct nor_busy *busy = &nor->page_busy;
	uint64_t typ_ns = (uint64_t)busy->typ_us * 1000;

	train->until = nor->caps->until;
	if (train->until) {
		train->tail = 1;
		return;
	}
	if (!busy->learned) {
		/* One page with a long tail, until the busy time is known. */
		train->count = 1;
		busy->pause_ns = typ_ns / 2;
		busy->tail = typ_ns / nor->caps->byte_ns + 2;
		if (busy->tail > FIRST_TAIL_MAX)
			busy->tail = FIRST_TAIL_MAX;
	}
	train->tail = busy->tail < nor->caps->max_rx ? busy->tail : nor->caps->max_rx;
	while (train->count > 1 && train->count * train->tail > NOR_TAIL_BYTES)
		train->count /= 2;
	train->pause_us = (uint32_t)(busy->pause_ns / 1000);
}

static size_t ready_at(const struct nor *nor, const uint8_t *tail, size_t len)
{
	size_t i = 0;

	while (i < len && !nor_is_ready(nor, tail[i]))
		i++;
	return i;
}

static size_t tail_length(const struct nor *nor, uint64_t total_ns)
{
	size_t tail = total_ns / TAIL_SHARE / nor->caps->byte_ns;

	tail = tail < TAIL_MIN ? TAIL_MIN : tail > TAIL_MAX ? TAIL_MAX : tail;
	return tail < nor->caps->max_rx ? tail : nor->caps->max_rx;
}

/* Of the first `sent` pages those that the chip was seen to finish: it ignores what follows a page
 * at which it hangs. */
static size_t proven(const struct train *train, size_t sent)
{
	size_t n = 0;

	while (n < sent && nor_is_ready(train->nor, tail_of(train, n)[train->tail - 1]))
		n++;
	return n;
}

/* A page takes `total_ns` from the end of its program message: shape the next trains so. */
static void learn_total(struct nor *nor, uint64_t total_ns)
{
	struct nor_busy *busy = &nor->page_busy;
	uint64_t byte_ns = nor->caps->byte_ns;
	uint64_t limit_ns = (uint64_t)busy->max_us * 1000;

	if (!busy->learned) {
		busy->looked_ns = total_ns > busy->looked_ns ? total_ns : busy->looked_ns;
		if (++busy->looks < LOOKS)
			return;
		total_ns = busy->looked_ns;
	}
	if (total_ns > limit_ns)
		total_ns = limit_ns;
	busy->tail = tail_length(nor, total_ns);
	busy->pause_ns = total_ns > busy->tail * byte_ns ? total_ns - busy->tail * byte_ns : 0;
	/* Pauses are whole microseconds: round up, so that the guard byte is not lost to rounding.
	 */
	busy->pause_ns = (busy->pause_ns + 999) / 1000 * 1000;
	busy->learned = true;
}

/* Every page was ready at the first look: begin to look sooner, but look as long as it took so far,
 * so that no page is missed while the real time is searched for. */
static void look_earlier(struct nor *nor)
{
	struct nor_busy *busy = &nor->page_busy;
	uint64_t byte_ns = nor->caps->byte_ns, max = nor->caps->max_rx;
	uint64_t room = busy->tail < max ? max - busy->tail : 0;
	uint64_t bytes = busy->pause_ns / 8 / byte_ns;

	bytes = bytes < room ? bytes : room;
	busy->tail += bytes;
	busy->pause_ns = (busy->pause_ns - bytes * byte_ns + 999) / 1000 * 1000;
}

/* Next time, the slowest page of this train shall become ready one status byte before its tail
 * ends. */
static void learn(struct nor *nor, const struct train *train, size_t latest, bool missed)
{
	uint64_t byte_ns = nor->caps->byte_ns;
	uint64_t pause_ns = (uint64_t)train->pause_us * 1000;
	uint64_t total_ns = pause_ns + (latest + 2) * byte_ns;

	if (missed && !nor->page_busy.learned)
		return; /* wait_for_last() will tell how long it took */
	if (missed)
		total_ns = pause_ns + pause_ns / 8 + (train->tail + 2) * byte_ns;
	learn_total(nor, total_ns);
	if (!missed && latest == 0 && nor->page_busy.learned)
		look_earlier(nor);
}

/*
 * Look at the tails of pages [0, count): a page whose predecessor's tail ended busy may have been
 * ignored and goes into again[]. Returns how many; *busy_at_end when the last tail ended busy.
 */
static size_t doubtful(struct train *train, bool *busy_at_end)
{
	struct nor *nor = train->nor;
	bool was_ready = true;
	size_t again = 0, latest = 0;

	for (size_t i = 0; i < train->count; i++) {
		const uint8_t *tail = tail_of(train, i);
		size_t at = ready_at(nor, tail, train->tail);

		if (!was_ready)
			nor->again[again++] = (uint16_t)i;
		was_ready = nor_is_ready(nor, tail[train->tail - 1]);
		if (was_ready && at > latest)
			latest = at;
	}
	*busy_at_end = !was_ready;
	learn(nor, train, latest, again > 0 || !was_ready);
	return again;
}

/* The last tail of a train ended busy: wait, and if this train was the first look at the chip,
 * learn from how long that took. */
static int wait_for_last(struct train *train, bool first, struct np_error *err)
{
	struct nor *nor = train->nor;
	uint64_t waited_ns = 0;
	int ret = nor_wait_ready(nor, &nor->page_busy, &waited_ns, err);

	if (!ret && first)
		learn_total(nor, (uint64_t)train->pause_us * 1000 +
		                         train->tail * nor->caps->byte_ns + waited_ns);
	return ret;
}

static int send(struct train *train, size_t *pages_done, struct np_error *err)
{
	size_t msgs_done = 0;
	int ret = spi_run(train->nor->bus, train->nor->queue, train->msgs * train->count,
	                  &msgs_done, watch_train, train, err);

	*pages_done = msgs_done / train->msgs;
	if (ret == NP_E_TIMEOUT && train->until) {
		np_fail(err, ret, "the chip is still busy %u us after a page program",
		        train->nor->page_busy.max_us);
		np_hint(err, "check the supply voltage at the chip, then `norprog resume`");
	}
	return ret;
}

/* The slow way, for a chip whose busy time changes faster than it can be learned. */
static int send_alone(struct train *train, const struct nor_piece *piece, struct np_error *err)
{
	struct spi_msg *msgs = train->nor->queue;
	size_t count = train->msgs - 1; /* the last one is the tail */

	build_page(train, 0, piece);
	msgs[count - 1].pause_us = 0;
	return nor_run_busy(train->nor, msgs, count, &train->nor->page_alone, err);
}

/* One more train, of the pages `which` names; returns in *again how many are still in doubt, and
 * renumbers `which` to them. */
static int send_round(struct train *train, uint16_t *which, size_t *again, struct np_error *err)
{
	struct nor *nor = train->nor;
	bool busy_at_end;
	size_t done;
	int ret;

	train->count = *again;
	train->tail = nor->page_busy.tail;
	train->pause_us = (uint32_t)(nor->page_busy.pause_ns / 1000);
	for (size_t i = 0; i < *again; i++)
		build_page(train, i, &train->pieces[which[i]]);
	ret = send(train, &done, err);
	if (ret)
		return ret;
	*again = doubtful(train, &busy_at_end);
	/* nor->again[] ascends, so each index is read before it is overwritten. */
	for (size_t i = 0; i < *again; i++)
		which[i] = which[nor->again[i]];
	return busy_at_end ? wait_for_last(train, false, err) : 0;
}

/* Of the doubtful pages leave out those that the chip took after all. It is ready now. */
static int drop_programmed(struct train *train, uint16_t *which, size_t *again,
                           struct np_error *err)
{
	struct nor *nor = train->nor;
	uint8_t held[256];
	size_t kept = 0;
	int ret = 0;

	for (size_t i = 0; i < *again && !ret; i++) {
		const struct nor_piece *piece = &train->pieces[which[i]];
		struct spi_msg msg =
			nor_cmd_addr(nor->native4 ? NOR_OP_FAST_READ4 : NOR_OP_FAST_READ,
		                     piece->addr, nor->addr_len, 1);

		msg.rx = held;
		msg.rx_len = piece->len;
		ret = nor_run(nor, &msg, 1, err);
		if (!ret && memcmp(held, piece->data, piece->len) != 0)
			which[kept++] = which[i];
	}
	*again = ret ? *again : kept;
	return ret;
}

/* Send the doubtful pages again until none is left. */
static int send_again(struct train *train, size_t again, struct np_error *err)
{
	uint16_t which[NOR_TRAIN_PAGES] = {0};
	int ret = 0;

	memcpy(which, train->nor->again, again * sizeof(which[0]));
	for (unsigned round = 0; round < MAX_ROUNDS && again && !ret; round++) {
		if (train->nor->once_only)
			ret = drop_programmed(train, which, &again, err);
		if (!ret && again)
			ret = send_round(train, which, &again, err);
	}
	if (!ret && again && train->nor->once_only)
		ret = drop_programmed(train, which, &again, err);
	for (size_t i = 0; i < again && !ret; i++)
		ret = send_alone(train, &train->pieces[which[i]], err);
	return ret;
}

static int run_train(struct train *train, size_t *pages_done, struct np_error *err)
{
	struct nor *nor = train->nor;
	bool busy_at_end = false, first = !nor->page_busy.learned;
	size_t again, whole;
	int ret;

	shape_train(train);
	for (size_t i = 0; i < train->count; i++)
		build_page(train, i, &train->pieces[i]);
	ret = send(train, pages_done, err);
	if (train->until)
		return ret;
	if (ret) {
		*pages_done = proven(train, *pages_done);
		return ret;
	}
	again = doubtful(train, &busy_at_end);
	if (busy_at_end)
		ret = wait_for_last(train, first, err);
	if (ret)
		*pages_done = proven(train, *pages_done);
	if (ret || !again)
		return ret;
	*pages_done = nor->again[0];
	whole = train->count;
	ret = send_again(train, again, err);
	train->count = whole;
	if (!ret)
		*pages_done = whole;
	return ret;
}

/* A bus too small for three messages in a queue, or a part that takes no page twice: one at a time.
 */
static int program_single(struct train *train, struct np_error *err)
{
	train->tail = 1;
	return send_alone(train, train->pieces, err);
}

void nor_settle_after_stop(struct nor *nor)
{
	struct np_error ignored = {0};

	if (nor_wait_ready(nor, &nor->page_busy, NULL, &ignored))
		np_log(NP_LOG_WARN, "after the stop: %s", ignored.message);
}

/* Beyond the page's end the chip would go on at its start. */
int nor_check_piece(const struct nor *nor, const struct nor_piece *piece, struct np_error *err)
{
	int ret = nor_check_change(nor, piece->addr, piece->len, err);

	if (ret || nor->chip.flags & (NOR_F_BYTE_PROGRAM | NOR_F_AAI_WORD) ||
	    piece->addr % nor->info.page + piece->len <= nor->info.page)
		return ret;
	return np_fail(err, NP_E_RANGE, "%zu bytes at 0x%06" PRIx32 " cross a page of %" PRIu32,
	               (size_t)piece->len, piece->addr, nor->info.page);
}

/* The tails of a train tell of the die that is selected: none goes on in the next. */
static size_t in_one_die(const struct nor *nor, const struct nor_piece *pieces, size_t most)
{
	uint64_t size = nor_die_size(nor);
	size_t n = 0;

	while (n < most && pieces[n].addr / size == pieces[0].addr / size)
		n++;
	return n;
}

int nor_program_trains(struct nor *nor, const struct nor_piece *pieces, size_t count, size_t *done,
                       nor_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct train train = {.nor = nor, .msgs = page_msgs(nor), .progress = progress, .ctx = ctx};
	size_t room = train_room(nor);
	int ret = 0;

	for (*done = 0; !ret && *done < count;) {
		size_t at = *done, sent = 0;

		train.pieces = &pieces[at];
		train.count = in_one_die(nor, &pieces[at], count - at < room ? count - at : room);
		train.base = at;
		if (room)
			ret = run_train(&train, &sent, err);
		else
			ret = program_single(&train, err);
		if (!ret)
			sent = room ? train.count : 1;
		*done = at += sent;
		if (ret)
			np_context(err, "program page 0x%06" PRIx32,
			           pieces[at < count ? at : count - 1].addr);
	}
	return ret;
}

int nor_program(struct nor *nor, const struct nor_piece *pieces, size_t count, size_t *done,
                nor_progress_fn *progress, void *ctx, struct np_error *err)
{
	size_t at = 0;
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++)
		ret = nor_check_piece(nor, &pieces[i], err);
	if (!ret && !(nor->chip.flags & (NOR_F_BYTE_PROGRAM | NOR_F_AAI_WORD)))
		ret = nor_program_trains(nor, pieces, count, &at, progress, ctx, err);
	else if (!ret)
		ret = nor_program_bytes(nor, pieces, count, &at, progress, ctx, err);
	if (ret == NP_E_INTERRUPTED)
		nor_settle_after_stop(nor);
	ret = nor_check_errors(nor, ret, "program", err);
	if (done)
		*done = at;
	return ret;
}

uint64_t nor_cost_page_ns(const struct nor *nor)
{
	const struct spi_caps *caps = nor->caps;
	uint64_t bytes = 1 + 1 + nor->addr_len + nor->info.page + 2;
	uint64_t trips = caps->depth > 1 ? 0 : 3 * (uint64_t)caps->trip_us * 1000;

	return bytes * caps->byte_ns + 3 * (uint64_t)caps->msg_ns + trips +
	       (uint64_t)nor->times.page_typ_us * 1000;
}
