"""A picture, a document and a sound, each as small as its format allows."""

import struct
import zlib
from types import SimpleNamespace
from typing import Any


def _png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\x00\x80")
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _pdf() -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
    ]
    text = b"%PDF-1.4\n"
    places = []
    for at, item in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj %s endobj\n" % (at, item)
    table = len(text)
    text += b"xref\n0 4\n0000000000 65535 f \n"
    text += b"".join(b"%010d 00000 n \n" % place for place in places)
    return text + b"trailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table


def _wav() -> bytes:
    sound = bytes(16)
    form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(body)) + body


FILES = {".png": _png(), ".pdf": _pdf(), ".wav": _wav()}


def get(url: str, **_: Any) -> SimpleNamespace:
    """Answers as a download of the file would."""
    return SimpleNamespace(content=FILES[url[-4:]])
