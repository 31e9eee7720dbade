#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What flashrom and Linux say of the same IDs, beside norprog's own rows.

    tests/peers/compare.py NORPROG [--flashrom DIR] [--linux DIR]

Reads their tables from source trees that the user has; without one there is nothing to compare, and
the exit code is 77 (skipped). Only facts are looked at: ID, size, supply. Each line is a disagreement
or a part that norprog does not list; doc/CHIPS.md explains those that stay.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

SKIPPED = 77


def own_rows(norprog):
    """ID -> list of {size, low, name}; an ID is as long as the row states it."""
    text = subprocess.run([norprog, "chips", "--json"], check=True, capture_output=True, text=True).stdout
    rows = {}
    for line in text.splitlines():
        row = json.loads(line)
        if row.get("event") == "chip":
            ident = row["jedec_id"].replace(" ", "").lower()
            rows.setdefault(ident[:8 if ident.startswith("7f37") else 6], []).append(
                {"size": row["size"], "low": row["low_voltage"], "name": row["name"]})
    return rows


def number(text, names, depth=0):
    text = text.strip().rstrip(",")
    if re.fullmatch(r"[0-9xXa-fA-F* ()]+", text):
        value = 1
        for factor in text.replace("(", "").replace(")", "").split("*"):
            value *= int(factor, 0)
        return value
    return number(names[text], names, depth + 1) if text in names and depth < 8 else None


def defines(path):
    found = {}
    for line in path.read_text(errors="replace").splitlines():
        match = re.match(r"#define\s+(\w+)\s+(\(?\w+\)?)", line)
        if match:
            found[match.group(1)] = match.group(2).strip("()")
    return found


def field(body, name):
    match = re.search(r"\." + name + r"\s*=\s*([^\n]+?)\s*,?\s*(?:/\*.*)?\n", body)
    return match.group(1) if match else ""


def spell_id(maker, model):
    """The first three bytes: a maker of two has a model of one, and long models begin with them. AMIC's
    boot-block parts have a maker of two and a model of two."""
    if maker > 0xFF:
        return ("%04x%04x" if model > 0xFF else "%04x%02x") % (maker, model)
    return ("%02x" % maker + ("%08x" if model > 0xFFFF else "%04x") % model)[:6]


def flashrom(tree):
    """Yields (ID, bytes, lowest mV, highest mV, name)."""
    names = defines(tree / "include/flashchips.h")
    for path in sorted(tree.glob("flashchips/*.c")) or [tree / "flashchips.c"]:
        text = path.read_text(errors="replace")
        for body in re.findall(r"\n\t\{\n\t\t\.vendor(.*?)\n\t\},", text, re.S):
            maker, model = number(field(body, "manufacture_id"), names), number(field(body, "model_id"), names)
            kib = number(field(body, "total_size"), names)
            # Parts without an answer to 9Fh are known to nobody by it.
            if "RDID" not in field(body, "probe") or maker is None or model is None or not kib:
                continue
            volts = re.search(r"\.voltage\s*=\s*\{\s*(\d+)\s*,\s*(\d+)", body)
            low, high = (int(volts.group(1)), int(volts.group(2))) if volts else (0, 0)
            yield spell_id(maker, model), kib * 1024, low, high, field(body, "name").strip('"')


def linux(tree):
    for path in sorted((tree / "drivers/mtd/spi-nor").glob("*.c")):
        text = path.read_text(errors="replace")
        for body in re.findall(r"\.id = SNOR_ID\((.*?)(?=\.id = SNOR_ID\(|\Z)", text, re.S):
            ident = "".join("%02x" % int(b, 0) for b in re.findall(r"0x[0-9a-fA-F]+", body.split(")")[0]))
            size = re.search(r"\.size = SZ_(\d+)([KM])", body)
            name = re.search(r'\.name = "([^"]+)"', body)
            if size and len(ident) >= 6:
                yield (ident[:6], int(size.group(1)) << (20 if size.group(2) == "M" else 10), 0, 0,
                       name.group(1) if name else "?")


def compare(peer, parts, rows):
    count = 0
    for ident, size, low, high, name in parts:
        mine = rows.get(ident)
        said = []
        if not mine:
            said.append("no row")
        elif all(row["size"] != size for row in mine):
            said.append("%d KiB there, %s here" % (size // 1024, ", ".join(
                "%d KiB" % (s // 1024) for s in sorted({row["size"] for row in mine}))))
        elif high and all(row["low"] is not None and row["low"] != (high < 3300) for row in mine):
            said.append("%d-%d mV there, %s here" % (low, high, "3.3 V" if high < 3300 else "less than 3.3 V"))
        for what in said:
            print("%s\t%s\t%s\t%s\t%s" % (peer, ident, name, "/".join(r["name"] for r in mine or []), what))
            count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("norprog")
    parser.add_argument("--flashrom", type=pathlib.Path)
    parser.add_argument("--linux", type=pathlib.Path)
    args = parser.parse_args()
    if not args.flashrom and not args.linux:
        print("no tree of a peer is given: skipped", file=sys.stderr)
        return SKIPPED
    rows = own_rows(args.norprog)
    count = compare("flashrom", flashrom(args.flashrom), rows) if args.flashrom else 0
    count += compare("linux", linux(args.linux), rows) if args.linux else 0
    print("%d disagreements, %d IDs of norprog's" % (count, len(rows)), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
