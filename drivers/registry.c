/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spi/driver.h"

extern const struct spi_driver sim_driver, ch341a_driver, ch347_driver, ft232h_driver,
	spidev_driver, serprog_driver;

/* Each is compiled in where the Makefile found what it needs (`backends` there). */
const struct spi_driver *const spi_drivers[] = {
#if HAVE_CH341A
	&ch341a_driver,
#endif
#if HAVE_CH347
	&ch347_driver,
#endif
#if HAVE_FT232H
	&ft232h_driver,
#endif
#if HAVE_SPIDEV
	&spidev_driver,
#endif
#if HAVE_SERPROG
	&serprog_driver,
#endif
	&sim_driver,     NULL,
};
