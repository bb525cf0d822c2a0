"""Holidays and make-up days that the company imports for years the library does not know.

A file names all of a year's days; importing it again replaces that year. Nothing is written unless
the whole file is right.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from desk.clock import utc_now
from desk.deadlines.chinese_days import HOLIDAY, WORKDAY, library_knows
from desk.deadlines.models import CalendarDay
from desk.errors import InvalidInput
from desk.locale import t

LARGEST_FILE = 1024 * 1024
MOST_DAYS = 2000
LONGEST_NAME = 32
HEADINGS = {
    **dict.fromkeys(("day", "date", "日期"), "day"),
    **dict.fromkeys(("kind", "类型"), "kind"),
    **dict.fromkeys(("name", "名称", "节日"), "name"),
}
KINDS = {
    **dict.fromkeys(("holiday", "放假", "休", "节假日"), HOLIDAY),
    **dict.fromkeys(("workday", "上班", "班", "调休上班"), WORKDAY),
}
NEEDED = ((1, 1), (10, 1), (10, 2), (10, 3))
"""New Year's Day and National Day are off in every year: a file without them is not complete."""


@dataclass(frozen=True, slots=True)
class CalendarReport:
    """Which years were imported, and how many days of each kind."""

    years: tuple[int, ...]
    holidays: int
    workdays: int


def read_days(session: Session) -> dict[date, str]:
    """Return the imported days: `holiday` or `workday` by date."""
    rows = session.execute(select(CalendarDay.day, CalendarDay.kind))
    return {row.day: row.kind for row in rows}


def import_calendar(session: Session, path: Path, *, now: datetime | None = None) -> CalendarReport:
    """Replace the days of the years that a file names.

    Args:
        path: YAML (a list of `day`, `kind`, `name`) or CSV with these headings (or 日期, 类型,
            名称); UTF-8 or GB18030.

    Raises:
        InvalidInput: unreadable, or `details["problems"]` lists everything that is wrong.
    """
    rows = list(_rows(path))
    problems: list[str] = []
    days: dict[date, CalendarDay] = {}
    for number, row in rows[:MOST_DAYS]:
        found = _read(number, row, now or utc_now(), problems)
        if found and found.day in days:
            problems.append(t("import.calendar_repeated", row=number, day=found.day))
        elif found:
            days[found.day] = found
    problems += _of_the_whole(rows, days)
    if problems:
        raise InvalidInput(
            "errors.import_problems", file=path.name, count=len(problems), problems=problems
        )
    years = sorted({day.year for day in days})
    for year in years:
        of_year = CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
        session.execute(delete(CalendarDay).where(of_year))
    session.add_all(days.values())
    session.flush()
    kinds = [day.kind for day in days.values()]
    return CalendarReport(tuple(years), kinds.count(HOLIDAY), kinds.count(WORKDAY))


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield line or list number and values."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput("errors.import_unreadable", file=path.name) from error
    if len(content) > LARGEST_FILE:
        raise InvalidInput("errors.import_too_large", limit_mb=LARGEST_FILE // 2**20)
    text = _decoded(content, path.name)
    if path.suffix.lower() in (".yml", ".yaml"):
        yield from enumerate(_yaml_rows(text, path.name), start=1)
        return
    try:
        reader = csv.DictReader(io.StringIO(text))
        for row in reader:
            named = {HEADINGS.get(str(key).strip(), ""): value for key, value in row.items()}
            if any(value for value in row.values()):
                yield reader.line_num, named
    except csv.Error as error:
        raise InvalidInput("errors.import_unreadable", file=path.name) from error


def _decoded(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("errors.import_unreadable", file=name)


def _yaml_rows(text: str, name: str) -> list[Mapping[str, Any]]:
    try:
        raw = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise InvalidInput("errors.import_unreadable", file=name) from error
    if not isinstance(raw, list):
        raise InvalidInput("errors.import_unreadable", file=name)
    return [
        {HEADINGS.get(str(key), ""): value for key, value in row.items()}
        if isinstance(row, dict)
        else {}
        for row in raw
    ]


def _read(
    number: int, row: Mapping[str, Any], now: datetime, problems: list[str]
) -> CalendarDay | None:
    values = {name: str(row.get(name) or "").strip() for name in ("day", "kind", "name")}
    before = len(problems)
    day = _date(values["day"])
    kind = KINDS.get(values["kind"])
    if day is None:
        problems.append(t("import.calendar_day", row=number, value=values["day"][:20]))
    elif library_knows(day.year):
        problems.append(t("import.calendar_known", row=number, day=day, year=day.year))
    if kind is None:
        problems.append(t("import.calendar_kind", row=number, value=values["kind"][:20]))
    elif kind == WORKDAY and day is not None and day.weekday() < 5:
        problems.append(t("import.calendar_no_weekend", row=number, day=day))
    if not 0 < len(values["name"]) <= LONGEST_NAME:
        problems.append(t("import.calendar_name", row=number, limit=LONGEST_NAME))
    if day is None or kind is None or len(problems) > before:
        return None
    return CalendarDay(day=day, kind=kind, name=values["name"], imported_at=now)


def _date(text: str) -> date | None:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"):
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


def _of_the_whole(
    rows: list[tuple[int, Mapping[str, Any]]], days: Mapping[date, CalendarDay]
) -> list[str]:
    if not rows:
        return [t("import.no_data")]
    if len(rows) > MOST_DAYS:
        return [t("import.too_many_rows", limit=MOST_DAYS)]
    problems = []
    for year in sorted({day.year for day in days}):
        needed = [date(year, month, day) for month, day in NEEDED]
        missing = [f"{day:%m-%d}" for day in needed if day not in days or days[day].kind != HOLIDAY]
        if missing:
            problems.append(t("import.calendar_missing", year=year, days="、".join(missing)))
    return problems
