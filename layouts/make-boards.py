#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes layouts/boards.txt, the table of all boards that OpenWrt runs from SPI NOR.

    layouts/make-boards.py --trees DIR [--names profiles.json ...] [--scripts target/linux]
            [--stock tplink-safeloader.c] > boards.jsonl
        reads compiled device trees (DIR/**/*.dtb; OpenWrt leaves them in
        build_dir/target-*/linux-*/image-*.dtb) and writes what they tell, a JSON object a line.
        profiles.json, which every OpenWrt build and release has beside its images, adds titles and
        older names; the start-up scripts below target/linux of OpenWrt's sources know places of unit
        data that no tree tells; tplink-safeloader.c of OpenWrt's firmware-utils adds how TP-Link's own firmware
        divides the flash.
    layouts/make-boards.py --from boards.jsonl --source "OpenWrt 26.12" > layouts/boards.txt
        makes the table from such lines.

Both formats are described in doc/BOARDS.md.
"""
import argparse
import fnmatch
import glob
import gzip
import json
import os
import re
import struct
import sys

# ---- device trees ------------------------------------------------------------------------------


class Node:
    def __init__(self, name, parent):
        self.name, self.parent, self.props, self.children = name, parent, {}, []

    def words(self, name):
        data = self.props.get(name, b"")
        return struct.unpack(">%dI" % (len(data) // 4), data[: len(data) // 4 * 4])

    def strings(self, name):
        data = self.props.get(name, b"")
        return [s.decode("latin-1") for s in data.rstrip(b"\0").split(b"\0")] if data else []

    def word(self, name, otherwise=0):
        words = self.words(name)
        return words[0] if words else otherwise

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()

    def off(self):
        node = self
        while node:
            status = node.strings("status")
            if status and not status[0].startswith("ok"):
                return True
            node = node.parent
        return False

    def child(self, name):
        return next((c for c in self.children if c.name == name), None)


def read_tree(path):
    with open(path, "rb") as file:
        data = file.read()
    magic, _, structure, strings = struct.unpack(">4I", data[:16])
    if magic != 0xD00DFEED:
        raise ValueError(path + ": no device tree")
    at, node, root = structure, None, None
    while True:
        (token,) = struct.unpack(">I", data[at : at + 4])
        at += 4
        if token == 1:
            end = data.index(b"\0", at)
            child = Node(data[at:end].decode("latin-1"), node)
            if node:
                node.children.append(child)
            else:
                root = child
            node = child
            at = (end + 4) & ~3
        elif token == 2:
            node = node.parent
        elif token == 3:
            length, name = struct.unpack(">2I", data[at : at + 8])
            end = data.index(b"\0", strings + name)
            node.props[data[strings + name : end].decode("latin-1")] = data[at + 8 : at + 8 + length]
            at = (at + 8 + length + 3) & ~3
        elif token == 9:
            return root
        elif token != 4:
            raise ValueError(path + ": broken device tree")


def reg(parent, node):
    cells = node.words("reg")
    n, m = parent.word("#address-cells", 2), parent.word("#size-cells", 1)
    if n + m == 0 or len(cells) < n + m:
        return None
    number = lambda part: sum(w << 32 * (len(part) - 1 - i) for i, w in enumerate(part))
    return number(cells[:n]), number(cells[n : n + m])


ENVIRONMENTS = ("u-boot,env", "u-boot,env-redundant-bool", "u-boot,env-redundant-count")


def cells_of(part, label, start, length):
    """The nvmem cells of one partition, each with its node."""
    layout, here = part.child("nvmem-layout"), part.strings("compatible")
    if not layout:
        if not set(here) & {"nvmem-cells", *ENVIRONMENTS}:
            return
        layout = part
    env = [c for c in layout.strings("compatible") if c in ENVIRONMENTS]
    for node in layout.children:
        cell = {"name": node.name, "part": label, "part_start": start}
        place = reg(layout, node)
        if place and 0 < place[1] <= length - place[0]:
            cell["off"], cell["size"] = place
        elif env:
            cell["layout"] = env
        else:
            continue
        cell["used"] = []
        yield node, cell


def partitions(parent, base, depth, parts, cells):
    for node in parent.children:
        place = reg(parent, node)
        if not place:
            continue
        label = (node.strings("label") or [node.name])[0]
        part = {"label": label, "start": base + place[0], "len": place[1]}
        if depth:
            part["depth"] = depth
        parts.append(part)
        cells.extend(cells_of(node, label, part["start"], part["len"]))
        if "fixed-partitions" in node.strings("compatible"):
            partitions(node, part["start"], depth + 1, parts, cells)


def users(root, cells):
    nodes = {n.word("phandle"): n for n in root.walk() if "phandle" in n.props}
    known = {id(node): cell for node, cell in cells}
    for user in root.walk():
        words, names = user.words("nvmem-cells"), user.strings("nvmem-cell-names")
        at = nth = 0
        while at < len(words):
            node = nodes.get(words[at])
            count = node.word("#nvmem-cell-cells") if node else 0
            args = [w - (1 << 32) if w >> 31 else w for w in words[at + 1 : at + 1 + count]]
            if node and id(node) in known:
                name = names[nth] if nth < len(names) else "?"
                known[id(node)]["used"].append([user.name, name, args])
            at += 1 + count
            nth += 1


def facts_of(path):
    root = read_tree(path)
    for flash in root.walk():
        if "jedec,spi-nor" not in flash.strings("compatible") or flash.off():
            continue
        holder = next((c for c in flash.children if "fixed-partitions" in c.strings("compatible")), None)
        if not holder and any("reg" in c.props for c in flash.children):
            holder = flash
        if not holder:
            continue
        parts, cells = [], []
        partitions(holder, 0, 0, parts, cells)
        if not parts:
            continue
        users(root, cells)
        compatible = root.strings("compatible")
        return {
            "board": compatible[0].replace(",", "_", 1),
            "title": (root.strings("model") or compatible)[0],
            "compatible": compatible,
            "also": compatible[:1],
            "end": max(p["start"] + p["len"] for p in parts),
            "parts": parts,
            "cells": [cell for _, cell in cells],
        }
    return None


def add_names(records, path):
    """Titles and older names from an OpenWrt profiles.json."""
    with open(path, encoding="utf-8") as file:
        profiles = json.load(file)["profiles"]
    for profile in profiles.values():
        names = profile.get("supported_devices", [])
        title = profile["titles"][0]
        text = title.get("title") or " ".join(
            filter(None, (title.get("vendor"), title.get("model"), title.get("variant")))
        )
        for record in records:
            if record["compatible"][0] in names[:1]:
                record["title"], record["also"] = text, names


def add_stock(records, path):
    """The stock partitions of boards whose safeloader table firmware-utils knows."""
    with open(path, encoding="utf-8") as file:
        source = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    tables = {}
    for board in re.split(r"(?m)^\t\.id|^\t\t\.id", source)[1:]:
        name = re.match(r'\s*=\s*"([^"]+)"', board)
        table = re.search(r"\.partitions\s*=\s*\{(.*?)\{NULL", board, re.S)
        parts = re.findall(r'\{"([^"]+)",\s*(0x\w+),\s*(0x\w+)\}', table.group(1)) if table else []
        tables[name.group(1)] = [[label, int(start, 16), int(size, 16)] for label, start, size in parts]
    for record in records:
        sign = re.search(r"safeloader support-list=([^;]+)", record.get("signs", ""))
        stock = tables.get(sign.group(1)) if sign else None
        if stock and max(start + size for _, start, size in stock) <= 1 << (record["end"] - 1).bit_length():
            record["stock"] = sorted(stock, key=lambda part: part[1])


BRANCH = re.compile(r"((?:[\w.+-]+,[\w.*+-]+\s*\|\\?\s*)*[\w.+-]+,[\w.*+-]+)\s*\)(.*?);;", re.S)
CALLS = (
    (r'mtd_get_mac_binary\s+"?([^\s"]+)"?\s+(0x\w+|\d+)', "mac", 6),
    (r'mtd_get_mac_text\s+"?([^\s"]+)"?\s+(0x\w+|\d+)', "mac", 17),
    (r'mtd_get_mac_ascii\s+"?([^\s"]+)"?\s+(\S+)', "env", 0),
    (r'jboot_\w+\s[^\n]*?"(config)"(.)', "env", 0),
    (r'caldata_extract(?:_reverse)?\s+"?([^\s"]+)"?\s+(0x\w+|\d+)\s+(0x\w+|\d+)', "cal", None),
)


def calls_of(body):
    """What a branch of a start-up script reads: partition, kind, offset, length."""
    for pattern, kind, length in CALLS:
        for match in re.finditer(pattern, body):
            offset = int(match.group(2), 0) if kind != "env" else 0
            yield [match.group(1), kind, offset, int(match.group(3), 0) if length is None else length]


def add_scripts(records, folder):
    """Places of unit data that no tree tells: OpenWrt's start-up scripts read them."""
    found = {}
    for path in glob.glob(os.path.join(folder, "**", "base-files", "etc", "*.d", "**"), recursive=True):
        if not os.path.isfile(path):
            continue
        with open(path, encoding="utf-8") as file:
            for names, body in BRANCH.findall(file.read()):
                for name in re.split(r"\s*\|\\?\s*", names):
                    found.setdefault(name, []).extend(calls_of(body))
    for record in records:
        labels = {part["label"]: part["len"] for part in record["parts"]}
        calls = []
        own = [found[name] for name in found if fnmatch.fnmatchcase(record["compatible"][0], name)]
        for label, kind, offset, length in (call for branch in own for call in branch):
            if offset + length <= labels.get(label, -1) and [label, kind, offset, length] not in calls:
                calls.append([label, kind, offset, length])
        if calls:
            record["scripts"] = calls


