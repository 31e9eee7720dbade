#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Chips that lie: composed at random, driven through the command, judged by what the chip then holds.

  test_liars.py BUILD [COUNT [SEED]]        COUNT chips, the first of them SEED; prints what failed

Each chip has a truth (its size, what erases it, its status registers and what they protect) and tells
something else: an ID of its own, a known part's, or one whose size byte lies; no SFDP, or one whose size,
erases, page, quad enable, four-byte and supply may be false, cut short or rubbish. Whatever it is, of
norprog this must hold:

  whole      a read that ends well holds all of the chip, no more and no less
  supply     nothing is erased, programmed or set in a status register while the supply is not known to
             take 3.3 V, and nobody has said --voltage-ok
  open       "nothing protected" is never said while a protection or lock bit is set
  refused    what is refused has changed nothing; what is changed ends well, or with another code than 7
  right      a write that ends well left exactly the image, and every status register as it was
  ends       no signal, no end code that is not documented, in reasonable time
  sfdp       detect --sfdp leaves a file whenever the chip answers an ID
"""
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
NORPROG = os.path.join(BUILD, "norprog")
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else int(os.environ.get("NORPROG_LIARS", "40"))
FIRST = int(sys.argv[3]) if len(sys.argv) > 3 else int(os.environ.get("SEED", "1"))
KIB, MIB = 1024, 1024 * 1024

# IDs of parts that norprog has rows of, by size and whether the row is of a part for 3.3 V.
KNOWN = {
    512 * KIB: [("EF3013", True), ("C84013", True), ("C22013", True), ("EF6013", False)],
    MIB: [("EF4014", True), ("C84014", True), ("C22014", True), ("1C3114", True), ("EF6014", False)],
    2 * MIB: [("EF4015", True), ("C84015", True), ("C22015", True), ("1C7015", True), ("EF6015", False)],
    4 * MIB: [("EF4016", True), ("C84016", True), ("C22016", True), ("1C7016", True), ("C86016", False)],
}
# First bytes of makers with and without rows; the two behind are of no row.
STRANGE = ["EF91", "C8B3", "C2E5", "1C99", "7A5F", "5E77", "6B12", "A1C4", "0B93", "8588"]
CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}


def sfdp_of(rnd, chip):
    """The bytes of a table that tells the truth but for what rnd makes of it, and the lies' names."""
    lies = []
    size, kinds = chip["size"], dict(chip["kinds"])

    def lie(name, odds):
        told = rnd.random() < odds
        if told:
            lies.append(name)
        return told

    chip["told_size"] = False
    if lie("size", 0.25):
        chip["told_size"] = True
        size = rnd.choice([size // 2, size // 4, size * 2, size * 4, 3 * size // 4, 4096, 1 << 31])
    density = min(size * 8, 1 << 32) - 1
    if rnd.random() < 0.1:
        density = 0x80000000 | (size * 8).bit_length() - 1
    if lie("density", 0.04):
        density = rnd.choice([0, 0xFFFFFFFF, 0x80000000, 0x8000FFFF, 7])
    if lie("erase", 0.15):
        kinds = {op: rnd.choice([4 * KIB, 32 * KIB, 64 * KIB, 256 * KIB]) for op in
                 rnd.sample([0x20, 0x52, 0xD8, 0xC7, 0x00, 0xFF, 0x06], 3)}
    four = kinds.get(0x20) == 4 * KIB
    first = 0xFFF120E5 if four else 0xFFF1FFE7
    if lie("4byte", 0.05):
        first = first & ~0x60000 | rnd.choice([0x20000, 0x40000])
    if lie("one-byte", 0.05 if chip["size"] <= 512 * KIB else 0):
        first &= ~4
    pairs = sorted((s.bit_length() - 1, op) for op, s in kinds.items())[:4] + [(0, 0xFF)] * 4
    types = b"".join(bytes(p) for p in pairs[:4])
    words = [first, density, 0x6B08EB44, 0xBB423B08, 0xFFFFFFFE, 0xFF00FFFF, 0xEB21FFFF]
    table = struct.pack("<7I", *words) + types
    minor = rnd.choice([0, 0, 5, 6])
    if minor:
        qer = chip["qer"]
        if lie("qer", 0.2):
            qer = rnd.randrange(8)
        page = 8
        if lie("page", 0.1):
            page = rnd.choice([0, 1, 9, 10, 15])
        table += struct.pack("<7I", 0x00F57223, 0x00002201 | page << 4, 0, 0, 0xFFFFFFFF,
                             0xFF800000 & ~0x00700000 | qer << 20, rnd.choice([0, 0xFFFFFFFF, 0x1000]))
    own = b""
    if chip["told"]:
        own = struct.pack("<I", chip["told"]) + b"\xff" * 12
    length, at = len(table) // 4, 0x30
    if lie("length", 0.05):
        length = rnd.choice([0, 1, 4, 255])
    if lie("place", 0.04):
        at = rnd.choice([0, 4, 0xFFFFF0, 0x10000])
    head = b"SFDP" + bytes([minor, 1, 1 if own else 0, 0xFF])
    head += bytes([0, minor, 1, length]) + at.to_bytes(3, "little") + b"\xff"
    if own:
        head += bytes([int(chip["id"][:2], 16), 0, 1, len(own) // 4]) + (0x80).to_bytes(3, "little") + b"\xff"
    data = bytearray(head.ljust(0x30, b"\xff") + table)
    data = data.ljust(0x80, b"\xff") + own
    if lie("bits", 0.06):
        for _ in range(rnd.randrange(1, 6)):
            data[rnd.randrange(len(data))] ^= 1 << rnd.randrange(8)
        chip["told_sure"] = False
    if lie("cut", 0.05):
        data = data[:rnd.choice([1, 4, 8, 16, 40, 60])]
        chip["told_sure"] = False
    return bytes(data), lies


def compose(seed):
    rnd = random.Random(seed)
    size = rnd.choice(list(KNOWN))
    chip = {"seed": seed, "size": size, "lies": [], "told": 0, "told_sure": True, "told_size": False}
    chip["kinds"] = rnd.choice([{0x20: 4 * KIB, 0x52: 32 * KIB, 0xD8: 64 * KIB}, {0x20: 4 * KIB, 0xD8: 64 * KIB},
                                {0xD8: 64 * KIB}, {0x20: 4 * KIB}])
    # What answers 9Fh, and whether the row says 3.3 V: True, False, None where there is no row.
    kind = rnd.choice(["known", "known", "strange", "strange", "strange", "relabelled"])
    if kind == "relabelled" and 2 * size not in KNOWN:
        kind = "known"
    byte3 = size.bit_length() - 1
    if kind == "known":
        chip["id"], chip["row_3v3"] = rnd.choice(KNOWN[size])
    elif kind == "relabelled":
        chip["lies"].append("relabelled")
        chip["id"], chip["row_3v3"] = rnd.choice(KNOWN[2 * size])
    else:
        chip["row_3v3"] = None
        if rnd.random() < 0.3:
            chip["lies"].append("id-byte")
            byte3 = rnd.choice([0, 0xFF, byte3 + 1, byte3 - 1, 0x77])
        chip["id"] = rnd.choice(STRANGE) + "%02X" % byte3
    # Status registers: how many, how they are written, what they hold.
    form = rnd.choice(["one", "clears", "keeps", "separate"])
    if chip["row_3v3"] is not None:  # rows are right about their parts: both forms of 01h, and 31h
        form = "one" if chip["id"][:4] in ("C220", "1C31", "1C70", "EF30") else "keeps"
    elif chip["id"].startswith("C2"):
        form = "one"  # 35h is another command of Macronix
    chip["form"] = form
    sr1 = rnd.choice([0, 0, 0, 0x04, 0x1C, 0x3C, 0x20, 0x40, 0x80, 0x84, 0x9C, 0x7C])
    sr2 = 0 if form == "one" else rnd.choice([0, 2, 2, 0x40, 0x42, 0x01, 0x38])
    sr3 = rnd.choice([0, 0x60, 0x04]) if form == "separate" else 0
    lock = rnd.random() < 0.3
    if lock:
        sr2 &= ~1  # holds until power-off, and the chip comes up anew each time
    chip["regs"] = [sr1, sr2, sr3]
    chip["qer"] = {"one": rnd.choice([0, 0, 2]), "clears": 1, "keeps": 4, "separate": 6}[form]
    writable = 0xFC if rnd.random() < 0.9 else 0x80  # now and then BP bits that do not yield
    chip["fixed"] = writable == 0x80
    keys = ["sr1=%02X/0/%02X" % (writable, sr1)]
    has = ["reset"]
    if form == "one":
        keys.append("wr=sr1")
    else:
        has += ["sr2", "vol50"]
        keys.append("sr2=7B/38/%02X" % sr2)
        keys.append({"clears": "wr=sr1,sr2,clears", "keeps": "wr=sr1,sr2", "separate": "wr=sr1"}[form])
    if form == "keeps":
        has += ["wr31"]
    if form == "separate":
        has += ["sr3", "wr31", "wps"]
        keys.append("sr3=67/0/%02X" % sr3)
    if lock:
        keys.append("lock=80/01")
    keys.append("prot=any:%X" % (rnd.choice([0x1C, 0x3C, 0x401C if form != "one" else 0x3C])))
    # Supply as the maker's own table has it: maximum and minimum in millivolts, BCD.
    if rnd.random() < 0.5:
        chip["told"] = rnd.choice([0x36002700, 0x36002700, 0x20001650, 0x36001650, 0x13001100, 0xFFFFFFFF, 0x00000000,
                                   0x27003600, 0xABCDEF01])
    sfdp = None
    if rnd.random() < 0.8:
        sfdp, lies = sfdp_of(rnd, chip)
        chip["lies"] += lies
    else:
        chip["told"] = 0
        chip["lies"].append("no-sfdp")
    erase = ",".join("%02X:%d" % (op, s) for op, s in chip["kinds"].items())
    chip["line"] = "part LIAR id=%s size=%d page=256 erase=%s,C7:chip time=page:300,sr:5000,4k:20,32k:60,64k:90," \
        "chip:2000 %s has=%s%s" % (chip["id"], size, erase, " ".join(keys), ",".join(has),
                                   " rawsfdp=" + sfdp.hex().upper() if sfdp else "")
    chip["contents"] = rnd.choice(["text", "text", "blank", "twice", "part"])
    chip["rnd"] = rnd
    return chip


def contents(chip):
    rnd, size = chip["rnd"], chip["size"]
    if chip["contents"] == "blank":
        return b"\xff" * size
    if chip["contents"] == "twice":
        half = rnd.randbytes(size // 2)
        return half + half
    if chip["contents"] == "part":
        return (rnd.randbytes(size // 8)).ljust(size, b"\xff")
    return rnd.randbytes(size)


class Liar:
    def __init__(self, seed, folder):
        self.chip = compose(seed)
        self.folder = folder
        self.memory = os.path.join(folder, "chip.bin")
        self.parts = os.path.join(folder, "parts.txt")
        self.failed = []
        with open(self.parts, "w", encoding="ascii") as f:
            f.write(self.chip["line"] + "\n")
        self.before = contents(self.chip)
        with open(self.memory, "wb") as f:
            f.write(self.before)
        self.image = self.chip["rnd"].randbytes(self.chip["size"])
        with open(os.path.join(folder, "image"), "wb") as f:
            f.write(self.image)

    def fail(self, what, run=None):
        c = self.chip
        self.failed.append("seed %d: %s\n  lies: %s; ID %s, %d KiB, %s, registers %s, told %08X, holds %s\n%s" % (
            c["seed"], what, " ".join(c["lies"]) or "none", c["id"], c["size"] // KIB, c["form"],
            " ".join("%02X" % r for r in c["regs"]), c["told"], c["contents"],
            "  $ norprog %s -> %d\n%s" % (" ".join(run.args[3:]), run.returncode, run.stderr) if run else ""))

    def run(self, *words):
        env = dict(os.environ, XDG_STATE_HOME=os.path.join(self.folder, "state"))
        args = [NORPROG, "-p", "sim:parts=%s,chip=LIAR,file=%s" % (self.parts, self.memory)] + list(words)
        try:
            run = subprocess.run(args, cwd=self.folder, env=env, capture_output=True, text=True, errors="replace",
                                 timeout=120, stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            self.fail("ends: not within 120 s: %s" % " ".join(words))
            return None
        if run.returncode not in CODES:
            self.fail("ends: with %d" % run.returncode, run)
        return run

    def held(self):
        with open(self.memory, "rb") as f:
            return f.read()

    def registers(self):
        try:
            with open(self.memory + ".regs", "rb") as f:
                return list(f.read()[32:35])
        except FileNotFoundError:
            return list(self.chip["regs"])

    def takes_3v3(self):
        """Does anything say that it takes 3.3 V? A row, or SFDP where nothing contradicts it."""
        told = self.chip["told"]
        sfdp_says = told in (0x36002700, 0x36001650) or not self.chip["told_sure"]
        if self.chip["row_3v3"] is not None:
            return self.chip["row_3v3"]
        return sfdp_says

    def trace_changes(self):
        ops = {"01", "02", "11", "31", "20", "52", "d8", "c7", "60", "81", "ad", "12", "21", "5c", "dc"}
        try:
            with open(os.path.join(self.folder, "trace"), encoding="ascii", errors="replace") as f:
                return [line for line in f if len(line.split()) > 1 and line.split()[1].lower() in ops]
        except FileNotFoundError:
            return []

    def detect(self):
        run = self.run("detect", "--sfdp", "out.sfdp", "--json")
        if run is None:
            return None
        if not os.path.exists(os.path.join(self.folder, "out.sfdp")):
            self.fail("sfdp: no file", run)
        text = self.run("detect")
        sr1, sr2, sr3 = self.chip["regs"]
        locked = sr1 & 0xFC or (self.chip["form"] != "one" and sr2 & 0x41) or (self.chip["form"] == "separate" and sr3 & 4)
        if text and "nothing protected" in text.stdout:
            if "qer" in self.chip["lies"]:
                pass  # SR2 is not read where SFDP says that there is none
            elif self.chip["row_3v3"] is None and locked & ~(0x40 if self.chip["qer"] == 2 else 0):
                self.fail("open: said with SR %02X %02X %02X" % (sr1, sr2, sr3), text)
            elif sr1 & 0x1C and not sr2 & 0x40:
                self.fail("open: said with SR %02X %02X %02X" % (sr1, sr2, sr3), text)
        return run

    def excused(self, got, told):
        """What nobody could know without writing: where a chip ends that is blank behind what was read, or
        that holds everything twice; and more than all of it, which is told, is no loss."""
        if self.chip["contents"] == "twice" and self.before == got * (len(self.before) // len(got)):
            return True
        if got.startswith(self.before):
            return "half as big" in told or "does not tell which" in told or "repeats after fewer" in told or (
                "every byte read is FF" in told and not self.before.strip(b"\xff"))
        return self.chip["told_size"] and self.before.startswith(got) and not self.before[len(got):].strip(b"\xff")

    def read(self):
        run = self.run("read", "out.bin")
        if run is None:
            return
        if run.returncode == 0:
            with open(os.path.join(self.folder, "out.bin"), "rb") as f:
                got = f.read()
            if got != self.before and not self.excused(got, run.stderr):
                self.fail("whole: %d KiB read, %s" % (len(got) // KIB, "equal so far" if self.before.startswith(got)
                                                      else "beyond" if got.startswith(self.before) else "other"), run)
        if self.held() != self.before or self.registers() != self.chip["regs"]:
            self.fail("refused: reading changed something", run)

    def write(self, *more):
        registers = self.registers()
        if os.path.exists(os.path.join(self.folder, "trace")):
            os.unlink(os.path.join(self.folder, "trace"))
        run = self.run("write", "image", "--yes", "--keep", "nothing", "--trace", "trace", *more)
        if run is None:
            return None
        now = self.held()
        if run.returncode == 0 and now != self.image:
            self.fail("right: the chip does not hold the image", run)
        # SFDP that lies about QE says which form of 01h is safe: nothing else could tell.
        if run.returncode == 0 and self.registers() != registers and "qer" not in self.chip["lies"]:
            self.fail("right: status registers %s" % self.registers(), run)
        if run.returncode in (2, 4, 7) and now != self.before:
            self.fail("refused: %d, but it changed" % run.returncode, run)
        if run.returncode in (2, 4, 7) and self.registers() != registers:
            self.fail("refused: %d, but registers are %s" % (run.returncode, self.registers()), run)
        if not more and not self.takes_3v3():
            if self.trace_changes():
                self.fail("supply: %s" % self.trace_changes()[0].strip(), run)
        return run


def one(seed):
    folder = tempfile.mkdtemp(prefix="liar")
    try:
        liar = Liar(seed, folder)
        liar.detect()
        liar.read()
        run = liar.write()
        if run is not None and run.returncode == 7 and "--voltage-ok" in run.stderr:
            run = liar.write("--voltage-ok")
        if run is not None and run.returncode == 7 and "then say --size" in run.stderr:
            run = liar.write("--voltage-ok", "--size", str(liar.chip["size"]))
        return liar, run.returncode if run else -1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    failed, ends = 0, {}
    for seed in range(FIRST, FIRST + COUNT):
        liar, code = one(seed)
        ends[code] = ends.get(code, 0) + 1
        for text in liar.failed:
            print(text, flush=True)
        failed += bool(liar.failed)
    print("%d lying chips from seed %d: %d broke a promise; writes ended %s" % (
        COUNT, FIRST, failed, json.dumps({str(k): v for k, v in sorted(ends.items())})))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
