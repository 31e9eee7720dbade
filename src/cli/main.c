/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/stop.h"
#include "base/version.h"
#include "cli/cli.h"
#include "cli/complete.h"
#include "cli/gang/gang.h"
#include "cli/manpage.h"
#include "spi/driver.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif
#ifndef NORPROG_LIBRARIES
#define NORPROG_LIBRARIES "unknown"
#endif

const struct cli_command cli_commands[] = {
	{"list", CLI_LIST, 0, 0, "", "the programmers attached, and what to do if one fails",
         "Shows the programmers attached: where, serial number, whether you may open them, and\n"
         "what to do if not. Opens nothing.",
         "  norprog list", cmd_list},
	{"detect", CLI_DETECT, 0, 0, "", "identify the chip on the clip",
         "Says what is on the clip: JEDEC ID, chip, size, SFDP, unique ID, protected ranges, and\n"
         "how good the contact is. Changes nothing.",
         "  norprog detect\n  norprog detect -p sim:chip=W25Q64FV,file=chip.bin", cmd_detect},
	{"report", CLI_REPORT, 1, 1, "FILE",
         "save what is known of programmer and chip, to send it",
         "Saves what programmer and chip say of themselves into FILE, for who keeps the tables:\n"
         "ID, SFDP, status registers, clock, contact, and what was proven in this run. Nothing\n"
         "of what the chip holds is in it, and no unique ID. Changes nothing, but for --prove: that\n"
         "saves a range, erases and programs it, and puts it back, to tell that the chip was\n"
         "written and how long it took.",
         "  norprog report chip.json\n  norprog report chip.json --prove 0x10000+64K", cmd_report},
	{"doctor", CLI_DOCTOR, 0, 0, "", "why does it not work? one conclusion, one next step",
         "Looks at programmer, wires, supply, clock, chip and contents, in this order, and says of\n"
         "each whether it is ok, doubtful or wrong; then one conclusion, and one thing to do. Only\n"
         "reads. Exit code 0 only if a backup read now may be trusted.",
         "  norprog doctor\n  norprog doctor --html doctor.html", cmd_doctor},
	{"read", CLI_READ, 1, 1, "FILE", "back up the chip, or parts of it",
         "Reads the chip into FILE, and writes FILE.json, which says what it is. Two passes must\n"
         "agree; blocks that differ are read again and voted on. With one region or range FILE\n"
         "holds just that; with several it is a folder of REGION.bin.",
         "  norprog read backup.bin\n"
         "  norprog read radio.bin --layout tplink-mr200-v1 --only radio",
         cmd_read},
	{"write", CLI_WRITE, 1, 1, "FILE", "write FILE to the chip",
         "Writes FILE to the chip: reads and keeps a backup, shows the plan, asks, then erases,\n"
         "programs and verifies block by block what differs. FILE is an image of the whole chip;\n"
         "with --only it may also be just the selected bytes; with --at a piece.",
         "  norprog write new.bin\n"
         "  norprog write stock.bin --layout tplink-mr200-v1 --keep unit",
         cmd_write},
	{"restore", CLI_RESTORE, 1, 1, "FILE", "put back just some regions of a dump",
         "Puts back the regions named by --only from a full dump, or from a file of exactly\n"
         "their size. Without --only: a folder made by `read` and the partial backup of an\n"
         "earlier job go where they came from, and a full dump with its manifest (FILE.json)\n"
         "puts back the WHOLE chip, but for --keep.",
         "  norprog restore backup.bin --layout tplink-mr200-v1 --only radio", cmd_restore},
	{"clone", CLI_CLONE, 1, 1, "BACKUP",
         "put a backup on a replacement chip, settings included",
         "Writes a backup of a whole chip (with its manifest BACKUP.json) to another one: blank, of\n"
         "the same size or bigger. Says what differs between the two, and gives quad enable, driver\n"
         "strength and address mode the values they had, where they mean the same.",
         "  norprog clone backup.bin", cmd_clone},
	{"verify", CLI_VERIFY, 1, 1, "FILE", "compare the chip with FILE",
         "Compares the chip with FILE (or with FFh: --blank) and names the first differing\n"
         "address and region. Exit code 6 when they differ.",
         "  norprog verify backup.bin\n  norprog verify --blank --only 0x7d0000+64K", cmd_verify},
	{"erase", CLI_ERASE, 0, 0, "", "erase the chip, or parts of it",
         "Erases the whole chip, or what --only selects, without what --keep names. Ranges need\n"
         "not be aligned: what shares an erase block is kept and put back.",
         "  norprog erase --only 0x10000+64K", cmd_erase},
	{"protect", CLI_PROTECT, 0, 2, "[status | off | on RANGE]",
         "show or change block protection",
         "Shows which addresses are write protected, or changes it for good (non-volatile).\n"
         "RANGE is START+LEN, START-LAST, or a region of --layout. Jobs lift protection by\n"
         "themselves and put it back; this is needed only to change it.",
         "  norprog protect\n  norprog protect on 0x0-0x1ffff", cmd_protect},
	{"resume", CLI_RESUME, 0, 0, "", "finish, undo or forget an interrupted job",
         "Finishes the job that was interrupted on this chip, from its saved target. With\n"
         "--undo the backup is put back, with --discard the job is forgotten.",
         "  norprog resume\n  norprog resume --undo", cmd_resume},
	{"backups", CLI_BACKUPS, 0, 3,
         "[list | show N | verify [N] | prune --keep N | export N FILE]",
         "list, show, check, thin out and export what was kept",
         "Lists the backups kept before each write, newest first: device, date, MAC, size and what\n"
         "they were made for. N is a number of the list, or a file's name. 'verify' compares files\n"
         "with their SHA-256; 'prune' removes old ones, but never the only good one of a chip, nor\n"
         "one that an unfinished job needs; 'export' copies one with its manifest. Needs no chip.",
         "  norprog backups\n  norprog backups prune --keep 3\n"
         "  norprog backups export 1 mine.bin",
         cmd_backups},
	{"chips", CLI_CHIPS, 0, 1, "[PATTERN]",
         "the chips known by name, and how far each was proven",
         "Lists the chips known by name; PATTERN is a part of name, maker or ID, or a pattern\n"
         "with * and ?. -v adds notes and sources. Other parts are driven by their SFDP.",
         "  norprog chips W25Q64\n  norprog chips \"EF 40*\"", cmd_chips},
	{"layouts", CLI_LAYOUTS, 0, 1, "[PATTERN | FILE | chip]",
         "list the device profiles, find a board, or show one",
         "Lists the built-in device profiles whose name or device matches PATTERN; one alone, or\n"
         "a layout FILE (a path with / or .), is shown with its regions. 'chip': how the chip on\n"
         "the programmer is divided, by what it holds.",
         "  norprog layouts\n  norprog layouts tplink-mr200-v1", cmd_layouts},
	{"image", CLI_IMAGE, 2, CLI_WORDS_MAX, "VERB FILE...",
         "look into firmware files and dumps, compare, edit them",
         "Works on files, with no programmer, and never changes one unless --in-place says so:\n"
         "  identify FILE...            what it is, why, and where it belongs on a chip\n"
         "  show FILE                   regions, contents, fields (--svg, --html draw it)\n"
         "  diff A B                    by region, and what may be a unit's own data\n"
         "  extract FILE REGION         REGION of FILE into --output\n"
         "  merge BASE REGION=FILE...   BASE with these regions from files, into --output\n"
         "  patch FILE FIELD=VALUE...   FILE with these fields set, into --output\n"
         "  pad FILE SIZE               FILE filled with FFh to SIZE\n"
         "  trim FILE                   FILE without the FFh at its end\n"
         "  hex FILE|chip [RANGE...]    bytes with the regions and fields they belong to\n"
         "  find FILE|chip PATTERN      where bytes in hex, or a text, stand\n"
         "  convert FILE                from or to Intel HEX and S-records, by --output's name\n"
         "  swap FILE 2|4|bits          bytes of each word, or bits of each byte, reversed\n"
         "  invert FILE                 all bits inverted\n"
         "  join FILE FILE...           one image from what was read of several chips\n"
         "The layout is recognised from the contents, or given with --layout.",
         "  norprog image identify download.bin\n"
         "  norprog image diff mine.bin stock.bin --html diff.html\n"
         "  norprog image merge stock.bin radio=radio.bin -o out.bin",
         cmd_image},
	{"unit", CLI_UNIT, 1, 2, "show [FILE]", "show MAC, PIN, IMEI and calibration",
         "Shows what belongs to this unit alone: MAC, PIN, IMEI, calibration, with their checks.\n"
         "From the chip, or from a dump in FILE.",
         "  norprog unit show\n  norprog unit show backup.bin", cmd_unit},
	{"device", CLI_DEVICE, 2, 9, "learn BACKUP...", "propose a profile from dumps of a device",
         "Proposes a profile (.ini) for a device that norprog does not know, from a dump of its whole\n"
         "flash: the map it carries, what looks like one unit's own data, what names it. With dumps of\n"
         "several units also what differs between them. Check every line, try it with -l, and send it.",
         "  norprog device learn mine.bin\n  norprog device learn mine.bin friends.bin -o new.ini",
         cmd_device},
	{"otp", CLI_OTP, 1, 2, "show | read FILE | write FILE | erase | lock",
         "security registers and one-time areas",
         "Shows, reads, writes, erases (where the part can) and locks the areas that a part keeps\n"
         "beside its array. Bits only fall there, and a lock is for ever: all but show and read\n"
         "needs --permanent.",
         "  norprog otp show\n  norprog otp write serial.bin --area 1 --permanent", cmd_otp},
	{"serve", CLI_SERVE, 0, 0, "", "the programmer for others, over TCP",
         "Serves the programmer as a serprog device: flashrom and norprog on this computer work\n"
         "with the chip, one at a time. Between two norprogs every byte is checked. Others may\n"
         "come from elsewhere with --allow and --secret, or through ssh -L. Ctrl-C ends it.",
         "  norprog serve -p ft232h --listen 127.0.0.1:4141\n"
         "  norprog read backup.bin -p serprog:ip=127.0.0.1@4141",
         cmd_serve},
	{"ui", CLI_UI, 0, 0, "", "the whole job in a browser",
         "Serves a page on this machine: what is on the clip, a backup, a file to write with what\n"
         "is kept and the plan, progress on a map of the flash, resume and undo. Prints its\n"
         "address, with a token that is good for one browser, and opens it on a desktop. Ends\n"
         "with Ctrl-C; a write under way then ends behind its block.",
         "  norprog ui\n  norprog ui -p ch341a --listen 0.0.0.0:8080 --no-browser", cmd_ui},
	{0},
};

