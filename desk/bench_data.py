"""A year of made-up tickets, written fast: for measuring, never for a desk in use."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, Text, insert, select, text

from desk.accounts.models import Role, Staff
from desk.clock import to_local, utc_now
from desk.database import Database
from desk.deadlines.service import DueDate, deadline_for
from desk.encryption import EncryptedText, personal_data
from desk.tickets.domain import CATEGORIES, DEPARTMENT_OF_KIND, DEPARTMENTS
from desk.tickets.models import Ticket, TicketCounter, TicketEntry
from desk.tickets.numbers import make_number
from desk.tickets.search import SEARCHED, searched_texts
from desk.tickets.search_terms import index_terms, tsvector
from desk.tickets.timeline import EntryKind, Standing, step

BATCH = 5_000
DAYS = 365
OPEN_SHARE = 0.05
ESTATES = (
    "云栖雅苑",
    "江南府",
    "望湖公馆",
    "锦绣花园",
    "滨江一号",
    "翠谷里",
    "东方名城",
    "学府家园",
)
KINDS = ("complaint", "repair", "inquiry", "suggestion", "order_change", "viewing")
KIND_WEIGHTS = (40, 30, 15, 5, 7, 3)
CHANNELS = ("web", "phone", "widget", "visit", "letter", "api")
CHANNEL_WEIGHTS = (45, 30, 10, 7, 3, 5)
PLACES = (
    "客厅",
    "主卧",
    "厨房",
    "卫生间",
    "阳台",
    "地下车库",
    "电梯厅",
    "楼道",
    "小区大门",
    "屋顶",
)
SPOTS = (None, None, "5楼楼道", "负1楼车库", "北门")
THINGS = (
    "窗户", "天花板", "水管", "地砖", "电梯", "门禁", "路灯",
    "外墙", "断桥平开窗", "玻璃", "物业费",
)  # fmt: skip
TROUBLES = (
    "漏水", "开裂", "一直有异响", "坏了没人修", "关不严", "堵了", "收费不合理", "有老鼠", "灯不亮",
)  # fmt: skip
PASTS = (
    "已经三天了",
    "从上周开始",
    "报过两次还没解决",
    "昨天晚上发现的",
    "业主群里很多人反映",
    "入住以来一直这样",
)
WISHES = (
    "请尽快上门维修",
    "希望给出处理时间",
    "要求赔偿损失",
    "请负责人回电话",
    "希望退还费用",
    "请给个说法",
)
RESULTS = (
    "已安排师傅上门修好",
    "已更换配件并复查",
    "已退还多收的费用",
    "已与客户沟通并取得谅解",
    "已清理完毕",
)
CAUSES = ("防水施工", "材料老化", "保洁不到位", "收费标准未公示", "配件缺货", "沟通不及时")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙"


@dataclass(frozen=True, slots=True)
class _Person:
    """A customer; name, phone and room as the database keeps them."""

    name: str
    phone: str
    phone_index: str
    room: str


def make_tickets(
    database: Database, count: int, *, now: datetime | None = None, seed: int = 1
) -> None:
    """Write `count` varied tickets of the year before `now`, with timelines and search index.

    Five in a hundred are unsettled, most of them young; staff of every level are there. The same
    seed makes the same tickets. About 2,500 a second. The database should be empty.
    """
    now = (now or utc_now()).replace(microsecond=0)
    chance = random.Random(seed)
    people = [_person(number) for number in range(500)]
    with database.engine.begin() as connection:
        recipients = _staff(connection, now)
    rows = _rows(count, now, chance, people, recipients)
    while batch := list(islice(rows, BATCH)):
        with database.engine.begin() as connection:
            _write(connection, batch)
    with database.engine.begin() as connection:
        _count_up(connection, count, now)


def _rows(
    count: int, now: datetime, chance: random.Random, people: list[_Person], recipients: list[int]
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each ticket's columns and its timeline, the oldest ticket first."""
    entry_ids = iter(range(1, 1_000 * count))
    for place in range(count):
        day = DAYS - 1 - place * DAYS // count
        created_at = now - timedelta(days=day, minutes=chance.randint(1, 600))
        ticket = _ticket(place + 1, created_at, chance, chance.choice(people))
        ticket["recipient_id"] = chance.choice(recipients)
        entries = _timeline(ticket, now, chance, entry_ids)
        yield ticket, entries


