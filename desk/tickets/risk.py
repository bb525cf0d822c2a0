"""Risk words of the customer (12345, 曝光, 律师, 消协 …) make a ticket major (R-G7).

The words are those of `scripts_library/triage/lists/severity.yml` whose group has a `floor` of 0.5
or more; they are kept with the ticket and shown.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.tickets.due import renew_deadline
from desk.tickets.models import Ticket
from desk.tickets.timeline import EntryKind, append
from scripts_library.text.normal_form import normalize
from scripts_library.triage.classifier import MAJOR_FROM
from scripts_library.triage.lexicon import RISK_WORD, load_lexicon

LONGEST_READ = 5000
MOST_WORDS = 20
SYSTEM = "system"


def risk_words(text: str) -> list[str]:
    """Return the risk words in a text as written, each once, in order."""
    plain = normalize(text[:LONGEST_READ])
    found = []
    for hit in load_lexicon().scan(plain.text):
        if hit.word.kind == RISK_WORD and hit.word.floor >= MAJOR_FROM:
            start, end = plain.span(hit.start, hit.end)
            found.append(text[start:end])
    return list(dict.fromkeys(found))


def heed_risk(session: Session, ticket: Ticket, text: str, *, now: datetime) -> list[str]:
    """Make a ticket major if what was said about it has risk words; return the new ones.

    Adds RECLASSIFIED with `data["words"]`, and has the ladder look at the ticket at once. The
    deadline never becomes later by this.
    """
    new = [word for word in risk_words(text) if word not in ticket.severity_reasons][:MOST_WORDS]
    if not new:
        return []
    before = ticket.severity
    ticket.severity = "major"
    ticket.severity_reasons = sorted({*ticket.severity_reasons, *new})[:MOST_WORDS]
    ticket.next_check_at = now
    data = {"words": "、".join(new), "changes": {"severity": [before, "major"]}}
    append(session, ticket, EntryKind.RECLASSIFIED, actor=SYSTEM, at=now, data=data)
    if before != "major":
        renew_deadline(session, ticket, actor=SYSTEM, now=now, never_later=True)
    return new
