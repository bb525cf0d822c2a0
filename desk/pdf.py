"""PDF documents in Chinese: A4, page numbers, tables that repeat their head on every page.

Texts are handed to the typesetter as data, so nothing in them is taken for markup. The font is
embedded in the file: it reads the same on a machine without Chinese fonts.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

from desk.locale import t

TEMPLATE = Path(__file__).with_name("document.typ")
BREAK = "\u200b"
LONG_WORD = re.compile(r"[^\s\u2e80-\U0003ffff]{16,}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; line breaks are kept."""

    text: str
    is_muted: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """A key-value table, drawn as a form: `rows` of (label, value)."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on every page.

    Attributes:
        head: one text a column.
        rows: each as long as `head`.
        widths: shares of the page's width; None: all alike.
        right: columns (from 0) set to the right, for numbers.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] | None = None
    right: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG; `width` is its share of the text's width, `alt` says what it shows."""

    svg: str
    alt: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Space:
    """Room of so many lines, for a signature or a stamp."""

    lines: int = 1


Block = Heading | Paragraph | Facts | Table | Picture | Space


def render_pdf(
    title: str,
    blocks: Sequence[Block],
    *,
    subtitle: str | None = None,
    made_at: datetime | None = None,
) -> bytes:
    """Return a PDF of `blocks`, one below the other under `title`.

    `made_at` is written into the file's properties; without it the file depends on its content
    alone. About 15 ms a page, and 30 ms more for the first document of a process.

    Raises:
        ValueError: a row of a table is not as long as its head.
    """
    document = {
        "title": _clean(title),
        "subtitle": _clean(subtitle) if subtitle else None,
        "page_words": [t("pdf.before_page"), t("pdf.before_pages"), t("pdf.after_pages")],
        "is_dated": made_at is not None,
        "blocks": [_as_data(block) for block in blocks],
    }
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
    )
    # The typesetter takes whole seconds, and no zone whose offset changes.
    instant = made_at and made_at.astimezone(UTC).replace(microsecond=0)
    pdf = compiler.compile(format="pdf", timestamp=instant)
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[Path(manimgx_fonts_cjk.__file__).parent],
    )


def _as_data(block: Block) -> dict[str, Any]:
    match block:
        case Table():
            if any(len(row) != len(block.head) for row in block.rows):
                raise ValueError("every row of a table must be as long as its head")
            widths = list(block.widths or [1.0] * len(block.head))
            data: dict[str, Any] = {
                "head": block.head,
                "rows": block.rows,
                "widths": widths,
                "right": list(block.right),
            }
        case Facts():
            data = {"rows": [list(row) for row in block.rows]}
        case Picture():
            # A drawing is not running text: it must reach the typesetter as it is.
            return {"kind": "picture", **asdict(block)}
        case _:
            data = asdict(block)
    return {"kind": type(block).__name__.lower(), **{k: _clean(v) for k, v in data.items()}}


def _clean(value: Any) -> Any:
    """Drop control characters and let long words break, in texts at any depth."""
    if isinstance(value, str):
        return LONG_WORD.sub(lambda word: BREAK.join(word[0]), CONTROL.sub("", value))
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
