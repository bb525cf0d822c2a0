"""What the REST operations on tickets take: lengths here, meaning in the services."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from desk.tickets.bulk import MOST_TICKETS
from desk.tickets.listing import MOST_ROWS
from desk.tickets.models import TicketKind, TicketState

Number = Annotated[str, Field(max_length=32)]
Short = Annotated[str | None, Field(max_length=32)]
Name = Annotated[str | None, Field(max_length=64)]
Long = Annotated[str | None, Field(max_length=4000)]
Codes = Annotated[list[str], Field(max_length=20, description="可重复，或用逗号分开")]
Instant = Annotated[str | None, Field(max_length=40, description="ISO 8601，或日期 2026-11-22")]


class Matter(BaseModel):
    """What a ticket is about; without consent, name, phone, e-mail and room are not stored."""

    model_config = ConfigDict(extra="forbid")

    kind: TicketKind
    description: Annotated[str, Field(min_length=1, max_length=4000)]
    category: Short = None
    severity: Short = None
    department: Short = None
    has_consent: bool = False
    customer_name: Name = None
    phone: Short = None
    email: Annotated[str | None, Field(max_length=254)] = None
    reply_channel: Annotated[str, Field(max_length=16)] = "chat"
    estate: Name = None
    building: Short = None
    unit: Short = None
    room: Short = None
    spot: Annotated[
        str | None, Field(max_length=64, description="楼层或公共部位，例如 5楼楼道、北门")
    ] = None
    order_no: Short = None
    occurred: Annotated[str | None, Field(max_length=128)] = None
    wish: Long = None


class TicketBody(Matter):
    """A matter taken down elsewhere: by phone, at the counter, from a letter, in another system."""

    channel: Annotated[str, Field(max_length=16)] = "api"
    recipient_id: int | None = None
    received_at: AwareDatetime | None = None


class EntryBody(BaseModel):
    """A line for the timeline."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class StateBody(BaseModel):
    """The next state, and why."""

    state: TicketState
    text: Long = None


class AssignmentBody(BaseModel):
    """Who is responsible from now on: a login."""

    login: Annotated[str, Field(max_length=64)]


class ClassificationBody(BaseModel):
    """What the ticket is to count as, and why; what is left out stays."""

    kind: Short = None
    category: Short = None
    department: Short = None
    severity: Short = None
    cause: Name = None
    text: Long = None


class LinkBody(BaseModel):
    """The other ticket, and how the two belong together."""

    other: Number
    kind: Literal["related", "duplicate"] = "related"


class MergeBody(BaseModel):
    """The tickets that go into this one, and why."""

    others: Annotated[list[Number], Field(min_length=1, max_length=50)]
    text: Long = None


class FilterBody(BaseModel):
    """A search; all that is given must hold."""

    text: Annotated[str, Field(max_length=200)] = ""
    state: Codes = []
    kind: Codes = []
    category: Codes = []
    severity: Short = None
    department: Codes = []
    channel: Codes = []
    estate: Name = None
    building: Short = None
    level_min: int | None = None
    is_overdue: bool | None = None
    is_paused: bool | None = None
    opened_from: Instant = None
    opened_to: Instant = None
    cause: Name = None
    group_id: int | None = None
    recipient_id: int | None = None
    number: Annotated[str | None, Field(max_length=32)] = None
    reopened_min: int | None = None
    validity: Short = None
    score_max: int | None = None
    resolved_late: bool | None = None


class PageQuery(FilterBody):
    """A search and the page wanted of it."""

    order: Literal["due", "newest"] = "due"
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50
    after: Annotated[str | None, Field(max_length=200, description="上一页的 next")] = None


class PageBody(PageQuery):
    """A search by what must not be in an address."""

    phone: Short = None


class ViewBody(BaseModel):
    """A search to keep under a name."""

    name: Annotated[str, Field(max_length=200)]
    filters: FilterBody
    is_shared: bool = False


class BulkBody(BaseModel):
    """One change to many tickets; exactly one besides `numbers` and `text`."""

    numbers: Annotated[list[Number], Field(min_length=1, max_length=MOST_TICKETS)]
    login: Annotated[str | None, Field(max_length=64)] = None
    state: TicketState | None = None
    classification: ClassificationBody | None = None
    note: Long = None
    group_id: int | None = None
    group_title: Annotated[str | None, Field(max_length=128)] = None
    text: Long = None
