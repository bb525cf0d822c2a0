"""Importing this module makes NiceGUI serve the console's pages, once per process."""

from nicegui import ui

from desk.console.desk_page import desk_page
from desk.console.escalations_page import escalations_page
from desk.console.intake_page import intake_page
from desk.console.outbox_page import outbox_page
from desk.console.qa_page import qa_page
from desk.console.reports.page import reports_page
from desk.console.reports.rows_page import rows_page
from desk.console.suspects_page import suspects_page
from desk.console.ticket.page import ticket_page
from desk.console.ticket_list_page import ticket_list_page
from desk.console.transfers_page import transfers_page
from desk.locale import t
from desk.web.chat_page import STATIC_DIR

BUILD_LIMIT_S = 15.0
AWAY_LIMIT_S = 120.0
"""A browser that comes back within this time finds its page, and the reply begun, as it was."""

for _path, _page in (
    ("/desk", desk_page),
    ("/desk/qa", qa_page),
    ("/desk/escalations", escalations_page),
    ("/desk/outbox", outbox_page),
    ("/desk/transfers", transfers_page),
    ("/desk/suspects", suspects_page),
    ("/desk/reports", reports_page),
    ("/desk/reports/rows", rows_page),
    ("/desk/intake", intake_page),
    ("/desk/tickets", ticket_list_page),
    # The last one: other pages below /desk/tickets are no numbers.
    ("/desk/tickets/{number}", ticket_page),
):
    ui.page(
        _path,
        title=t("console.title"),
        favicon=STATIC_DIR / "mark.svg",
        language="zh-CN",
        response_timeout=BUILD_LIMIT_S,
        reconnect_timeout=AWAY_LIMIT_S,
    )(_page)
