/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stretch of bytes is like: blank, text, compressed; and the texts worth showing. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "image/image.h"

/* Compressed and encrypted bytes reach 8 bits only over some length: short stretches are judged
 * milder. */
static double dense_from(size_t len)
{
	return len >= 65536 ? 7.9 : len >= 4096 ? 7.6 : 7.0;
}

static enum image_class classify(const struct image_stat *stat, uint64_t text, size_t len)
{
	uint64_t rest = len - stat->blank - stat->zero;

	if (stat->blank == len || rest * 64 < len) {
		if (stat->blank >= stat->zero)
			return rest ? CLASS_DATA : CLASS_BLANK;
		return rest ? CLASS_DATA : CLASS_ZERO;
	}
	if (stat->entropy >= dense_from(len))
		return CLASS_DENSE;
	return text * 10 >= rest * 9 ? CLASS_TEXT : CLASS_DATA;
}

void image_stat(const uint8_t *data, size_t len, struct image_stat *stat)
{
	/* Four tables: runs of one byte would wait for their own counter. */
	uint32_t count[4][256] = {{0}};
	uint64_t text = 0;
	size_t i = 0;

	*stat = (struct image_stat){0};
	if (!len)
		return;
	for (; i + 4 <= len; i += 4)
		for (size_t k = 0; k < 4; k++)
			count[k][data[i + k]]++;
	for (; i < len; i++)
		count[0][data[i]]++;
	for (int byte = 0; byte < 256; byte++) {
		uint64_t n =
			(uint64_t)count[0][byte] + count[1][byte] + count[2][byte] + count[3][byte];
		double share = (double)n / (double)len;

		if (n)
			stat->entropy -= share * log2(share);
		text += isprint(byte) || byte == '\n' || byte == '\r' || byte == '\t' ? n : 0;
		stat->blank += byte == 0xff ? n : 0;
		stat->zero += byte == 0 ? n : 0;
	}
	stat->class = classify(stat, text, len);
}

const char *image_class_name(enum image_class class)
{
	static const char *const names[] = {"blank", "zero", "text", "data", "compressed"};

	return names[class];
}

static const char *const interesting[] = {
	"U-Boot ",   "Linux version ", "UBoot Version", "ASIC ",       "BusyBox v",
	"OpenWrt ",  "bootcmd=",       "mtdparts=",     "partitions=", "product_name:",
	"soft_ver:", "find flash",     "LTE AC",        "TP-LINK",
};

static bool is_interesting(const char *text)
{
	for (size_t i = 0; i < sizeof(interesting) / sizeof(interesting[0]); i++)
		if (strstr(text, interesting[i]))
			return true;
	return false;
}

#define SHORTEST 8

static bool is_plain(uint8_t byte)
{
	return byte >= ' ' && byte < 127;
}

void image_strings(const uint8_t *data, size_t len,
                   bool (*found)(void *ctx, uint64_t at, const char *text), void *ctx)
{
	char text[161];
	size_t n = 0, start = 0;

	for (size_t i = 0; i <= len; i++) {
		/* No text of this length goes over a byte that is none. */
		if (!n && len - i >= SHORTEST && !is_plain(data[i + SHORTEST - 1])) {
			i += SHORTEST - 1;
			continue;
		}
		if (i < len && is_plain(data[i])) {
			if (!n)
				start = i;
			if (n < sizeof(text) - 1)
				text[n] = (char)data[i];
			n++;
			continue;
		}
		text[n < sizeof(text) - 1 ? n : sizeof(text) - 1] = '\0';
		if (n >= SHORTEST && is_interesting(text) && !found(ctx, start, text))
			return;
		n = 0;
	}
}
