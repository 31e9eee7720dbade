/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One format each: is it at data[at], and what does it say? Inside src/image only. */
#ifndef NP_IMAGE_PROBE_H
#define NP_IMAGE_PROBE_H

#include "image/image.h"

/* True when the structure is there; `part` comes with start set and is otherwise zero. Never reads
 * outside data[0..len). */
typedef bool image_probe(const uint8_t *data, size_t len, size_t at, struct image_part *part);

image_probe probe_tplink_v1, probe_tplink_v2, probe_safeloader, probe_safe_table,
	probe_support_list;
image_probe probe_uimage, probe_squashfs, probe_jffs2, probe_jffs2_end, probe_ubi, probe_seama,
	probe_trx;
image_probe probe_uboot, probe_uboot_env, probe_partitions, probe_fdt, probe_lzma, probe_fwtool;
image_probe probe_uefi, probe_fit, probe_cbfs, probe_amd;
image_probe probe_fmap, probe_ifd, probe_mtk_cal, probe_ath_cal;

/* Copy printable characters up to a NUL, `max` or the room; the rest of `to` is "". */
void probe_text(char *to, size_t room, const uint8_t *from, size_t max);

#endif
