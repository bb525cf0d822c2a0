"""The installation's service profile: which deadline a new ticket gets."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from desk.company import load_company
from desk.deadlines.domain import Step, compute_deadline
from desk.deadlines.profiles import ServiceProfile, load_profiles
from desk.errors import InvalidInput
from desk.locale import t
from desk.settings import PROJECT_DIR, Settings

PROFILES_FILE = PROJECT_DIR / "data" / "service_profiles.yml"

_profile: ServiceProfile | None = None


def use_profile(profile: ServiceProfile | None) -> None:
    """Set the process's service profile; None: read it again at the next use."""
    global _profile
    _profile = profile


def read_profile(company_file: Path, profiles_file: Path = PROFILES_FILE) -> ServiceProfile:
    """Return the profile that the company file names.

    Raises:
        InvalidInput: a file is wrong, or the named profile is not in it.
    """
    wanted = load_company(company_file).service_profile
    profiles = load_profiles(profiles_file)
    if wanted not in profiles:
        raise InvalidInput("errors.unknown_profile", profile=wanted, known=sorted(profiles))
    return profiles[wanted]


def current_profile() -> ServiceProfile:
    """Return the process's profile, read from the company file at the first call."""
    global _profile
    if _profile is None:
        _profile = read_profile(Settings().company_file)
    return _profile


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a ticket is due, and the steps of the calculation in Chinese."""

    due_at: datetime
    trace: tuple[str, ...]


def deadline_for(kind: str, severity: str, start: datetime) -> DueDate:
    """Return when a ticket of this kind and severity received at `start` is due, and why."""
    profile = current_profile()
    deadline = compute_deadline(start, profile.allowance(kind, severity), profile.calendar)
    opening = t("deadline.profile", name=profile.name)
    return DueDate(deadline.due_at, (opening, *map(_explain, deadline.steps)))


def _explain(step: Step) -> str:
    values = dict(step.values)
    for name in ("when", "why"):
        if name in values:
            values[name] = t(f"deadline.{values[name]}")
    return t(f"deadline.{step.name}", **values)
