#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The first process of the guest: makes it a Linux, runs /job.sh, and switches the machine off. What the job prints goes
# to the second serial line, the kernel's messages to the first.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mkdir -p /run /root /home
export HOME=/root TERM=dumb PATH=/bin:/sbin:/usr/bin:/usr/sbin
while read -r module; do insmod "$module" || echo "no module $module"; done < /modules > /dev/ttyS1 2>&1
cd /root || exit
sh /job.sh < /dev/null > /dev/ttyS1 2>&1
echo "job ended with $?" > /dev/ttyS1
poweroff -f
