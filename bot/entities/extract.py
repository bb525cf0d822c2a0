"""All entities of a message, without overlaps, with spans in the original text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.entities.company import CompanyNames
from bot.folding import Folded
from bot.lexicon import Lexicon
from bot.words import Segmenter
from scripts_library.reading.amounts import find_areas, find_money
from scripts_library.reading.emails import find_emails
from scripts_library.reading.found import Found
from scripts_library.reading.names import find_names
from scripts_library.reading.phones import find_phones
from scripts_library.reading.places import find_floors, find_places
from scripts_library.reading.references import find_order_numbers, find_ticket_numbers
from scripts_library.reading.times import find_times

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
MAX_CHARACTERS = 4000
"""Read from the beginning of a message; the time for 10,000 characters stays bounded."""

MAX_FOUND = 60
_TAKEN = "\ue000"


@dataclass(frozen=True, slots=True)
class Extractor:
    """Finds the entities of a folded message; safe for threads."""

    company: CompanyNames
    segmenter: Segmenter

    @classmethod
    def of(cls, lexicon: Lexicon, segmenter: Segmenter) -> "Extractor":
        """Build one for the company's words."""
        return cls(CompanyNames(lexicon), segmenter)

    def extract(self, folded: Folded, now: datetime) -> list[dict[str, Any]]:
        """Return Rasa-like entities (`entity`, `value`, `start`, `end`, details), in order.

        A finder earlier in the list takes its span; later ones don't see those characters, so a
        phone is never a room and a ticket number never a phone.
        """
        text = folded.text[:MAX_CHARACTERS]
        found: list[Found] = []
        for find in self._finders(now):
            for item in sorted(find(text), key=lambda f: (f.start, -f.end)):
                if item.value and _TAKEN not in text[item.start : item.end]:
                    found.append(item)
                    taken = _TAKEN * (item.end - item.start)
                    text = text[: item.start] + taken + text[item.end :]
        found.sort(key=lambda f: (f.start, f.end))
        return [_entity(item, folded) for item in found[:MAX_FOUND]]

    def _finders(self, now: datetime) -> list[Callable[[str], list[Found]]]:
        return [
            find_emails,
            find_ticket_numbers,
            find_order_numbers,
            find_phones,
            self.company.find,
            find_places,
            find_money,
            lambda text: find_times(text, now),
            find_areas,
            find_floors,
            lambda text: find_names(text, is_word=self.segmenter.has),
        ]


def local_now() -> datetime:
    """Return the present in the company's time zone, to the second."""
    return datetime.now(LOCAL_ZONE).replace(microsecond=0)


def _entity(item: Found, folded: Folded) -> dict[str, Any]:
    start, end = folded.span(item.start, item.end)
    return {
        "entity": item.kind,
        "value": item.value,
        "start": start,
        "end": end,
        "confidence_entity": 1.0,
        **item.details,
    }
