/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for the chip. Time is counted in what the bus was told to spend (pauses and clocked
 * bytes), so a wait is bounded by a number of polls and not by the host's clock, and a virtual
 * clock behaves as a real one.
 */
#include <inttypes.h>
#include <string.h>

#include "base/stop.h"
#include "nor/nor_priv.h"

#define LOOKS      256  /* within the typical time, until an operation has ended ... */
#define LATE_LOOKS 64   /* ... and when it takes longer */
#define FINE       1024 /* so far apart are the polls of one that is known */
#define FINE_POLLS 4    /* go out with it: ready at the second, two are wasted */
#define POLL_BYTES 2    /* of status in one look */
#define EARLY_MOST 8

int nor_run(struct nor *nor, struct spi_msg *msgs, size_t count, struct np_error *err)
{
	size_t room = nor->caps->max_queue;
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i += room)
		ret = spi_run(nor->bus, &msgs[i], count - i < room ? count - i : room, NULL, NULL,
		              NULL, err);
	return ret;
}

int nor_get(struct nor *nor, uint8_t op, uint8_t *rx, size_t len, struct np_error *err)
{
	struct spi_msg msg = nor_cmd_get(op, rx, len);

	return nor_die_run(nor, &msg, err);
}

int nor_busy_too_long(const struct nor_busy *busy, uint8_t status, struct np_error *err)
{
	if (status == 0xff) {
		np_fail(err, NP_E_TIMEOUT, "the chip stopped answering (status reads FFh)");
		return np_hint(err,
		               "contact or power was lost: reseat the clip, then `norprog detect`");
	}
	if (busy->found) {
		np_fail(err, NP_E_TIMEOUT,
		        "the chip is still busy with what was begun earlier, after %u s (status "
		        "%02Xh)",
		        busy->max_us / 1000000, status);
		return np_hint(err,
		               "erasing a whole chip takes minutes: keep it powered and try again; "
		               "else check the supply voltage at the chip");
	}
	np_fail(err, NP_E_TIMEOUT,
	        "the chip is still busy after its maximum of %u ms (status %02Xh)",
	        busy->max_us / 1000, status);
	return np_hint(err, "check the supply voltage at the chip, then `norprog detect`");
}

static uint64_t poll_ns(const struct nor *nor, uint32_t step_us)
{
	const struct spi_caps *caps = nor->caps;

	return (uint64_t)step_us * 1000 + caps->msg_ns + (1 + POLL_BYTES) * caps->byte_ns +
	       (caps->depth == 1 ? (uint64_t)caps->trip_us * 1000 : 0);
}

static uint32_t step_of(const struct nor_busy *busy, uint32_t share)
{
	uint32_t step_us = busy->typ_us / share;

	return step_us > NOR_PAUSE_MAX_US ? NOR_PAUSE_MAX_US : step_us;
}

/* Append `count` status polls, `step_us` apart. Each reads the register twice: one flipped bit must
 * not make a busy chip look ready, for what follows would be ignored. */
static void add_polls(const struct nor *nor, struct spi_msg *msgs, uint8_t *rx, size_t count,
                      uint32_t step_us)
{
	for (size_t i = 0; i < count; i++) {
		msgs[i] = nor_cmd_status(nor->ready_op, &rx[POLL_BYTES * i], POLL_BYTES);
		msgs[i].pause_us = i + 1 < count ? step_us : 0;
	}
}

static size_t first_ready(const struct nor *nor, const uint8_t *status, size_t count)
{
	size_t i = 0;

	while (i < count && !(nor_is_ready(nor, status[POLL_BYTES * i]) &&
	                      nor_is_ready(nor, status[POLL_BYTES * i + 1])))
		i++;
	return i;
}

/* An operation that was not begun here need not be waited for. */
static bool stopped(const struct nor_busy *busy)
{
	return busy->found && np_stop_level() >= 1;
}

static int stop_waiting(struct np_error *err)
{
	np_fail(err, NP_E_INTERRUPTED,
	        "stopped on request: the chip is still busy with what was begun earlier");
	return np_hint(err, "nothing was changed; keep the chip powered until it is ready, or the "
	                    "block that it works on stays half done, then start over");
}

