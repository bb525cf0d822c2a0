"""A floor of agents and groups for the tests of routing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from desk.accounts.models import SessionStage, StaffSession
from desk.clock import utc_now
from desk.routing.models import GroupMember, StaffGroup
from desk.routing.presence import Presence, arrive, set_presence, state_of
from desk.routing.running import do_round
from desk.routing.settings import RoutingSettings, use_settings

TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai, on a working day."""
EVENING = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def settings() -> Iterator[RoutingSettings]:
    """The usual settings, whatever the file says."""
    usual = RoutingSettings(away_reasons=("小休", "会议"))
    use_settings(usual)
    yield usual
    use_settings(None)


@dataclass
class Floor:
    """Puts people at their desks, and lets rounds pass."""

    make: object
    now: datetime = TUESDAY

    @property
    def database(self):
        return self.make.database

    def agent(self, *groups, role="agent", capacity=None, **values):
        """Somebody who is available."""
        staff = self.make.staff(role, **values)
        with self.database.transaction() as session:
            for group in groups:
                session.add(GroupMember(group_id=group.id, staff_id=staff.id))
            state_of(session, staff.id, self.now).capacity = capacity
        self.arrive(staff)
        return staff

    def arrive(self, staff):
        with self.database.transaction() as session:
            token = f"{staff.id}:{self.now.isoformat()}"
            session.merge(
                StaffSession(
                    token_hash=token,
                    staff_id=staff.id,
                    created_at=self.now,
                    expires_at=self.now + timedelta(days=30),
                    last_seen_at=utc_now(),
                    stage=SessionStage.FULL,
                )
            )
            arrive(session, staff, now=self.now)
            set_presence(session, staff, Presence.AVAILABLE, now=self.now)

    def goes(self, staff, presence, reason=None):
        with self.database.transaction() as session:
            return set_presence(session, staff, presence, reason=reason, now=self.now)

    def group(self, name, *topics):
        with self.database.transaction() as session:
            row = StaffGroup(
                name=name, topics=list(topics), position=len(name), created_at=self.now
            )
            session.add(row)
        return row

    def waits(self, *texts, **values):
        return self.make.queued(*texts, now=self.now, **values)

    def round(self, seconds=0):
        """Let time pass, everybody still being there, then do a round."""
        self.now += timedelta(seconds=seconds)
        with self.database.transaction() as session:
            return do_round(session, self.now)

    def stay(self, *people):
        """Give a sign of life."""
        with self.database.transaction() as session:
            for one in people:
                state_of(session, one.id, self.now).seen_at = self.now


@pytest.fixture
def floor(make) -> Floor:
    return Floor(make)
