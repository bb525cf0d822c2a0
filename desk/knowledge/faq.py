"""An approved answer's way: written, its wording checked, approved by another, given by the bot.

The row of `faq` is what the bot says; it is written here only, and by `kefu import`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.catalog.columns import TABLES
from desk.catalog.history import note_change
from desk.catalog.importer import differences, present_rows
from desk.catalog.models import Faq
from desk.catalog.search_text import fold
from desk.clock import to_local, utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, DeskError, Forbidden, InvalidInput, NotFound
from desk.knowledge.editing import check_version, flush, read_cells
from desk.knowledge.listing import EDIT_ROLES
from desk.knowledge.masking import has_personal_data
from desk.knowledge.models import FaqRevision, FaqState
from desk.rulebook.scripts import Checks
from scripts_library.checking.verdict import Severity

KIND = "faq"
WHY_LIMIT = 500
PENDING = (FaqState.DRAFT, FaqState.SUBMITTED)


def check_answer(checker: Checks, answer: str) -> None:
    """Let an answer pass whose wording may be sent.

    Raises:
        InvalidInput: the check blocks or warns of it; names the words and why.
    """
    flags = [flag for flag in checker.check(answer).flags if flag.severity > Severity.HINT]
    if flags:
        said = "；".join(f"「{flag.surface}」{flag.reason}" for flag in flags)
        raise InvalidInput("errors.faq_wording", field="answer", problems=said)


def write(
    session: Session,
    staff: Staff,
    checker: Checks,
    cells: Mapping[str, str],
    *,
    why: str,
    base_version: int | None,
    is_submitted: bool = True,
    now: datetime | None = None,
) -> FaqRevision:
    """Write a wording of an answer, new or known; one's own that is not decided is written over.

    Args:
        cells: all fields as texts; the code tells which answer it is.
        base_version: version of the row it was written over, None for a new one.

    Raises:
        Forbidden: no keeper of the catalogue.
        InvalidInput: wrong cells, no reason, customers' data in a question, a day that is over,
            or, when it is submitted, a wording that the check stops.
        Conflict: the answer was changed meanwhile, the code or a phrasing is taken.
    """
    require(staff, *EDIT_ROLES)
    reason = _reason(why)
    values = read_cells(KIND, cells, is_new=True)
    _check_content(session, values, now or utc_now())
    if is_submitted:
        check_answer(checker, values["answer"])
    _base(session, values["code"], base_version)
    revision = _own_pending(session, staff, values["code"])
    if revision is None:
        revision = FaqRevision(code=values["code"], author_id=staff.id)
        session.add(revision)
    revision.body = {column.field: cells.get(column.field, "") for column in TABLES[KIND].columns}
    revision.base_version, revision.why = base_version, reason
    revision.state = FaqState.SUBMITTED if is_submitted else FaqState.DRAFT
    revision.created_at = now or utc_now()
    flush(session)
    return revision


def decide(
    session: Session,
    staff: Staff,
    checker: Checks,
    revision_id: int,
    *,
    is_approved: bool,
    note: str = "",
    now: datetime | None = None,
) -> FaqRevision:
    """Approve a submitted wording, which the bot then gives at once, or send it back.

    Raises:
        Forbidden: no keeper of the catalogue, or the author.
        NotFound, Conflict: no such wording, not submitted, or the answer changed meanwhile.
        InvalidInput: sent back without a reason, or the wording check stops it by now.
    """
    require(staff, *EDIT_ROLES)
    revision = find_revision(session, revision_id)
    if revision.state != FaqState.SUBMITTED:
        raise Conflict("errors.faq_settled")
    if revision.author_id == staff.id:
        raise Forbidden("errors.faq_second_person")
    at = now or utc_now()
    if is_approved:
        _publish(session, staff, checker, revision, at)
    else:
        revision.note = _reason(note)
    revision.state = FaqState.PUBLISHED if is_approved else FaqState.REJECTED
    revision.decided_by, revision.decided_at = session.merge(staff, load=False), at
    flush(session)
    what = "approved" if is_approved else "rejected"
    thing = f"faq revision {revision.id}"
    record(session, staff.login, Action.ANSWER_APPROVED, thing, at=at, done=what)
    return revision


def approve_all(
    session: Session, staff: Staff, checker: Checks, ids: Sequence[int]
) -> tuple[int, list[str]]:
    """Approve several wordings of others; each that can't be stays as it is.

    Returns:
        How many the bot gives now, and of the others the code with the error's text key.
    """
    require(staff, *EDIT_ROLES)
    done, left = 0, []
    for revision_id in ids:
        try:
            with session.begin_nested():
                decide(session, staff, checker, revision_id, is_approved=True)
            done += 1
        except DeskError:
            revision = session.get(FaqRevision, revision_id)
            left.append(revision.code if revision else str(revision_id))
    return done, left


def drop(session: Session, staff: Staff, revision_id: int) -> None:
    """Take back one's own wording that is not decided.

    Raises:
        Forbidden, NotFound, Conflict: another's, none, or decided.
    """
    require(staff, *EDIT_ROLES)
    revision = find_revision(session, revision_id)
    if revision.author_id != staff.id:
        raise Forbidden("errors.forbidden")
    if revision.state not in PENDING:
        raise Conflict("errors.faq_settled")
    revision.state = FaqState.DROPPED
    flush(session)


def find_revision(session: Session, revision_id: int) -> FaqRevision:
    """Return a wording; raises `NotFound`. The caller checks the role."""
    found = session.get(FaqRevision, revision_id) if 0 < revision_id < 2**31 else None
    if found is None:
        raise NotFound("errors.faq_revision_not_found")
    return found


def pending(session: Session, staff: Staff) -> Sequence[FaqRevision]:
    """Return the wordings that wait: all that were submitted, and one's own drafts."""
    require(staff, *EDIT_ROLES)
    query = select(FaqRevision).where(
        (FaqRevision.state == FaqState.SUBMITTED)
        | ((FaqRevision.state == FaqState.DRAFT) & (FaqRevision.author_id == staff.id))
    )
    return session.scalars(query.order_by(FaqRevision.id)).all()


