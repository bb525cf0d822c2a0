"""What may be attached to a ticket: photos and scanned letters, checked and cleaned (no database).

A photo is decoded and written anew, so nothing but its picture is kept: neither the place where it
was taken nor anything hidden behind it. A scan is kept as it is and only ever served as a download.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, ImageOps

from desk.errors import InvalidInput

SIZE_LIMIT = 10 * 1024 * 1024
"""Bytes of one file."""
PIXEL_LIMIT = 50_000_000
"""Width by height of a photo; telephones take up to 48 million. Refused before it is decoded."""
SIDE_LIMIT = 3200
"""Longest side at which a photo is kept, in pixels: enough to read a meter or a crack."""
NAME_LIMIT = 120
PHOTO_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
SCAN_TYPE = "application/pdf"
_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", SCAN_TYPE: ".pdf"}
_TAIL = 2048


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored; `sha256` is that of the file as it was sent."""

    name: str
    media_type: str
    content: bytes
    sha256: str


def check_file(name: str, content: bytes) -> CheckedFile:
    """Return the file as it is to be kept. A large photo takes up to half a second.

    Raises:
        InvalidInput: empty, too large, neither photo nor PDF, or broken.
    """
    if not content:
        raise InvalidInput("errors.file_empty", field="file")
    if len(content) > SIZE_LIMIT:
        raise InvalidInput("errors.file_too_large", field="file", limit_mb=SIZE_LIMIT // 1024**2)
    if content.startswith(b"%PDF-"):
        media_type, kept = SCAN_TYPE, _checked_scan(content)
    else:
        media_type, kept = _clean_photo(content)
    digest = hashlib.sha256(content).hexdigest()
    return CheckedFile(_clean_name(name, media_type), media_type, kept, digest)


def name_for(stem: str, media_type: str) -> str:
    """Return a file name of our own with the suffix of what it is."""
    return stem + _SUFFIXES[media_type]


def _checked_scan(content: bytes) -> bytes:
    if b"%%EOF" not in content[-_TAIL:]:
        raise InvalidInput("errors.file_broken", field="file")
    return content


def _clean_photo(content: bytes) -> tuple[str, bytes]:
    try:
        photo = Image.open(io.BytesIO(content), formats=tuple(PHOTO_TYPES))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except Exception as error:
        # Whatever the decoders stumble on in a file that is none of ours.
        raise InvalidInput("errors.file_type", field="file") from error
    if photo.width * photo.height > PIXEL_LIMIT:
        raise _too_many_pixels()
    kind = str(photo.format)
    try:
        return PHOTO_TYPES[kind], _written_anew(photo, kind)
    except Exception as error:
        raise InvalidInput("errors.file_broken", field="file") from error


def _written_anew(photo: Image.Image, kind: str) -> bytes:
    photo.draft("RGB", (SIDE_LIMIT, SIDE_LIMIT))
    upright = ImageOps.exif_transpose(photo)
    has_alpha = kind != "JPEG" and upright.has_transparency_data
    picture = upright.convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((SIDE_LIMIT, SIDE_LIMIT))
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = io.BytesIO()
    bare.save(out, kind, **({} if kind == "PNG" else {"quality": 88}))
    return out.getvalue()


def _too_many_pixels() -> InvalidInput:
    return InvalidInput("errors.file_pixels", field="file", limit=PIXEL_LIMIT // 10_000)


def _clean_name(name: str, media_type: str) -> str:
    """Return a name without folders and control characters, with the suffix of what it is."""
    last = PurePath(name.replace("\\", "/")).name
    plain = "".join(sign for sign in last if sign.isprintable()).strip(" .")
    stem = PurePath(plain).stem[:NAME_LIMIT].strip(" .") or "file"
    return stem + _SUFFIXES[media_type]
