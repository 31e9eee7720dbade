/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The models of CH341A, CH347 and FT232H by themselves: bytes in, edges on the chip, packets and times
 * out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "support/suite.h"
#include "usbdev.h"

static struct norsim *sim;
static struct wire wire;
static struct usb_device *dev;

static void open_device(struct usb_device *(*create)(struct wire *, const struct usb_faults *),
                        struct usb_faults faults)
{
	const struct norsim_config config = {.part = "W25Q64FV"};

	ck_assert_int_eq(norsim_open(&config, &sim, NULL), 0);
	wire_init(&wire, sim, 1500000);
	dev = create(&wire, &faults);
	ck_assert_ptr_nonnull(dev);
}

static void close_device(void)
{
	usbdev_free(dev);
	norsim_close(sim);
	dev = NULL;
}

static struct usb_urb *submit(uint8_t endpoint, const void *data, size_t len)
{
	struct usb_urb *urb = calloc(1, sizeof(*urb));

	urb->endpoint = endpoint;
	urb->len = len;
	urb->data = calloc(1, len + 1);
	if (data)
		memcpy(urb->data, data, len);
	usbdev_submit(dev, urb, dev->now_ps);
	return urb;
}

/* The next completion, which must be `urb` with `status` and `actual` bytes. */
static void completes(struct usb_urb *urb, int status, size_t actual)
{
	ck_assert(usbdev_run_to_done(dev));
	ck_assert_ptr_eq(queue_pop(&dev->done), urb);
	ck_assert_int_eq(urb->status, status);
	ck_assert_uint_eq(urb->actual, actual);
}

static void drop(struct usb_urb *urb)
{
	free(urb->data);
	free(urb);
}

/* ---- FT232H ---- */

static void open_ft232h(void)
{
	const struct usb_setup mpsse = {.type = 0x40, .request = 0x0B, .value = 0x0200};
	uint8_t data[8];

	open_device(ft232h_create, (struct usb_faults){0});
	ck_assert_int_eq(dev->model->control(dev, &mpsse, data), 0);
}

/* Base clock 60 MHz, divisor for 30 MHz, CS high. */
#define FT_INIT 0x8A, 0x86, 0x00, 0x00, 0x80, 0x08, 0x0B
#define FT_LOW  0x80, 0x00, 0x0B
#define FT_HIGH 0x80, 0x08, 0x0B

static void send(const uint8_t *bytes, size_t len)
{
	struct usb_urb *urb = submit(0x02, bytes, len);

	completes(urb, 0, len);
	drop(urb);
}

#define SEND(...)                                       \
	do {                                            \
		const uint8_t bytes_[] = {__VA_ARGS__}; \
		send(bytes_, sizeof(bytes_));           \
	} while (0)

START_TEST(ft232h_reads_an_id)
{
	static const uint8_t expected[] = {0x32, 0x60, 0xEF, 0x40, 0x17};
	struct usb_urb *in;

	open_ft232h();
	SEND(FT_INIT, FT_LOW, 0x11, 0, 0, 0x9F, 0x20, 2, 0, FT_HIGH, 0x87);
	in = submit(0x81, NULL, 512);
	completes(in, 0, sizeof(expected));
	ck_assert_mem_eq(in->data, expected, sizeof(expected));
	ck_assert_uint_eq(wire.clocks, 32);
	ck_assert_uint_eq(norsim_stats(sim)->frames, 1);
	ck_assert_uint_lt(in->done_ps, 5 * PS_PER_US); /* no latency timer in it */
	drop(in);
	close_device();
}
END_TEST

START_TEST(ft232h_answers_a_bad_opcode)
{
	static const uint8_t expected[] = {0x32, 0x60, 0xFA, 0xAB};
	struct usb_urb *in;

	open_ft232h();
	SEND(0xAB, 0x87);
	in = submit(0x81, NULL, 512);
	completes(in, 0, sizeof(expected));
	ck_assert_mem_eq(in->data, expected, sizeof(expected));
	ck_assert_uint_eq(dev->stats.oddities, 1);
	drop(in);
	close_device();
}
END_TEST