def _ticket(
    ticket_id: int, created_at: datetime, chance: random.Random, person: _Person
) -> dict[str, Any]:
    (kind,) = chance.choices(KINDS, KIND_WEIGHTS)
    severity = "major" if chance.random() < 0.06 else "general"
    (channel,) = chance.choices(CHANNELS, CHANNEL_WEIGHTS)
    is_complaint = kind == "complaint"
    due = _due(kind, severity, channel, created_at.replace(minute=0, second=0))
    department = chance.choice(DEPARTMENTS) if is_complaint else DEPARTMENT_OF_KIND[kind]
    matter = f"{chance.choice(PLACES)}的{chance.choice(THINGS)}{chance.choice(TROUBLES)}"
    return {
        "id": ticket_id,
        "number": make_number(to_local(created_at).date(), ticket_id % 900_000 + 1_000),
        "kind": kind,
        "category": chance.choice(CATEGORIES) if is_complaint else None,
        "department": department,
        "severity": severity,
        "severity_reasons": ["12345"] if severity == "major" else [],
        "channel": channel,
        "intent": None,
        "conversation_id": None,
        "source_key": None,
        "has_consent": True,
        "customer_name": person.name,
        "phone": person.phone,
        "phone_index": person.phone_index,
        "reply_channel": "phone",
        "estate": chance.choice(ESTATES),
        "building": f"{chance.randint(1, 30)}栋",
        "unit": f"{chance.randint(1, 3)}单元",
        "room": person.room,
        "spot": chance.choice(SPOTS),
        "email": None,
        "order_no": f"DD{chance.randint(10**9, 10**10 - 1)}" if kind == "order_change" else None,
        "occurred": None,
        "description": f"{matter}，{chance.choice(PASTS)}，我是第{chance.randint(1, 99)}次反映",
        "wish": chance.choice(WISHES),
        "cause": chance.choice(CAUSES) if is_complaint else None,
        "recipient_id": None,
        "group_id": None,
        "created_at": created_at,
        "warn_at": due.warn_at,
        "due_at": due.due_at,
        "due_trace": list(due.trace),
        "due_steps": list(due.steps),
        "next_check_at": due.warn_at or due.due_at,
    }


def _timeline(
    ticket: dict[str, Any], now: datetime, chance: random.Random, ids: Iterator[int]
) -> list[dict[str, Any]]:
    """Return the entries of a ticket and set its columns to what they add up to."""
    at = ticket["created_at"]
    age = now - at
    is_unsettled = age < timedelta(days=DAYS * OPEN_SHARE * 1.2) and chance.random() < 0.85
    happened: list[tuple[EntryKind, str | None, dict[str, Any]]] = [(EntryKind.OPENED, None, {})]
    if not is_unsettled or chance.random() < 0.6:
        moved = {"before": "open", "after": "in_progress"}
        happened.append((EntryKind.STATE_CHANGED, None, moved))
    if chance.random() < 0.25:
        happened.append((EntryKind.URGED, None, {"count": 1}))
    if chance.random() < 0.12:
        happened.append((EntryKind.ESCALATED, None, {"level": chance.choice((1, 1, 1, 2))}))
    if not is_unsettled:
        happened += _ending(chance)
    standing, entries = Standing(), []
    late = 2.0 if chance.random() < 0.12 else 0.7
    pace = (ticket["due_at"] - at) * late * chance.random() / len(happened)
    for kind, said, data in happened:
        entries.append(_entry(next(ids), ticket["id"], kind, at, said, data))
        standing = step(standing, kind, at, data)
        at = min(at + pace, now)
    ticket.update(standing._asdict())
    if not is_unsettled:
        ticket["next_check_at"] = None
    return entries