static int watch_wait(void *ctx, size_t msg, size_t bytes)
{
	(void)msg;
	(void)bytes;
	return stopped(ctx);
}

static int wait_until(struct nor *nor, const struct nor_busy *busy, struct np_error *err)
{
	uint8_t status = 0;
	struct spi_msg msg = nor_cmd_until(nor->ready_op, nor->ready_mask, nor->ready_value,
	                                   busy->max_us, &status);
	struct nor_busy watched = *busy;
	int ret = spi_run(nor->bus, &msg, 1, NULL, watch_wait, &watched, err);

	if (ret == NP_E_INTERRUPTED)
		return stop_waiting(err);
	return ret == NP_E_TIMEOUT ? nor_busy_too_long(busy, status, err) : ret;
}

/* Two looks with the pause between them, so that none follows the look that finds the chip ready.
 */
static int look_twice(struct nor *nor, uint32_t step_us, bool *ready, uint8_t *status,
                      struct np_error *err)
{
	struct spi_msg msgs[2];
	uint8_t seen[2 * POLL_BYTES];
	size_t looks = nor->caps->max_queue > 1 ? 2 : 1;
	int ret;

	add_polls(nor, msgs, seen, looks, step_us);
	if (looks == 1)
		msgs[0].pause_us = step_us;
	ret = nor_run(nor, msgs, looks, err);
	*ready = !ret && first_ready(nor, seen, looks) < looks;
	/* An error bit counts when both bytes of a status read show it. */
	*status = ret ? 0 : seen[POLL_BYTES * looks - 1] & seen[POLL_BYTES * looks - 2];
	return ret;
}

static uint64_t trip_ns(const struct nor *nor)
{
	return nor->caps->depth > 1 ? nor->caps->trip_us * UINT64_C(1000) : 0;
}

/* Spansion: an operation that failed keeps BUSY up until its error bits are cleared. */
static bool held_by_error(const struct nor *nor, uint8_t status)
{
	return nor->chip.flags & NOR_F_CLSR &&
	       status & (NOR_SR_SPANSION_E_ERR | NOR_SR_SPANSION_P_ERR);
}

/* *spent_ns: what the bus was told to spend, *trips_ns: what the host took between, as is thought. An
 * operation that takes longer than usual need not be found ready at once. */
static int look_until_ready(struct nor *nor, const struct nor_busy *busy, uint64_t *spent_ns,
                            uint64_t *trips_ns, struct np_error *err)
{
	uint64_t typ_ns = (uint64_t)busy->typ_us * 1000, limit_ns = (uint64_t)busy->max_us * 1000;
	uint8_t status;
	bool ready = false;

	while (!ready) {
		uint32_t step_us = step_of(busy, *spent_ns < typ_ns ? LOOKS : LATE_LOOKS);
		int ret = look_twice(nor, step_us, &ready, &status, err);

		if (ret)
			return ret;
		*trips_ns += trip_ns(nor);
		*spent_ns += poll_ns(nor, 0) + poll_ns(nor, step_us);
		if (!ready && (*spent_ns + *trips_ns > limit_ns || held_by_error(nor, status)))
			return nor_busy_too_long(busy, status, err);
		if (!ready && stopped(busy))
			return stop_waiting(err);
	}
	return 0;
}

int nor_wait_ready(struct nor *nor, const struct nor_busy *busy, uint64_t *waited_ns,
                   struct np_error *err)
{
	uint64_t spent_ns = 0, trips_ns = 0;
	int ret;

	if (nor->caps->until)
		return wait_until(nor, busy, err);
	ret = look_until_ready(nor, busy, &spent_ns, &trips_ns, err);
	if (!ret && waited_ns)
		*waited_ns = spent_ns + trips_ns;
	return ret;
}

