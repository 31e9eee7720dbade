/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usb/usb_run.h"

/* ---- queues ---- */

static int run_once(const struct usb_queue *queue, struct spi_msg *msgs, size_t count, size_t *done,
                    struct usb_pace pace, struct np_error *err)
{
	int ret = *queue->lost ? queue->get_in_step(queue->self, err) : 0;

	*done = 0;
	*queue->lost = ret != 0;
	if (ret)
		return ret;
	ret = queue->run(queue->self, msgs, count, done, &pace, err);
	if (ret) {
		*queue->lost = ret == NP_E_GONE || queue->get_in_step(queue->self, NULL);
		return ret;
	}
	return pace.stopped ? np_fail(err, NP_E_INTERRUPTED, "stopped on request") : 0;
}

int usb_queue_run(const struct usb_queue *queue, struct spi_msg *msgs, size_t count, size_t *done,
                  spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct usb_pace pace;
	int ret;

	usb_pace_begin(&pace, progress, ctx);
	ret = run_once(queue, msgs, count, done, pace, err);
	if (ret != NP_E_TIMEOUT || *queue->lost ||
	    !usb_stream_retry(queue->stream, msgs + *done, count - *done))
		return ret;
	if (err)
		*err = (struct np_error){0};
	/* All that was asked is here: only the end of it was not told. */
	if (*done == count)
		return 0;
	pace.base = *done;
	ret = run_once(queue, msgs + pace.base, count - pace.base, done, pace, err);
	*done += pace.base;
	return ret;
}

/* ---- getting in step ---- */

int usb_echo_take(struct usb_echo *echo, size_t len, struct np_error *err)
{
	if (len == echo->lens[echo->seen]) {
		echo->seen++;
		return 1;
	}
	echo->seen = len == echo->lens[0];
	if (++echo->stale > echo->stale_most)
		return np_fail(err, NP_E_BUS, "USB: only answers to earlier commands arrive");
	return 1;
}

size_t usb_echo_want(const struct usb_echo *echo)
{
	return USB_ECHOES - echo->seen;
}

int usb_get_in_step(const struct usb_in_step *how, struct np_error *err)
{
	const struct usb_job *job = &how->job;
	int ret;

	how->begin(job->ctx);
	ret = usb_stream_run(how->stream, job, err);
	if (ret && ret != NP_E_GONE) {
		usb_clear_halts(how->dev, how->out_endpoint, how->in_endpoint);
		how->begin(job->ctx);
		ret = usb_stream_run(how->stream, job, err);
	}
	if (!ret || ret == NP_E_GONE)
		return ret;
	np_context(err, "the %s does not answer", how->what);
	return np_hint(err, "unplug it, plug it in again, and check that nothing else uses it");
}
