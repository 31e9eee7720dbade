/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux spidev: each ioctl is a round trip, so it carries as many messages as the kernel's buffer
 * takes, and the pauses between them where they can be expressed (spidev_wire.h).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/spi/spidev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "spi/driver.h"
#include "spidev_host.h"
#include "spidev_wire.h"

#define BUFSIZ_PATH "/sys/module/spidev/parameters/bufsiz"
#define BUFSIZ_GOOD 65536
#define NODES_MAX   32
#define TREE        "/sys/firmware/devicetree/base"
#define TREE_MAX    512
#define CORE_CLOCK  "/sys/kernel/debug/clk/vpu/clk_rate"
#define ARMBIAN     "/boot/armbianEnv.txt"
#define START_HZ    2000000
#define LOWEST_HZ   10000
#define CS_CHANGE_NS \
	10000 /* the kernel's default time with CS high between messages of one ioctl */
#define TRIP_US 20

struct spidev {
	int fd;
	struct spi_caps caps;
	size_t bufsiz;
	uint8_t found_mode;
	bool mode_changed;
	uint64_t free_at_us; /* the last message's pause ends then */
	char path[80];
	struct spidev_batch batch;
	struct spi_ioc_transfer transfers[SPIDEV_TRANSFERS];
};

/* ---- running ---- */

static uint32_t owed_us(const struct spidev *spidev)
{
	uint64_t now = spidev->free_at_us ? np_now_us() : 0;

	return spidev->free_at_us > now ? (uint32_t)(spidev->free_at_us - now) : 0;
}

static bool is_gone(int code)
{
	return code == ENODEV || code == ESHUTDOWN || code == ENXIO;
}

static int run_fail(const struct spidev *spidev, int code, struct np_error *err)
{
	if (is_gone(code)) {
		np_fail(err, NP_E_GONE, "%s went away", spidev->path);
		return np_hint(err, "bring it back: its adapter was unplugged, or its driver was "
		                    "taken from it");
	}
	if (code == ETIMEDOUT)
		return np_fail(err, NP_E_TIMEOUT, "%s: the SPI controller timed out", spidev->path);
	np_fail(err, NP_E_BUS, "%s: %s", spidev->path, strerror(code));
	if (code == EMSGSIZE)
		np_hint(err, "the kernel's buffer is smaller than %s says (%zu)", BUFSIZ_PATH,
		        spidev->bufsiz);
	return NP_E_BUS;
}

static int run_batch(struct spidev *spidev, struct np_error *err)
{
	const struct spidev_batch *batch = &spidev->batch;
	size_t total = 0;
	int ret;

	memset(spidev->transfers, 0, batch->count * sizeof(spidev->transfers[0]));
	for (size_t i = 0; i < batch->count; i++) {
		const struct spidev_transfer *from = &batch->transfers[i];
		struct spi_ioc_transfer *to = &spidev->transfers[i];

		to->tx_buf = (uintptr_t)from->tx;
		to->rx_buf = (uintptr_t)from->rx;
		to->len = (uint32_t)from->len;
		to->speed_hz = spidev->caps.hz;
		to->bits_per_word = 8;
		to->delay_usecs = from->delay_us;
		to->cs_change = from->cs_change;
		total += from->len;
	}
	np_sleep_us(batch->sleep_us);
	/* Not retried on EINTR: the messages may have been sent. SPI_IOC_MESSAGE() wants a
	 * constant. */
	ret = ioctl(spidev->fd,
	            _IOC(_IOC_WRITE, SPI_IOC_MAGIC, 0, batch->count * sizeof(spidev->transfers[0])),
	            spidev->transfers);

	if (ret < 0)
		return run_fail(spidev, errno, err);
	if ((size_t)ret != total)
		return np_fail(err, NP_E_BUS, "%s: %d of %zu bytes transferred", spidev->path, ret,
		               total);
	spidev->free_at_us = batch->pause_us ? np_now_us() + batch->pause_us : 0;
	return 0;
}

static int spidev_run(void *self, struct spi_msg *msgs, size_t count, size_t *done,
                      spi_progress_fn *progress, void *ctx, struct np_error *err)
{
	struct spidev *spidev = self;
	int ret;

	*done = 0;
	while (*done < count) {
		if (*done && progress && progress(ctx, *done, 0))
			return np_fail(err, NP_E_INTERRUPTED, "stopped on request");
		spidev_fill(&spidev->batch, msgs + *done, count - *done, spidev->bufsiz,
		            owed_us(spidev));
		ret = run_batch(spidev, err);
		if (ret)
			return ret;
		*done += spidev->batch.taken;
	}
	return 0;
}

