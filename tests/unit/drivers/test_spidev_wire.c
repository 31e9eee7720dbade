/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How messages are put into spidev's ioctls: the kernel's limits, and where pauses go. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "spidev_wire.h"
#include "support/suite.h"

static struct spidev_batch batch;
static uint8_t data[256], tails[64][8];

static size_t page(struct spi_msg *msgs, uint8_t *tail, uint32_t pause_us)
{
	msgs[0] = (struct spi_msg){.cmd = {0x06}, .cmd_len = 1};
	msgs[1] = (struct spi_msg){
		.cmd = {0x02}, .cmd_len = 4, .tx = data, .tx_len = 256, .pause_us = pause_us};
	msgs[2] = (struct spi_msg){
		.cmd = {0x05}, .cmd_len = 1, .rx = tail, .rx_len = 8, .flags = SPI_MSG_STATUS};
	return 3;
}

static void is_transfer(size_t i, const void *tx, const void *rx, size_t len, unsigned delay_us,
                        bool cs_change)
{
	const struct spidev_transfer *t = &batch.transfers[i];

	ck_assert_ptr_eq(t->tx, tx);
	ck_assert_ptr_eq(t->rx, rx);
	ck_assert_uint_eq(t->len, len);
	ck_assert_uint_eq(t->delay_us, delay_us);
	ck_assert_int_eq(t->cs_change, cs_change);
}

START_TEST(a_page_goes_in_one_ioctl_its_pause_inside_the_status_read)
{
	struct spi_msg msgs[3];

	spidev_fill(&batch, msgs, page(msgs, tails[0], 700), 4096, 0);
	ck_assert_uint_eq(batch.taken, 3);
	ck_assert_uint_eq(batch.count, 5);
	ck_assert_uint_eq(batch.sleep_us, 0);
	ck_assert_uint_eq(batch.pause_us, 0);
	is_transfer(0, msgs[0].cmd, NULL, 1, 0, true);
	is_transfer(1, msgs[1].cmd, NULL, 4, 0, false);
	is_transfer(2, data, NULL, 256, 0, true);
	is_transfer(3, msgs[2].cmd, NULL, 1, 700, false);
	is_transfer(4, NULL, tails[0], 8, 0, false);
}
END_TEST

START_TEST(a_pause_that_no_status_read_follows_ends_the_ioctl)
{
	struct spi_msg msgs[2] = {{.cmd = {0x66}, .cmd_len = 1, .pause_us = 50},
	                          {.cmd = {0x99}, .cmd_len = 1}};

	spidev_fill(&batch, msgs, 2, 4096, 0);
	ck_assert_uint_eq(batch.taken, 1);
	ck_assert_uint_eq(batch.pause_us, 50);
	ck_assert(!batch.transfers[0].cs_change);
	spidev_fill(&batch, msgs + 1, 1, 4096, 50);
	ck_assert_uint_eq(batch.sleep_us, 50);
	ck_assert_uint_eq(batch.pause_us, 0);
}
END_TEST

START_TEST(a_pause_too_long_for_a_delay_is_slept)
{
	struct spi_msg msgs[3];

	page(msgs, tails[0], 65536);
	spidev_fill(&batch, msgs, 3, 4096, 0);
	ck_assert_uint_eq(batch.taken, 2);
	ck_assert_uint_eq(batch.pause_us, 65536);
	spidev_fill(&batch, msgs + 2, 1, 4096, batch.pause_us);
	ck_assert_uint_eq(batch.sleep_us, 65536);
	is_transfer(0, msgs[2].cmd, NULL, 1, 0, false);
	/* What is left of it after the host's own work fits. */
	spidev_fill(&batch, msgs + 2, 1, 4096, 65535);
	ck_assert_uint_eq(batch.sleep_us, 0);
	is_transfer(0, msgs[2].cmd, NULL, 1, 65535, false);
}
END_TEST

