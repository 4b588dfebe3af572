# SPDX-License-Identifier: Apache-2.0
"""Only what is allowed comes in, by its bytes alone; a picture comes out with nothing but the picture."""

import random
import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fourleaf.blobs import documents, images
from fourleaf.blobs.rules import Fit, fit
from fourleaf.blobs.sniff import ALLOWED, CSV, JPEG, PDF, PNG, WEBP, XLSX, sniff
from fourleaf.kernel.refusal import Refusal
from tests.blobs import made


def code(data: bytes) -> str:
    """The media type of what is kept, or why nothing is."""
    found = fit(data, ALLOWED)
    return found.code if isinstance(found, Refusal) else found.media


def kept(data: bytes) -> bytes:
    found = fit(data, ALLOWED)
    assert isinstance(found, Fit), found
    return found.data


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (made.saved(made.picture(), "JPEG"), JPEG),
        (made.saved(made.picture(mode="L"), "JPEG"), JPEG),
        (made.saved(made.picture(mode="CMYK"), "JPEG"), JPEG),
        (made.saved(made.picture(mode="RGBA"), "PNG"), PNG),
        (made.saved(made.picture().quantize(4), "PNG"), PNG),
        (made.saved(made.picture(), "WEBP"), WEBP),
        (made.saved(made.picture(mode="RGBA"), "WEBP", lossless=True), WEBP),
        (made.PDF, PDF),
        (made.workbook(), XLSX),
        ("展位,名称\n8.1-A01,甲\n".encode(), CSV),
        ("\ufeff展位,名称\r\n".encode(), CSV),
        ("展位,名称\n".encode("gb18030"), CSV),
    ],
)
def test_what_people_send_is_known_by_its_bytes(data: bytes, media: str) -> None:
    assert code(data) == media


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        (made.SVG, "blobs.type-not-allowed"),
        (b"\xef\xbb\xbf \n" + made.SVG, "blobs.type-not-allowed"),
        (made.HTML, "blobs.type-not-allowed"),
        (b"a,b\n" + made.HTML, "blobs.two-in-one"),
        (made.animated("GIF"), "blobs.type-not-allowed"),
        (made.animated("PNG"), "blobs.animated"),
        (made.animated("WEBP"), "blobs.animated"),
        (made.archive({"a.txt": "x"}), "blobs.type-not-allowed"),
        (b"MZ\x90\x00" + bytes(100), "blobs.type-not-allowed"),
        (b"\x7fELF" + bytes(100), "blobs.type-not-allowed"),
        (b"#!/bin/sh\x00", "blobs.type-not-allowed"),
        (b"   \n", "blobs.type-not-allowed"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "blobs.damaged"),
        (b"RIFF\x04\x00\x00\x00WEBP", "blobs.damaged"),
        (made.saved(made.picture(), "JPEG")[:-200], "blobs.damaged"),
        (made.saved(made.picture(), "PNG")[:60], "blobs.damaged"),
    ],
)
def test_what_is_not_allowed_is_refused(data: bytes, refused: str) -> None:
    assert code(data) == refused


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("passenger", [made.HTML, made.SVG, made.archive({"x.js": "alert(1)"}), made.workbook()])
def test_a_picture_that_is_something_else_as_well_is_refused(kind: str, passenger: bytes) -> None:
    assert code(made.saved(made.picture(), kind) + passenger) == "blobs.two-in-one"


def test_a_picture_with_a_page_in_its_comment_is_refused() -> None:
    data = made.saved(made.picture(), "JPEG", comment=made.HTML)

    assert code(data) == "blobs.two-in-one"


def test_what_is_appended_to_a_picture_does_not_come_along() -> None:
    data = kept(made.saved(made.picture(), "JPEG") + b"SECRET film of a moving photo")

    assert b"SECRET" not in data


@pytest.mark.parametrize("data", [made.photo_with_secrets(), made.png_with_secrets()])
def test_a_picture_is_kept_without_place_camera_and_words(data: bytes) -> None:
    clean = kept(data)

    assert b"SECRET" in data and b"SECRET" not in clean
    image = opened(clean)
    assert dict(image.getexif()) == {}
    assert not {"exif", "icc_profile", "comment", "xmp", "Author"} & image.info.keys()


def test_a_picture_taken_on_its_side_is_kept_upright() -> None:
    image = opened(kept(made.photo_with_secrets()))

    assert image.size == (40, 60)
    assert image.convert("L").getpixel((20, 5)) == pytest.approx(255, abs=8)
    assert image.convert("L").getpixel((20, 55)) == pytest.approx(0, abs=8)


def test_the_same_picture_is_kept_as_the_same_bytes() -> None:
    data = made.photo_with_secrets()

    assert kept(data) == kept(data)


def test_transparency_stays() -> None:
    data = made.saved(Image.new("RGBA", (4, 4), (255, 0, 0, 128)), "PNG")

    assert opened(kept(data)).getpixel((0, 0)) == (255, 0, 0, 128)


def test_a_large_picture_is_made_smaller() -> None:
    data = made.saved(Image.new("RGB", (6000, 30)), "JPEG")

    assert opened(kept(data)).size[0] == images.MAX_SIDE


