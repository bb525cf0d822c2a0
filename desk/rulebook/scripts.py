"""The life of a reply script: written, checked, approved, published, rolled back (R-G10).

A script in force is the newest published revision, or else the one of the program's own files.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.rulebook.models import RevisionState, ScriptRevision
from scripts_library.checking.verdict import Severity, Verdict
from scripts_library.errors import Problem
from scripts_library.suggesting.script import Script
from scripts_library.suggesting.script_files import read_scripts

WHY_LIMIT = 1000
SCRIPT_ID = re.compile(r"(?=.{3,64}$)(?!.*\d{5})[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9-]*)+")
TEXTS = ("topic", "step", "tone", "text", "owner", "review_date")
LISTS = ("asks", "keywords")
_FILL_IN = re.compile(r"\{\w+\}")

Body = dict[str, Any]
"""A script with the keys of a script file, without its id; empty parts are left out."""


class Checks(Protocol):
    """The wording check."""

    def check(self, text: str) -> Verdict:
        """Return what is wrong with a text."""


def body_of(script: Script) -> Body:
    """Return a script as plain data."""
    return tidy(
        {
            "topic": script.topic,
            "step": script.step,
            "tone": script.tone,
            "text": script.text,
            "owner": script.owner,
            "review_date": script.review_date.isoformat() if script.review_date else "",
            "asks": list(script.asks),
            "keywords": list(script.keywords),
        }
    )


def tidy(body: Mapping[str, Any]) -> Body:
    """Return a body of clean texts without empty parts."""
    found: Body = {name: clean_text(str(body.get(name) or "")) for name in TEXTS}
    for name in LISTS:
        found[name] = [text for item in body.get(name) or () if (text := clean_text(str(item)))]
    return {name: value for name, value in found.items() if value}


def script_of(script_id: str, body: Body) -> Script:
    """Return the script of a body.

    Raises:
        InvalidInput: a part is missing or wrong, or a fill-in unknown; names every problem.
    """
    scripts: list[Script] = []
    problems: list[Problem] = []
    content = json.dumps({"scripts": [{"id": script_id, **body}]}, ensure_ascii=False)
    read_scripts("published", content, scripts, problems)
    if problems or not scripts:
        found = "；".join(f"{one.message}（{one.value}）：{one.fix}" for one in problems)
        raise InvalidInput("errors.script_invalid", problems=found)
    return scripts[0]


def check_wording(checker: Checks, script: Script) -> None:
    """Let a script pass whose wording may be sent.

    Raises:
        InvalidInput: the check blocks or warns of it; names the words and why.
    """
    flags = [
        flag
        for flag in checker.check(_FILL_IN.sub("", script.text)).flags
        if flag.severity > Severity.HINT
    ]
    if flags:
        found = "；".join(f"「{flag.surface}」{flag.reason}" for flag in flags)
        raise InvalidInput("errors.script_wording", problems=found)


def write(
    session: Session,
    staff: Staff,
    checker: Checks,
    *,
    script_id: str,
    body: Mapping[str, Any] | None,
    why: str,
    is_submitted: bool = True,
    now: datetime | None = None,
) -> ScriptRevision:
    """Write a revision of a script, new or known; `body` None asks to withdraw it.

    The author's own revision that is not decided yet is written over.

    Raises:
        Forbidden: neither QA nor a leader.
        InvalidInput: no reason, a malformed id, a body that is no script or that the wording
            check stops.
        Conflict: somebody else wrote one at the same time.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    if not SCRIPT_ID.fullmatch(script_id):
        raise InvalidInput("errors.script_id_invalid", field="id")
    reason = _reason(why)
    checked = None
    if body is not None:
        checked = tidy(body)
        script = script_of(script_id, checked)
        if is_submitted:
            check_wording(checker, script)
    revision = _own_pending(session, staff, script_id)
    if revision is None:
        revision = ScriptRevision(
            script_id=script_id, number=_next_number(session, script_id), author_id=staff.id
        )
    revision.body, revision.why = checked, reason
    revision.state = RevisionState.SUBMITTED if is_submitted else RevisionState.DRAFT
    revision.created_at = now or utc_now()
    return _store(session, revision)


def decide(
    session: Session,
    staff: Staff,
    checker: Checks,
    revision_id: int,
    *,
    is_approved: bool,
    now: datetime | None = None,
) -> ScriptRevision:
    """Approve a submitted revision, which publishes it, or send it back.

    Raises:
        Forbidden: no leader, or the author.
        NotFound, Conflict: no such revision, or not submitted.
        InvalidInput: its wording does not pass the check any more.
    """
    require(staff, Role.SUPERVISOR)
    revision = find_revision(session, revision_id)
    if revision.state != RevisionState.SUBMITTED:
        raise Conflict("errors.revision_settled")
    if revision.author_id == staff.id:
        raise Forbidden("errors.script_second_person")
    if is_approved and revision.body is not None:
        check_wording(checker, script_of(revision.script_id, revision.body))
    revision.state = RevisionState.PUBLISHED if is_approved else RevisionState.REJECTED
    revision.decided_by, revision.decided_at = session.merge(staff, load=False), now or utc_now()
    _store(session, revision)
    if is_approved:
        _note(session, staff, revision, "approve")
    return revision