/* ---- clock and mode ---- */

static void set_caps(struct spidev *spidev, uint32_t hz)
{
	spidev->caps.hz = hz;
	spidev->caps.byte_ns = (uint32_t)((8000000000ull + hz - 1) / hz);
}

/* Names of a device tree: each ends with a NUL. *len is 0 when there is no such file. */
static void read_tree(const char *path, char *buf, size_t size, size_t *len)
{
	FILE *file = fopen(path, "re");

	*len = file ? fread(buf, 1, size - 1, file) : 0;
	buf[*len] = '\0';
	if (file)
		fclose(file);
}

/* What this computer divides for its SPI clock; 0: not known. The firmware of a Raspberry Pi before the
 * 5 chooses it, and only root may read it. *divided: whether it does. */
static uint32_t core_hz(const char *path, bool *divided)
{
	const char *slash = strrchr(path, '/');
	char board[TREE_MAX], text[32] = "";
	size_t board_len, len;
	uint32_t hz = 0;
	uint64_t told;

	read_tree(TREE "/compatible", board, sizeof(board), &board_len);
	*divided = spidev_is_divided(slash ? slash + 1 : path, board, board_len, &hz);
	if (!*divided || hz)
		return hz;
	read_tree(CORE_CLOCK, text, sizeof(text) - 1, &len);
	text[strcspn(text, "\n")] = '\0';
	return np_parse_size(text, &told) && told <= UINT32_MAX ? (uint32_t)told : 0;
}

/* The clock that is really made is often below the one that was asked for. */
static uint32_t real_hz(struct spidev *spidev, uint32_t asked_hz)
{
	bool divided;
	uint32_t core = core_hz(spidev->path, &divided);
	uint32_t real = core ? spidev_divided_hz(core, asked_hz) : asked_hz;

	if (!core || real > asked_hz)
		return asked_hz;
	np_log(NP_LOG_DEBUG, "%s: %u Hz asked for, %u Hz made of %u", spidev->path, asked_hz, real,
	       core);
	return real;
}

static int refuse_hz(const struct spidev *spidev, uint32_t hz, const char *why,
                     struct np_error *err)
{
	np_fail(err, NP_E_UNSUPPORTED, "%s refuses a clock of %u Hz: %s", spidev->path, hz, why);
	np_hint(err, "try a lower one, for instance hz=%u", hz > 4000000 ? hz / 2 : 1000000);
	return NP_E_UNSUPPORTED;
}

static int spidev_set_hz(void *self, uint32_t hz, struct np_error *err)
{
	struct spidev *spidev = self;
	uint32_t set = 0;

	if (hz < spidev->caps.hz_min)
		return refuse_hz(spidev, hz, "too slow", err);
	if (hz > spidev->caps.hz_max)
		hz = spidev->caps.hz_max;
	if (ioctl(spidev->fd, SPI_IOC_WR_MAX_SPEED_HZ, &hz) < 0)
		return is_gone(errno) ? run_fail(spidev, errno, err)
		                      : refuse_hz(spidev, hz, strerror(errno), err);
	if (ioctl(spidev->fd, SPI_IOC_RD_MAX_SPEED_HZ, &set) < 0)
		return run_fail(spidev, errno, err);
	if (!set || set > hz)
		return refuse_hz(spidev, hz, "it keeps another", err);
	set_caps(spidev, real_hz(spidev, set));
	return 0;
}

static int set_mode(struct spidev *spidev, uint8_t mode, struct np_error *err)
{
	const uint8_t others = SPI_CS_HIGH | SPI_LSB_FIRST | SPI_3WIRE | SPI_LOOP;
	uint8_t wanted, now, bits = 8;

	if (ioctl(spidev->fd, SPI_IOC_RD_MODE, &spidev->found_mode) < 0)
		return run_fail(spidev, errno, err);
	wanted = (uint8_t)((spidev->found_mode & ~(SPI_MODE_3 | others)) | mode);
	if (ioctl(spidev->fd, SPI_IOC_WR_MODE, &wanted) < 0 ||
	    ioctl(spidev->fd, SPI_IOC_WR_BITS_PER_WORD, &bits) < 0 ||
	    ioctl(spidev->fd, SPI_IOC_RD_MODE, &now) < 0)
		return run_fail(spidev, errno, err);
	spidev->mode_changed = now != spidev->found_mode;
	if (now != wanted)
		return np_fail(err, NP_E_BUS, "%s does not take SPI mode %u (it says %02xh)",
		               spidev->path, mode, now);
	return 0;
}

/* ---- opening ---- */

