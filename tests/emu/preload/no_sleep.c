/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Put into the program under test. umockdev's preload calls usleep(0) behind each ioctl; the kernel
 * makes of it a timer and a wait of some 50 us, for each of the 160 000 ioctls that a CH341A takes
 * to write 512 KiB. To sleep for no time is to return at once. All other sleeps stay what they are.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>

int usleep(useconds_t us)
{
	static int (*real)(useconds_t us);

	if (us == 0)
		return 0;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "usleep");
	return real ? real(us) : 0;
}