START_TEST(ft232h_latency_timer_sends_what_there_is)
{
	const struct usb_setup latency = {.type = 0x40, .request = 0x09, .value = 2};
	uint64_t begun_ps;
	struct usb_urb *in;

	open_ft232h();
	ck_assert_int_eq(dev->model->control(dev, &latency, NULL), 0);
	begun_ps = dev->now_ps;
	in = submit(0x81, NULL, 512);
	completes(in, 0, 2); /* status alone */
	ck_assert_uint_ge(in->done_ps - begun_ps, 2 * PS_PER_MS);
	ck_assert_uint_lt(in->done_ps - begun_ps, 2 * PS_PER_MS + 5 * PS_PER_US);
	drop(in);
	SEND(FT_INIT, 0x81); /* a reply, and no 87h */
	begun_ps = dev->now_ps;
	in = submit(0x81, NULL, 512);
	completes(in, 0, 3);
	ck_assert_uint_gt(in->done_ps - begun_ps, PS_PER_MS);
	drop(in);
	close_device();
}
END_TEST

START_TEST(ft232h_stalls_on_a_full_reply_fifo_and_loses_nothing)
{
	static const uint8_t fast_read[] = {FT_INIT, FT_LOW, 0x11, 4, 0, 0x0B, 0, 0, 0, 0};
	static const uint8_t read_4096[] = {0x20, 0xFF, 0x0F, FT_HIGH, 0x87};
	struct usb_urb *in;
	size_t i;

	open_ft232h();
	for (i = 0; i < 4096; i++)
		norsim_mem(sim)[i] = (uint8_t)(i * 7 + i / 256);
	send(fast_read, sizeof(fast_read));
	send(read_4096, sizeof(read_4096));
	usbdev_run(dev, dev->now_ps + 100 * PS_PER_MS);
	ck_assert_uint_eq(wire.clocks, 8 * (5 + 1024)); /* it waits, the clock stands */
	in = submit(0x81, NULL, 8192);
	completes(in, 0, 4096 + 2 * 9); /* eight full packets and a short one, each with status */
	for (i = 0; i < 4096; i++)
		ck_assert_uint_eq(in->data[i + 2 * (i / 510 + 1)], norsim_mem(sim)[i]);
	ck_assert_uint_eq(wire.clocks, 8 * (5 + 4096));
	drop(in);
	close_device();
}
END_TEST

START_TEST(ft232h_takes_no_more_than_its_fifo_holds)
{
	uint8_t slow[7 + 3 + 4000] = {0x8B, 0x86, 0xFF, 0xFF, FT_LOW, 0x11, 0x9F, 0x0F};
	struct usb_urb *out;

	open_ft232h();
	out = submit(0x02, slow, sizeof(slow)); /* at 91 Hz hardly a byte moves */
	usbdev_run(dev, dev->now_ps + 10 * PS_PER_MS);
	ck_assert_ptr_null(dev->done.head);
	ck_assert_uint_le(out->actual, 1024);
	ck_assert_uint_ge(out->actual, 512);
	close_device();
}
END_TEST

START_TEST(ft232h_clocks_without_data_are_a_pause_for_an_unselected_chip)
{
	uint64_t begun_ps, chip_clocks;
	struct usb_urb *in;

	open_ft232h();
	SEND(FT_INIT);
	usbdev_run(dev, dev->now_ps + PS_PER_US);
	chip_clocks = norsim_stats(sim)->clocks;
	begun_ps = dev->now_ps;
	SEND(0x8F, 0xFF, 0x00, 0x81, 0x87); /* 2048 clocks, then a reply */
	in = submit(0x81, NULL, 512);
	completes(in, 0, 3);
	ck_assert_uint_eq(norsim_stats(sim)->clocks, chip_clocks);
	ck_assert_uint_ge(in->done_ps - begun_ps, 2048 * PS_PER_US / 30);
	ck_assert_uint_lt(in->done_ps - begun_ps, 2048 * PS_PER_US / 30 + 5 * PS_PER_US);
	drop(in);
	close_device();
}
END_TEST