/*
 * A stream that was closed when we were started (`>&-`) leaves its number to the first file opened:
 * then the plan would be printed into the chip's file, or down the line to the adapter. Filled the
 * wrong way round, so that using it still fails.
 */
static bool fill_streams(void)
{
	static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", wrong_way[fd]) != fd)
			return false;
	return true;
}

/* Full pipes and file size limits become errors of write() instead of sudden death in mid-erase. */
static void set_signals(void)
{
	np_stop_catch();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* Usage errors shall be JSON too, and are found before --json is. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

static int run_command(struct cli *cli, struct np_error *err)
{
	const struct cli_options *opt = &cli->opt;
	int level = opt->quiet ? -1 : (int)opt->verbose;
	int ret = report_open(&cli->report, opt->json, level, opt->log, err);

	if (ret)
		return ret;
	cli->report.programmer = opt->programmer;
	np_log_set_sink(report_log, &cli->report);
	set_signals();
	ret = config_load(cli, err);
	if (ret)
		return ret;
	return opt->gang ? gang_run(cli, err) : cli->command->run(cli, err);
}

/* The last words: error, result event, and whether all of it could be written. */
static int finish(struct cli *cli, int ret, struct np_error *err)
{
	bool told = !cli->opt.help && !cli->opt.version;
	int closed;

	if (ret == NP_E_INTERRUPTED && !err->hint[0])
		np_hint(err, "nothing is left half done: the same command again starts over");
	if (ret && !err->hint[0])
		np_hint(err, "%s", np_code_hint(ret));
	/* doctor ends with what is wrong and what to do: nobody needs that twice. */
	if (ret && (cli->opt.json || !cli->report.concluded))
		report_error(&cli->report, err);
	if (ret || told)
		report_finish(&cli->report, cli->command ? cli->command->name : "", ret, err);
	closed = report_close(&cli->report, err);
	if (closed && !ret) {
		if (!cli->report.pipe_shut)
			fprintf(stderr, "norprog: %s\n", err->message);
		ret = closed;
	}
	return np_code_exit(ret);
}

/* With `built`: and what may explain that another build of the same version behaves otherwise. */
static void show_version(bool built)
{
	puts("norprog " NORPROG_VERSION);
	if (!built)
		return;
	puts("compiler   " COMPILER);
	puts("libraries  " NORPROG_LIBRARIES);
	fputs("drivers   ", stdout);
	for (size_t i = 0; spi_drivers[i]; i++)
		printf(" %s", spi_drivers[i]->name);
	putchar('\n');
}

/* What shells and the Makefile ask, and no person types. */
static bool answer_tools(int argc, char **argv)
{
	if (strcmp(argv[1], "complete") == 0)
		complete(stdout, argc - 2, argv + 2);
	else if (strcmp(argv[1], "manpage") == 0 && options_command(argv[2]))
		manpage(stdout, options_command(argv[2]));
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct np_error err = {0};
	int ret;

	if (!fill_streams())
		return EXIT_FAILURE;
	if (argc > 2 && answer_tools(argc, argv))
		return fflush(stdout) ? EXIT_FAILURE : 0;
	ret = report_open(&cli.report, wants_json(argc, argv), 0, NULL, &err);

	if (!ret && argc == 1 && isatty(STDOUT_FILENO)) {
		set_signals();
		ret = config_load(&cli, &err);
		if (!ret)
			ret = welcome(&cli, &err);
		return finish(&cli, ret, &err);
	}
	if (!ret)
		ret = options_parse(argc, argv, &cli.opt, &cli.command, &err);
	if (!ret && cli.opt.version)
		show_version(cli.opt.verbose > 0);
	else if (!ret && cli.opt.help)
		options_help(stdout, cli.command);
	else if (!ret)
		ret = run_command(&cli, &err);
	return finish(&cli, ret, &err);
}
