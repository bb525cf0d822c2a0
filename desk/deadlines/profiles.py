"""Service profiles: working hours, allowances and the ladder of one kind of business, from YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from desk.deadlines.calendars import WorkingCalendar
from desk.deadlines.chinese_days import ChineseDays
from desk.deadlines.domain import WARNING_PERCENT, Allowance
from desk.deadlines.profile_reader import Reader
from desk.errors import InvalidInput
from desk.locale import t

ANY = "any"
LEVELS = ("recipient", "supervisor", "director")
"""The three levels of responsibility, lowest first: index = `Escalation.level` (R-B6)."""
DUTY = "duty"


@dataclass(frozen=True, slots=True)
class LadderLevel:
    """One level of the ladder.

    Attributes:
        acknowledge: how long whoever is told may take to acknowledge before the next level is.
        calendar: when people of this level work; `acknowledge` is counted in it.
    """

    acknowledge: Allowance
    calendar: WorkingCalendar


@dataclass(frozen=True, slots=True)
class ServiceProfile:
    """One kind of business: when people work, how long each kind of ticket may take, who is told.

    Attributes:
        id, name: of the profile.
        calendar: the company's working hours.
        allowances: by kind and severity (or `any`).
        channel_allowances: the same by channel; they go before `allowances`.
        transferred: the same, for tickets that were transferred to a department.
        warning_percent: share of the time after which the recipient is warned.
        receipt_cutoff: see `compute_deadline`.
        levels: by `recipient`, `supervisor`, `director` and `duty`.
    """

    id: str
    name: str
    calendar: WorkingCalendar
    allowances: Mapping[tuple[str, str], Allowance]
    channel_allowances: Mapping[str, Mapping[tuple[str, str], Allowance]] = field(
        default_factory=dict
    )
    transferred: Mapping[tuple[str, str], Allowance] = field(default_factory=dict)
    warning_percent: int = WARNING_PERCENT
    receipt_cutoff: timedelta = timedelta(0)
    levels: Mapping[str, LadderLevel] = field(default_factory=dict)

    def allowance(self, kind: str, severity: str, channel: str = "web") -> Allowance:
        """Return the allowance of a ticket; a missing kind counts as an inquiry."""
        keys = ((kind, severity), (kind, ANY))
        for table in (self.channel_allowances.get(channel, {}), self.allowances):
            for key in keys:
                if key in table:
                    return table[key]
        for key in (("inquiry", severity), ("inquiry", ANY)):
            if key in self.allowances:
                return self.allowances[key]
        raise InvalidInput("errors.no_allowance", profile=self.id, kind=kind)

    def transferred_allowance(self, kind: str, severity: str) -> Allowance | None:
        """Return how long a transferred ticket may take; None: as long as any other."""
        return self.transferred.get((kind, severity)) or self.transferred.get((kind, ANY))

    def with_days(self, imported: Mapping[date, str]) -> "ServiceProfile":
        """Return the profile with these imported holidays and make-up days in all calendars."""

        def known(calendar: WorkingCalendar) -> WorkingCalendar:
            kind_of = calendar.kind_of
            closing = kind_of.closing_days if isinstance(kind_of, ChineseDays) else frozenset()
            return WorkingCalendar(calendar.zone, calendar.hours, ChineseDays(closing, imported))

        levels = {
            name: replace(level, calendar=known(level.calendar))
            for name, level in self.levels.items()
        }
        return replace(self, calendar=known(self.calendar), levels=levels)


def load_profiles(path: Path) -> dict[str, ServiceProfile]:
    """Read all profiles.

    Raises:
        InvalidInput: unreadable or wrong; `details["problems"]` lists everything that is wrong.
    """
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise InvalidInput("errors.profiles_unreadable", file=path.name) from error
    problems: list[str] = []
    profiles = {}
    for profile_id, entry in (raw if isinstance(raw, dict) else {}).items():
        profiles[str(profile_id)] = _read_profile(Reader(str(profile_id), problems), entry)
    if not profiles:
        problems.append(t("config.no_profiles"))
    if problems:
        raise InvalidInput("errors.profiles_invalid", file=path.name, problems=problems)
    return profiles


def _read_profile(reader: Reader, raw: object) -> ServiceProfile:
    entry = reader.mapping(raw, "")
    reader.only_known(entry, "", SECTIONS)
    closing = reader.days(entry.get("closing_days"), "closing_days")
    company = reader.calendar(entry.get("hours"), "hours", closing)
    allowances = reader.allowances(entry.get("allowances"), "allowances")
    if ("inquiry", ANY) not in allowances:
        reader.problem("no_inquiry_allowance")
    return ServiceProfile(
        id=reader.profile_id,
        name=str(entry.get("name", reader.profile_id)),
        calendar=company,
        allowances=allowances,
        channel_allowances=reader.channels(entry.get("channels"), "channels"),
        transferred=reader.allowances(entry.get("transferred"), "transferred"),
        warning_percent=reader.number(entry, "warning_percent", WARNING_PERCENT, low=1, high=100),
        receipt_cutoff=timedelta(
            minutes=reader.number(entry, "receipt_cutoff_minutes", 0, low=0, high=480)
        ),
        levels=_read_levels(reader, entry.get("escalation"), company, closing),
    )


def _read_levels(
    reader: Reader, raw: object, company: WorkingCalendar, closing: frozenset[date]
) -> dict[str, LadderLevel]:
    entry = reader.mapping(raw, "escalation")
    reader.only_known(entry, "escalation", tuple(ACKNOWLEDGE))
    levels = {}
    for name, usual in ACKNOWLEDGE.items():
        place = f"escalation.{name}"
        level = reader.mapping(entry.get(name), place)
        reader.only_known(level, place, ("acknowledge", "hours"))
        calendar = company
        if "hours" in level:
            calendar = reader.calendar(level["hours"], f"{place}.hours", closing)
        allowance: Allowance | None = usual
        if "acknowledge" in level:
            allowance = reader.allowance(level["acknowledge"], f"{place}.acknowledge")
        levels[name] = LadderLevel(allowance or usual, calendar)
    return levels


SECTIONS = (
    "name",
    "hours",
    "closing_days",
    "allowances",
    "channels",
    "transferred",
    "warning_percent",
    "receipt_cutoff_minutes",
    "escalation",
)
ACKNOWLEDGE = {
    "recipient": Allowance(working_time=timedelta(hours=1)),
    "supervisor": Allowance(working_time=timedelta(hours=2)),
    "director": Allowance(working_time=timedelta(hours=4)),
    DUTY: Allowance(clock_time=timedelta(minutes=30)),
}
"""How long each level has to acknowledge where the profile does not say."""
