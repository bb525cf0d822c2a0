"""Reads the chapters, `desk/locale/zh_CN/help/<name>.md`.

A chapter has a title (`#`), an introduction, and sections (`##`). A section begins with a line of
links to the pages that it is about (`打开：[工单](/desk/tickets)`); a picture stands on a line of
its own, `![what it shows](name)`. Bold words stand on a picture: the test that takes the picture
looks for those of its section on the page, so that neither goes stale.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from desk.accounts.models import Role
from desk.locale import LOCALE_DIR

HELP_DIR = LOCALE_DIR / "help"
PICTURE_DIR = Path(__file__).resolve().parent / "pictures"
PICTURE_SUFFIX = ".webp"
NAMES = ("agent", "qa", "supervisor", "department", "admin")
CHAPTER_OF = {
    Role.AGENT: "agent",
    Role.QA: "qa",
    Role.SUPERVISOR: "supervisor",
    Role.MANAGER: "supervisor",
    Role.DIRECTOR: "supervisor",
    Role.DEPARTMENT: "department",
    Role.ADMIN: "admin",
}
"""The chapter that tells of each role's day."""

_OPENS = "打开："
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)]+)\)")
_PICTURE = re.compile(r"^!\[(?P<shows>[^\]]+)\]\((?P<name>[a-z-]+)\)$")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: the name of its file without suffix, and what it shows."""

    name: str
    shows: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a chapter.

    Attributes:
        anchor: its id on the page.
        pages: addresses of the console's pages that it is about.
        blocks: Markdown and pictures, in their order.
    """

    title: str
    anchor: str
    pages: tuple[str, ...]
    blocks: tuple[str | Picture, ...]

    @property
    def pictures(self) -> Iterator[Picture]:
        """Its pictures."""
        return (block for block in self.blocks if isinstance(block, Picture))

    @property
    def labels(self) -> list[str]:
        """The words of the page that it prints in bold."""
        texts = (block for block in self.blocks if isinstance(block, str))
        return [label for text in texts for label in _BOLD.findall(text)]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What one kind of staff reads."""

    name: str
    title: str
    intro: str
    sections: tuple[Section, ...]

    def section_about(self, page: str) -> Section | None:
        """Return the first section about a page of the console."""
        return next((one for one in self.sections if page in one.pages), None)


@cache
def chapter(name: str) -> Chapter:
    """Return a chapter of `NAMES`."""
    text = (HELP_DIR / f"{name}.md").read_text(encoding="utf-8")
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    title, _, intro = head.strip().partition("\n")
    sections = (_section(part, f"part-{place}") for place, part in enumerate(parts, start=1))
    return Chapter(name, title.removeprefix("# "), intro.strip(), tuple(sections))


def chapters() -> tuple[Chapter, ...]:
    """Return all chapters, in their order."""
    return tuple(map(chapter, NAMES))


def links_of(one: Chapter) -> set[str]:
    """Return all addresses that a chapter links to."""
    texts = [one.intro]
    texts += [block for part in one.sections for block in part.blocks if isinstance(block, str)]
    return {address for text in texts for address in _LINK.findall(text)}


def chapter_about(page: str, own: str) -> Chapter:
    """Return the chapter with a section about a page: one's `own` if it has one, otherwise the
    first that has; one's own where nobody tells of it."""
    tried = [chapter(own), *chapters()]
    return next((one for one in tried if one.section_about(page)), tried[0])


@cache
def picture_names() -> frozenset[str]:
    """Return the names of all pictures that the chapters show."""
    sections = (part for one in chapters() for part in one.sections)
    return frozenset(picture.name for part in sections for picture in part.pictures)


def labels_with(picture: str) -> list[str]:
    """Return the bold words of the section that shows a picture; empty for an unknown name."""
    for one in chapters():
        for part in one.sections:
            if any(shown.name == picture for shown in part.pictures):
                return part.labels
    return []


def _section(text: str, anchor: str) -> Section:
    title, _, rest = text.partition("\n")
    blocks: list[str | Picture] = []
    for paragraph in re.split(r"\n{2,}", rest.strip()):
        shown = _PICTURE.match(paragraph)
        if shown:
            blocks.append(Picture(shown["name"], shown["shows"]))
        elif blocks and isinstance(blocks[-1], str):
            blocks[-1] += f"\n\n{paragraph}"
        else:
            blocks.append(paragraph)
    opening = rest.strip().partition("\n")[0]
    pages = tuple(_LINK.findall(opening)) if opening.startswith(_OPENS) else ()
    return Section(title.strip(), anchor, pages, tuple(blocks))
