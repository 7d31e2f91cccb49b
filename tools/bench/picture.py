"""Draws pictures of no meaning: python3 tools/bench/picture.py SIDE FILE.png…"""
import struct
import sys
import zlib

side = int(sys.argv[1])


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


for n, path in enumerate(sys.argv[2:]):
    rows = b"".join(b"\0" + bytes(v & 255 for x in range(side) for v in (x * (n + 1), y, x ^ y)) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
