"""What only staff need of the language: the wording check, the scripts, the suggested replies.

They take 180 MiB, and customers need none of it. So they are loaded when the first member of staff
comes: the login page begins, and whoever is let in, to a page or over REST, waits for the rules in
force, about a second and once a process. A reply is never sent unchecked for want of them. What a
first check or a first suggestion would wait for is loaded after that, while the page is drawn.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from desk.logs import describe

if TYPE_CHECKING:
    from desk.app import Desk
    from scripts_library.checking.checker import Checker

log = structlog.get_logger(__name__)


class Language:
    """Loads one process's language for staff, once.

    Args:
        load_checker: gives the checker of the program's own rules; runs in a thread.
    """

    def __init__(self, desk: "Desk", load_checker: Callable[[], "Checker"]) -> None:
        self._desk = desk
        self._load_checker = load_checker
        self._loading: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to load, unless that was begun: somebody is about to come."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(), name="language")
            self._loading.add_done_callback(self._loaded)

    async def ready(self) -> None:
        """Return when the rules in force are there.

        Raises:
            StoreUnavailable, PhraseError: what is published, or the program's own, can't be read;
                the next call tries again.
        """
        self.begin()
        assert self._loading is not None
        # Others wait for the same task: one who leaves must not end it.
        await asyncio.shield(self._loading)

    async def stop(self) -> None:
        """Wait for what is being loaded: a thread can't be stopped."""
        if self._loading:
            await asyncio.wait([self._loading])
        if self._warming:
            await self._warming

    async def _load(self) -> None:
        checker = await asyncio.to_thread(self._load_checker)
        await self._desk.rulebook.take_up(checker)
        self._warming = asyncio.create_task(self._warm_up(), name="language.warm_up")

    async def _warm_up(self) -> None:
        try:
            await asyncio.to_thread(self._desk.warm_up)
        except Exception as error:
            # Whoever needs what is broken meets it again, and is told.
            log.error("language.not_warm", **describe(error))

    def _loaded(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("language.not_loaded", **describe(error))
        self._loading = None
