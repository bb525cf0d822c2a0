"""Reads who is there: staff, absences, duty; and how long each level has to acknowledge."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.deadlines.domain import due_after
from desk.deadlines.profiles import DUTY, LEVELS, LadderLevel, ServiceProfile
from desk.deadlines.service import current_profile
from desk.escalation.domain import Place, Told
from desk.escalation.models import Absence, Duty
from desk.escalation.people import Matter, Person, Roster, find

MOST_STAFF = 20_000


def read_roster(session: Session, now: datetime) -> Roster:
    """Return who is there at `now`."""
    staff = select(Staff.id, Staff.role, Staff.department).where(Staff.is_active)
    people = {
        row.id: Person(row.id, row.role, row.department)
        for row in session.execute(staff.order_by(Staff.id).limit(MOST_STAFF))
    }
    away = select(Absence.staff_id, Absence.substitute_id)
    away = away.where(Absence.begins_at <= now, now < Absence.ends_at)
    substitutes = {
        row.staff_id: row.substitute_id for row in session.execute(away.order_by(Absence.id))
    }
    duty = select(Duty.staff_id).where(Duty.begins_at <= now, now < Duty.ends_at)
    on_duty = session.scalars(duty.order_by(Duty.begins_at.desc(), Duty.id)).all()
    return Roster(people, substitutes, on_duty)


class Ladder:
    """Finds person and time of a raise by roster and service profile; remembers what it found,
    since many tickets concern the same people and fall due at the same instant."""

    def __init__(self, roster: Roster, profile: ServiceProfile | None = None) -> None:
        self._turns = roster.turns()
        self._told = cache(partial(find, roster))
        levels = (profile or current_profile()).levels
        self._acknowledge_by = cache(partial(_acknowledge_by, levels))

    def place_for(self, matter: Matter) -> Place:
        """Return the function by which a ticket's raises are placed."""
        alike = Matter(matter.recipient_id, matter.department, matter.turn % self._turns)

        def place(level: int, is_duty: bool, at: datetime) -> tuple[Told, datetime | None]:
            told = self._told(alike, level, is_duty=is_duty)
            return told, self._acknowledge_by(told.level, is_duty, at)

        return place


def ladder_at(session: Session, now: datetime) -> Ladder:
    """Return the ladder with the roster of `now`."""
    return Ladder(read_roster(session, now))


def _acknowledge_by(
    levels: Mapping[str, LadderLevel], level: int, is_duty: bool, at: datetime
) -> datetime | None:
    """Return until when whoever is told at `at` has to acknowledge."""
    found = levels.get(DUTY if is_duty else LEVELS[level])
    return due_after(at, found.acknowledge, found.calendar) if found else None