def restore(
    session: Session,
    staff: Staff,
    checker: Checks,
    *,
    script_id: str,
    body: Body | None,
    why: str,
    now: datetime | None = None,
) -> ScriptRevision:
    """Publish an earlier wording again, at once: a new revision with an old body.

    Raises:
        Forbidden: no leader.
        InvalidInput: no reason, or the wording check stops the old body today.
    """
    require(staff, Role.SUPERVISOR)
    now = now or utc_now()
    if body is not None:
        check_wording(checker, script_of(script_id, body))
    revision = ScriptRevision(
        script_id=script_id,
        number=_next_number(session, script_id),
        body=body,
        state=RevisionState.PUBLISHED,
        why=_reason(why),
        author_id=staff.id,
        created_at=now,
        decided_at=now,
    )
    revision.decided_by = session.merge(staff, load=False)
    _store(session, revision)
    _note(session, staff, revision, "restore")
    return revision


def find_revision(session: Session, revision_id: int) -> ScriptRevision:
    """Return a revision; raises `NotFound`. The caller checks the role."""
    found = session.get(ScriptRevision, revision_id) if 0 < revision_id < 2**31 else None
    if found is None:
        raise NotFound("errors.revision_not_found")
    return found


def history(session: Session, script_id: str) -> Sequence[ScriptRevision]:
    """Return a script's revisions, the newest first. The caller checks the role."""
    query = select(ScriptRevision).where(ScriptRevision.script_id == script_id)
    return session.scalars(query.order_by(ScriptRevision.number.desc())).all()


def pending(session: Session) -> Sequence[ScriptRevision]:
    """Return the revisions that wait for their author or a leader, the oldest first."""
    waiting = (RevisionState.DRAFT, RevisionState.SUBMITTED)
    query = select(ScriptRevision).where(ScriptRevision.state.in_(waiting))
    return session.scalars(query.order_by(ScriptRevision.id)).all()


def in_force(session: Session) -> dict[str, ScriptRevision]:
    """Return the newest published revision of each script that has one."""
    newest = (
        select(ScriptRevision.script_id, func.max(ScriptRevision.number).label("number"))
        .where(ScriptRevision.state == RevisionState.PUBLISHED)
        .group_by(ScriptRevision.script_id)
        .subquery()
    )
    query = select(ScriptRevision).join(
        newest,
        (ScriptRevision.script_id == newest.c.script_id)
        & (ScriptRevision.number == newest.c.number),
    )
    return {one.script_id: one for one in session.scalars(query)}


def lay(own: Iterable[Script], revisions: Iterable[ScriptRevision]) -> tuple[Script, ...]:
    """Return the scripts in force: the program's own with the published revisions over them.

    Raises:
        InvalidInput: a revision does not fit this version of the program.
    """
    scripts = {script.id: script for script in own}
    for revision in revisions:
        scripts.pop(revision.script_id, None)
        if revision.body is not None:
            scripts[revision.script_id] = script_of(revision.script_id, revision.body)
    return tuple(scripts.values())


def _own_pending(session: Session, staff: Staff, script_id: str) -> ScriptRevision | None:
    query = select(ScriptRevision).where(
        ScriptRevision.script_id == script_id,
        ScriptRevision.author_id == staff.id,
        ScriptRevision.state.in_((RevisionState.DRAFT, RevisionState.SUBMITTED)),
    )
    return session.scalars(query).first()


def _next_number(session: Session, script_id: str) -> int:
    query = select(func.max(ScriptRevision.number)).where(ScriptRevision.script_id == script_id)
    return (session.scalar(query) or 0) + 1


def _reason(why: str) -> str:
    reason = clean_text(why)
    if not reason or len(reason) > WHY_LIMIT:
        raise InvalidInput("errors.rule_why", field="why", limit=WHY_LIMIT)
    return reason


def _store(session: Session, revision: ScriptRevision) -> ScriptRevision:
    try:
        with session.begin_nested():
            session.add(revision)
    except (IntegrityError, StaleDataError) as error:
        raise Conflict("errors.published_meanwhile") from error
    session.refresh(revision)
    return revision


def _note(session: Session, staff: Staff, revision: ScriptRevision, kind: str) -> None:
    record(
        session,
        staff.login,
        Action.SCRIPT_PUBLISHED,
        f"script {revision.script_id}",
        number=revision.number,
        kind=kind,
        withdrawn=revision.body is None,
    )