/* From the last to the first, which is the one that a stack begins with. */
int nor_wait_dies(struct nor *nor, const struct nor_busy *busy, struct np_error *err)
{
	uint32_t dies = nor->chip.die ? nor->chip.size / nor->chip.die : 1;
	int ret = 0;

	if (!(nor->chip.flags & (NOR_F_DIE_STATUS | NOR_F_DIE_SELECT)))
		return 0;
	while (dies-- > 0 && !ret) {
		uint8_t die = (uint8_t)dies;
		struct spi_msg msg = nor_cmd_set(NOR_OP_WINBOND_DIE, &die, 1);

		ret = nor_run(nor, &msg, 1, err);
		if (!ret)
			ret = nor_wait_ready(nor, busy, NULL, err);
	}
	return ret;
}

/* The first wait of an operation goes out with it: pause for nearly what it is known to take, then
 * polls close together, all in one queue. */
static uint32_t first_pause_us(const struct nor_busy *busy)
{
	uint64_t us = busy->learned ? busy->pause_ns / 1000 : (uint64_t)busy->typ_us * 3 / 4;

	return us > NOR_PAUSE_MAX_US * 20 ? NOR_PAUSE_MAX_US * 20 : (uint32_t)us;
}

static size_t polls_with(const struct nor *nor, const struct nor_busy *busy, size_t count)
{
	size_t room = nor->caps->max_queue - count;

	if (!busy->learned || nor->caps->depth == 1)
		return 1;
	return room < FINE_POLLS ? room : FINE_POLLS;
}

/* Next time the second of the polls shall be the first that finds the chip ready. Was it the first, look
 * sooner, by what the polls span; and by twice that for each time this was not enough. */
static void learn_from_polls(const struct nor *nor, struct nor_busy *busy, uint64_t pause_ns,
                             size_t at)
{
	uint64_t fine_ns = poll_ns(nor, step_of(busy, FINE));

	if (at > 0) {
		busy->pause_ns = pause_ns + (at - 1) * fine_ns;
		busy->early = 0;
		return;
	}
	fine_ns *= (uint64_t)(FINE_POLLS - 1) << busy->early;
	busy->early += busy->early < EARLY_MOST;
	busy->pause_ns = pause_ns > 2 * fine_ns ? pause_ns - fine_ns : pause_ns / 2;
}

static int run_and_poll(struct nor *nor, struct spi_msg *msgs, size_t count, struct nor_busy *busy,
                        struct np_error *err)
{
	size_t polls = polls_with(nor, busy, count), at;
	struct spi_msg queue[NOR_BUSY_MSGS + FINE_POLLS];
	uint32_t pause_us = first_pause_us(busy), fine_us = step_of(busy, FINE);
	uint64_t pause_ns = (uint64_t)pause_us * 1000, waited_ns = 0, trips_ns = 0;
	uint8_t status[FINE_POLLS * POLL_BYTES];
	int ret;

	for (size_t i = 0; i < count; i++)
		queue[i] = msgs[i];
	queue[count - 1].pause_us = pause_us;
	add_polls(nor, &queue[count], status, polls, fine_us);
	ret = nor_run(nor, queue, count + polls, err);
	if (ret)
		return ret;
	at = first_ready(nor, status, polls);
	if (at < polls) {
		learn_from_polls(nor, busy, pause_ns, at);
	} else {
		ret = look_until_ready(nor, busy, &waited_ns, &trips_ns, err);
		/* The trips are left out: what is aimed too early is found by looking, and what is
		 * aimed too late was waited for in vain. */
		busy->pause_ns = pause_ns + polls * poll_ns(nor, fine_us) + waited_ns;
		busy->early = 0;
		/* Aim early: the polls find the rest. */
		busy->pause_ns -=
			poll_ns(nor, 2 * fine_us) < busy->pause_ns ? poll_ns(nor, 2 * fine_us) : 0;
	}
	busy->learned = true;
	return ret;
}

/* The operation and the wait for its end in one run: a bus far away has one round trip less. */
static int run_until(struct nor *nor, const struct spi_msg *msgs, size_t count,
                     const struct nor_busy *busy, struct np_error *err)
{
	struct spi_msg queue[NOR_BUSY_MSGS + 1];
	uint8_t status = 0;
	int ret;

	for (size_t i = 0; i < count; i++)
		queue[i] = msgs[i];
	queue[count] = nor_cmd_until(nor->ready_op, nor->ready_mask, nor->ready_value, busy->max_us,
	                             &status);
	ret = spi_run(nor->bus, queue, count + 1, NULL, NULL, NULL, err);
	return ret == NP_E_TIMEOUT ? nor_busy_too_long(busy, status, err) : ret;
}