static size_t read_bufsiz(void)
{
	char text[32] = "";
	FILE *file = fopen(BUFSIZ_PATH, "re");
	size_t value;

	if (file) {
		if (!fgets(text, sizeof(text), file))
			text[0] = '\0';
		fclose(file);
	}
	value = spidev_bufsiz(text);
	return value ? value : (size_t)sysconf(_SC_PAGESIZE);
}

/* What a larger buffer would bring at the fastest clock: one round trip in `bufsiz` bytes less. */
static void advise_bufsiz(const struct spidev *spidev)
{
	uint64_t wire_us = spidev->bufsiz * 8000000ull / spidev->caps.hz_max + 1;

	if (spidev->bufsiz < BUFSIZ_GOOD)
		np_log(NP_LOG_INFO,
		       "spidev's buffer is %zu bytes; `options spidev bufsiz=%u` in /etc/modprobe.d "
		       "(or spidev.bufsiz=%u on the kernel line) makes reads about %u %% faster",
		       spidev->bufsiz, BUFSIZ_GOOD, BUFSIZ_GOOD,
		       (unsigned)((100 * TRIP_US + wire_us / 2) / wire_us));
}

/* What of this computer hangs on a node; NULL when nothing known does. */
static const char *host_own(const char *node)
{
	char path[160], board[512], device[256];
	size_t board_len, device_len;
	const char *name = strrchr(node, '/');

	name = name ? name + 1 : node;
	read_tree(TREE "/compatible", board, sizeof(board), &board_len);
	snprintf(path, sizeof(path), "/sys/class/spidev/%.32s/device/of_node/compatible", name);
	read_tree(path, device, sizeof(device), &device_len);
	return spidev_host_own(name, board, board_len, device, device_len);
}

static bool on_raspberry_pi(void)
{
	char model[64];
	size_t len;

	read_tree(TREE "/model", model, sizeof(model), &len);
	return strstr(model, "Raspberry Pi") != NULL;
}

static int hint_enable(struct np_error *err)
{
	if (on_raspberry_pi())
		return np_hint(err,
		               "enable SPI: sudo raspi-config nonint do_spi 0 (or dtparam=spi=on "
		               "in /boot/firmware/config.txt and reboot)");
	if (!access(ARMBIAN, F_OK))
		return np_hint(err,
		               "enable SPI: overlays=spi-spidev and param_spidev_spi_bus=0 in "
		               "%s (or armbian-config), then reboot",
		               ARMBIAN);
	return np_hint(
		err,
		"`norprog list` shows the nodes; to enable one: Raspberry Pi dtparam=spi=on in "
		"config.txt, Armbian overlays=spi-spidev in /boot/armbianEnv.txt, BeagleBone "
		"BB-SPIDEV0-00A0.dtbo in /boot/uEnv.txt; a flash driver may also hold the chip "
		"(unbind spi-nor)");
}

static int fail_absent(const char *path, struct np_error *err)
{
	np_fail(err, NP_E_NO_PROGRAMMER, "there is no %s", path);
	return hint_enable(err);
}

static void access_advice(const char *path, char *buf, size_t size)
{
	struct stat st;
	const struct group *group = stat(path, &st) ? NULL : getgrgid(st.st_gid);

	if (group && st.st_gid && (st.st_mode & 060) == 060)
		snprintf(buf, size, "join its group: sudo usermod -aG %s $USER, then log in again",
		         group->gr_name);
	else
		snprintf(buf, size,
		         "install norprog's udev rules once (`sudo make install`, or copy "
		         "udev/60-norprog.rules to /etc/udev/rules.d/), then `sudo udevadm control "
		         "--reload && sudo udevadm trigger`; at once: sudo setfacl -m u:$USER:rw "
		         "%s",
		         path);
}

static int open_failed(const char *path, int code, struct np_error *err)
{
	char advice[440];

	if (code == ENOENT || code == ENXIO || code == ENODEV)
		return fail_absent(path, err);
	if (code == EBUSY)
		return np_fail(err, NP_E_BUSY, "%s is in use by another program", path);
	if (code != EACCES && code != EPERM)
		return np_fail(err, NP_E_BUS, "open %s: %s", path, strerror(code));
	access_advice(path, advice, sizeof(advice));
	np_fail(err, NP_E_ACCESS, "no permission to open %s", path);
	return np_hint(err, "%s", advice);
}