START_TEST(ft232h_data_on_the_wrong_edge_reach_the_chip_late)
{
	static const uint8_t id[] = {0xEF, 0x40, 0x17};
	struct usb_urb *in;

	open_ft232h();
	SEND(FT_INIT, FT_LOW, 0x10, 0, 0, 0x9F, 0x20, 2, 0, FT_HIGH, 0x87);
	in = submit(0x81, NULL, 512);
	completes(in, 0, 5);
	ck_assert_mem_ne(in->data + 2, id, sizeof(id));
	drop(in);
	close_device();
}
END_TEST

START_TEST(ft232h_pins_that_are_inputs_drive_nothing)
{
	struct usb_urb *in;

	open_ft232h();
	SEND(0x8A, 0x80, 0x00, 0x00, 0x11, 0, 0, 0x9F, 0x20, 2, 0, 0x87);
	in = submit(0x81, NULL, 512);
	completes(in, 0, 5);
	ck_assert_uint_eq(in->data[2] & in->data[3] & in->data[4], 0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->clocks, 0);
	drop(in);
	close_device();
}
END_TEST

START_TEST(ft232h_purge_empties_the_fifos)
{
	const struct usb_setup purge = {.type = 0x40, .request = 0x00, .value = 1};
	struct usb_urb *in;

	open_ft232h();
	SEND(0xAB, 0x87);
	usbdev_run(dev, dev->now_ps + PS_PER_MS);
	ck_assert_int_eq(dev->model->control(dev, &purge, NULL), 0);
	in = submit(0x81, NULL, 512);
	completes(in, 0, 2);
	drop(in);
	close_device();
}
END_TEST

/* ---- CH341A ---- */

static void open_ch341a(void)
{
	open_device(ch341a_create, (struct usb_faults){0});
}

/* One USB packet that makes the pins outputs and selects the chip. */
static const uint8_t ch_select[32] = {0xAB, 0xB7, 0x7F, 0xB6, 0x20};

/* `command` as it goes through the least-significant-bit-first stream. */
static size_t ch_stream(uint8_t *packet, const uint8_t *command, size_t len)
{
	size_t i;

	packet[0] = 0xA8;
	for (i = 0; i < len; i++)
		packet[1 + i] = wire_reverse(command[i]);
	return len + 1;
}

START_TEST(ch341a_reads_an_id)
{
	static const uint8_t command[4] = {0x9F, 0xFF, 0xFF, 0xFF};
	uint8_t packet[32];
	struct usb_urb *in;

	open_ch341a();
	send(ch_select, sizeof(ch_select));
	send(packet, ch_stream(packet, command, sizeof(command)));
	in = submit(0x82, NULL, 32);
	completes(in, 0, 4);
	ck_assert_uint_eq(wire_reverse(in->data[1]), 0xEF);
	ck_assert_uint_eq(wire_reverse(in->data[2]), 0x40);
	ck_assert_uint_eq(wire_reverse(in->data[3]), 0x17);
	drop(in);
	close_device();
}
END_TEST

