"""Keeps a desk process's rules and scripts as published: from the first member of staff on
(`desk.language`), when told, and by and by.

A set that can't be built changes nothing: the last good one stays in force, and `problem` says so.
"""

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import structlog

from desk.errors import DeskError
from desk.fanout import Event
from desk.logs import describe
from desk.rulebook import publishing, scripts
from desk.rulebook.bodies import Overlay
from desk.rulebook.models import ScriptRevision
from scripts_library.checking.checker import Checker
from scripts_library.checking.packs import PACKS_DIR
from scripts_library.checking.rules import RuleSet
from scripts_library.errors import PhraseError
from scripts_library.suggesting.script import Script

if TYPE_CHECKING:
    from desk.app import Desk

CHANNEL = "rulebook"
"""Fan-out channel: `{"type": "published"}` after a rule set or a script was published."""
PUBLISHED: Event = {"type": "published"}

log = structlog.get_logger(__name__)


class Rulebook:
    """One process's view of what is published.

    Attributes:
        problem: the type of what kept the newest published set from being used; None if nothing.
    """

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._lock = asyncio.Lock()
        self._listening: asyncio.Task[None] | None = None
        self._plain: Checker | None = None
        self._checker: Checker | None = None
        self._number = 0
        self._revisions: dict[str, int] = {}
        self.problem: str | None = None

    @property
    def checker(self) -> Checker:
        """The checker of the rules in force."""
        return _taken_up(self._checker)

    @property
    def base(self) -> RuleSet:
        """The program's own rules."""
        return _taken_up(self._plain).rule_set

    @cached_property
    def own_scripts(self) -> tuple[Script, ...]:
        """The program's own scripts; asked for before others are put in force."""
        return self._desk.scripts.scripts

    async def take_up(self, plain: Checker) -> None:
        """Use what is published over the program's own rules and scripts, from now on."""
        packs = {file.name: file.read_bytes() for file in PACKS_DIR.glob("*.yml")}
        await self._desk.database.run(publishing.keep_base, plain.rule_set, packs)
        async with self._lock:
            self._plain = plain
            await self._use_published(is_start=True)
            self._checker = self._checker or plain

    async def start(self) -> None:
        """Listen for what is published."""
        subscription = self._desk.fanout.subscribe(CHANNEL)

        async def listen() -> None:
            async with subscription:
                async for _event in subscription:
                    try:
                        await self.refresh()
                    except Exception as error:
                        # The database may be away for a moment; the job looks again.
                        log.error("rulebook.refresh_failed", **describe(error))

        self._listening = asyncio.create_task(listen(), name="rulebook")

    async def stop(self) -> None:
        """Listen no more."""
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def announce(self) -> None:
        """Use what was just published, here at once and in the other processes soon."""
        await self.refresh()
        await self._desk.fanout.publish(CHANNEL, PUBLISHED)

    async def refresh(self) -> None:
        """Use what is published now; never raises because of it."""
        async with self._lock:
            if self._checker is not None:
                await self._use_published(is_start=False)

    async def _use_published(self, *, is_start: bool) -> None:
        try:
            await self._refresh_rules(is_start)
            await self._refresh_scripts(is_start)
        except (PhraseError, DeskError) as error:
            if self.problem is None:
                log.error("rulebook.kept_last_good", **describe(error))
            self.problem = type(error).__name__
        else:
            self.problem = None

    async def _refresh_rules(self, is_start: bool) -> None:
        newest = await self._desk.database.look(publishing.head)
        number = newest.number if newest else 0
        if newest is None or number == self._number:
            return
        overlay = Overlay.from_json(newest.overlay)
        checker = await asyncio.to_thread(self._build, overlay)
        if not is_start:
            # At the start whoever was let in need not wait for it: it comes right after.
            await asyncio.to_thread(checker.warm_up)
        self._checker = checker
        self._number = number
        log.info("rulebook.rules_in_force", number=number, version=checker.version)

    def _build(self, overlay: Overlay) -> Checker:
        return _taken_up(self._plain).with_rules(overlay.lay(self.base))

    async def _refresh_scripts(self, is_start: bool) -> None:
        found = await self._desk.database.look(scripts.in_force)
        numbers = {script_id: one.number for script_id, one in found.items()}
        if numbers == self._revisions:
            return
        changed = [one for key, one in found.items() if self._revisions.get(key) != one.number]
        own = await asyncio.to_thread(lambda: self.own_scripts)
        self._desk.scripts.use(scripts.lay(own, found.values()))
        if not is_start:
            # At the start the suggester is not built yet, and will be from these scripts.
            await asyncio.to_thread(self._update_suggester, changed)
        self._revisions = numbers
        log.info("rulebook.scripts_in_force", changed=len(changed))

    def _update_suggester(self, changed: Sequence[ScriptRevision]) -> None:
        suggester = self._desk.suggester
        for revision in changed:
            if revision.body is not None:
                suggester.update(scripts.script_of(revision.script_id, revision.body))
            elif suggester.get(revision.script_id) is not None:
                suggester.remove(revision.script_id)


def _taken_up(checker: Checker | None) -> Checker:
    if checker is None:
        raise RuntimeError("no rules yet: await desk.language.ready() first")
    return checker


async def refresh(desk: "Desk") -> None:
    """Use what is published, in case the event was lost; a job."""
    await desk.rulebook.refresh()
