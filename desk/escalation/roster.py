"""Reads who is there: staff, absences, duty; and how long each level has to acknowledge."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.deadlines.domain import due_after
from desk.deadlines.profiles import DUTY, LEVELS, ServiceProfile
from desk.deadlines.service import current_profile
from desk.escalation.domain import Place
from desk.escalation.models import Absence, Duty
from desk.escalation.people import Matter, Person, Roster, Told, find

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
    """Finds level, person and time of a raise by roster and service profile; remembers what it
    found, since many tickets fall due at the same instant and concern the same people."""

    def __init__(self, roster: Roster, profile: ServiceProfile | None = None) -> None:
        self.roster = roster
        self._levels = (profile or current_profile()).levels
        self._times: dict[tuple[str, datetime], datetime | None] = {}
        self._turns = roster.turns()
        self._told: dict[tuple[int | None, str, int, int, bool], Told] = {}

    def place_for(self, matter: Matter) -> Place:
        """Return the function by which a ticket's raises are placed."""

        def place(level: int, is_duty: bool, at: datetime) -> tuple[int, datetime | None]:
            reached = self.told(matter, level, is_duty=is_duty).level
            return reached, self.acknowledge_by(reached, is_duty, at)

        return place

    def told(self, matter: Matter, level: int, *, is_duty: bool = False) -> Told:
        """Return who is told of a matter at a level, or at the next one where somebody is."""
        turn = matter.turn % self._turns
        wanted = (matter.recipient_id, matter.department, turn, level, is_duty)
        found = self._told.get(wanted)
        if found is None:
            found = self._told[wanted] = find(self.roster, matter, level, is_duty=is_duty)
        return found

    def acknowledge_by(self, level: int, is_duty: bool, at: datetime) -> datetime | None:
        """Return until when whoever is told at `at` has to acknowledge."""
        name = DUTY if is_duty else LEVELS[level]
        if (name, at) not in self._times:
            found = self._levels.get(name)
            self._times[name, at] = (
                due_after(at, found.acknowledge, found.calendar) if found else None
            )
        return self._times[name, at]


def ladder_at(session: Session, now: datetime) -> Ladder:
    """Return the ladder with the roster of `now`."""
    return Ladder(read_roster(session, now))
