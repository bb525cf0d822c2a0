"""Drafts of rule changes: written by QA or leaders, judged by the gate, published elsewhere."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, InvalidInput, NotFound
from desk.rulebook.bodies import SIZE_LIMIT, Body, Overlay, tidy
from desk.rulebook.models import DraftState, RuleDraft
from scripts_library.checking.rules import RuleSet
from scripts_library.errors import LexiconError

WHY_LIMIT = 1000
RULE_ID = re.compile(r"(?=.{3,80}$)(?!.*\d{5})[a-z_]+(\.[a-z0-9_]+(-[a-z0-9_]+)*)+")
"""Category, dot, name in lower case: `refusal.no-way`."""
EDITABLE = (DraftState.OPEN, DraftState.SUBMITTED)


def checked_body(base: RuleSet, overlay: Overlay, body: Mapping[str, Any]) -> Body:
    """Return a rule as it is stored.

    Raises:
        InvalidInput: too long, or no valid rule; `details["problems"]` lists every problem.
    """
    body = tidy(json.loads(json.dumps(body), object_hook=_clean))
    if len(json.dumps(body, ensure_ascii=False)) > SIZE_LIMIT:
        raise InvalidInput("errors.rule_too_long", limit=SIZE_LIMIT)
    try:
        laid_rule_set(base, overlay, str(body.get("id", "")), body)
    except LexiconError as error:
        problems = [f"{one.message}（{one.value}）：{one.fix}" for one in error.problems]
        found = "；".join(dict.fromkeys(problems))
        raise InvalidInput("errors.rule_invalid", problems=found) from error
    return body


def laid_rule_set(base: RuleSet, overlay: Overlay, rule_id: str, body: Body | None) -> RuleSet:
    """Return the rules in force with one change; raises `LexiconError` for a malformed rule."""
    return overlay.with_change(base, rule_id, body).lay(base)


def save_draft(
    session: Session,
    staff: Staff,
    base: RuleSet,
    overlay: Overlay,
    *,
    rule_id: str,
    body: Mapping[str, Any] | None,
    why: str,
    draft_id: int | None = None,
    origin: str = "editor",
    flagged_id: int | None = None,
    now: datetime | None = None,
) -> RuleDraft:
    """Write a new draft, or another wording of one; what the gate said before counts no more.

    Args:
        session: of the caller's transaction.
        staff: becomes its author.
        base: the program's own rules.
        overlay: what is published.
        rule_id: of the rule; in a body the same.
        body: the whole rule; None takes the rule out.
        why: the reason, for the history.
        draft_id: of the draft to write anew.
        origin: where the draft comes from: `editor`, `false_alarm` or `appeal`.
        flagged_id: the flagged reply it comes from.
        now: for tests.

    Raises:
        Forbidden: neither QA nor a leader.
        NotFound, Conflict: no such draft, or it is published or dropped.
        InvalidInput: no valid rule, no reason, or a rule to take out that isn't there.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    now = now or utc_now()
    reason = clean_text(why)
    if not reason or len(reason) > WHY_LIMIT:
        raise InvalidInput("errors.rule_why", field="why", limit=WHY_LIMIT)
    if not RULE_ID.fullmatch(rule_id):
        raise InvalidInput("errors.rule_id_invalid", field="id")
    if body is None:
        known = {rule.id for rule in base.rules} - set(overlay.removed) | set(overlay.changed)
        if rule_id not in known:
            raise InvalidInput("errors.rule_not_there", field="id")
        checked = None
    else:
        checked = checked_body(base, overlay, {**body, "id": rule_id})
    if draft_id is None:
        draft = RuleDraft(origin=origin, flagged_id=flagged_id, created_at=now)
        session.add(draft)
    else:
        draft = open_draft(session, staff, draft_id)
    draft.rule_id, draft.body, draft.why = rule_id, checked, reason
    draft.state, draft.author = DraftState.OPEN, session.merge(staff, load=False)
    draft.updated_at, draft.gate, draft.gate_for = now, None, None
    _flush(session)
    return draft


def find_draft(session: Session, staff: Staff, draft_id: int) -> RuleDraft:
    """Return a draft; raises `NotFound`, or `Forbidden` for other roles."""
    require(staff, Role.QA, Role.SUPERVISOR)
    found = session.get(RuleDraft, draft_id) if 0 < draft_id < 2**31 else None
    if found is None:
        raise NotFound("errors.draft_not_found")
    return found


def open_draft(session: Session, staff: Staff, draft_id: int) -> RuleDraft:
    """Return a draft that may still change; raises `Conflict` if it is published or dropped."""
    draft = find_draft(session, staff, draft_id)
    if draft.state not in EDITABLE:
        raise Conflict("errors.draft_settled")
    return draft


def list_drafts(session: Session, staff: Staff, *, limit: int = 100) -> list[RuleDraft]:
    """Return the drafts that wait for something, submitted ones first, the newest first."""
    require(staff, Role.QA, Role.SUPERVISOR)
    query = select(RuleDraft).where(RuleDraft.state.in_(EDITABLE))
    query = query.order_by(RuleDraft.state.desc(), RuleDraft.id.desc())
    return list(session.scalars(query.limit(limit)))


def count_drafts(session: Session) -> int:
    """Return how many drafts wait for something."""
    query = select(func.count()).select_from(RuleDraft).where(RuleDraft.state.in_(EDITABLE))
    return session.scalar(query) or 0


def submit_draft(session: Session, staff: Staff, draft_id: int) -> RuleDraft:
    """Ask a leader to publish it; raises as `open_draft` does."""
    draft = open_draft(session, staff, draft_id)
    draft.state = DraftState.SUBMITTED
    _flush(session)
    return draft


def drop_draft(session: Session, staff: Staff, draft_id: int) -> RuleDraft:
    """Give a draft up; it stays in the database. Raises as `open_draft` does."""
    draft = open_draft(session, staff, draft_id)
    draft.state = DraftState.DROPPED
    _flush(session)
    return draft


def gate_key(draft: RuleDraft, published: str) -> str:
    """Return what a gate report is about: this very change on this very published set."""
    content = json.dumps([published, draft.rule_id, draft.body], sort_keys=True)
    return sha256(content.encode()).hexdigest()


def keep_gate(
    session: Session, staff: Staff, draft_id: int, report: Mapping[str, Any], *, key: str
) -> RuleDraft:
    """Keep what the gate said; `key` as `gate_key` gave it before the gate began."""
    draft = open_draft(session, staff, draft_id)
    draft.gate, draft.gate_for = dict(report), key
    _flush(session)
    return draft


def _flush(session: Session) -> None:
    try:
        session.flush()
    except StaleDataError as error:
        raise Conflict("errors.draft_changed") from error


def _clean(pairs: dict[str, Any]) -> dict[str, Any]:
    return {key: _clean_value(value) for key, value in pairs.items()}


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean_value(one) for one in value]
    return value
