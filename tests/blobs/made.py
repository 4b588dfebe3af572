# SPDX-License-Identifier: Apache-2.0
"""Files as people send them, and as people send them who mean harm."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, PngImagePlugin

TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
CONTENT = f'<Types><Override PartName="/xl/workbook.xml" ContentType="{TYPES}"/></Types>'
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def picture(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Left half bright, right half dark, so that one can see how it is turned."""
    image = Image.new(mode, size)
    image.paste(Image.new(mode, (size[0] // 2, size[1]), "white" if mode != "CMYK" else (0, 0, 0, 0)))
    return image


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def photo_with_secrets() -> bytes:
    """A JPEG taken on its side, with a place, a camera and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET camera"
    exif.get_ifd(0x8825)[2] = (31.0, 11.0, 0.0)
    return saved(picture(), "JPEG", exif=exif, comment=b"SECRET comment", icc_profile=b"SECRET profile" * 20)


def png_with_secrets() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "SECRET author")
    info.add_itxt("XML:com.adobe.xmp", "SECRET xmp")
    return saved(picture(), "PNG", pnginfo=info)


def animated(kind: str) -> bytes:
    frames = [picture(), picture().rotate(180)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def archive(parts: Mapping[str, str | bytes], *, packed: bool = True) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return out.getvalue()


def workbook(**more: str | bytes) -> bytes:
    """A workbook. Names of more parts are given with two underscores for a slash."""
    parts: dict[str, str | bytes] = {"[Content_Types].xml": CONTENT, "xl/workbook.xml": "<workbook/>"}
    return archive(parts | {name.replace("__", "/"): text for name, text in more.items()})
