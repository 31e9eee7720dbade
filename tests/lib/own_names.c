/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program whose own functions are called as those inside the library are: each keeps its own. */
#include <norprog.h>

#include <stdio.h>
#include <stdlib.h>

void usb_list(void);
void nor_open(void);
void nor_read(void);
void np_fail(void);
void np_log(void);
void plan_make(void);
void spi_open(void);
void layout_load(void);
void job_write(void);
void api_enter(void);

static void mine(const char *name)
{
	fprintf(stderr, "the library called the program's %s()\n", name);
	abort();
}

void usb_list(void)
{
	mine(__func__);
}

void nor_open(void)
{
	mine(__func__);
}

void nor_read(void)
{
	mine(__func__);
}

void np_fail(void)
{
	mine(__func__);
}

void np_log(void)
{
	mine(__func__);
}

void plan_make(void)
{
	mine(__func__);
}

void spi_open(void)
{
	mine(__func__);
}

void layout_load(void)
{
	mine(__func__);
}

void job_write(void)
{
	mine(__func__);
}

void api_enter(void)
{
	mine(__func__);
}

static void count(void *ctx, const struct norprog_programmer *programmer)
{
	(void)programmer;
	++*(int *)ctx;
}

int main(void)
{
	char byte;
	int listed = 0;
	norprog *np;

	if (norprog_new(&np) || norprog_programmers(np, count, &listed) ||
	    norprog_open(np, "sim:chip=W25Q64FV") || norprog_detect(np, NULL) ||
	    norprog_read(np, 0, &byte, 1, 1))
		return 1;
	if (norprog_open(np, "nonesuch") != NORPROG_E_USAGE)
		return 1;
	norprog_free(np);
	puts("ok");
	return 0;
}
