"""What may be attached: types, sizes, and what is taken out of a photo."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from desk.errors import InvalidInput
from desk.tickets.files import PIXEL_LIMIT, SIDE_LIMIT, SIZE_LIMIT, check_file

SCAN = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def photo(kind="JPEG", size=(40, 30), mode="RGB", color="red", **options):
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **options)
    return out.getvalue()


def exif(**values):
    found = Image.Exif()
    found[MAKE] = "SecretCamera"
    for tag, value in values.items():
        found[int(tag)] = value
    found.get_ifd(GPS)[1] = "N"
    return found


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "media_type", "suffix"),
    [
        ("JPEG", "image/jpeg", ".jpg"),
        ("PNG", "image/png", ".png"),
        ("WEBP", "image/webp", ".webp"),
    ],
)
def test_a_photo_is_kept_without_what_it_tells_about_the_place(kind, media_type, suffix):
    sent = photo(kind, exif=exif())
    assert b"SecretCamera" in sent
    kept = check_file("厨房.bin", sent)
    assert (kept.media_type, kept.name) == (media_type, f"厨房{suffix}")
    assert b"SecretCamera" not in kept.content
    assert not opened(kept.content).getexif()
    assert opened(kept.content).size == (40, 30)


def test_texts_hidden_in_a_png_are_dropped():
    hidden = PngInfo()
    hidden.add_text("Comment", "13800138000")
    kept = check_file("a.png", photo("PNG", pnginfo=hidden) + b"<script>tail</script>")
    assert b"13800138000" not in kept.content
    assert b"script" not in kept.content


def test_a_photo_taken_sideways_is_kept_upright():
    turned = exif()
    turned[ORIENTATION] = 6
    assert opened(check_file("a.jpg", photo(exif=turned)).content).size == (30, 40)


def test_transparency_stays():
    kept = check_file("a.png", photo("PNG", mode="RGBA", color=(0, 0, 0, 0)))
    assert opened(kept.content).mode == "RGBA"


def test_a_large_photo_is_made_smaller():
    kept = check_file("a.jpg", photo(size=(5000, 2500)))
    assert max(opened(kept.content).size) <= SIDE_LIMIT


def test_a_scan_is_kept_as_it_is():
    kept = check_file("来函 扫描.PDF", SCAN)
    assert (kept.media_type, kept.name, kept.content) == ("application/pdf", "来函 扫描.pdf", SCAN)


def test_a_picture_that_unfolds_into_too_many_pixels_is_refused_before_it_does():
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    with pytest.raises(InvalidInput) as refused:
        check_file("a.png", bomb)
    assert refused.value.key == "errors.file_pixels"
    assert PIXEL_LIMIT < 60_000**2


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "errors.file_empty"),
        (b"x" * (SIZE_LIMIT + 1), "errors.file_too_large"),
        (b"MZ\x90\x00 a program", "errors.file_type"),
        (b"<html><script>1</script></html>", "errors.file_type"),
        (photo("GIF"), "errors.file_type"),
        (photo("BMP"), "errors.file_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "errors.file_type"),
        (photo(size=(900, 900))[:2000], "errors.file_broken"),
        (b"%PDF-1.4 cut off", "errors.file_broken"),
    ],
    ids=["empty", "large", "program", "html", "gif", "bmp", "svg", "cut photo", "cut scan"],
)
def test_what_is_no_photo_or_scan_is_refused(content, key):
    with pytest.raises(InvalidInput) as refused:
        check_file("photo.jpg", content)
    assert refused.value.key == key


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_photo_is_kept_clean_or_refused_and_never_breaks(data):
    content = bytearray(photo(data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        kept = check_file("a.jpg", bytes(content))
    except InvalidInput:
        return
    opened(kept.content).load()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\letters\\来函.pdf", "来函.pdf"),
        ('a"\r\nX: 1.pdf', 'a"X: 1.pdf'),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("函" * 300 + ".pdf", "函" * 120 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(sent, kept):
    assert check_file(sent, SCAN).name == kept