struct nodes {
	char paths[NODES_MAX][64];
	size_t count;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void find_nodes(struct nodes *nodes)
{
	DIR *dir = opendir("/dev");
	struct dirent *entry;

	nodes->count = 0;
	while (dir && nodes->count < NODES_MAX && (entry = readdir(dir)))
		if (strncmp(entry->d_name, "spidev", 6) == 0)
			snprintf(nodes->paths[nodes->count++], sizeof(nodes->paths[0]),
			         "/dev/%.50s", entry->d_name);
	if (dir)
		closedir(dir);
	qsort(nodes->paths, nodes->count, sizeof(nodes->paths[0]), by_path);
}

/* Leave only what is not the computer's own. Returns whose the last one left out is, or NULL. */
static const char *leave_out_own(struct nodes *nodes, char *left_out, size_t size)
{
	const char *own, *last = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < nodes->count; i++) {
		own = host_own(nodes->paths[i]);
		if (own) {
			last = own;
			snprintf(left_out, size, "%s", nodes->paths[i]);
		} else if (kept++ < i) {
			memcpy(nodes->paths[kept - 1], nodes->paths[i], sizeof(nodes->paths[0]));
		}
	}
	nodes->count = kept;
	return last;
}

static int fail_own(const char *path, const char *own, struct np_error *err)
{
	np_fail(err, NP_E_NO_PROGRAMMER, "%s is %s, not a programmer", path, own);
	return hint_enable(err);
}

/* Without dev=: the only node there is, but never a part of this computer. */
static int only_node(char *path, size_t size, struct np_error *err)
{
	char list[300] = "", left_out[64] = "";
	struct nodes nodes;
	const char *own;

	find_nodes(&nodes);
	own = leave_out_own(&nodes, left_out, sizeof(left_out));
	if (!nodes.count && own)
		return fail_own(left_out, own, err);
	if (!nodes.count)
		return fail_absent("/dev/spidev node", err);
	snprintf(path, size, "%s", nodes.paths[0]);
	if (nodes.count == 1)
		return 0;
	for (size_t i = 0; i < nodes.count; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), " dev=%s",
		         nodes.paths[i]);
	np_fail(err, NP_E_NO_PROGRAMMER, "there are several spidev nodes");
	return np_hint(err, "choose one:%s", list);
}

struct wish {
	uint32_t hz; /* 0: not given */
	uint8_t mode;
};

static int parse_wish(const struct spi_spec *spec, struct wish *wish, struct np_error *err)
{
	const char *hz = spi_spec_get(spec, "hz"), *khz = spi_spec_get(spec, "spispeed");
	const char *mode = spi_spec_get(spec, "mode");
	uint64_t value;

	*wish = (struct wish){0};
	if (hz && khz)
		return np_fail(err, NP_E_USAGE, "hz= and spispeed= contradict each other");
	if (hz && (!np_parse_hz(hz, &wish->hz) || !wish->hz))
		return np_fail(err, NP_E_USAGE, "'%s' is no clock (hz=8M)", hz);
	if (khz) {
		if (!np_parse_size(khz, &value) || !value || value > UINT32_MAX / 1000)
			return np_fail(err, NP_E_USAGE, "'%s' is no clock in kHz", khz);
		wish->hz = (uint32_t)value * 1000;
	}
	if (mode && strcmp(mode, "0") != 0 && strcmp(mode, "3") != 0)
		return np_fail(err, NP_E_USAGE, "mode '%s' is neither 0 nor 3", mode);
	wish->mode = mode && mode[0] == '3' ? SPI_MODE_3 : SPI_MODE_0;
	return 0;
}

