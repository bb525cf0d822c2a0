"""`kefu doctor`: names what is wrong with an installation, and what to do."""

from collections.abc import Iterator

from desk.company import load_company
from desk.deadlines.service import calendar_warning
from desk.doctor.findings import Finding, Level, fine, warning, wrong
from desk.doctor.machine import examine_machine
from desk.doctor.stores import examine_stores
from desk.errors import DeskError
from desk.locale import t
from desk.settings import Settings
from desk.training import MODELS, is_current

__all__ = ["Finding", "Level", "examine"]

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one finding at a time; changes nothing and never raises for what it
    finds."""
    yield _company(settings)
    yield _models(settings)
    yield from examine_stores(settings)
    yield _calendar()
    yield from examine_machine(settings)
    yield _exposure(settings)


def _company(settings: Settings) -> Finding:
    try:
        company = load_company(settings.company_file)
    except DeskError as error:
        return wrong("company", "broken", problem=t(error.key, **error.details))
    except OSError:
        return wrong("company", "missing", file=settings.company_file.name)
    return fine("company", name=company.name)


def _models(settings: Settings) -> Finding:
    missing = [one.name for one in MODELS if not (settings.models_dir / one.output).exists()]
    if missing:
        return wrong("models", "missing", models=_titles(missing))
    old = [one.name for one in MODELS if not is_current(one, settings)]
    return warning("models", "old", models=_titles(old)) if old else fine("models")


def _titles(names: list[str]) -> str:
    return "、".join(t(f"cli.model_{name}") for name in names)


def _calendar() -> Finding:
    text = calendar_warning()
    return warning("calendar", "incomplete", text=text) if text else fine("calendar")


def _exposure(settings: Settings) -> Finding:
    """Settings that are right for trying kefu out and wrong for customers."""
    if settings.host in LOOPBACK:
        return fine("exposure")
    if settings.demo:
        return wrong("exposure", "demo", host=settings.host)
    if not settings.secure_cookies:
        return warning("exposure", "no_tls", host=settings.host)
    return fine("exposure")