START_TEST(ch341a_steady_stream_costs_a_packet_and_its_clocks)
{
	enum { PACKETS = 100 };
	static uint8_t stream[32 * PACKETS];
	struct usb_urb *in[PACKETS], *out;
	uint64_t first_ps, per_packet_ps;
	size_t i;

	open_ch341a();
	send(ch_select, sizeof(ch_select));
	for (i = 0; i < PACKETS; i++) {
		stream[32 * i] = 0xA8;
		in[i] = submit(0x82, NULL, 31);
	}
	out = submit(0x02, stream, sizeof(stream));
	for (i = 0; i < PACKETS; i++) {
		ck_assert(usbdev_run_to_done(dev));
		if (dev->done.head == out)
			ck_assert_ptr_eq(queue_pop(&dev->done), out);
		completes(in[i], 0, 31);
	}
	/* 45 bytes at 12 Mbit/s, then 248 clocks at 1.5 MHz; the answer's packet hides behind them
	 */
	first_ps = in[0]->done_ps;
	per_packet_ps = (in[PACKETS - 1]->done_ps - first_ps) / (PACKETS - 1);
	ck_assert_uint_ge(per_packet_ps, 195 * PS_PER_US);
	ck_assert_uint_le(per_packet_ps, 196 * PS_PER_US);
	for (i = 0; i < PACKETS; i++)
		drop(in[i]);
	drop(out);
	close_device();
}
END_TEST

START_TEST(ch341a_refuses_packets_while_its_replies_are_not_fetched)
{
	static uint8_t stream[32 * 8];
	struct usb_urb *out;
	size_t i;

	open_ch341a();
	send(ch_select, sizeof(ch_select));
	for (i = 0; i < 8; i++)
		stream[32 * i] = 0xA8;
	out = submit(0x02, stream, sizeof(stream));
	usbdev_run(dev, dev->now_ps + 100 * PS_PER_MS);
	ck_assert_uint_eq(wire.clocks, 8 * 31 * 2); /* two replies wait */
	ck_assert_uint_eq(out->actual, 32 * 3);     /* and a third packet */
	close_device();
}
END_TEST

START_TEST(ch341a_pauses_between_pin_changes)
{
	static const uint8_t pause[] = {0xAB, 0xF2, 0xF2, 0x20}; /* twice 50 us */
	static const uint8_t nothing[] = {0xAB, 0x20};
	uint64_t begun_ps;

	open_ch341a();
	send(pause, sizeof(pause));
	begun_ps = dev->now_ps;
	send(nothing, sizeof(nothing)); /* must wait until the first has been executed */
	ck_assert_uint_ge(dev->now_ps - begun_ps, 100 * PS_PER_US);
	ck_assert_uint_lt(dev->now_ps - begun_ps, 120 * PS_PER_US);
	close_device();
}
END_TEST

START_TEST(ch341a_released_pins_select_nothing)
{
	static const uint8_t release[32] = {0xAB, 0x40, 0x20};
	static const uint8_t command[4] = {0x9F, 0xFF, 0xFF, 0xFF};
	uint8_t packet[32];
	struct usb_urb *in;

	open_ch341a();
	send(ch_select, sizeof(ch_select));
	send(release, sizeof(release));
	send(packet, ch_stream(packet, command, sizeof(command)));
	in = submit(0x82, NULL, 32);
	completes(in, 0, 4);
	ck_assert_uint_eq(in->data[1] & in->data[2] & in->data[3], 0xFF);
	ck_assert_uint_eq(norsim_stats(sim)->clocks, 0);
	drop(in);
	close_device();
}
END_TEST

START_TEST(ch341a_answer_larger_than_the_buffer_is_an_overflow)
{
	static const uint8_t packet[32] = {0xA8};
	struct usb_urb *in;

	open_ch341a();
	send(packet, sizeof(packet));
	in = submit(0x82, NULL, 16);
	completes(in, -EOVERFLOW, 0);
	drop(in);
	close_device();
}
END_TEST

/* ---- both ---- */

START_TEST(cancelled_urb_keeps_the_reply_for_the_next)
{
	static const uint8_t packet[32] = {0xA8};
	struct usb_urb *in;

	open_ch341a();
	in = submit(0x82, NULL, 32);
	usbdev_abort(dev, in, -ENOENT, dev->now_ps);
	completes(in, -ENOENT, 0);
	drop(in);
	send(packet, sizeof(packet));
	in = submit(0x82, NULL, 32);
	completes(in, 0, 31);
	drop(in);
	close_device();
}
END_TEST

