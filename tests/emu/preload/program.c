/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Put into the program under test, in front of umockdev's preload.
 *
 * That calls usleep(0) behind each ioctl; the kernel makes of it a timer and a wait of some 50 us, for
 * each of the 160 000 ioctls that a CH341A takes to write 512 KiB. To sleep for no time is to return
 * at once. All other sleeps stay what they are.
 *
 * For each udev monitor it makes a socket in the test bed's folder, named after its file descriptor and
 * bound where the one before was removed. Two programs that start together have the same descriptors:
 * one finds the name taken and libusb does not start, or takes the other's events. So the process is
 * part of the name, too.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

/* umockdev has made a local socket of what the program asked to be one of netlink. */
static int is_monitor(int fd, const struct sockaddr *address)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	return address->sa_family == AF_NETLINK && getenv("UMOCKDEV_DIR") &&
	       getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX;
}

/* The name that umockdev would take, and behind it what makes it this process's own. */
static void name_monitor(int fd, struct sockaddr_un *own)
{
	*own = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(own->sun_path, sizeof(own->sun_path), "%s/event%d.%d", getenv("UMOCKDEV_DIR"), fd,
	         (int)getpid());
	unlink(own->sun_path);
}

int bind(int fd, const struct sockaddr *address, socklen_t len)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	int (*real)(int fd, const struct sockaddr *address, socklen_t len) = NULL;
	struct sockaddr_un own;

	if (libc)
		*(void **)&real = dlsym(libc, "bind");
	if (!real)
		return -1;
	if (!is_monitor(fd, address))
		return real(fd, address, len);
	name_monitor(fd, &own);
	return real(fd, (const struct sockaddr *)&own, sizeof(own));
}
