"""The process's service profile, read again when its files change.

A file that turns out broken while the desk runs changes nothing: the last good profile stays in
force, and the problems are logged and shown to whoever asks (`profile_problems`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import structlog

from desk.company import load_company
from desk.deadlines.profiles import ServiceProfile, load_profiles
from desk.errors import DeskError, InvalidInput
from desk.locale import t
from desk.settings import PROJECT_DIR, Settings

PROFILES_FILE = PROJECT_DIR / "data" / "service_profiles.yml"

log = structlog.get_logger(__name__)

Stamp = tuple[int, ...]


@dataclass
class _Watched:
    """Where the profile comes from, as it was read last, and what was wrong since."""

    company_file: Path
    profiles_file: Path
    profile: ServiceProfile
    stamp: Stamp
    problems: tuple[str, ...] = ()


@dataclass
class _Process:
    """What this process works by. A fixed profile is not watched."""

    watched: _Watched | None = None
    fixed: ServiceProfile | None = None
    days: Mapping[date, str] = field(default_factory=dict)


_process = _Process()


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


def watch_profile(company_file: Path, profiles_file: Path = PROFILES_FILE) -> None:
    """Work by the profile of these files from now on; raises as `read_profile`."""
    stamp = _stamp(company_file, profiles_file)
    profile = read_profile(company_file, profiles_file).with_days(_process.days)
    _process.fixed = None
    _process.watched = _Watched(company_file, profiles_file, profile, stamp)


def use_profile(profile: ServiceProfile | None) -> None:
    """Work by this profile whatever the files say; None: read them again at the next use."""
    _process.fixed, _process.watched = profile, None


def current_profile() -> ServiceProfile:
    """Return the profile in force."""
    if _process.fixed:
        return _process.fixed
    if _process.watched is None:
        watch_profile(Settings().company_file)
    watched = _process.watched
    assert watched is not None
    stamp = _stamp(watched.company_file, watched.profiles_file)
    if stamp != watched.stamp:
        _read_again(watched, stamp)
    return watched.profile


def profile_problems() -> tuple[str, ...]:
    """Return what is wrong with the files since they were last read well; usually nothing."""
    if not _process.fixed:
        current_profile()
    return _process.watched.problems if _process.watched else ()


def use_days(days: Mapping[date, str]) -> None:
    """Work by these imported holidays and make-up days (`holiday` or `workday` by date)."""
    if days == _process.days:
        return
    _process.days = dict(days)
    if _process.watched:
        _process.watched.profile = _process.watched.profile.with_days(_process.days)


def days_in_use() -> Mapping[date, str]:
    """Return the imported days that deadlines are computed by."""
    return _process.days


def _read_again(watched: _Watched, stamp: Stamp) -> None:
    watched.stamp = stamp
    try:
        profile = read_profile(watched.company_file, watched.profiles_file)
    except DeskError as error:
        problems = error.details.get("problems") or [t(error.key, **error.details)]
        watched.problems = tuple(map(str, problems))
        log.error("profile.broken", key=error.key, problems=len(watched.problems))
        return
    watched.profile, watched.problems = profile.with_days(_process.days), ()
    log.info("profile.read_again", profile=profile.id)


def _stamp(*files: Path) -> Stamp:
    """Return what changes when a file does; a file that is away has a stamp too."""
    stamp: list[int] = []
    for file in files:
        try:
            stat = file.stat()
            stamp += [stat.st_mtime_ns, stat.st_size]
        except OSError:
            stamp += [0, -1]
    return tuple(stamp)
