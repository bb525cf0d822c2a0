"""Who the company is: names, contact, opening hours and service profiles, from one YAML file."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from desk.errors import InvalidInput
from desk.locale import t


@dataclass(frozen=True, slots=True)
class Company:
    """The company as customers meet it.

    Attributes:
        name: full name, shown in the page's head.
        short_name: name used in talk.
        bot_name: what the bot calls itself.
        role: what it is, e.g. 智能客服.
        phone: service phone.
        address: address of the customer service centre.
        office_hours: opening hours in words, e.g. 周一至周五 9:00-18:00.
        service_profile: id of the profile in `data/service_profiles.yml` that tickets use.
        viewing_hours: `(first, last)` hour at which a viewing or a repair visit may begin.
        privacy_notice: purpose, use and protection of personal data (R-B2).
    """

    name: str
    short_name: str
    bot_name: str
    role: str
    phone: str
    address: str
    office_hours: str
    service_profile: str
    viewing_hours: tuple[int, int]
    privacy_notice: str


def load_company(path: Path) -> Company:
    """Read the company file.

    Raises:
        InvalidInput: the file is missing, no YAML, or fields are missing, unknown or of the
            wrong kind; `details["problems"]` lists them all.
    """
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise InvalidInput("errors.company_unreadable", file=path.name) from error
    problems = _problems(raw)
    if problems:
        raise InvalidInput("errors.company_invalid", file=path.name, problems=problems)
    first, last = raw["viewing_hours"]
    return Company(**{**raw, "viewing_hours": (first, last)})


def _problems(raw: Any) -> list[str]:
    if not isinstance(raw, dict):
        return [t("config.not_a_mapping")]
    known = {field.name for field in fields(Company)}
    problems = [t("config.missing_field", field=name) for name in sorted(known - raw.keys())]
    problems += [
        t("config.unknown_field", field=name) for name in sorted(map(str, raw.keys() - known))
    ]
    for name in known & raw.keys():
        value = raw[name]
        if name == "viewing_hours":
            if not _is_hours(value):
                problems.append(t("config.bad_viewing_hours"))
        elif not isinstance(value, str) or not value.strip():
            problems.append(t("config.not_a_text", field=name))
    return problems


def _is_hours(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(hour, int) for hour in value)
        and 0 <= value[0] < value[1] <= 24
    )
