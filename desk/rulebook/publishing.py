"""Publishes rule changes, keeps their history, and rebuilds the rules of any day (R-G3)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role, require
from desk.audit.actions import Action
from desk.audit.trail import record
from desk.clock import utc_now
from desk.conversations.domain import clean_text
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound
from desk.rulebook.bodies import Overlay, body_of, is_blocking, rule_of
from desk.rulebook.drafts import WHY_LIMIT, gate_key, open_draft
from desk.rulebook.models import DraftState, RuleBase, RuleDraft, RuleVersion
from scripts_library.checking.packs import read_rule_set
from scripts_library.checking.rules import RuleSet
from scripts_library.errors import LexiconError


def keep_base(session: Session, base: RuleSet, packs: Mapping[str, bytes]) -> None:
    """Keep the packs of this version of the program, once, so that its verdicts can be redone."""
    if session.get(RuleBase, base.version) is not None:
        return
    content = {name: data.decode() for name, data in packs.items()}
    row = RuleBase(version=base.version, packs=content, seen_at=utc_now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return  # Another process was faster.


def head(session: Session) -> RuleVersion | None:
    """Return the newest published version; None when nothing was ever published."""
    return session.scalars(select(RuleVersion).order_by(RuleVersion.number.desc()).limit(1)).first()


def published(session: Session) -> Overlay:
    """Return the changes in force."""
    newest = head(session)
    return Overlay.from_json(newest.overlay) if newest else Overlay()


def fitting(overlay: Overlay, base: RuleSet) -> RuleSet:
    """Return the rules with the changes over them.

    Raises:
        Conflict: the changes do not fit this version of the program.
    """
    try:
        return overlay.lay(base)
    except LexiconError as error:
        raise Conflict("errors.version_does_not_fit") from error


def needs_second_person(rules: RuleSet, draft: RuleDraft) -> bool:
    """Tell whether a leader other than the author must publish it: it is about a rule that stops
    replies, before or after."""
    rule = rule_of(rules, draft.rule_id)
    return is_blocking(body_of(rule) if rule else None, draft.body)


def publish(
    session: Session, staff: Staff, draft_id: int, base: RuleSet, *, now: datetime | None = None
) -> RuleVersion:
    """Publish a draft that passed the gate.

    Raises:
        Forbidden: not QA or a leader; or it takes a leader who did not write it.
        Conflict: the gate has not passed this very change on the rules in force now, or somebody
            else published at the same time.
    """
    require(staff, Role.QA, Role.SUPERVISOR)
    draft = open_draft(session, staff, draft_id)
    newest = head(session)
    overlay = Overlay.from_json(newest.overlay) if newest else Overlay()
    rules = fitting(overlay, base)
    if needs_second_person(rules, draft) and (
        staff.id == draft.author_id or not has_role(staff, Role.SUPERVISOR)
    ):
        raise Forbidden("errors.rule_second_person")
    if not draft.gate or draft.gate_for != gate_key(draft, rules.version):
        raise Conflict("errors.gate_missing")
    if not draft.gate["passed"]:
        raise Conflict("errors.gate_failed")
    laid = overlay.with_change(base, draft.rule_id, draft.body)
    row = RuleVersion(
        kind="publish",
        rule_id=draft.rule_id,
        gate=draft.gate,
        why=draft.why,
        written_by_id=draft.author_id,
    )
    draft.state = DraftState.PUBLISHED
    return _store(session, staff, row, newest, laid, base, now)


def rollback(
    session: Session,
    staff: Staff,
    number: int,
    base: RuleSet,
    *,
    why: str,
    now: datetime | None = None,
) -> RuleVersion:
    """Publish an earlier version again, at once and without the gate; 0 is the program's own.

    Raises:
        Forbidden: no leader.
        NotFound: no such version.
        Conflict: it is in force, does not fit this version of the program, or somebody else
            published at the same time.
        InvalidInput: no reason.
    """
    require(staff, Role.SUPERVISOR)
    reason = clean_text(why)
    if not reason or len(reason) > WHY_LIMIT:
        raise InvalidInput("errors.rule_why", field="why", limit=WHY_LIMIT)
    newest = head(session)
    earlier = session.get(RuleVersion, number) if 0 < number < 2**31 else None
    if earlier is None and number != 0:
        raise NotFound("errors.version_not_found")
    overlay = Overlay.from_json(earlier.overlay) if earlier else Overlay()
    in_force = Overlay.from_json(newest.overlay) if newest else Overlay()
    if overlay.as_json() == in_force.as_json():
        raise Conflict("errors.version_in_force")
    row = RuleVersion(kind="rollback", rule_id=None, gate=None, why=reason, written_by_id=staff.id)
    return _store(session, staff, row, newest, overlay, base, now)


def history(session: Session, *, limit: int = 50, offset: int = 0) -> Sequence[RuleVersion]:
    """Return published versions, the newest first. The caller checks the role."""
    query = select(RuleVersion).order_by(RuleVersion.number.desc())
    return session.scalars(query.limit(limit).offset(offset)).all()


def rules_at(session: Session, version: str) -> RuleSet:
    """Return the rules that carried a version, as verdicts name it.

    Raises:
        NotFound: this desk never had it.
    """
    row = session.scalars(select(RuleVersion).where(RuleVersion.version == version)).first()
    base = session.get(RuleBase, row.base_version if row else version)
    if base is None:
        raise NotFound("errors.version_not_found")
    packs = {name: text.encode() for name, text in base.packs.items()}
    rules = read_rule_set(packs)
    return Overlay.from_json(row.overlay).lay(rules) if row else rules


def _store(
    session: Session,
    staff: Staff,
    row: RuleVersion,
    newest: RuleVersion | None,
    overlay: Overlay,
    base: RuleSet,
    now: datetime | None,
) -> RuleVersion:
    row.version = fitting(overlay, base).version
    row.number = newest.number + 1 if newest else 1
    row.base_version, row.overlay = base.version, overlay.as_json()
    row.published_by_id, row.published_at = staff.id, now or utc_now()
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("errors.published_meanwhile") from error
    record(
        session,
        staff.login,
        Action.RULES_PUBLISHED,
        f"rules {row.version[:8]}",
        number=row.number,
        kind=row.kind,
        rule=row.rule_id,
    )
    session.refresh(row)
    return row
