"""Bar charts as SVG, for the PDF. Values stand beside the bars: no colour alone tells anything."""

from collections.abc import Sequence
from html import escape

FONT = "Noto Sans CJK SC"
INK, SOFT, LINE = "#1f2933", "#5f6b7a", "#c9d1da"
COLOURS = ("#17616e", "#c98a1b", "#54428e")


def columns(
    labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, height: int = 210
) -> str:
    """Return upright bars, for each label one of each series, with a legend."""
    width, left, bottom, top = 640, 34, 24, 30
    most = max((value for _, values in series for value in values), default=0) or 1
    room = height - bottom - top
    slot = (width - left) / max(1, len(labels))
    bar = max(1.2, slot * 0.78 / len(series))
    parts = [_legend([name for name, _ in series], left)]
    for share in (0.0, 0.5, 1.0):
        y = height - bottom - room * share
        parts.append(f'<path d="M{left} {y:.1f}H{width}" stroke="{LINE}" stroke-width="0.6"/>')
        parts.append(_text(left - 5, y + 3, f"{most * share:,.0f}", 8, anchor="end"))
    step = -(-len(labels) // 16)
    for index, label in enumerate(labels):
        x = left + index * slot + slot * 0.11
        for number, (_, values) in enumerate(series):
            size = room * values[index] / most
            parts.append(
                f'<rect x="{x + number * bar:.1f}" y="{height - bottom - size:.1f}"'
                f' width="{bar * 0.9:.1f}" height="{size:.1f}" fill="{COLOURS[number]}"/>'
            )
        if index % step == 0:
            middle = left + (index + 0.5) * slot
            parts.append(_text(middle, height - 9, label, 8, anchor="middle"))
    return _svg(width, height, parts)


def bars(rows: Sequence[tuple[str, float, str]]) -> str:
    """Return lying bars from (label, value, text of the value)."""
    width, left, line = 640, 170, 19
    most = max((value for _, value, _ in rows), default=0) or 1
    parts = []
    for index, (label, value, text) in enumerate(rows):
        y, size = index * line, (width - left - 90) * value / most
        parts.append(_text(left - 8, y + 13, label, 9, anchor="end", fill=INK))
        parts.append(
            f'<rect x="{left}" y="{y + 3}" width="{max(0.8, size):.1f}" height="13"'
            f' fill="{COLOURS[0]}"/>'
        )
        parts.append(_text(left + size + 6, y + 13, text, 9))
    return _svg(width, max(1, len(rows)) * line + 4, parts)


def _legend(names: Sequence[str], left: int) -> str:
    parts, x = [], left
    for number, name in enumerate(names):
        parts.append(f'<rect x="{x}" y="6" width="9" height="9" fill="{COLOURS[number]}"/>')
        parts.append(_text(x + 13, 14, name, 9))
        x += 13 + 9 * len(name) + 18
    return "".join(parts)


def _text(
    x: float, y: float, text: str, size: int, *, anchor: str = "start", fill: str = SOFT
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-family="{FONT}" fill="{fill}"'
        f' text-anchor="{anchor}">{escape(text)}</text>'
    )


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    inner = "".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{inner}</svg>'