START_TEST(a_stalled_pipe_refuses_until_cleared)
{
	static const uint8_t packet[32] = {0xA8};
	struct usb_urb *out;

	open_device(ch341a_create, (struct usb_faults){.stall_at = 1});
	out = submit(0x02, packet, sizeof(packet));
	completes(out, -EPIPE, 0);
	drop(out);
	out = submit(0x02, packet, sizeof(packet));
	completes(out, -EPIPE, 0);
	drop(out);
	dev->out.halted = false;
	send(packet, sizeof(packet));
	close_device();
}
END_TEST

START_TEST(a_silent_adapter_completes_nothing)
{
	static const uint8_t packet[32] = {0xA8};

	open_device(ft232h_create, (struct usb_faults){.silent_at = 2});
	send(packet, sizeof(packet));
	submit(0x02, packet, sizeof(packet));
	submit(0x81, NULL, 512);
	ck_assert(!usbdev_run_to_done(dev));
	close_device();
}
END_TEST

START_TEST(power_lost_in_mid_program_leaves_the_page_half_done)
{
	static const uint8_t enable[] = {0x06}, program[] = {0x02, 0, 0, 0};
	uint8_t zeros[256] = {0};
	size_t i, done = 0;

	open_device(ch341a_create, (struct usb_faults){0});
	wire_select(&wire, 0, true);
	wire_clock(&wire, 0, enable, NULL, 1);
	wire_select(&wire, PS_PER_US * 10, false);
	wire_select(&wire, PS_PER_US * 20, true);
	wire_clock(&wire, PS_PER_US * 20, program, NULL, 4);
	wire_clock(&wire, PS_PER_US * 60, zeros, NULL, 256);
	wire_select(&wire, PS_PER_MS * 2, false);
	wire_power_off(&wire, PS_PER_MS * 2 + 300 * PS_PER_US);
	for (i = 0; i < 256; i++)
		done += norsim_mem(sim)[i] == 0;
	ck_assert_uint_lt(done, 256);
	ck_assert(!norsim_powered(sim));
	wire_power_on(&wire, PS_PER_MS * 10);
	ck_assert(norsim_powered(sim));
	ck_assert_uint_eq(norsim_busy_left(sim), 0);
	close_device();
}
END_TEST

/* ---- CH347 ---- */

#define TRANSCRIPT "tests/data/ch347-flashrom.txt"

static size_t unhex(const char *text, uint8_t *bytes)
{
	size_t len = 0;

	for (; sscanf(text, "%2hhx", &bytes[len]) == 1; text += 2)
		len++;
	return len;
}

/* Plenty of time between messages: flashrom's own pauses are not in the transcript. */
static void say(const uint8_t *frame, size_t len)
{
	struct usb_urb *urb = submit(0x06, frame, len);

	completes(urb, 0, len);
	drop(urb);
	if (frame[0] == 0xC1 && frame[3] & 0x40)
		usbdev_run(dev, dev->now_ps + 500 * PS_PER_MS);
}

static void hears(const uint8_t *frame, size_t len, bool timely)
{
	struct usb_urb *urb = submit(0x86, NULL, 510);

	completes(urb, 0, len);
	if (!timely)
		ck_assert_mem_eq(urb->data, frame, len);
	drop(urb);
}

