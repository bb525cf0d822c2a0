"""Importing this module makes NiceGUI serve the console's pages, once per process."""

from nicegui import ui

from desk.console.desk_page import desk_page
from desk.console.escalations_page import escalations_page
from desk.console.groups_page import groups_page
from desk.console.help_page import help_home, help_page
from desk.console.intake_page import intake_page
from desk.console.knowledge_pages.examples_page import examples_page
from desk.console.knowledge_pages.faq_page import faq_page
from desk.console.knowledge_pages.import_page import import_page
from desk.console.knowledge_pages.records_page import records_page
from desk.console.knowledge_pages.unanswered_page import unanswered_page
from desk.console.live_page import live_page
from desk.console.my_quality_page import my_quality_page
from desk.console.outbox_page import outbox_page
from desk.console.qa_appeals_page import appeals_page
from desk.console.qa_page import qa_page
from desk.console.qa_samples_page import samples_page
from desk.console.qa_scorecards_page import scorecards_page
from desk.console.qa_second_page import second_page
from desk.console.reports.page import reports_page
from desk.console.reports.rows_page import rows_page
from desk.console.rules_page import rules_page
from desk.console.scripts_page import scripts_page
from desk.console.sharing_page import sharing_page
from desk.console.suspects_page import suspects_page
from desk.console.ticket.page import ticket_page
from desk.console.ticket_list_page import ticket_list_page
from desk.console.transfers_page import transfers_page
from desk.console.trends_page import trends_page
from desk.locale import t
from desk.web.chat_assets import STATIC_DIR

BUILD_LIMIT_S = 15.0
AWAY_LIMIT_S = 120.0
"""A browser that comes back within this time finds its page, and the reply begun, as it was."""

for _path, _page in (
    ("/desk", desk_page),
    ("/desk/qa", qa_page),
    ("/desk/qa/second", second_page),
    ("/desk/qa/samples", samples_page),
    ("/desk/qa/scorecards", scorecards_page),
    ("/desk/qa/appeals", appeals_page),
    ("/desk/my-quality", my_quality_page),
    ("/desk/rules", rules_page),
    ("/desk/scripts", scripts_page),
    ("/desk/live", live_page),
    ("/desk/groups", groups_page),
    ("/desk/live/trends", trends_page),
    ("/desk/escalations", escalations_page),
    ("/desk/outbox", outbox_page),
    ("/desk/sharing", sharing_page),
    ("/desk/transfers", transfers_page),
    ("/desk/suspects", suspects_page),
    ("/desk/reports", reports_page),
    ("/desk/reports/rows", rows_page),
    ("/desk/knowledge", records_page("homes")),
    ("/desk/knowledge/products", records_page("products")),
    ("/desk/knowledge/orders", records_page("orders")),
    ("/desk/knowledge/faq", faq_page),
    ("/desk/knowledge/unanswered", unanswered_page),
    ("/desk/knowledge/examples", examples_page),
    ("/desk/knowledge/import", import_page),
    ("/desk/intake", intake_page),
    ("/desk/help", help_home),
    ("/desk/help/{name}", help_page),
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
