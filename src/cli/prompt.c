/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The questions norprog asks. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "base/stop.h"
#include "cli/gang/member.h"
#include "cli/plan_show.h"

/* Signals stay blocked except inside np_os_poll(), so that a Ctrl-C just before it is not slept over. */
static bool wait_for_answer(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	sigset_t block, before;
	bool ready = false;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	while (!ready && !np_stop_level()) {
		int n = np_os_poll(&in, 1, NULL, &before);

		ready = n > 0;
		if (n < 0 && errno != EINTR)
			break;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready && !np_stop_level();
}

static bool answer_is_yes(void)
{
	char answer[64];
	ssize_t n = wait_for_answer() ? read(STDIN_FILENO, answer, sizeof(answer) - 1) : 0;

	if (n <= 0)
		return false;
	answer[n] = '\0';
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

bool ask_whether(const struct cli *cli, const char *question)
{
	const struct report *report = &cli->report;

	if (report->wire || report->json || !report->terminal || !isatty(STDIN_FILENO))
		return false;
	fflush(stdout);
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	return answer_is_yes();
}

int ask_yes(struct cli *cli, const char *what, struct np_error *err)
{
	struct report *report = &cli->report;

	if (report->wire)
		return member_confirm(cli, what, err);
	if (cli->opt.yes)
		return 0;
	if (!isatty(STDIN_FILENO) || !report->terminal) {
		np_fail(err, NP_E_CONFIRM, "%s %s, and there is no terminal to ask on",
		        cli->command->name, what);
		return np_hint(err, "add --yes to go ahead%s",
		               cli->command->bit & (CLI_RESUME | CLI_OTP | CLI_REPORT)
		                       ? ""
		                       : ", or --dry-run to only see the plan");
	}
	progress_clear(report);
	fflush(stdout);
	fputs("Go ahead? [y/N] ", stderr);
	fflush(stderr);
	if (answer_is_yes())
		return 0;
	if (np_stop_level())
		fputc('\n', stderr);
	np_fail(err, NP_E_INTERRUPTED, "stopped at the prompt: nothing was erased or written");
	return np_hint(err, "the same command again asks again; --yes answers");
}

int session_confirm(void *ctx, const struct plan *plan, struct np_error *err)
{
	struct session *session = ctx;

	(void)plan;
	return ask_yes(session->cli,
	               session->cli->opt.discard ? "--discard is about to forget the job"
	                                         : "is about to change the chip",
	               err);
}