def _png_bomb(width: int, height: int) -> bytes:
    """A few hundred bytes that say they are a picture of millions of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _webp_bomb() -> bytes:
    canvas = (16_383 - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00" * 4 + canvas


@pytest.mark.parametrize(
    "bomb", [_png_bomb(8_000, 8_000), _png_bomb(12_000, 12_000), _png_bomb(60_000, 60_000), _webp_bomb()]
)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(bomb: bytes) -> None:
    assert code(bomb) == "blobs.too-many-pixels"


@pytest.mark.parametrize(
    ("inside", "refused"),
    [
        (b"3 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj", "blobs.active"),
        (b"3 0 obj<</S/J#61vaScript/JS(x)>>endobj", "blobs.active"),
        (b"3 0 obj<</S/Launch/F(cmd.exe)>>endobj", "blobs.active"),
        (b"3 0 obj<</Type/EmbeddedFile>>stream\nMZ\nendstream endobj", "blobs.active"),
        (
            b"3 0 obj<</Type/ObjStm/N 1>>stream\n" + zlib.compress(b"<</S/JavaScript>>") + b"\nendstream endobj",
            "blobs.active",
        ),
        (b"trailer<</Encrypt 9 0 R>>", "blobs.locked"),
        (made.archive({"x": "y"}), "blobs.two-in-one"),
    ],
)
def test_a_pdf_that_does_something_by_itself_is_refused(inside: bytes, refused: str) -> None:
    assert code(made.PDF.replace(b"trailer", inside + b"\ntrailer", 1)) == refused


def _packed(text: bytes) -> bytes:
    return b"3 0 obj<</Type/ObjStm>>stream\n" + text + b"\nendstream endobj\n"


@pytest.mark.parametrize(
    ("inside", "refused"),
    [
        (_packed(zlib.compress(b"<<" * 17_000_000)) + _packed(zlib.compress(b"<</S/JavaScript>>")), "blobs.bomb"),
        (_packed(zlib.compress(b"<<>>")) * 10_001, "blobs.bomb"),
        (_packed(zlib.compress(b"<<>>")) * 500, "application/pdf"),
    ],
)
def test_a_pdf_made_to_keep_us_busy_is_not_looked_into_forever(inside: bytes, refused: str) -> None:
    assert code(made.PDF.replace(b"trailer", inside + b"\ntrailer", 1)) == refused


def test_a_pdf_that_is_cut_off_is_refused() -> None:
    assert code(made.PDF[:-10]) == "blobs.damaged"


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        (made.workbook(xl__vbaProject_bin="x").replace(b"vbaProject_bin", b"vbaProject.bin"), "blobs.active"),
        (made.workbook(xl__macrosheets__a="x"), "blobs.active"),
        (made.workbook(xl__embeddings__o="x"), "blobs.active"),
        (made.workbook(a__b="<!DOCTYPE x [<!ENTITY y 'z'>]>"), "blobs.active"),
        (made.workbook(a__b="<!DOCTYPE x>".encode("utf-16")), "blobs.active"),
        (made.workbook(**{"..__..__etc__passwd": "x"}), "blobs.active"),
        (b"PK\x03\x04" + made.workbook(), "blobs.two-in-one"),
        (made.workbook() + b"<script>", "blobs.two-in-one"),
        (made.workbook()[:-30], "blobs.damaged"),
        (made.archive({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": ""}), "blobs.type-not-allowed"),
        (
            made.archive({"[Content_Types].xml": made.CONTENT + "macroEnabled", "xl/workbook.xml": ""}),
            "blobs.active",
        ),
        (made.archive({"word/document.xml": "x", "[Content_Types].xml": made.CONTENT}), "blobs.type-not-allowed"),
    ],
)
def test_a_workbook_with_passengers_is_refused(data: bytes, refused: str) -> None:
    assert code(data) == refused


def test_a_workbook_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_UNPACKED", 10_000_000)

    assert code(made.workbook(xl__sheet=b"0" * 11_000_000)) == "blobs.bomb"
    assert code(made.workbook(xl__sheet=b"0" * 9_000_000)) == XLSX


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    honest = made.workbook(xl__sheet=b"0" * 100_000)
    size = struct.pack("<I", 100_000)

    assert honest.count(size) == 2
    assert code(honest.replace(size, struct.pack("<I", 10))) == "blobs.damaged"


def test_a_workbook_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_ENTRIES", 5)

    assert code(made.workbook(**{f"a{number}": "" for number in range(5)})) == "blobs.bomb"


def test_a_workbook_under_a_password_is_refused() -> None:
    data = bytearray(made.workbook())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    data[6] |= 1

    assert code(bytes(data)) == "blobs.locked"


def test_only_what_the_caller_allows_is_kept() -> None:
    assert fit(made.PDF, {JPEG}) == Refusal("blobs.type-not-allowed")


@given(st.binary(max_size=300))
def test_any_bytes_have_a_type_and_no_bytes_crash(data: bytes) -> None:
    assert sniff(data)
    assert code(data)


STARTS = [made.photo_with_secrets(), made.png_with_secrets(), made.animated("WEBP"), made.PDF, made.workbook()]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of broken EXIF
@pytest.mark.parametrize("number", range(len(STARTS)))
def test_damaged_files_are_refused_or_kept_and_never_crash(number: int) -> None:
    chance = random.Random(number)
    for _ in range(150):
        data = bytearray(STARTS[number])
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))

        found = fit(bytes(data), ALLOWED)

        assert isinstance(found, Fit | Refusal)
        if isinstance(found, Fit) and found.media in (JPEG, PNG, WEBP):
            assert b"SECRET" not in found.data and not zipfile.is_zipfile(BytesIO(found.data))
