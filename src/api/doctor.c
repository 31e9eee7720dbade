/* SPDX-License-Identifier: GPL-2.0-or-later */
/* norprog_doctor(): what is wrong between the plug and the chip. */
#include "api/api_priv.h"

#include <stdio.h>
#include <string.h>

#include "spi/choose.h"
#include "store/journal.h"

static void look_for_job(void *ctx, struct nor *nor)
{
	norprog *np = ctx;
	struct doctor_facts *facts = &np->diagnosis.facts;
	struct np_error open = {0};

	if (!np->state_dir[0])
		return;
	facts->unfinished_job =
		journal_is_open(np->state_dir, facts->programmer, nor_info(nor), &open);
	snprintf(facts->job, sizeof(facts->job), "%s", open.message);
}

static int examine(norprog *np, const char *spec)
{
	char chosen[sizeof(((struct spi_found *)0)->spec)];
	struct doctor_request request = {
		.programmer = spec,
		.trace = np->options[NORPROG_TRACE],
		.chip = {.chip = np->options[NORPROG_CHIP],
	                 .size_override = np->size,
	                 .hz = np->clock_hz,
	                 .extra = chipfile_rows(np->chips),
	                 .extra_count = chipfile_count(np->chips)},
		.look = look_for_job,
		.ctx = np,
	};
	struct np_error why = {0};
	int ret = 0;

	if (!spec) {
		ret = spi_choose(chosen, sizeof(chosen), NULL, NULL, &why);
		request.programmer = chosen;
	}
	if (!ret)
		return doctor_examine(&request, &np->diagnosis.facts, &np->err);
	if (ret != NP_E_USAGE) {
		doctor_not_opened(&np->diagnosis.facts, &why);
		return 0;
	}
	np->err = why;
	return ret;
}

static int code_of(int exit_code)
{
	switch (exit_code) {
	case 0:
		return NORPROG_OK;
	case 3:
		return NORPROG_E_NO_PROGRAMMER;
	case 7:
		return NORPROG_E_POLICY;
	default:
		return NORPROG_E_UNSTABLE;
	}
}

static void publish(struct api_diagnosis *d)
{
	doctor_judge(&d->facts, &d->verdict);
	for (size_t i = 0; i < d->verdict.count; i++)
		d->checks[i] = (struct norprog_check){
			.name = d->verdict.checks[i].name,
			.level = doctor_level_name(d->verdict.checks[i].level),
			.text = d->verdict.checks[i].text};
	d->pub = (struct norprog_diagnosis){.code = code_of(d->verdict.exit_code),
	                                    .verdict = d->verdict.name,
	                                    .conclusion = d->verdict.conclusion,
	                                    .action = d->verdict.action,
	                                    .programmer = d->facts.programmer,
	                                    .wiring = doctor_wiring(d->facts.driver, NULL),
	                                    .checks = d->checks,
	                                    .check_count = d->verdict.count};
}

static int diagnose(norprog *np, const char *spec)
{
	struct np_error ignored = {0};
	int ret;

	memset(&np->diagnosis, 0, sizeof(np->diagnosis));
	/* A chip that can no longer be put back is a finding for the doctor, not a reason to leave. */
	api_close(np);
	np->err = ignored;
	ret = api_load_chips(np);
	if (!ret)
		ret = examine(np, spec);
	chipfile_free(np->chips);
	np->chips = NULL;
	if (!ret)
		publish(&np->diagnosis);
	return ret;
}

int norprog_doctor(norprog *np, const char *spec, const struct norprog_diagnosis **diagnosis)
{
	struct api_scope scope;
	int ret = api_enter_work(np, &scope);

	if (diagnosis)
		*diagnosis = NULL;
	if (ret)
		return ret;
	ret = diagnose(np, spec);
	if (!ret && diagnosis)
		*diagnosis = &np->diagnosis.pub;
	return api_leave(np, &scope, ret);
}
