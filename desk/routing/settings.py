"""How conversations are given out: `data/routing.yml`, read again when it changes.

A file that turns out broken while the desk runs changes nothing: the last good settings stay in
force, and the problems are logged and shown to leaders (`settings_problems`).
"""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from desk.errors import DeskError, InvalidInput
from desk.locale import t
from desk.settings import PROJECT_DIR

ROUTING_FILE = PROJECT_DIR / "data" / "routing.yml"
MODES = ("auto", "manual")
BOUNDS = {
    "capacity": (1, 50),
    "offer_seconds": (5, 600),
    "max_wait_minutes": (1, 240),
    "closed_wait_seconds": (5, 3600),
    "call_back_hours": (1, 72),
    "gone_minutes": (1, 240),
}
MOST_REASONS = 12
REASON_LIMIT = 16

log = structlog.get_logger(__name__)
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """How conversations are given out; what each field means is said in `data/routing.yml`."""

    mode: str = "auto"
    capacity: int = 5
    offer_seconds: int = 30
    max_wait_minutes: int = 10
    closed_wait_seconds: int = 60
    call_back_hours: int = 4
    gone_minutes: int = 5
    away_reasons: tuple[str, ...] = ()

    @property
    def is_auto(self) -> bool:
        """Tell whether waiting conversations are offered."""
        return self.mode == "auto"

    @property
    def offer_length(self) -> timedelta:
        """How long an offer stands."""
        return timedelta(seconds=self.offer_seconds)

    @property
    def longest_wait(self) -> timedelta:
        """After how long a waiting customer gets a call-back instead."""
        return timedelta(minutes=self.max_wait_minutes)

    @property
    def gone_length(self) -> timedelta:
        """After how long without its agent a customer who waits for an answer is passed on."""
        return timedelta(minutes=self.gone_minutes)

    @property
    def closed_wait(self) -> timedelta:
        """The same outside office hours, when nobody is there."""
        return timedelta(seconds=self.closed_wait_seconds)


@dataclass
class _Process:
    """What this process works by. Fixed settings are not watched."""

    path: Path = ROUTING_FILE
    settings: RoutingSettings | None = None
    stamp: Stamp | None = None
    problems: tuple[str, ...] = ()
    fixed: RoutingSettings | None = field(default=None)


_process = _Process()


def load_settings(path: Path) -> RoutingSettings:
    """Read the file.

    Raises:
        InvalidInput: unreadable or wrong; `details["problems"]` lists everything that is wrong.
    """
    try:
        raw = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise InvalidInput("errors.routing_unreadable", file=path.name) from error
    if problems := _problems(raw):
        raise InvalidInput("errors.routing_invalid", file=path.name, problems=problems)
    return RoutingSettings(**{**raw, "away_reasons": tuple(raw["away_reasons"])})


def watch_settings(path: Path = ROUTING_FILE) -> None:
    """Work by this file from now on; raises as `load_settings`."""
    _process.settings, _process.stamp = load_settings(path), _stamp(path)
    _process.path, _process.problems, _process.fixed = path, (), None


def use_settings(settings: RoutingSettings | None) -> None:
    """Work by these settings whatever the file says; None: by the file again."""
    _process.fixed = settings


def current_settings() -> RoutingSettings:
    """Return the settings in force."""
    if _process.fixed:
        return _process.fixed
    if _process.settings is None:
        watch_settings(_process.path)
    elif (stamp := _stamp(_process.path)) != _process.stamp:
        _read_again(stamp)
    assert _process.settings is not None
    return _process.settings


def settings_problems() -> tuple[str, ...]:
    """Return what is wrong with the file since it was last read well; usually nothing."""
    current_settings()
    return _process.problems


def _read_again(stamp: Stamp) -> None:
    _process.stamp = stamp
    try:
        _process.settings, _process.problems = load_settings(_process.path), ()
        log.info("routing.read_again")
    except DeskError as error:
        problems = error.details.get("problems") or [t(error.key, **error.details)]
        _process.problems = tuple(map(str, problems))
        log.error("routing.broken", key=error.key, problems=len(_process.problems))


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError:
        return 0, -1
    return stat.st_mtime_ns, stat.st_size


def _problems(raw: Any) -> list[str]:
    if not isinstance(raw, dict):
        return [t("config.not_a_mapping")]
    known = {one.name for one in fields(RoutingSettings)}
    problems = [t("config.missing_field", field=name) for name in sorted(known - raw.keys())]
    problems += [
        t("config.unknown_field", field=name) for name in sorted(map(str, raw.keys() - known))
    ]
    if "mode" in raw and raw["mode"] not in MODES:
        problems.append(t("routing.bad_mode", modes="、".join(MODES)))
    for name, (low, high) in BOUNDS.items():
        value = raw.get(name, low)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            problems.append(t("routing.bad_number", field=name, low=low, high=high))
    if "away_reasons" in raw and not _are_reasons(raw["away_reasons"]):
        problems.append(t("routing.bad_reasons", most=MOST_REASONS, limit=REASON_LIMIT))
    return problems


def _are_reasons(raw: Any) -> bool:
    return (
        isinstance(raw, list)
        and len(raw) <= MOST_REASONS
        and all(isinstance(one, str) and 0 < len(one.strip()) <= REASON_LIMIT for one in raw)
        and len(set(raw)) == len(raw)
    )
