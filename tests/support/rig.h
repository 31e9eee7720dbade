/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chip on a simulated programmer with a job around it, for the tests of jobs. */
#ifndef TESTS_SUPPORT_RIG_H
#define TESTS_SUPPORT_RIG_H

#include "nor/nor.h"
#include "job/job.h"
#include "sim/sim.h"

struct rig {
	struct sim_config config;
	struct spi_bus *bus;
	void *sim;
	struct norsim *chip;
	struct nor *nor;
	struct job job;
	/* Put between the simulated programmer and the engine; NULL: nothing. */
	int (*wrap)(struct spi_opened *opened, void *ctx);
	void *wrap_ctx;
	size_t size;
	char dir[64]; /* the state folder; removed by rig_free() */

	/* what the job told */
	unsigned plans, backups, steps, rereads, notes, warnings, asked;
	uint64_t read_total; /* of NP_PHASE_READ phases */
	char text[512], backup[4096];
	struct plan_step last_steps[64]; /* of the last plan, as many as fit */
	size_t last_count;
	struct {
		const char *gate, *answer;
	} verdicts[64]; /* of the last job */
	size_t verdict_count;
	char warned[512], refused[32]; /* the last warning; the gate that refused */
	bool refuse;                   /* confirm() says no */
	bool voltage_ok;               /* resume of a 1.8 V part */
	const char *lift;              /* resume: override this gate; NULL: none */

	/* where to stop: the step_hook calls cut(), whose non-zero ends the job */
	uint64_t step, cut_at; /* from 1; 0 never */
	bool kill;             /* SIGKILL instead of an orderly end */
	unsigned stop_level;   /* np_stop_request() so often at step cut_at instead */
};

/* A W25Q64FV in memory, a state folder of its own. Change config before rig_open(). */
void rig_init(struct rig *rig);
void rig_open(struct rig *rig);

/* Close the chip and the bus; the state folder stays, so that another process may go on. */
void rig_close(struct rig *rig);

/* Close what is open, power the chip and open it again: the user comes back. Memory chips keep
 * contents. */
void rig_reopen(struct rig *rig);
void rig_free(struct rig *rig);

/* A write job in one value, with the intent made from it. */
struct rig_order {
	enum intent_operation operation;
	const uint8_t *image;           /* NULL: an erase */
	const struct np_ranges *select; /* by addresses */
	const char *only;               /* or one word of the layout */
	const struct np_ranges *keep;   /* by addresses */
	const char *keep_word;          /* or one word of the layout */
	const char *path;               /* where the image is said to be from */
	const char *file, *at;          /* load this instead of `image`; its place */
	const char *override;           /* of this gate */
	bool keep_nothing;              /* "--keep nothing": everything on the chip may go */
	struct write_options how;
};

int rig_write(struct rig *rig, const struct rig_order *order, struct write_result *result,
              struct np_error *err);
int rig_resume(struct rig *rig, enum resume_mode mode, struct write_result *result,
               struct np_error *err);

/* What the gate said in the last job, the worst of it: "pass", "warn", ...; "" when it was not
 * asked. */
const char *rig_verdict(const struct rig *rig, const char *gate);

/* Compare with the image (NULL: blank) inside `only` (NULL: everything). */
int rig_verify(struct rig *rig, const uint8_t *image, const struct np_ranges *only,
               struct verify_result *result, struct np_error *err);

/* Knows nothing: a job on a part with this layout does not look whose flash it is. */
extern const struct layout rig_plain;

/* Repeatable contents: code-like, with blank stretches. */
void rig_fill(uint8_t *image, size_t len, uint64_t seed);
/* The same seed, the same bytes; none of it is blank. */
void rig_noise(uint8_t *to, size_t len, uint64_t seed);
uint64_t rig_random(uint64_t *state);

/* A path in the rig's folder, valid until the next call but one. */
const char *rig_path(const struct rig *rig, const char *name);

/* How many files the folder below the state folder holds. */
unsigned rig_files(const struct rig *rig, const char *folder);

/* From the environment NORPROG_SEED, else the default; prints it. */
uint64_t rig_seed(uint64_t normal);

/* How often: NORPROG_RUNS; else once for a given NORPROG_SEED, else the one or the other number. */
unsigned rig_runs(unsigned normal, unsigned soak);

/* NORPROG_SOAK set: the long runs. */
bool rig_soak(void);

#endif
