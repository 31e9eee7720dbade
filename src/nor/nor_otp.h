/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Security registers and one-time areas, whatever the maker calls them. Locking is for ever, and on
 * most parts so is writing: the caller asks the user first (--permanent).
 */
#ifndef NP_NOR_NOR_OTP_H
#define NP_NOR_NOR_OTP_H

#include "nor/nor.h"

#define NOR_OTP_AREAS   4
#define NOR_OTP_LEN_MAX 2048

struct nor_otp_area {
	unsigned number; /* as the data sheet counts them */
	uint32_t len;    /* bytes */
	bool lock_known; /* norprog knows where the lock is: `locked` means something */
	bool locked;     /* can never be changed again */
	bool erasable;   /* can be erased while it is not locked (Winbond-style registers) */
	char name[40];   /* "security register 1", "Eon OTP sector" */
};

/* The areas of this part; *count 0 when it has none that norprog knows. Reads the lock bits. */
int nor_otp_list(struct nor *nor, struct nor_otp_area areas[NOR_OTP_AREAS], size_t *count,
                 struct np_error *err);

/* Read a whole area into buf (area->len bytes). The part is back in its ordinary mode on return, on
 * errors too. */
int nor_otp_read(struct nor *nor, const struct nor_otp_area *area, uint8_t *buf,
                 struct np_error *err);

/* Program len bytes at offset. Reads back: NP_E_VERIFY. Errors: NP_E_RANGE, NP_E_PROTECTED when
 * locked, NP_E_POLICY when a bit would have to rise (nothing is programmed then). Programs nothing
 * when the bytes are there already. */
int nor_otp_write(struct nor *nor, const struct nor_otp_area *area, uint32_t offset,
                  const uint8_t *data, uint32_t len, struct np_error *err);

/* Erase an erasable area. NP_E_UNSUPPORTED otherwise. */
int nor_otp_erase(struct nor *nor, const struct nor_otp_area *area, struct np_error *err);

/* Lock for ever; reads back. NP_E_UNSUPPORTED where norprog does not know how. */
int nor_otp_lock(struct nor *nor, const struct nor_otp_area *area, struct np_error *err);

#endif
