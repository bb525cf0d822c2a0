"""Who is away and who stands in, and who is the manager on duty; kept by leaders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from desk.accounts.models import LEADERS, Role, Staff
from desk.accounts.service import require
from desk.clock import to_local, utc_now
from desk.errors import Conflict, InvalidInput, NotFound
from desk.escalation.models import Absence, Duty
from desk.locale import t

LONGEST = timedelta(days=366)
MOST_SHOWN = 200
ON_DUTY = LEADERS | {Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Saved:
    """What was stored, and what whoever entered it should know about it, in Chinese."""

    id: int
    remarks: tuple[str, ...]


def add_absence(
    session: Session,
    staff: Staff,
    *,
    staff_id: int,
    substitute_id: int | None,
    begins_at: datetime,
    ends_at: datetime,
    now: datetime | None = None,
) -> Saved:
    """Note that someone is away; the remarks name substitutes that are away too.

    Raises:
        Forbidden: only leaders may.
        InvalidInput: unknown people, oneself as substitute, or impossible times.
        Conflict: the person is noted as away in that time already.
    """
    require(staff, Role.SUPERVISOR)
    _check_times(begins_at, ends_at, now or utc_now())
    person = _active(session, staff_id, "staff_id")
    substitute = None if substitute_id is None else _active(session, substitute_id, "substitute_id")
    if substitute is person:
        raise InvalidInput("errors.own_substitute", field="substitute_id")
    own = _absences_between(session, begins_at, ends_at, person.id)
    if own:
        raise Conflict("errors.absence_overlaps", when=span_text(own[0].begins_at, own[0].ends_at))
    remarks = _about_substitute(session, substitute, begins_at, ends_at)
    if _duties_between(session, begins_at, ends_at, person.id):
        remarks.append(t("escalation.away_on_duty", name=person.display_name))
    absence = Absence(
        staff_id=person.id, substitute_id=substitute_id, begins_at=begins_at, ends_at=ends_at
    )
    session.add(absence)
    session.flush()
    return Saved(absence.id, tuple(remarks))


def add_duty(
    session: Session,
    staff: Staff,
    *,
    staff_id: int,
    begins_at: datetime,
    ends_at: datetime,
    now: datetime | None = None,
) -> Saved:
    """Put a leader on duty; the remarks name others on duty at the same time, and absences.

    Raises:
        Forbidden: only leaders may.
        InvalidInput: unknown person, no leader, or impossible times.
        Conflict: the person is on duty in that time already.
    """
    require(staff, Role.SUPERVISOR)
    _check_times(begins_at, ends_at, now or utc_now())
    person = _active(session, staff_id, "staff_id")
    if person.role not in ON_DUTY:
        raise InvalidInput("errors.duty_role", field="staff_id")
    duties = _duties_between(session, begins_at, ends_at)
    own = [duty for duty in duties if duty.staff_id == person.id]
    if own:
        raise Conflict("errors.duty_overlaps", when=span_text(own[0].begins_at, own[0].ends_at))
    remarks = [
        t(
            "escalation.both_on_duty",
            name=other.staff.display_name,
            when=span_text(other.begins_at, other.ends_at),
        )
        for other in duties
    ]
    if _absences_between(session, begins_at, ends_at, person.id):
        remarks.append(t("escalation.duty_away", name=person.display_name))
    duty = Duty(staff_id=person.id, begins_at=begins_at, ends_at=ends_at)
    session.add(duty)
    session.flush()
    return Saved(duty.id, tuple(remarks))


def absences(session: Session, staff: Staff, *, now: datetime | None = None) -> Sequence[Absence]:
    """Return absences of now and to come, by their beginning."""
    require(staff, Role.SUPERVISOR)
    query = select(Absence).where(Absence.ends_at > (now or utc_now()))
    query = query.options(joinedload(Absence.staff), joinedload(Absence.substitute))
    return session.scalars(query.order_by(Absence.begins_at, Absence.id).limit(MOST_SHOWN)).all()


def duties(session: Session, staff: Staff, *, now: datetime | None = None) -> Sequence[Duty]:
    """Return duties of now and to come, by their beginning."""
    require(staff, Role.SUPERVISOR)
    query = select(Duty).where(Duty.ends_at > (now or utc_now())).options(joinedload(Duty.staff))
    return session.scalars(query.order_by(Duty.begins_at, Duty.id).limit(MOST_SHOWN)).all()


def remove_absence(session: Session, staff: Staff, absence_id: int) -> None:
    """Take an absence back; raises `NotFound`."""
    _remove(session, staff, Absence, absence_id)


def remove_duty(session: Session, staff: Staff, duty_id: int) -> None:
    """Take a duty back; raises `NotFound`."""
    _remove(session, staff, Duty, duty_id)


def span_text(begins_at: datetime, ends_at: datetime) -> str:
    """Return a time from … to … in words."""
    first, last = to_local(begins_at), to_local(ends_at)
    return f"{first:%Y-%m-%d %H:%M} ～ {last:%Y-%m-%d %H:%M}"


def _remove(session: Session, staff: Staff, model: type[Absence] | type[Duty], row_id: int) -> None:
    require(staff, Role.SUPERVISOR)
    row = session.get(model, row_id)
    if row is None:
        raise NotFound("errors.not_found")
    session.delete(row)
    session.flush()


def _check_times(begins_at: datetime, ends_at: datetime, now: datetime) -> None:
    if begins_at >= ends_at:
        raise InvalidInput("errors.span_order", field="ends_at")
    if ends_at <= now:
        raise InvalidInput("errors.span_past", field="ends_at")
    if ends_at - begins_at > LONGEST:
        raise InvalidInput("errors.span_long", field="ends_at", days=LONGEST.days)


def _active(session: Session, staff_id: int, field: str) -> Staff:
    found = session.get(Staff, staff_id)
    if found is None or not found.is_active:
        raise InvalidInput("errors.staff_unknown", field=field)
    return found


def _about_substitute(
    session: Session, substitute: Staff | None, begins_at: datetime, ends_at: datetime
) -> list[str]:
    if substitute is None:
        return [t("escalation.no_substitute")]
    away = _absences_between(session, begins_at, ends_at, substitute.id)
    if not away:
        return []
    when = span_text(away[0].begins_at, away[0].ends_at)
    return [t("escalation.substitute_away", name=substitute.display_name, when=when)]


def _absences_between(
    session: Session, begins_at: datetime, ends_at: datetime, staff_id: int
) -> Sequence[Absence]:
    query = select(Absence).where(
        Absence.staff_id == staff_id, Absence.begins_at < ends_at, begins_at < Absence.ends_at
    )
    return session.scalars(query.order_by(Absence.begins_at)).all()


def _duties_between(
    session: Session, begins_at: datetime, ends_at: datetime, staff_id: int | None = None
) -> Sequence[Duty]:
    query = select(Duty).where(Duty.begins_at < ends_at, begins_at < Duty.ends_at)
    if staff_id is not None:
        query = query.where(Duty.staff_id == staff_id)
    return session.scalars(query.options(joinedload(Duty.staff)).order_by(Duty.begins_at)).all()
