"""The help tells of every page, shows the pictures that are there, and leads nowhere astray."""

import re

import pytest
from PIL import Image

from desk.accounts.models import Role
from desk.accounts.permissions import roles_of
from desk.help.chapters import (
    CHAPTER_OF,
    NAMES,
    PICTURE_DIR,
    chapter,
    chapter_about,
    chapters,
    labels_with,
    links_of,
    picture_names,
)
from tests.desk.web.test_every_door import PAGES

MOST_BYTES, MOST_OF_ALL = 150_000, 2_000_000
WITHOUT_ROW = {"/desk/help", "/desk/help/{name}", "/desk/reports/rows", "/desk/tickets/{number}"}
"""Pages that one comes to from another, or that are the help itself."""


def test_the_pictures_are_those_that_the_help_shows_and_small():
    files = list(PICTURE_DIR.iterdir())
    assert {path.stem for path in files} == picture_names()
    sizes = {path.name: path.stat().st_size for path in files}
    assert max(sizes.values()) < MOST_BYTES and sum(sizes.values()) < MOST_OF_ALL, sizes
    for path in files:
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == ("WEBP", (1280, 800)), path.name


def test_every_page_is_told_of_to_each_role_that_may_open_it():
    for page in set(PAGES) - WITHOUT_ROW:
        assert any(one.section_about(page) for one in chapters()), page
        for role in roles_of(PAGES[page]):
            if page != "/desk/my-quality":
                own = chapter(CHAPTER_OF[role])
                assert chapter_about(page, own.name).section_about(page), (page, role)


def test_a_page_is_looked_for_in_the_own_chapter_first():
    assert chapter_about("/desk/transfers", "department").name == "department"
    assert chapter_about("/desk/transfers", "qa").name == "agent"
    assert chapter_about("/desk/nowhere", "qa").name == "qa"


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_pages_that_exist(name):
    known = set(PAGES) | {"/desk/account"} | {f"/desk/help/{one}" for one in NAMES}
    assert links_of(chapter(name)) <= known


@pytest.mark.parametrize("name", NAMES)
def test_bold_words_stand_beside_a_picture_that_the_test_looks_for_them_in(name):
    for section in chapter(name).sections:
        assert not section.labels or any(section.pictures), section.title
        assert section.pages, f"{section.title}: which page is it about?"
    assert set(map(len, map(labels_with, picture_names()))) - {0}


def test_every_role_has_a_chapter_and_nothing_in_it_is_unread():
    assert set(CHAPTER_OF) == set(Role) and set(CHAPTER_OF.values()) == set(NAMES)
    for one in chapters():
        text = "".join(str(block) for part in one.sections for block in part.blocks)
        assert one.title and one.intro and len(one.sections) >= 3
        assert not re.search(r"!\[", text), "a picture that was not understood"
