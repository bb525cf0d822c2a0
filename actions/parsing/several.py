"""Several matters in one letter: 「一是楼上噪音……二是车库漏水」, 「……，另外我家天花板也漏水」.

Only clear cases count: numbered items, or a part that begins with 另外, 还有, 而且… or a sentence
of its own, whose words point to another kind of matter than the part before. One complaint told in
many sentences stays one: of 250 real letters of the development data 5 are taken for several.
"""

import re
from itertools import pairwise

from scripts_library.text.chinese import to_simplified
from scripts_library.triage.classifier import classify

MOST_MATTERS = 4
LONGEST_TEXT = 3000
SURE = 0.5
"""Triage score from which a part speaks of its kind of matter."""
SURER = 0.52
"""The same for a part tied to the one before by 而且 or 并且, which mostly go on about it."""
SUREST = 0.75
"""The same for a sentence that no word joins to the ones before."""
_SHORTEST_ITEM = 4
_SHORTEST_PART = 6
_FAMILIES = {
    "housing_quality": "building",
    "indoor_repair": "building",
    "public_facility": "facility",
    "renovation_noise": "noise",
    "cleaning_greening": "environment",
    "pest_control": "environment",
    "mail_parcel": "parcel",
    "parking": "parking",
    "fees": "fees",
    "product_quality": "product",
    "installation_service": "product",
    "order_delivery": "product",
}
"""Categories that one matter may well touch together are one family. Attitude, the property
company's service, safety and 其他 are left out: people say them of any matter."""
_ITEM = re.compile(
    r"(?:^|(?<=[。;:,!?\s]))\s*"
    r"(?:第[一二三四五](?:[件个点项]事?(?:情|问题)?)?(?:[是、.:,]|(?=[^期次栋层年天单]))"
    r"|其[一二三四][是、.:,]?|[一二三四五][是、.:]|[1-5](?:[、.:)](?!\d))|[①②③④⑤]|首先|其次"
    r"|另(?:外)?一(?:件|个)(?:事情?|问题)?[是、:,]?)[,\s]*"
)
_ALSO = re.compile(
    r"(?:另外|还有|此外|再就是|再一个|再有|再者|除此之外|除了这个|同时|顺便|还想|也想|再反映)"
)
_AND = re.compile(r"(?:而且|并且|以及|加上)")
_SENTENCE = re.compile(r"(?<=[。;!?\n])")
_CLAUSE = re.compile(r"(?<=,)")
_WIDE = str.maketrans("，；：！？．１２３４５）", ",;:!?.12345)")


def matters_of(text: str) -> tuple[str, ...]:
    """Return the matters of a letter in its own words and order; empty if it tells of one only."""
    text = text[:LONGEST_TEXT]
    simple = to_simplified(text).translate(_WIDE)
    if len(simple) != len(text):
        text = simple
    spans = _items(simple) or _parts(simple)
    spans = [(_joined(simple, start), end) for start, end in spans[:MOST_MATTERS]]
    return tuple(text[start:end].strip(" ,，。;；\n") for start, end in spans)


def _joined(simple: str, start: int) -> int:
    """Return where a part begins after the word that joins it to the one before."""
    joint = _ALSO.match(simple, start) or _AND.match(simple, start)
    return joint.end() if joint else start


def _items(simple: str) -> list[tuple[int, int]]:
    """Spans of numbered items, if they tell of different kinds of matters."""
    marks = list(_ITEM.finditer(simple))
    ends = [mark.start() for mark in marks[1:]] + [len(simple)]
    spans = [(mark.end(), end) for mark, end in zip(marks, ends, strict=False)]
    spans = [(start, end) for start, end in spans if end - start >= _SHORTEST_ITEM]
    families = {family for span in spans if (family := _family(simple[slice(*span)])[0])}
    return spans if len(spans) > 1 and len(families) > 1 else []


def _parts(simple: str) -> list[tuple[int, int]]:
    """Spans of parts that follow one another, each about another kind of matter."""
    groups: list[tuple[int, int, str | None]] = []
    for start, end in _openings(simple):
        clause = simple.find(",", start, end)
        family, score = max(
            (_family(simple[start:end]), _family(simple[start : clause if clause > 0 else end])),
            key=lambda found: found[1] if found[0] else 0.0,
        )
        named = family if score >= _least(simple, start) else None
        known = groups[-1][2] if groups else None
        if groups and (named is None or named == known or known is None):
            first, _, _ = groups.pop()
            groups.append((first, end, known or named))
        else:
            groups.append((start, end, named))
    families = {family for _, _, family in groups if family}
    return [(start, end) for start, end, _ in groups] if len(families) > 1 else []


def _least(simple: str, start: int) -> float:
    if start == 0 or _ALSO.match(simple, start):
        return SURE
    return SURER if _AND.match(simple, start) else SUREST


def _openings(simple: str) -> list[tuple[int, int]]:
    """Spans that may open a matter: sentences, and clauses that begin with a joining word."""
    borders = [0]
    for sentence in _pieces(_SENTENCE, 0, simple):
        borders.append(sentence[0])
        borders += [
            start
            for start, _ in _pieces(_CLAUSE, sentence[0], simple[slice(*sentence)])
            if _ALSO.match(simple, start) or _AND.match(simple, start)
        ]
    edges = sorted({*borders, len(simple)})
    return [(a, b) for a, b in pairwise(edges) if simple[a:b].strip()]


def _pieces(border: re.Pattern[str], offset: int, text: str) -> list[tuple[int, int]]:
    spans, start = [], offset
    for piece in border.split(text):
        spans.append((start, start + len(piece)))
        start += len(piece)
    return [(a, b) for a, b in spans if a < b]


def _family(text: str) -> tuple[str | None, float]:
    if len(text.strip()) < _SHORTEST_ITEM:
        return None, 0.0
    triage = classify(text)
    return _FAMILIES.get(triage.category), triage.category_score
