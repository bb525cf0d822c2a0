"""The composition root: builds the desk's parts once and puts the web application together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from importlib import import_module

from fastapi import FastAPI
from nicegui import ui

from desk import api
from desk.accounts.login import LocalLogin, use_local_login
from desk.accounts.second_factor import use_demand_of_admins
from desk.accounts.sessions import use_idle_length
from desk.accounts.single_sign_on.setup import SignOn, sign_on_of
from desk.action_app import create_action_app
from desk.bot_client import BotClient
from desk.collecting import settle
from desk.company import Company, load_company
from desk.conversations import chat_socket, photo_api
from desk.conversations.board import QueueBoard
from desk.conversations.gateway import Gateway
from desk.current import set_desk
from desk.database import Database
from desk.deadlines.service import watch_profile
from desk.fanout import Fanout, make_fanout
from desk.flood import FloodGuard
from desk.help import pictures_api
from desk.jobs import JobRunner
from desk.key_ring import use_keys
from desk.language import Language
from desk.outbox.channels import channels_of, use_channels
from desk.outbox.parcels import Sender
from desk.outbox.senders import senders_of
from desk.privacy import chat_api as privacy_chat_api
from desk.privacy.consent import use_notice
from desk.reviews.ledger import read_feedback
from desk.rulebook.running import Rulebook
from desk.settings import Settings
from desk.telemetry.request_ids import RequestIds
from desk.tickets.work_api import UPLOAD_LIMIT
from desk.web import (
    account,
    chat_assets,
    chat_page,
    confirming,
    health,
    login,
    not_found,
    single_sign_on,
)
from desk.web.access import AccessLog
from desk.web.body_limit import BodyLimit
from desk.web.headers import SecurityHeaders
from desk.web.origin import OriginCheck
from desk.web.problems import install_problem_handlers
from desk.web.repeating import RepeatedCalls, describe_header
from desk.web.slow import SlowBody
from scripts_library.checking.checker import Checker, load_checker
from scripts_library.suggesting.library import ScriptLibrary
from scripts_library.suggesting.suggester import Suggester

__all__ = ["Desk", "build_desk", "create_action_app", "create_app"]

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of one request, but for files sent to a ticket."""


@dataclass
class Desk:
    """All parts of a running desk. One per process: `desk.current.get_desk()`.

    Attributes:
        load_checker: gives the checker of the program's own rules, when staff come.
    """

    settings: Settings
    database: Database
    fanout: Fanout
    bot: BotClient
    company: Company
    load_checker: Callable[[], Checker]

    @cached_property
    def gateway(self) -> Gateway:
        """The live side of conversations."""
        return Gateway(self)

    @cached_property
    def board(self) -> QueueBoard:
        """The queue as the open pages show it."""
        return QueueBoard(self.database, self.fanout)

    @cached_property
    def jobs(self) -> JobRunner:
        """What goes on by itself: deadlines, notices, reports."""
        return JobRunner(self)

    @cached_property
    def language(self) -> Language:
        """What only staff need of the language; whoever lets staff in waits for it."""
        return Language(self, self.load_checker)

    @property
    def checker(self) -> Checker:
        """The rules in force; there as soon as `language` is ready."""
        return self.rulebook.checker

    @cached_property
    def rulebook(self) -> Rulebook:
        """What QA published over the program's own rules and scripts."""
        return Rulebook(self)

    @cached_property
    def flood(self) -> FloodGuard:
        """How much customers may send."""
        return FloodGuard(self.settings.redis_url)

    @cached_property
    def senders(self) -> dict[str, Sender]:
        """The ways out for messages, by channel."""
        return senders_of(self.settings)

    @cached_property
    def sign_on(self) -> SignOn | None:
        """The single sign-on, where one is set up."""
        return sign_on_of(self.settings)

    @cached_property
    def scripts(self) -> ScriptLibrary:
        """The approved reply scripts, read at the first use."""
        return ScriptLibrary()

    @cached_property
    def suggester(self) -> Suggester:
        """Suggested replies, built at the first use (about a second); knows what agents did with
        each script so far."""
        with self.database.reading() as session:
            feedback = read_feedback(session)
        cache = self.settings.data_dir / "cache"
        return Suggester(self.scripts.scripts, cache_dir=cache, feedback=feedback)

    async def start(self) -> None:
        """Connect and take up what an earlier run left behind."""
        await self.fanout.start()
        await self.rulebook.start()
        await self.gateway.start()
        self.jobs.start()

    async def stop(self) -> None:
        """Stop the work under way and disconnect."""
        await self.language.stop()
        self.board.stop()
        await self.jobs.stop()
        await self.gateway.stop()
        await self.rulebook.stop()
        await self.bot.close()
        await self.flood.stop()
        await self.fanout.stop()
        self.database.dispose()

    def warm_up(self) -> None:
        """Load what a first check, search or suggestion would otherwise wait for."""
        _ = self.scripts
        self.checker.warm_up()
        _ = self.suggester
        settle()


