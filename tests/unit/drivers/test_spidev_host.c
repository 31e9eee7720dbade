/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <string.h>

#include "spidev_host.h"
#include "support/suite.h"

#define TREE(text) text, sizeof(text)

static const char pi5[] = "raspberrypi,5-model-b\0brcm,bcm2712";
static const char pi4[] = "raspberrypi,4-model-b\0brcm,bcm2711";

START_TEST(the_boot_eeprom_of_a_pi_5_is_known)
{
	ck_assert_str_eq(spidev_host_own("spidev10.0", pi5, sizeof(pi5), "", 0),
	                 "the boot EEPROM of this Raspberry Pi 5");
	ck_assert_ptr_nonnull(
		spidev_host_own("spidev10.0", TREE("raspberrypi,500\0brcm,bcm2712"), "", 0));
	ck_assert_ptr_nonnull(spidev_host_own("spidev10.0",
	                                      TREE("raspberrypi,5-compute-module\0"
	                                           "brcm,bcm2712d0"),
	                                      "", 0));
}
END_TEST

START_TEST(nodes_for_everybody_are_left_alone)
{
	static const char *const names[] = {"spidev0.0",  "spidev0.1",   "spidev1.0",
	                                    "spidev10.1", "spidev100.0", "spidev"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_ptr_null(spidev_host_own(names[i], pi5, sizeof(pi5), TREE("spidev")));
		ck_assert_ptr_null(spidev_host_own(names[i], "", 0, "", 0));
	}
	ck_assert_ptr_null(spidev_host_own("spidev10.0", pi4, sizeof(pi4), TREE("spidev")));
	ck_assert_ptr_null(spidev_host_own("spidev10.0", "", 0, "", 0));
	ck_assert_ptr_null(spidev_host_own("spidev0.0", pi4, sizeof(pi4), TREE("rohm,dh2228fv")));
	/* part of a name is no name */
	ck_assert_ptr_null(spidev_host_own("spidev10.0", TREE("x,brcm,bcm2712"), "", 0));
}
END_TEST

START_TEST(the_tree_tells_flash_and_displays)
{
	ck_assert_ptr_nonnull(strstr(spidev_host_own("spidev0.0", pi4, sizeof(pi4),
	                                             TREE("winbond,w25q64\0jedec,spi-nor")),
	                             "own flash"));
	ck_assert_ptr_nonnull(strstr(
		spidev_host_own("spidev0.1", pi4, sizeof(pi4), TREE("ilitek,ili9341")), "display"));
}
END_TEST

START_TEST(trees_cut_short_are_not_read_beyond)
{
	static const char text[] = "brcm,bcm2712";

	for (size_t len = 0; len < strlen(text); len++)
		ck_assert_ptr_null(spidev_host_own("spidev10.0", text, len, text, len));
	ck_assert_ptr_nonnull(spidev_host_own("spidev10.0", text, strlen(text), "", 0));
}
END_TEST

START_TEST(the_list_says_the_clock_that_is_made)
{
	char text[96];

	spidev_bus_text(false, 0, text, sizeof(text));
	ck_assert_str_eq(text, "SPI bus of this computer");
	spidev_bus_text(true, 250000000, text, sizeof(text));
	ck_assert_str_eq(text, "SPI bus of this computer, clock 250 MHz / 2, 4, 6...: hz=20M makes "
	                       "17.86 MHz");
	spidev_bus_text(true, 200000000, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "clock 200 MHz / 2, 4, 6...: hz=20M makes 20 MHz"));
	spidev_bus_text(true, 0, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "clock the core's / 2, 4, 6...; root sees which"));
	ck_assert_uint_lt(strlen(text), sizeof(text) - 1);
}
END_TEST

/* Core clocks of 250, 400 and 500 MHz, and the RP1's. */
START_TEST(the_clock_is_the_core_by_an_even_number)
{
	static const struct {
		uint32_t core, asked, made;
	} clocks[] = {
		{250000000, 30000000, 25000000},   {250000000, 20000000, 17857143},
		{400000000, 20000000, 20000000},   {400000000, 30000000, 28571429},
		{500000000, 20000000, 19230770},   {500000000, 50000000, 50000000},
		{200000000, 30000000, 25000000},   {200000000, 50000000, 50000000},
		{200000000, 200000000, 100000000}, {250000000, 400000000, 125000000},
		{250000000, 1000, 3815},           {250000000, 0, 3815},
	};

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		ck_assert_uint_eq(spidev_divided_hz(clocks[i].core, clocks[i].asked),
		                  clocks[i].made);
	/* Asked for what it makes, it makes the same; and never more than was asked for. */
	for (uint32_t asked = 4000; asked < 125000000; asked += 99991) {
		uint32_t made = spidev_divided_hz(250000000, asked);

		ck_assert_uint_le(made, asked);
		ck_assert_uint_eq(spidev_divided_hz(250000000, made), made);
	}
}
END_TEST

START_TEST(only_a_raspberry_pi_is_known_to_divide)
{
	uint32_t fixed;

	ck_assert(spidev_is_divided("spidev0.0", pi4, sizeof(pi4), &fixed));
	ck_assert_uint_eq(fixed, 0);
	ck_assert(spidev_is_divided("spidev0.0", pi5, sizeof(pi5), &fixed));
	ck_assert_uint_eq(fixed, 200000000);
	ck_assert(!spidev_is_divided("spidev10.0", pi5, sizeof(pi5), &fixed));
	ck_assert(!spidev_is_divided("spidev0.0", TREE("friendlyarm,nanopi\0allwinner,sun8i-h3"),
	                             &fixed));
	ck_assert(!spidev_is_divided("spidev0.0", "", 0, &fixed));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spidev_host");
	TCase *tc = suite_group(suite, "spidev_host", NULL, NULL);

	tcase_add_test(tc, the_boot_eeprom_of_a_pi_5_is_known);
	tcase_add_test(tc, nodes_for_everybody_are_left_alone);
	tcase_add_test(tc, the_tree_tells_flash_and_displays);
	tcase_add_test(tc, the_clock_is_the_core_by_an_even_number);
	tcase_add_test(tc, the_list_says_the_clock_that_is_made);
	tcase_add_test(tc, only_a_raspberry_pi_is_known_to_divide);
	tcase_add_test(tc, trees_cut_short_are_not_read_beyond);
	return run_suite(suite);
}