def read_records(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def write_facts(args):
    records = {}
    for record in read_records(args.facts) if args.facts else []:
        records[record["board"]] = record
    for path in sorted(glob.glob(os.path.join(args.trees or "", "**", "*.dtb"), recursive=True)) if args.trees else []:
        record = facts_of(path)
        if record:
            records.setdefault(record["board"], record)
    records = [records[key] for key in sorted(records)]
    for path in args.names:
        add_names(records, path)
    if args.stock:
        add_stock(records, args.stock)
    if args.scripts:
        add_scripts(records, args.scripts)
    for record in records:
        print(json.dumps(record, separators=(",", ":")))


# ---- the table -----------------------------------------------------------------------------------

KINDS = (
    (r"mac-address|macaddr|mac_addr|hw_mac_addr|ethaddr|eth.addr$", "m"),
    (r"calibration|pre-calibration|precal|eeprom|cal", "k"),
)


def kind_of(word):
    for pattern, kind in KINDS:
        if re.match(pattern, word, re.I):
            return kind
    return None


def plain(name):
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name)


def blocks(number):
    """In hex: 4 KiB blocks, or bytes behind a '.'."""
    return ".%x" % number if number % 4096 else "%x" % (number // 4096)


def map_text(parts):
    """LABEL[@START]+LENGTH; a partition without a start begins where the last one ended."""
    words, end = [], 0
    for part in parts:
        start = "" if part["start"] == end else "@" + blocks(part["start"])
        words.append("%s%s+%s" % (plain(part["label"]), start, blocks(part["len"])))
        end = part["start"] + part["len"]
    return " ".join(words)


def uses_text(uses):
    """USER[+N or ~N for minus], ...; a row of ports with a row of offsets is PREFIX-FROM..TO+N."""
    words, at = [], 0
    while at < len(uses):
        user, offset = uses[at]
        head, _, tail = user.rpartition("-")
        run = 1
        while tail.isdigit() and uses[at + run : at + run + 1] == [
            ("%s-%d" % (head, int(tail) + run), offset + run)
        ]:
            run += 1
        if run > 2:
            user = "%s..%d" % (user, int(tail) + run - 1)
        else:
            run = 1
        words.append(user + ("%s%d" % ("+" if offset > 0 else "~", abs(offset)) if offset else ""))
        at += run
    return ",".join(words)


def cells_text(record):
    """START+LENGTH KIND [= USER[+N], ...], in hex; KIND m, k, or x for an environment."""
    lengths = {(p["label"], p["start"]): p["len"] for p in record["parts"]}
    places = {}
    for cell in record.get("cells", []):
        start = cell["part_start"] + cell.get("off", 0)
        length = cell.get("size") or lengths[cell["part"], cell["part_start"]]
        for user, word, args in cell["used"] or [[None, cell["name"].split("@")[0], []]]:
            kind = kind_of(word) or kind_of(cell["name"])
            if not kind:
                continue
            if "size" not in cell:
                kind = "x"
            elif length not in (6, 12, 17):
                kind = "k"
            uses = places.setdefault((start, length, kind), [])
            use = (plain(user or ""), args[0] if args else 0)
            if kind == "m" and user and use not in uses:
                uses.append(use)
    for label, what, offset, length in record.get("scripts", []):
        part = next(p for p in record["parts"] if p["label"] == label)
        if what == "env":
            places.setdefault((part["start"], part["len"], "x"), [])
        else:
            places.setdefault((part["start"] + offset, length, {"mac": "m", "cal": "k"}[what]), [])
    words = []
    for (start, length, kind), uses in sorted(places.items()):
        words.append("%x+%x%s%s" % (start, length, kind, "=" + uses_text(uses) if uses else ""))
    return " ".join(words)


def size_of(record):
    """The flash is the power of two that the map nearly fills; a map of less tells nothing."""
    end, size = record["end"], 1 << 16
    while size < end:
        size *= 2
    return "%x" % (size >> 16) if end > size * 7 // 8 else ""


def names_of(record):
    own = record["compatible"][0]
    names = []
    for name in record.get("also", []) + [record["board"]]:
        if name in (own, own.replace(",", "_", 1)) or name in names:
            continue
        names.append(name)
    short = own.split(",", 1)[-1]
    return ",".join("~" if name == short else name.replace(",", "_") for name in names)


def signs_of(record):
    """KIND VALUE pairs, as enum board_sign has them."""
    signs = []
    for sign in filter(None, record.get("signs", "").split("; ")):
        key, value = sign.split("=", 1)
        if key.startswith("tplink"):
            hwid, revision = (int(part, 16) for part in value.split("/")[:2])
            sign = "%s%08x.%x" % (key[8], hwid, revision)
        elif key == "uimage magic":
            sign = "m%08x" % int(value, 16)
        elif key == "uimage name":
            sign = "n" + "".join(c if " " <= c <= "~" and c not in ";|\\" else "\\%02x" % ord(c) for c in value)
        elif key == "safeloader support-list":
            sign = "s" + value
        elif key in ("seama signature", "wrgg/dap signature", "WRGG_SIGNATURE"):
            sign = "g" + value
        else:
            sign = "o" + sign
        if sign not in signs:
            signs.append(sign)
    return ";".join(signs)


def stock_of(record, maps):
    if "stock" not in record:
        return ""
    parts = [{"label": label, "start": start, "len": size} for label, start, size in record["stock"]]
    return "%x" % maps.setdefault(map_text(parts), len(maps))


HEAD = """\
# SPDX-License-Identifier: GPL-2.0-or-later
# Made by layouts/make-boards.py from what OpenWrt's device trees and image recipes tell; do not edit.
# Format: doc/BOARDS.md.
"""


def write_table(path, source):
    records = read_records(path)
    maps, cells, boards = {}, {}, []
    for record in sorted(records, key=lambda r: (r["compatible"][0], r["board"])):
        row = (
            record["compatible"][0],
            names_of(record),
            record["title"],
            size_of(record),
            "%x" % maps.setdefault(map_text(record["parts"]), len(maps)),
            "%x" % cells.setdefault(cells_text(record), len(cells)),
            signs_of(record),
            stock_of(record, maps),
        )
        if any("|" in column or '"' in column for column in row):
            raise ValueError(record["board"] + ": a '|' or a quote in a name")
        boards.append("|".join(row))
    out = HEAD + "V %s\n" % source + "".join("M %s\n" % m for m in maps) + "".join("C %s\n" % c for c in cells)
    sys.stdout.write(out + "".join("B %s\n" % b for b in boards))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="facts", metavar="FILE", help="make the table from these lines")
    parser.add_argument("--trees", metavar="DIR", help="read compiled device trees, write such lines")
    parser.add_argument("--names", metavar="FILE", nargs="*", default=[], help="profiles.json files")
    parser.add_argument("--stock", metavar="FILE", help="tplink-safeloader.c; with --from: add it to these lines")
    parser.add_argument("--scripts", metavar="DIR", help="OpenWrt's target/linux; with --from: add it to these lines")
    parser.add_argument("--source", default="OpenWrt", metavar="TEXT", help="release or commit of the facts")
    args = parser.parse_args()
    if not args.facts and not args.trees:
        parser.error("one of --from and --trees")
    if args.trees or args.stock or args.scripts:
        write_facts(args)
    else:
        write_table(args.facts, args.source)


if __name__ == "__main__":
    main()
