"""Writes a converted model file again with its Q8_0 matrices as single-precision numbers.

usage: expand.py CONVERTED.gguf EXPANDED.gguf

The weights stay what they are, bit for bit. llama.cpp multiplies such matrices with activations in
single precision, where it rounds activations to Q8_0 for Q8_0 matrices.
"""

import struct
import sys

import numpy as np

F32, TEXT, LIST, Q8_0 = 0, 8, 9, 8
ALIGNMENT = 32
BLOCK = np.dtype([("scale", "<f2"), ("weights", "i1", 32)])
BYTES_OF_VALUE = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


class Reader:
    def __init__(self, path):
        self.file = open(path, "rb")

    def numbers(self, form):
        return struct.unpack("<" + form, self.file.read(struct.calcsize("<" + form)))

    def skip_text(self):
        (length,) = self.numbers("Q")
        self.file.seek(length, 1)

    def skip_value(self, kind):
        if kind == TEXT:
            self.skip_text()
        elif kind == LIST:
            inner, count = self.numbers("IQ")
            for _ in range(count):
                self.skip_value(inner)
        else:
            self.file.seek(BYTES_OF_VALUE[kind], 1)

    def tensor(self):
        (length,) = self.numbers("Q")
        name = self.file.read(length)
        (rank,) = self.numbers("I")
        shape = self.numbers(f"{rank}Q")
        kind, offset = self.numbers("IQ")
        return name, shape, kind, offset


def padding(length):
    return b"\0" * (-length % ALIGNMENT)


def expanded(file, kind, count):
    if kind == F32:
        return file.read(count * 4)
    assert kind == Q8_0, kind
    blocks = np.frombuffer(file.read(count // 32 * BLOCK.itemsize), dtype=BLOCK)
    numbers = blocks["weights"].astype("<f4") * blocks["scale"].astype("<f4")[:, None]
    return numbers.tobytes()


def main(source, target):
    reader = Reader(source)
    magic, version, tensors, entries = reader.numbers("4sIQQ")
    assert magic == b"GGUF"
    begin = reader.file.tell()
    for _ in range(entries):
        reader.skip_text()
        reader.skip_value(*reader.numbers("I"))
    end = reader.file.tell()
    reader.file.seek(begin)
    kept = reader.file.read(end - begin)
    places = [reader.tensor() for _ in range(tensors)]
    base = reader.file.tell() + len(padding(reader.file.tell()))
    with open(target, "wb") as out:
        out.write(struct.pack("<4sIQQ", magic, version, tensors, entries) + kept)
        at = 0
        for name, shape, _, _ in places:
            out.write(struct.pack("<Q", len(name)) + name)
            out.write(struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, F32, at))
            length = int(np.prod(shape)) * 4
            at += length + len(padding(length))
        out.write(padding(out.tell()))
        for _, shape, kind, offset in places:
            reader.file.seek(base + offset)
            numbers = expanded(reader.file, kind, int(np.prod(shape)))
            out.write(numbers + padding(len(numbers)))


if __name__ == "__main__":
    main(*sys.argv[1:])