def revisions(session: Session, code: str, *, limit: int = 20) -> Sequence[FaqRevision]:
    """Return an answer's wordings, the newest first. The caller checks the role."""
    query = select(FaqRevision).where(FaqRevision.code == code)
    return session.scalars(query.order_by(FaqRevision.id.desc()).limit(limit)).all()


def free_code(session: Session) -> str:
    """Return a code that no answer has: `F-` and the next number."""
    taken = set(session.scalars(select(Faq.code))) | set(session.scalars(select(FaqRevision.code)))
    number = len(taken) + 1
    while f"F-{number:04}" in taken:
        number += 1
    return f"F-{number:04}"


def _publish(
    session: Session, staff: Staff, checker: Checks, revision: FaqRevision, at: datetime
) -> None:
    values = read_cells(KIND, revision.body, is_new=True)
    _check_content(session, values, at)
    check_answer(checker, values["answer"])
    row = _base(session, revision.code, revision.base_version)
    changes = {} if row is None else differences(row, values)
    action = "created" if row is None else "changed"
    if row is None:
        row = Faq(**values)
        session.add(row)
    for name in changes:
        setattr(row, name, values[name])
    row.retired_at = None
    flush(session)
    note_change(session, KIND, row.id, action, changes, staff=staff, origin="approval", now=at)


def _base(session: Session, code: str, base_version: int | None) -> Faq | None:
    """Return the row that a wording is about, if it is still what the wording was written over."""
    row = present_rows(session, KIND, [code]).get(code)
    if row is None:
        return None
    if base_version is None:
        raise Conflict("errors.knowledge_code_taken", code=code)
    check_version(session, KIND, row, base_version)
    assert isinstance(row, Faq)
    return row


def _check_content(session: Session, values: Mapping[str, Any], now: datetime) -> None:
    phrasings = values.get("phrasings") or []
    if any(has_personal_data(text) for text in (values["question"], *phrasings)):
        raise InvalidInput("errors.faq_personal", field="phrasings")
    until = values.get("valid_until")
    if until is not None and until < to_local(now).date():
        raise InvalidInput("errors.faq_over", field="valid_until")
    wanted = {fold(text): text for text in phrasings}
    query = select(Faq).where(Faq.code != values["code"], Faq.retired_at.is_(None))
    for other in session.scalars(query) if wanted else ():
        for text in other.phrasings:
            if fold(text) in wanted:
                raise Conflict("errors.faq_phrasing_taken", phrasing=text, code=other.code)


def _own_pending(session: Session, staff: Staff, code: str) -> FaqRevision | None:
    query = select(FaqRevision).where(
        FaqRevision.code == code,
        FaqRevision.author_id == staff.id,
        FaqRevision.state.in_(PENDING),
    )
    return session.scalars(query.order_by(FaqRevision.id.desc())).first()


def _reason(text: str) -> str:
    reason = clean_text(text)
    if not 0 < len(reason) <= WHY_LIMIT:
        raise InvalidInput("errors.faq_why", field="why", limit=WHY_LIMIT)
    return reason