def _ending(chance: random.Random) -> list[tuple[EntryKind, str | None, dict[str, Any]]]:
    told = (EntryKind.FEEDBACK_GIVEN, chance.choice(RESULTS), {"after": "resolved"})
    score = chance.choices((1, 2, 3, 4, 5), (4, 6, 20, 35, 35))[0]
    answered = (EntryKind.SURVEY_ANSWERED, None, {"score": score})
    closed = (EntryKind.STATE_CHANGED, None, {"before": "resolved", "after": "closed"})
    if chance.random() < 0.4:
        return [told, closed]
    if score > 2:
        return [told, answered, closed]
    reopened = (EntryKind.REOPENED, None, {"after": "in_progress"})
    return [told, answered, reopened, told, closed]


def _entry(
    entry_id: int,
    ticket_id: int,
    kind: EntryKind,
    at: datetime,
    said: str | None,
    data: dict[str, Any],
) -> dict[str, Any]:
    actor = "customer" if kind in {EntryKind.URGED, EntryKind.SURVEY_ANSWERED} else "bench1"
    return {
        "id": entry_id,
        "ticket_id": ticket_id,
        "kind": kind,
        "actor": actor,
        "at": at,
        "text": said,
        "data": data,
    }


def _write(
    connection: Connection, batch: list[tuple[dict[str, Any], list[dict[str, Any]]]]
) -> None:
    connection.execute(insert(_as_stored(Ticket)), [ticket for ticket, _ in batch])
    lines = [entry for _, entries in batch for entry in entries]
    connection.execute(insert(_as_stored(TicketEntry)), lines)
    is_postgres = connection.dialect.name == "postgresql"
    statement = (
        "INSERT INTO ticket_search (ticket_id, terms) VALUES (:id, CAST(:terms AS tsvector))"
        if is_postgres
        else "INSERT INTO ticket_search (rowid, terms) VALUES (:id, :terms)"
    )
    found = []
    for ticket, entries in batch:
        model = Ticket(**{name: ticket[name] for name in SEARCHED})
        terms = index_terms([*searched_texts(model), *(one["text"] for one in entries)])
        stored = tsvector(terms) if is_postgres else " ".join(terms)
        found.append({"id": ticket["id"], "terms": stored})
    connection.execute(text(statement), found)


@cache
def _as_stored(model: type[Ticket] | type[TicketEntry]) -> Table:
    """Return a model's table whose encrypted columns take what is encrypted already."""
    columns = [
        Column(one.name, Text() if isinstance(one.type, EncryptedText) else one.type)
        for one in model.__table__.columns
    ]
    return Table(model.__tablename__, MetaData(), *columns)


@cache
def _due(kind: str, severity: str, channel: str, start: datetime) -> DueDate:
    return deadline_for(kind, severity, start, channel=channel)


def _person(number: int) -> _Person:
    keep = personal_data()
    phone = f"138{number:08d}"
    name = SURNAMES[number % len(SURNAMES)] + "先生"
    room = f"{number % 30 + 1}0{number % 4 + 1}"

    def sealed(value: str, column: str) -> str:
        return keep.encrypt(value, f"{Ticket.__tablename__}.{column}")

    return _Person(
        sealed(name, "customer_name"),
        sealed(phone, "phone"),
        keep.index(phone),
        sealed(room, "room"),
    )


def _staff(connection: Connection, now: datetime) -> list[int]:
    """Write staff who cannot log in; return the ids of those who take tickets down."""
    roles = [*[Role.AGENT] * 8, Role.SUPERVISOR, Role.SUPERVISOR, Role.MANAGER, Role.DIRECTOR]
    people: list[dict[str, Any]] = [
        {"login": f"bench{place}", "role": role, "department": None}
        for place, role in enumerate(roles, start=1)
    ]
    people += [
        {"login": f"bench-{name}".replace("_", "-"), "role": Role.DEPARTMENT, "department": name}
        for name in DEPARTMENTS
    ]
    for person in people:
        person.update(display_name=person["login"], password_hash="-", created_at=now)
    connection.execute(insert(Staff), people)
    agents = select(Staff.id).where(Staff.role == Role.AGENT, Staff.login.startswith("bench"))
    return list(connection.scalars(agents))


def _count_up(connection: Connection, count: int, now: datetime) -> None:
    """Let numbers given out today follow those made here."""
    today = f"{to_local(now):%y%m%d}"
    connection.execute(insert(TicketCounter), {"day": today, "last": count % 900_000 + 1_000})
