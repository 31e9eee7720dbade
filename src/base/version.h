/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The version, in the one place where it is written: the Makefile reads it here. A test compares
 * NORPROG_VERSION_NUMBER of the public header, CHANGELOG.md and debian/changelog with it. */
#ifndef NP_BASE_VERSION_H
#define NP_BASE_VERSION_H

#define NORPROG_VERSION "0.2.0"

#endif
