"""What leaders should see on every page: missing holidays, service profiles with mistakes."""

from typing import TYPE_CHECKING

from desk.console.elements import box, words
from desk.deadlines.service import calendar_warning, profile_problems
from desk.locale import t
from desk.routing.settings import settings_problems

if TYPE_CHECKING:
    from desk.console.access import Visit


def show_banner(visit: "Visit") -> None:
    """Add the lines, if there are any and a leader looks."""
    from desk.console.access import LEADER_ROLES, may_open

    if not may_open(visit.staff, LEADER_ROLES):
        return
    lines = [calendar_warning()]
    if problems := profile_problems():
        lines.append(t("escalation.profile_broken", count=len(problems), first=problems[0]))
    if broken := settings_problems():
        lines.append(t("routing.broken", count=len(broken), first=broken[0]))
    shown = [line for line in lines if line]
    if shown:
        with box("k-banner").props("role=status"):
            for line in shown:
                words(line, tag="div")