START_TEST(the_largest_messages_fit_every_buffer)
{
	static const size_t sizes[] = {1024, 4096, 4000, 65536};
	static uint8_t big[65536];
	size_t bufsiz = sizes[_i];
	struct spi_msg msgs[2] = {
		{.cmd = {0x03}, .cmd_len = 4, .rx = big, .rx_len = spidev_max_rx(bufsiz)},
		{.cmd = {0x02}, .cmd_len = 4, .tx = big, .tx_len = spidev_max_tx(bufsiz) - 4},
	};

	ck_assert_uint_le(spidev_max_rx(bufsiz), bufsiz);
	ck_assert_uint_gt(spidev_max_rx(bufsiz), bufsiz - 128);
	spidev_fill(&batch, msgs, 2, bufsiz, 0);
	ck_assert_uint_eq(batch.taken, 1);
	spidev_fill(&batch, msgs + 1, 1, bufsiz, 0);
	ck_assert_uint_eq(batch.taken, 1);
	ck_assert_uint_eq(spidev_max_tx(64), 0);
}
END_TEST

/* The kernel's own sums, the rounding of newer kernels included. */
static void check_limits(size_t bufsiz)
{
	size_t tx = 0, rx = 0;

	ck_assert_uint_le(batch.count, 511);
	for (size_t i = 0; i < batch.count; i++) {
		size_t len = (batch.transfers[i].len + 127) / 128 * 128;

		ck_assert(!!batch.transfers[i].tx != !!batch.transfers[i].rx);
		if (batch.transfers[i].tx)
			tx += len;
		else
			rx += len;
	}
	ck_assert_uint_le(tx, bufsiz);
	ck_assert_uint_le(rx, bufsiz);
	ck_assert(!batch.transfers[batch.count - 1].cs_change);
}

START_TEST(a_train_is_cut_at_the_kernels_limits)
{
	static const size_t sizes[] = {1024, 4096, 65536};
	static const size_t ioctls[] = {64, 11, 2};
	struct spi_msg msgs[64 * 3];
	size_t count = 0, done = 0, runs = 0;

	for (size_t i = 0; i < 64; i++)
		count += page(msgs + count, tails[i], 700);
	for (; done < count; done += batch.taken, runs++) {
		spidev_fill(&batch, msgs + done, count - done, sizes[_i], batch.pause_us);
		ck_assert_uint_gt(batch.taken, 0);
		ck_assert_uint_eq(batch.sleep_us, 0);
		ck_assert_uint_eq(batch.pause_us, 0); /* no page is parted from its pause */
		check_limits(sizes[_i]);
	}
	ck_assert_uint_eq(done, count);
	ck_assert_uint_le(runs, ioctls[_i]);
}
END_TEST

static const struct {
	const char *text;
	size_t bufsiz;
} sizes[] = {
	{"4096\n", 4096},
	{"65536", 65536},
	{"", 0},
	{"\n", 0},
	{"no", 0},
	{"-1", 0},
	{"0", 0},
	{"67108865", SPIDEV_BUFSIZ_MOST},
	{"4294967296", SPIDEV_BUFSIZ_MOST},
	{"18446744073709551617", SPIDEV_BUFSIZ_MOST},
};

START_TEST(the_kernels_word_on_its_buffer_is_bounded)
{
	ck_assert_uint_eq(spidev_bufsiz(sizes[_i].text), sizes[_i].bufsiz);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spidev_wire");
	TCase *cases = tcase_create("codec");

	tcase_add_test(cases, a_page_goes_in_one_ioctl_its_pause_inside_the_status_read);
	tcase_add_test(cases, a_pause_that_no_status_read_follows_ends_the_ioctl);
	tcase_add_test(cases, a_pause_too_long_for_a_delay_is_slept);
	tcase_add_loop_test(cases, the_largest_messages_fit_every_buffer, 0, 4);
	tcase_add_loop_test(cases, a_train_is_cut_at_the_kernels_limits, 0, 3);
	tcase_add_loop_test(cases, the_kernels_word_on_its_buffer_is_bounded, 0,
	                    sizeof(sizes) / sizeof(sizes[0]));
	suite_add_tcase(suite, cases);
	return run_suite(suite);
}
