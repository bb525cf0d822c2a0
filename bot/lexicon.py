"""The company's own words: names of estates and products, one file a kind in `data/lexicon/`.

A line is `name` or `name<TAB>alias<TAB>alias...`; `#` begins a comment. The files are written from
the catalogue by `write_names`, so that a new estate is known to the segmenter and found as an
entity after the next training.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.folding import fold
from scripts_library.paths import data_dir

KINDS = ("estate", "product")
_SHORTEST = 2


class LexiconError(ValueError):
    """A lexicon file that can't be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Names by kind: folded surface -> the name as the catalogue writes it."""

    names: Mapping[str, Mapping[str, str]]

    def words(self) -> list[str]:
        """All surfaces, for the segmenter, sorted."""
        return sorted({surface for by in self.names.values() for surface in by})


def lexicon_dir() -> Path:
    """Folder of the company's words."""
    return data_dir() / "lexicon"


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """Read the names of every kind; a missing file is an empty kind.

    Raises:
        LexiconError: for a name of fewer than two characters or a file that is not UTF-8.
    """
    folder = folder or lexicon_dir()
    return Lexicon({kind: _read_names(folder / f"{kind}.txt") for kind in KINDS})


def _read_names(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise LexiconError(f"{path.name}：不是 UTF-8 文本，请另存为 UTF-8") from error
    names: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.partition("#")[0].split("\t") if cell.strip()]
        for surface in cells:
            folded = fold(surface).text
            if len(folded) < _SHORTEST:
                raise LexiconError(f"{path.name} 第 {number} 行：「{surface}」太短，至少两个字")
            names.setdefault(folded, cells[0])
    return names


def product_aliases(name: str, *, series: str = "", code: str = "") -> list[str]:
    """Return what a customer may call a product: without its series, without figures, its code."""
    bare = name.removeprefix(series)
    plain = re.sub(r"^\d+|(?<=\D)\d+", "", bare)
    return [alias for alias in dict.fromkeys((bare, plain, code)) if alias and alias != name]


def write_names(
    kind: str, names: Iterable[tuple[str, Iterable[str]]], folder: Path | None = None
) -> Path:
    """Write one kind's file from `(name, aliases)` pairs of the catalogue; return its path.

    Names too short to be told from ordinary text are left out. The order is kept, so the same
    catalogue gives the same file.
    """
    if kind not in KINDS:
        raise LexiconError(f"没有「{kind}」这一类词，只有：{'、'.join(KINDS)}")
    path = (folder or lexicon_dir()) / f"{kind}.txt"
    rows = {name: _usable([name, *aliases]) for name, aliases in names}
    body = "".join("\t".join(row) + "\n" for row in rows.values() if row)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# 由商品与楼盘目录生成：名称<TAB>别名……\n{body}", encoding="utf-8")
    return path


def _usable(surfaces: Iterable[str]) -> list[str]:
    cleaned = (" ".join(surface.replace("#", " ").split()) for surface in surfaces)
    return list(dict.fromkeys(s for s in cleaned if len(fold(s).text) >= _SHORTEST))