int nor_run_busy(struct nor *nor, struct spi_msg *msgs, size_t count, struct nor_busy *busy,
                 struct np_error *err)
{
	int ret;

	if (!nor->caps->until && nor->caps->max_queue > count)
		return run_and_poll(nor, msgs, count, busy, err);
	if (nor->caps->until && nor->caps->max_queue > count)
		return run_until(nor, msgs, count, busy, err);
	ret = nor_run(nor, msgs, count, err);
	return ret ? ret : nor_wait_ready(nor, busy, NULL, err);
}

void nor_measured(const struct nor *nor, struct nor_measured *measured)
{
	const struct nor_busy *page = &nor->page_busy;

	memset(measured, 0, sizeof(*measured));
	if (page->learned)
		measured->page_us = (page->pause_ns + page->tail * nor->caps->byte_ns) / 1000;
	for (size_t i = 0; i < nor->info.erase_count; i++)
		if (nor->erase_busy[i].learned)
			measured->erase_us[i] = nor->erase_busy[i].pause_ns / 1000;
}

/* An error bit counts when two reads show it, because a flipped one would end a sound job. */
static int get_errors(struct nor *nor, uint8_t op, uint8_t *bits, struct np_error *err)
{
	uint8_t seen[2] = {0, 0};
	int ret = nor_get(nor, op, &seen[0], 1, err);

	if (!ret)
		ret = nor_get(nor, op, &seen[1], 1, err);
	*bits = seen[0] & seen[1];
	return ret;
}

static int report_fsr(struct nor *nor, const char *doing, struct np_error *err)
{
	struct spi_msg clear = nor_cmd_op(NOR_OP_VSRWEN);
	uint8_t fsr;
	int ret = get_errors(nor, NOR_OP_MICRON_RDFSR, &fsr, err);

	if (ret || !(fsr & (NOR_FSR_E_ERR | NOR_FSR_P_ERR | NOR_FSR_PT_ERR)))
		return ret;
	ret = nor_run(nor, &clear, 1, err);
	if (ret)
		return ret;
	if (fsr & NOR_FSR_PT_ERR) {
		np_fail(err, NP_E_PROTECTED,
		        "%s: the chip says the block is protected (flags %02Xh)", doing, fsr);
		return np_hint(err, "`norprog protect status` shows what is protected");
	}
	return np_fail(err, NP_E_VERIFY, "%s: the chip says it failed (flags %02Xh)", doing, fsr);
}

static int report_spansion(struct nor *nor, const char *doing, struct np_error *err)
{
	struct spi_msg clear[2] = {nor_cmd_op(NOR_OP_SPANSION_CLSR), nor_cmd_op(NOR_OP_WRDI)};
	uint8_t sr;
	int ret = get_errors(nor, NOR_OP_RDSR, &sr, err);

	if (ret || !(sr & (NOR_SR_SPANSION_E_ERR | NOR_SR_SPANSION_P_ERR)))
		return ret;
	for (size_t i = 0; i < 2 && !ret; i++)
		ret = nor_run(nor, &clear[i], 1, err);
	if (ret)
		return ret;
	np_fail(err, NP_E_PROTECTED, "%s: the chip set its error bits (status %02Xh)", doing, sr);
	return np_hint(err, "the block may be protected: `norprog protect status`");
}

int nor_check_errors(struct nor *nor, int ret, const char *doing, struct np_error *err)
{
	int told = 0;

	if (ret && ret != NP_E_TIMEOUT)
		return ret;
	if (nor->chip.flags & NOR_F_FSR)
		told = report_fsr(nor, doing, err);
	else if (nor->chip.flags & NOR_F_CLSR)
		told = report_spansion(nor, doing, err);
	return told ? told : ret;
}
