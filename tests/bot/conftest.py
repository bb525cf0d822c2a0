from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bot.entities.extract import LOCAL_ZONE, Extractor
from bot.folding import fold
from bot.lexicon import Lexicon
from bot.words import segmenter

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=LOCAL_ZONE)
"""A Sunday."""

LEXICON = Lexicon(
    {
        "estate": {"望月里": "望月里", "望月里二期": "望月里二期"},
        "product": {"断桥平开窗": "听雨70断桥平开窗", "阳光房": "听雨阳光房"},
    }
)

Extract = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def extract() -> Extract:
    extractor = Extractor.of(LEXICON, segmenter(tuple(LEXICON.words())))
    return lambda text: extractor.extract(fold(text), NOW)


@pytest.fixture(scope="session")
def values(extract: Extract) -> Callable[[str, str], list[str]]:
    """Return the values of one kind of entity in a text."""
    return lambda text, kind: [e["value"] for e in extract(text) if e["entity"] == kind]
