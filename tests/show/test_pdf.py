"""A PDF with a PNG as its page: every object is where the table says, and the pixels are the PNG's own."""

from __future__ import annotations

import re
import struct
import zlib

import pytest

from autograd.errors import RenderError
from autograd.show.pdf import SIGNATURE, pages_of


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def picture(kind: int, count: int, depth: int = 8, interlaced: int = 0) -> tuple[bytes, bytes]:
    """A PNG of 3 × 2 pixels in two IDAT chunks, and its compressed pixels."""
    pixels = zlib.compress(b"".join(b"\0" + bytes(range(3 * count)) for _ in range(2)))
    header = struct.pack(">IIBBBBB", 3, 2, depth, kind, 0, 0, interlaced)
    parts = [(b"IHDR", header), (b"tEXt", b"x"), (b"IDAT", pixels[:5]), (b"IDAT", pixels[5:]), (b"IEND", b"")]
    return SIGNATURE + b"".join([chunk(*part) for part in parts]), pixels


@pytest.mark.parametrize(("kind", "count", "space"), [(0, 1, b"DeviceGray"), (2, 3, b"DeviceRGB"), (6, 4, b"DeviceN")])
def test_every_object_is_where_the_table_says(kind: int, count: int, space: bytes) -> None:
    png, pixels = picture(kind, count)
    pdf = pages_of([png], 72)
    assert pdf.startswith(b"%PDF-1.4\n")
    assert pdf.endswith(b"%%EOF\n")
    start = int(re.search(rb"startxref\n(\d+)\n", pdf)[1])  # type: ignore[index]
    assert pdf[start:].startswith(b"xref\n0 7\n")
    for number, place in enumerate(map(int, re.findall(rb"(\d{10}) 00000 n", pdf[start:])), 1):
        assert pdf[place:].startswith(b"%d 0 obj\n" % number)
    for length, content in re.findall(rb"/Length (\d+) (?:/ColorSpace [^>]*)?>> stream\n(.*?)\nendstream", pdf, re.S):
        assert int(length) == len(content)
    assert b"stream\n" + pixels + b"\nendstream" in pdf
    assert b"/Colors %d " % count in pdf
    assert space in pdf
    assert b"MediaBox [0 0 3.00 2.00]" in pdf


def test_dots_per_inch_decide_the_size_of_the_page() -> None:
    assert b"MediaBox [0 0 0.72 0.48]" in pages_of([picture(2, 3)[0]], 300)


@pytest.mark.parametrize("png", [picture(3, 1)[0], picture(2, 3, depth=16)[0], picture(2, 3, interlaced=1)[0], b"GIF89a"])
def test_what_the_filter_of_a_pdf_cannot_read_is_refused(png: bytes) -> None:
    with pytest.raises(RenderError, match="PNG"):
        pages_of([png], 72)


def test_every_picture_becomes_a_page_that_points_to_it() -> None:
    pictures = [picture(2, 3)[0], picture(6, 4)[0], picture(0, 1)[0]]
    pdf = pages_of(pictures, 72)
    assert b"/Kids [4 0 R 7 0 R 10 0 R] /Count 3" in pdf
    start = pdf.rindex(b"xref\n0 ")
    for number, place in enumerate(map(int, re.findall(rb"(\d{10}) 00000 n", pdf[start:])), 1):
        assert pdf[place:].startswith(b"%d 0 obj\n" % number)
    for page in (4, 7, 10):
        (drawn, image) = re.findall(rb"%d 0 obj\n<< /Type /Page .*?/Contents (\d+) 0 R .*?/I (\d+) 0 R" % page, pdf)[0]
        assert re.search(rb"\n%s 0 obj\n<< /Length \d+ >> stream\nq 3.00 0 0 2.00" % drawn, pdf)
        assert re.search(rb"\n%s 0 obj\n<< /Type /XObject /Subtype /Image /Width 3" % image, pdf)
