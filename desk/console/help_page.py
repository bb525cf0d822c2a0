"""`/desk/help`: the day of each kind of staff, with pictures.

`/desk/help` opens the reader's own chapter, or with `?on=/desk/tickets` the section about a page.
"""

from fastapi import Request
from fastapi.responses import Response
from nicegui import ui

from desk.accounts.models import Role
from desk.accounts.permissions import Right, roles_of
from desk.console.access import Visit, admit
from desk.console.elements import box, words
from desk.console.theme import FOLDER, frame
from desk.help.chapters import (
    CHAPTER_OF,
    NAMES,
    PICTURE_SUFFIX,
    Chapter,
    Picture,
    Section,
    chapter,
    chapter_about,
    chapters,
)
from desk.locale import t

CSS = (FOLDER / "help.css").read_text(encoding="utf-8")
ROLES = roles_of(Right.USE)
TO_SECTION = "document.getElementById({anchor})?.scrollIntoView()"


async def help_home(request: Request, on: str = "") -> Response | None:
    """Build the page of the reader's chapter, or of the one about the page `on`, at its section."""
    visit = await admit(request, *ROLES)
    if isinstance(visit, Response):
        return visit
    found = chapter_about(on, _own_chapter(visit))
    _build(visit, found, found.section_about(on))
    return None


async def help_page(request: Request, name: str) -> Response | None:
    """Build the page of a chapter; an unknown name shows the reader's own."""
    visit = await admit(request, *ROLES)
    if isinstance(visit, Response):
        return visit
    _build(visit, chapter(name if name in NAMES else _own_chapter(visit)))
    return None


def _build(visit: Visit, shown: Chapter, section: Section | None = None) -> None:
    ui.add_css(CSS)
    with frame(visit, active="help"), box("k-help"):
        _contents(shown, _own_chapter(visit))
        with box("k-help-scroll", tag="main"), box("k-help-text", tag="article"):
            _text(shown)
    # The page is built by a script: when the browser looked for the anchor, nothing was there.
    anchor = f'"{section.anchor}"' if section else "location.hash.slice(1)"
    script = TO_SECTION.format(anchor=anchor)
    visit.client.on_connect(lambda: visit.client.run_javascript(script))


def _own_chapter(visit: Visit) -> str:
    return CHAPTER_OF[Role(visit.staff.role)]


def _contents(shown: Chapter, own: str) -> None:
    with box("k-help-nav", tag="nav").props(f'aria-label="{t("help.chapters")}"'):
        words(t("help.chapters"), "k-title", tag="h2")
        for one in chapters():
            link = words(one.title, "k-help-chapter", tag="a").props(f"href=/desk/help/{one.name}")
            if one.name == own:
                with link:
                    words(t("help.yours"), "k-chip")
            if one is not shown:
                continue
            link.props("aria-current=page")
            for section in one.sections:
                words(section.title, "k-help-part", tag="a").props(f"href=#{section.anchor}")


def _text(shown: Chapter) -> None:
    words(shown.title, "k-help-title", tag="h1")
    ui.markdown(shown.intro, sanitize=False)
    for section in shown.sections:
        _section(section)


def _section(section: Section) -> None:
    with box("k-help-section", tag="section").props(f"id={section.anchor}"):
        words(section.title, tag="h2")
        for block in section.blocks:
            if isinstance(block, Picture):
                _picture(block)
            else:
                # Our own files: nothing in them comes from a person outside.
                ui.markdown(block, sanitize=False)


def _picture(picture: Picture) -> None:
    address = f"/desk/help/pictures/{picture.name}{PICTURE_SUFFIX}"
    with box("k-help-picture", tag="figure"):
        with box(tag="a").props(f"href={address} target=_blank") as link:
            link.props["title"] = t("help.enlarge", shows=picture.shows)
            image = box(tag="img").props(f"src={address} width=1280 height=800")
            image.props["alt"] = picture.shows
        words(picture.shows, tag="figcaption")