def build_desk(settings: Settings) -> Desk:
    """Build the process's desk from its settings. The database must be migrated.

    Raises:
        InvalidInput: the company file, the service profiles or the mail server's address are
            wrong.
    """
    secrets = settings.secret_values
    use_keys(settings)
    use_idle_length(timedelta(minutes=settings.session_idle_minutes))
    use_local_login(
        LocalLogin(settings.local_login == "all", frozenset(settings.local_login_except))
    )
    use_demand_of_admins(settings.admin_factor and not settings.demo)
    watch_profile(settings.company_file)
    desk = Desk(
        settings=settings,
        database=Database(settings.effective_database_url),
        fanout=make_fanout(settings.redis_url),
        bot=BotClient(
            settings.effective_rasa_urls,
            secrets["rasa_token"],
            settings.rasa_timeout_s,
            start_s=settings.rasa_start_s,
        ),
        company=load_company(settings.company_file),
        load_checker=load_checker,
    )
    use_channels(channels_of(settings))
    # Now and not at the first message or login: a wrong address should stop the start.
    _ = desk.senders, desk.sign_on
    use_notice(desk.company.privacy_notice)
    set_desk(desk)
    return desk


def create_app(desk: Desk, *, has_console: bool = True) -> FastAPI:
    """Return the application for customers, staff and other systems.

    `has_console=False` leaves the NiceGUI pages out: they exist once per process.
    """
    app = FastAPI(
        title="kefu",
        description="客服台接口",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(desk),
    )
    install_problem_handlers(app)
    for router in (
        chat_page.router,
        chat_assets.router,
        chat_socket.router,
        photo_api.router,
        privacy_chat_api.router,
        login.router,
        account.router,
        account.styles,
        confirming.router,
        pictures_api.router,
        single_sign_on.router,
        health.router,
    ):
        app.include_router(router)
    api.include(app)
    describe_header(app)
    # The last one added is the outermost.
    app.add_middleware(RepeatedCalls)
    app.add_middleware(SlowBody)
    app.add_middleware(BodyLimit, limit=BODY_LIMIT, upload_limit=UPLOAD_LIMIT)
    app.add_middleware(OriginCheck, allowed_origins=desk.settings.allowed_origins)
    app.add_middleware(SecurityHeaders, is_secure=desk.settings.secure_cookies)
    app.add_middleware(AccessLog)
    app.add_middleware(RequestIds)
    not_found.add_route(app)
    if has_console:
        # By name: the pages register themselves, and need this module in turn.
        import_module("desk.console.pages")
        ui.run_with(
            app,
            title=desk.company.short_name,
            language="zh-CN",
            # As the system wishes, like the palette.
            dark=None,
            show_welcome_message=False,
        )
    return app


def _lifespan(desk: Desk) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await desk.start()
        try:
            yield
        finally:
            await desk.stop()

    return lifespan