START_TEST(ch347_answers_as_flashrom_was_answered)
{
	const struct norsim_config config = {.part = "W25Q16"};
	FILE *file = fopen(TRANSCRIPT, "re");
	uint8_t bytes[512];
	char line[1100];
	bool status = false;
	size_t lines = 0;

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(norsim_open(&config, &sim, NULL), 0);
	wire_init(&wire, sim, 1500000);
	dev = ch347_create(&wire, &(struct usb_faults){0});
	while (fgets(line, sizeof(line), file)) {
		size_t len = line[0] == '#' ? 0 : unhex(line + 2, bytes);

		if (line[0] == '>') {
			status = (status && bytes[0] != 0xC1) || (len == 4 && bytes[3] == 0x05);
			say(bytes, len);
		} else if (line[0] == '<') {
			hears(bytes, len, status);
		}
		lines++;
	}
	fclose(file);
	ck_assert_uint_gt(lines, 300);
	ck_assert_uint_eq(dev->stats.oddities, 0);
	ck_assert_uint_eq(norsim_stats(sim)->ignored_busy + norsim_stats(sim)->unknown, 0);
	ck_assert_mem_eq(norsim_mem(sim) + 0x101100, "1\n8\n15\n22\n", 10);
	ck_assert_uint_eq(norsim_stats(sim)->pages_programmed, 3);
	close_device();
}
END_TEST

/* Eight reads' answers wait in no buffer: what is sent is refused until they are fetched. */
START_TEST(ch347_holds_two_answers_and_two_commands)
{
	static const uint8_t config[29] = {0xC0, 26, 0};
	static const uint8_t id[4] = {0xC4, 1, 0, 0x9F};
	struct usb_urb *urbs[6];
	size_t taken = 0;

	open_device(ch347_create, (struct usb_faults){0});
	say(config, sizeof(config));
	for (size_t i = 0; i < 6; i++)
		urbs[i] = submit(0x06, id, sizeof(id));
	usbdev_run(dev, dev->now_ps + PS_PER_MS);
	while (taken < 6 && queue_remove(&dev->done, urbs[taken]))
		taken++;
	/* The set-up's answer and one more; one frame that waits. */
	ck_assert_uint_eq(taken, 2);
	while (taken)
		drop(urbs[--taken]);
	close_device();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("emulated adapters");
	TCase *ft = tcase_create("ft232h"), *ch = tcase_create("ch341a"),
	      *both = tcase_create("both"), *ch347 = tcase_create("ch347");

	tcase_add_test(ft, ft232h_reads_an_id);
	tcase_add_test(ft, ft232h_answers_a_bad_opcode);
	tcase_add_test(ft, ft232h_latency_timer_sends_what_there_is);
	tcase_add_test(ft, ft232h_stalls_on_a_full_reply_fifo_and_loses_nothing);
	tcase_add_test(ft, ft232h_takes_no_more_than_its_fifo_holds);
	tcase_add_test(ft, ft232h_clocks_without_data_are_a_pause_for_an_unselected_chip);
	tcase_add_test(ft, ft232h_data_on_the_wrong_edge_reach_the_chip_late);
	tcase_add_test(ft, ft232h_pins_that_are_inputs_drive_nothing);
	tcase_add_test(ft, ft232h_purge_empties_the_fifos);
	tcase_add_test(ch, ch341a_reads_an_id);
	tcase_add_test(ch, ch341a_steady_stream_costs_a_packet_and_its_clocks);
	tcase_add_test(ch, ch341a_refuses_packets_while_its_replies_are_not_fetched);
	tcase_add_test(ch, ch341a_pauses_between_pin_changes);
	tcase_add_test(ch, ch341a_released_pins_select_nothing);
	tcase_add_test(ch, ch341a_answer_larger_than_the_buffer_is_an_overflow);
	tcase_add_test(both, cancelled_urb_keeps_the_reply_for_the_next);
	tcase_add_test(both, a_stalled_pipe_refuses_until_cleared);
	tcase_add_test(both, a_silent_adapter_completes_nothing);
	tcase_add_test(both, power_lost_in_mid_program_leaves_the_page_half_done);
	suite_add_tcase(suite, ft);
	suite_add_tcase(suite, ch);
	tcase_add_test(ch347, ch347_answers_as_flashrom_was_answered);
	tcase_add_test(ch347, ch347_holds_two_answers_and_two_commands);
	suite_add_tcase(suite, both);
	suite_add_tcase(suite, ch347);
	return run_suite(suite);
}
