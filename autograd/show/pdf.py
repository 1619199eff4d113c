"""A PDF with PNGs as its pages, for an engine that writes no PDF itself, and for films.

The compressed pixels go into the PDF as they are: its filter reads a PNG's rows. A picture with an alpha channel has four
numbers for each pixel; a function in the PDF drops the fourth, so a transparent pixel has the colour that is stored with it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from autograd.errors import RenderError

__all__ = ["pages_of"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
DROP = b"<< /FunctionType 4 /Domain [0 1 0 1 0 1 0 1] /Range [0 1 0 1 0 1] /Length 5 >> stream\n{pop}\nendstream"
SPACES = {0: (1, b"/DeviceGray"), 2: (3, b"/DeviceRGB"), 6: (4, b"[/DeviceN [/Red /Green /Blue /None] /DeviceRGB 3 0 R]")}
FIRST = 4  # the number of the first page's object


def pages_of(pngs: Iterable[bytes], dpi: int) -> bytes:
    """Return the PDF with a page for each PNG, which has its size at that many dots per inch.

    Raises a RenderError for a PNG that PDF's filter cannot read: an interlaced one, one with a palette or of other than 8 bits.
    """
    pages, objects = [], []
    for number, png in enumerate(pngs):
        pages.append(FIRST + 3 * number)
        objects += _page(png, dpi, pages[-1])
    kids = " ".join([f"{page} 0 R" for page in pages])
    head = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(), DROP]
    return _file([*head, *objects])


def _page(png: bytes, dpi: int, number: int) -> list[bytes]:
    """The page, numbered so, what is drawn on it, and the image: three objects."""
    width, height, depth, kind, interlaced, pixels = _read(png)
    if depth != 8 or kind not in SPACES or interlaced:
        raise RenderError(f"a PNG of {depth} bits and colour type {kind} cannot become a page")
    count, space = SPACES[kind]
    across, down = (f"{size * 72 / dpi:.2f}" for size in (width, height))
    drawn = f"q {across} 0 0 {down} 0 0 cm /I Do Q"
    filters = f"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors {count} /BitsPerComponent 8 /Columns {width} >>"
    image = f"/Subtype /Image /Width {width} /Height {height} /BitsPerComponent 8 {filters} /Length {len(pixels)}".encode()
    resources = f"/Contents {number + 1} 0 R /Resources << /XObject << /I {number + 2} 0 R >> >>"
    return [
        f"<< /Type /Page /Parent 2 0 R {resources} /MediaBox [0 0 {across} {down}] >>".encode(),
        f"<< /Length {len(drawn)} >> stream\n{drawn}\nendstream".encode(),
        b"<< /Type /XObject %s /ColorSpace %s >> stream\n%s\nendstream" % (image, space, pixels),
    ]


def _read(png: bytes) -> tuple[int, int, int, int, int, bytes]:
    """Width, height, bits, colour type, whether it is interlaced, and the compressed pixels."""
    if not png.startswith(SIGNATURE):
        raise RenderError("this is no PNG")
    header, pixels, place = b"", b"", len(SIGNATURE)
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        content = png[place + 8 : place + 8 + length]
        header, pixels = content if name == b"IHDR" else header, pixels + content if name == b"IDAT" else pixels
        place += length + 12
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    return width, height, depth, kind, interlaced, pixels


def _file(objects: list[bytes]) -> bytes:
    """The objects, numbered from 1, the table of where they begin, and the end."""
    body, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join([b"0000000000 65535 f \n", *(b"%010d 00000 n \n" % place for place in places)])
    size = len(objects) + 1
    return body + b"xref\n0 %d\n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, len(body))
