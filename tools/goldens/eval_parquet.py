"""Writes app/eval/testdata/*.parquet: two records each in the layout of MMMU, DocVQA and MMLU as they are published, with our own questions
and pictures of one colour. Needs PyPI's pyarrow (tried with 21.0.0).
usage: python tools/goldens/eval_parquet.py"""

import pathlib
import struct
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

OUT = pathlib.Path(__file__).parents[2] / "app/eval/testdata"


def png(rgb, side=2):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(rgb) * side for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def image(rgb):
    return {"bytes": png(rgb), "path": "picture.png"}


def write(name, columns, compression):
    pq.write_table(pa.table(columns), OUT / f"{name}.parquet", compression=compression)


write("mmmu", {
    "id": ["validation_Art_1", "validation_Art_2"],
    "question": ["<image 1> Which colour is it?", "How many corners has <image 1> beside <image 2>?"],
    "options": ["['Red', \"Painter's blue\", 'Green', 'None']", "[]"],
    "image_1": pa.array([image((255, 0, 0)), image((0, 255, 0))], picture),
    "image_2": pa.array([None, image((0, 0, 255))], picture),
    "answer": ["A", "4"],
    "question_type": ["multiple-choice", "open"],
    "subfield": ["Drawing", "Drawing"],
}, "snappy")
write("docvqa", {
    "questionId": ["337", "338"],
    "question": ["What is the date?", "Who signed?"],
    "image": pa.array([image((255, 255, 255)), image((0, 0, 0))], picture),
    "answers": pa.array([["1/8/93", "1/8/1993"], ["Jane Doe"]], pa.list_(pa.string())),
}, "zstd")
write("mmlu", {
    "question": ["What is two and two?", "Which is a prime?"],
    "subject": ["arithmetic", "numbers"],
    "choices": pa.array([["3", "4", "5", "22"], ["4", "6", "9", "11"]], pa.list_(pa.string())),
    "answer": pa.array([1, 3], pa.int64()),
}, "gzip")
