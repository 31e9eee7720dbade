#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""people.py KIND FILE...: files as people bring them, composed from the public formats around seeded noise.

pc SIZE SEED MAC FILE [BIOS]      a PC's flash: descriptor, GbE with MAC ("-": none), ME, BIOS from BIOS on
amd SEED FILE                     16 MiB with AMD's directories; what the PSP keeps at 6 MiB
coreboot SEED FILE                8 MiB whose last four bytes lead to a CBFS master header
chromebook SEED SERIAL FILE       8 MiB with FMAP, RO_VPD, GBB at 4 MiB
many FILE                         32 MiB with a descriptor of 16 entries, five of them in use
capsule aptio|efi BODY FILE       BODY in a vendor's capsule
router FILE                       8 MiB: U-Boot, a kernel in a uImage, blanks
hex|srec BODY FILE                BODY as Intel HEX or S-records, blank rows left out
sysupgrade FILE DEVICES [COMPAT]  a kernel in a uImage, and metadata that name the devices
zip|stored|two|bomb BODY FILE     BODY in a zip archive: deflated, stored, beside another, 1 GiB of zeros
"""
import json
import random
import struct
import sys
import uuid
import zipfile
import zlib


def noise(size, seed):
    return bytearray(random.Random(seed).randbytes(size))


def load(path):
    with open(path, "rb") as file:
        return file.read()


def save(path, data):
    with open(path, "wb") as file:
        file.write(data)


def put_descriptor(flash, regions):
    flash[:0x1000] = b"\xff" * 0x1000
    struct.pack_into("<III", flash, 0x10, 0x0FF0A55A, 0x00040003, 8)
    for number in range(16):
        start, end = regions.get(number, (0x7FFF000, 0x1000))
        struct.pack_into("<I", flash, 0x40 + 4 * number, (end - 1 >> 12) << 16 | start >> 12)


def gbe(mac):
    copy = bytearray(b"\xff" * 0x1000)
    copy[:6] = bytes.fromhex(mac.replace(":", ""))
    words = sum(struct.unpack_from("<63H", copy))
    struct.pack_into("<H", copy, 0x7E, (0xBABA - words) & 0xFFFF)
    return copy * 2


def pc(size, seed, mac, path, bios=None):
    size, bios = int(size, 0), int(bios, 0) if bios else int(size, 0) * 3 // 8 & ~0xFFFF
    flash = noise(size, int(seed))
    put_descriptor(flash, {0: (0, 0x1000), 1: (bios, size), 2: (0x3000, bios), 3: (0x1000, 0x3000)})
    flash[0x1000:0x3000] = gbe(mac) if mac != "-" else b"\xff" * 0x2000
    save(path, flash)


def fletcher(data):
    low = high = 0
    for word in struct.unpack(f"<{len(data) // 2}H", data):
        low = (low + word) % 65535
        high = (high + low) % 65535
    return (high or 65535) << 16 | (low or 65535)


def amd_dir(cookie, entries):
    body = struct.pack("<II", len(entries), 0)
    for kind, start, size in entries:
        body += struct.pack("<IIQ", kind, size, 0xFF000000 + start) + (bytes(8) if cookie[1:2] == b"B" else b"")
    return cookie + struct.pack("<I", fletcher(body)) + body


def amd(seed, path):
    flash = noise(16 << 20, int(seed))
    for at, data in ((0x20000, struct.pack("<IIIIIII", 0x55AA55AA, 0, 0, 0, 0, 0xFF040000, 0xFF050000) + bytes(0x34)),
                     (0x40000, amd_dir(b"$PSP", [(1, 0x41000, 0x8000), (0x40, 0x4A000, 0x400)])),
                     (0x4A000, amd_dir(b"$PL2", [(2, 0x4B000, 0x4000), (4, 0x600000, 0x20000)])),
                     (0x50000, amd_dir(b"$BHD", [(0x60, 0x51000, 0x2000), (0x62, 0xF00000, 0x100000)]))):
        flash[at:at + len(data)] = data
    save(path, flash)


def coreboot(seed, path):
    flash = noise(8 << 20, int(seed))
    header = struct.pack(">IIIIIIII", 0x4F524243, 0x31313132, 8 << 20, 0x400, 64, 0x600000, 1, 0)
    flash[0x7FF000:0x7FF020] = header
    flash[-4:] = struct.pack("<i", -0x1000)
    save(path, flash)


def chromebook(seed, serial, path):
    flash = noise(8 << 20, int(seed))
    flash[:0x1000] = noise(0x1000, 9)
    areas = [("WP_RO", 0x400000, 0x400000), ("RO_VPD", 0x400000, 0x4000), ("GBB", 0x404000, 0x4000),
             ("FMAP", 0x410000, 0x1000), ("COREBOOT", 0x420000, 0x3E0000), ("RW_A", 0, 0x400000)]
    vpd, key = bytearray(b"\xff" * 0x4000), b"serial_number"
    pairs = bytes([1, len(key)]) + key + bytes([len(serial)]) + serial.encode() + b"\0"
    vpd[0x604:0x60C] = b"gVpdInfo"
    struct.pack_into("<I", vpd, 0x60C, len(pairs))
    vpd[0x610:0x610 + len(pairs)] = pairs
    flash[0x400000:0x404000] = vpd
    gbb = bytearray(0x4000)
    gbb[:6] = b"$GBB\1\2"
    struct.pack_into("<II", gbb, 16, 0x80, 64)
    gbb[0x80:0x80 + len(serial)] = serial.encode()
    flash[0x404000:0x408000] = gbb
    fmap = b"__FMAP__\1\1" + bytes(8) + struct.pack("<I32sH", len(flash), b"FMAP", len(areas))
    for name, start, size in areas:
        fmap += struct.pack("<II32sH", start, size, name.encode(), 0)
    flash[0x410000:0x410000 + len(fmap)] = fmap
    save(path, flash)


def many(path):
    flash = noise(32 << 20, 3)
    put_descriptor(flash, {0: (0, 0x1000), 2: (0x1000, 0x500000), 8: (0x500000, 0x600000),
                           12: (0x600000, 0x1400000), 1: (0x1400000, 0x2000000)})
    save(path, flash)


def capsule(kind, body, path):
    data = load(body)
    head = bytearray(0x800 if kind == "aptio" else 0x1000)
    guid = "4A3CA68B-7723-48FB-803D-578CC1FEC44D" if kind == "aptio" else "3B6686BD-0D76-4030-B70E-B5519E2FC5A0"
    head[:16] = uuid.UUID(guid).bytes_le
    struct.pack_into("<III", head, 16, 0x1C if kind == "aptio" else len(head), 0x50000, len(head) + len(data))
    if kind == "aptio":
        struct.pack_into("<H", head, 28, len(head))
    save(path, head + data)


def uimage(kernel):
    head = bytearray(struct.pack(">7I4B32s", 0x27051956, 0, 0, len(kernel), 0x80000000, 0x80000000,
                                 zlib.crc32(kernel), 5, 5, 2, 3, b"MIPS Linux"))
    struct.pack_into(">I", head, 4, zlib.crc32(head))
    return head + kernel


def sysupgrade(path, devices, compat="1.0"):
    names, version = devices.split(","), compat
    names = [",".join(names[:2])] + names[2:]
    key = "supported_devices" if version == "1.0" else "new_supported_devices"
    text = bytes(8) + json.dumps({"metadata_version": "1.1", "compat_version": version, key: names}).encode()
    trailer = b"FWx0" + bytes(4) + b"\1" + bytes(3) + struct.pack(">I", len(text) + 16)
    save(path, uimage(noise(0x80000, 8)) + text + trailer)


def router(path):
    kernel = noise(0x100000, 5)
    flash = bytearray(b"\xff" * (8 << 20))
    flash[:0x18000] = noise(0x18000, 6)
    flash[0x200:0x20C] = b"U-Boot 1.1.3"
    flash[0x50000:0x50000 + 64 + len(kernel)] = uimage(kernel)
    save(path, flash)


def records(data, row):
    lines = [row(at, data[at:at + 16]) for at in range(0, len(data), 16) if data[at:at + 16] != b"\xff" * 16]
    return [line for part in lines for line in part]


def ihex(body, path):
    high = [-1]

    def line(raw):
        return ":" + (raw + bytes([-sum(raw) & 0xFF])).hex().upper()

    def row(at, chunk):
        lines = []
        if at >> 16 != high[0]:
            high[0] = at >> 16
            lines.append(line(struct.pack(">BHBH", 2, 0, 4, high[0])))
        return lines + [line(struct.pack(">BHB", len(chunk), at & 0xFFFF, 0) + chunk)]

    save(path, "\r\n".join(records(load(body), row) + [":00000001FF", ""]).encode())


def srec(body, path):
    def row(at, chunk):
        raw = bytes([len(chunk) + 4]) + at.to_bytes(3, "big") + chunk
        return ["S2" + (raw + bytes([~sum(raw) & 0xFF])).hex().upper()]

    save(path, "\r\n".join(records(load(body), row) + ["S804000000FB", ""]).encode())


def archive(kind, body, path):
    how = zipfile.ZIP_STORED if kind == "stored" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", how) as file:
        if kind == "bomb":
            with file.open("fw.bin", "w", force_zip64=True) as member:
                for _ in range(1024):
                    member.write(bytes(1 << 20))
            return
        file.writestr("fw.bin", load(body))
        if kind == "two":
            file.writestr("readme.txt", "read me")


def main(kind, *args):
    if kind in ("zip", "stored", "two", "bomb"):
        archive(kind, *args)
    else:
        {"pc": pc, "many": many, "chromebook": chromebook, "capsule": capsule, "router": router, "hex": ihex, "srec": srec,
         "sysupgrade": sysupgrade, "amd": amd, "coreboot": coreboot}[kind](*args)


main(*sys.argv[1:])
