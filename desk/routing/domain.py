"""Who gets a waiting conversation: pure rules, no database, no clock (R-G9, R-F5).

Urgent ones come first, then whoever has waited longest. Each goes to one person: whoever had the
customer last, if they are free; otherwise to the group that suits best, there to the least
loaded, and among equals to whoever took nothing for the longest time. Somebody is free who is
available, has room for one more, has no other offer to think about, and was not asked for this
wait before.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

TRADITIONAL = "zh-Hant"
URGENT = "urgent"
EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who could be asked.

    Attributes:
        load, capacity: conversations held, and how many one may hold.
        took_at: when they last took one; None: never.
        groups: ids of their groups.
        is_free: available, and without an open offer.
    """

    id: int
    load: int
    capacity: int
    took_at: datetime | None = None
    groups: frozenset[int] = frozenset()
    is_free: bool = True


@dataclass(frozen=True, slots=True)
class Team:
    """A group: what it is for (nothing named: for everything), in the order of asking."""

    id: int
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that nobody has.

    Attributes:
        topics: what it is about: intent, complaint category, `TRADITIONAL`, `URGENT`.
        wanted_group: the group it was passed on to.
        last_agent: who had it last.
        asked: who was asked already, since it waits.
    """

    id: str
    queued_at: datetime
    is_urgent: bool = False
    topics: frozenset[str] = frozenset()
    wanted_group: int | None = None
    last_agent: int | None = None
    asked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is to be asked for what; `group_id` is None if not as a member of a group."""

    conversation_id: str
    agent_id: int
    group_id: int | None


@dataclass(slots=True)
class _Pool:
    """Those who are still free in this round; everybody is asked for one conversation at most."""

    agents: dict[int, Agent]

    def take(self, agent: Agent) -> None:
        del self.agents[agent.id]

    def best(self, ids: Iterable[int], asked: Collection[int]) -> Agent | None:
        free = [self.agents[one] for one in ids if one in self.agents and one not in asked]
        return min(free, key=_least_busy, default=None)


def assign(
    waiting: Iterable[Waiting], agents: Sequence[Agent], teams: Sequence[Team]
) -> list[Assignment]:
    """Return who is to be asked for which conversation, the most pressing first.

    Equal input gives equal output, in whatever order the agents come. Without teams everybody
    is asked. Nobody is named twice, so nobody comes to hold more than they may.
    """
    free = {one.id: one for one in agents if one.is_free and one.load < one.capacity}
    pool = _Pool(free)
    members = {team.id: [one.id for one in agents if team.id in one.groups] for team in teams}
    found = []
    for one in sorted(waiting, key=lambda each: (not each.is_urgent, each.queued_at, each.id)):
        if not pool.agents:
            break
        match = _choose(one, pool, teams, members)
        if match:
            agent, group_id = match
            pool.take(agent)
            found.append(Assignment(one.id, agent.id, group_id))
    return found


def order_of_teams(one: Waiting, teams: Sequence[Team]) -> list[Team]:
    """Return the groups in the order in which they are asked: the one it was passed on to, then
    those with most of its topics, then those for everything, then the others."""

    def rank(place: int) -> tuple[bool, int, bool, int]:
        team = teams[place]
        return (
            team.id != one.wanted_group,
            -len(team.topics & one.topics),
            bool(team.topics),
            place,
        )

    return [teams[place] for place in sorted(range(len(teams)), key=rank)]


def not_again(
    declined: frozenset[int], passed: Mapping[int, int], able: Iterable[int]
) -> frozenset[int]:
    """Return who is not to be asked now: whoever declined, and whoever let more offers pass than
    others who are able to take one. When all have let one pass, it goes round again.

    Args:
        declined: who said no.
        passed: how many offers of this wait each person let pass.
        able: who is available and has room.
    """
    least = min((passed.get(one, 0) for one in able if one not in declined), default=0)
    return declined | {one for one, count in passed.items() if count > least}


def _choose(
    one: Waiting, pool: _Pool, teams: Sequence[Team], members: dict[int, list[int]]
) -> tuple[Agent, int | None] | None:
    if one.last_agent is not None and one.wanted_group is None:
        agent = pool.best([one.last_agent], one.asked)
        if agent:
            return agent, None
    if not teams:
        agent = pool.best(sorted(pool.agents), one.asked)
        return (agent, None) if agent else None
    for team in order_of_teams(one, teams):
        agent = pool.best(members[team.id], one.asked)
        if agent:
            return agent, team.id
    return None


def _least_busy(agent: Agent) -> tuple[float, datetime, int]:
    return agent.load / agent.capacity, agent.took_at or EVER, agent.id