static int open_node(struct spidev *spidev, struct np_error *err)
{
	spidev->fd = open(spidev->path, O_RDWR | O_CLOEXEC);
	if (spidev->fd < 0)
		return open_failed(spidev->path, errno, err);
	/* The kernel lets two programs open a node and would mix their messages. */
	if (flock(spidev->fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return np_fail(err, NP_E_BUSY, "%s is in use by another norprog", spidev->path);
	return 0;
}

/* A clock that was asked for is kept. Without one a node that takes none is used at its own. */
static int set_clock(struct spidev *spidev, uint32_t wish_hz, struct np_error *err)
{
	struct spi_caps *caps = &spidev->caps;
	uint32_t own_hz = 0;
	int ret;

	if (ioctl(spidev->fd, SPI_IOC_RD_MAX_SPEED_HZ, &own_hz) < 0)
		return run_fail(spidev, errno, err);
	own_hz = own_hz < SPI_HZ_MAX ? own_hz : SPI_HZ_MAX;
	caps->hz_min = LOWEST_HZ;
	caps->hz_max = wish_hz > own_hz ? wish_hz : own_hz;
	if (caps->hz_max < START_HZ)
		caps->hz_max = START_HZ;
	ret = spidev_set_hz(spidev, wish_hz ? wish_hz : START_HZ, err);
	if (ret && (wish_hz || !own_hz || ret != NP_E_UNSUPPORTED))
		return ret;
	if (ret) {
		np_log(NP_LOG_WARN, "%s; using its own %u Hz", err ? err->message : "", own_hz);
		set_caps(spidev, own_hz);
	}
	if (ret || wish_hz)
		caps->hz_min = caps->hz_max = caps->hz;
	return 0;
}

static int set_up(struct spidev *spidev, const struct wish *wish, struct np_error *err)
{
	int ret = open_node(spidev, err);

	if (ret)
		return ret;
	spidev->bufsiz = read_bufsiz();
	spidev->caps = (struct spi_caps){
		.depth = 64,
		.max_queue = 4096,
		.max_tx = spidev_max_tx(spidev->bufsiz),
		.max_rx = spidev_max_rx(spidev->bufsiz),
		.msg_ns = CS_CHANGE_NS,
		.trip_us = TRIP_US,
		.pause_ns_min = 1000,
		.safe_line = true,
	};
	if (!spidev->caps.max_tx)
		return np_fail(err, NP_E_BUS, "spidev's buffer of %zu bytes is too small",
		               spidev->bufsiz);
	ret = set_mode(spidev, wish->mode, err);
	if (!ret)
		ret = set_clock(spidev, wish->hz, err);
	if (!ret)
		advise_bufsiz(spidev);
	return ret;
}

static void spidev_close(void *self)
{
	struct spidev *spidev = self;

	if (spidev->mode_changed)
		ioctl(spidev->fd, SPI_IOC_WR_MODE, &spidev->found_mode);
	if (spidev->fd >= 0)
		close(spidev->fd);
	free(spidev);
}

static const struct spi_ops spidev_ops = {
	.run = spidev_run, .set_hz = spidev_set_hz, .close = spidev_close};

static int spidev_open(const struct spi_spec *spec, struct spi_opened *out, struct np_error *err)
{
	const char *dev = spi_spec_get(spec, "dev");
	struct spidev *spidev;
	struct wish wish;
	int ret = parse_wish(spec, &wish, err);

	if (ret)
		return ret;
	spidev = calloc(1, sizeof(*spidev));
	if (!spidev)
		return np_fail(err, NP_E_MEMORY, "out of memory");
	spidev->fd = -1;
	if (dev && strlen(dev) >= sizeof(spidev->path))
		ret = np_fail(err, NP_E_USAGE, "dev= is too long");
	else if (dev)
		strcpy(spidev->path, dev);
	else
		ret = only_node(spidev->path, sizeof(spidev->path), err);
	if (!ret)
		ret = set_up(spidev, &wish, err);
	if (ret) {
		spidev_close(spidev);
		return ret;
	}
	*out = (struct spi_opened){.self = spidev,
	                           .ops = &spidev_ops,
	                           .caps = &spidev->caps,
	                           .host_own = host_own(spidev->path)};
	snprintf(out->name, sizeof(out->name), "spidev at %s", spidev->path);
	return 0;
}

/* ---- listing ---- */

static int spidev_list(spi_found_fn *fn, void *ctx, struct np_error *err)
{
	struct nodes nodes;

	(void)err;
	find_nodes(&nodes);
	for (size_t i = 0; i < nodes.count; i++) {
		struct spi_found found = {.driver = "spidev"};
		const char *path = nodes.paths[i], *own = host_own(path);
		uint32_t core;
		bool divided;

		snprintf(found.where, sizeof(found.where), "%s", path);
		core = core_hz(path, &divided);
		spidev_bus_text(divided, core, found.product, sizeof(found.product));
		if (own)
			snprintf(found.product, sizeof(found.product), "%s", own);
		found.host_own = own != NULL;
		snprintf(found.spec, sizeof(found.spec), "spidev:dev=%s", path);
		found.may_open = access(path, R_OK | W_OK) == 0;
		if (own)
			snprintf(found.note, sizeof(found.note),
			         "never taken unasked, and never written");
		else if (!found.may_open)
			access_advice(path, found.note, sizeof(found.note));
		fn(ctx, &found);
	}
	return 0;
}

const struct spi_driver spidev_driver = {
	.name = "spidev",
	.aliases = (const char *const[]){"linux_spi", NULL},
	.summary = "Linux SPI bus (/dev/spidevB.C), as on a Raspberry Pi",
	.levels = "its signals are the board's, mostly 3.3 V; a 1.8 V part needs a level adapter",
	.keys = (const char *const[]){"dev", "hz", "mode", "spispeed", NULL},
	.list = spidev_list,
	.open = spidev_open,
};
