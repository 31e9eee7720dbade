/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware files as vendors give them away. */
#ifndef NP_TESTS_SUPPORT_UPGRADE_H
#define NP_TESTS_SUPPORT_UPGRADE_H

#include <stdint.h>

/* A TP-Link upgrade file for an Archer C7 v2, with `boot` bytes of boot loader in front. */
void upgrade_make(uint8_t *file, uint32_t len, uint32_t boot);

#endif
