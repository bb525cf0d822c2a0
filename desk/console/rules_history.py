"""The history of published rules, and the way back to an earlier version."""

from functools import partial

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import LEADER_ROLES, Visit, may_open
from desk.console.elements import action, box, moment, words
from desk.console.live import Refresher
from desk.locale import t
from desk.rulebook import publishing
from desk.rulebook.models import RuleVersion


async def show_history(visit: Visit, refresher: Refresher) -> None:
    """Open the dialog; `refresher` reads the page again after a rollback."""
    rows = await visit.read(lambda session, _: publishing.history(session))
    with visit.client, ui.dialog() as dialog, ui.card().classes("k-dialog"):
        words(t("rules.history_title"), "k-dialog-title", tag="h2")
        if not rows:
            words(t("rules.history_empty"), tag="div")
        is_leader = may_open(visit.staff, LEADER_ROLES)
        why = ui.input(t("rules.restore_why")).props("outlined dense").classes("w-full")
        why.set_visibility(is_leader and bool(rows))

        async def restore(number: int) -> None:
            base, reason = visit.desk.rulebook.base, why.value or ""

            def work(session: Session, staff: Staff) -> str:
                row = publishing.rollback(session, staff, number, base, why=reason)
                return row.version

            with visit.errors_shown():
                version = await visit.write(work)
                await visit.desk.rulebook.announce()
                visit.tell(t("rules.restored", version=version))
                dialog.close()
                refresher.request()

        with box("k-history", tag="ul"):
            for place, row in enumerate(rows):
                with box(tag="li"):
                    _line(row)
                    if is_leader and place:
                        action(
                            t("rules.restore"),
                            partial(restore, row.number),
                            look="outline",
                            classes="k-small",
                        )
        with box("k-dialog-foot"):
            if is_leader and rows:
                action(t("rules.restore_own"), partial(restore, 0), look="outline")
            action(t("rules.close"), dialog.close, look="unelevated color=primary")
    dialog.on("hide", dialog.delete)
    dialog.open()


def _line(row: RuleVersion) -> None:
    rule = row.rule_id or t("rules.history_rollback")
    line = t("rules.history_line", number=row.number, version=row.version, rule=rule)
    words(line, tag="div")
    words(row.why, "k-cell-sub", tag="div")
    who = t(
        "rules.history_who",
        author=row.written_by.display_name,
        publisher=row.published_by.display_name,
        at=moment(row.published_at, utc_now()),
    )
    words(who, "k-cell-sub", tag="div")
