"""The jobs that draw QA's samples and look for questions without a script, once a day each."""

import asyncio
import secrets
from typing import TYPE_CHECKING

import structlog

from desk.clock import utc_now
from desk.reviews import gaps, sampling, second
from desk.reviews.drawing import draw_by_risk, draw_evenly
from desk.reviews.quality_models import DrawKind
from desk.reviews.quality_settings import quality_settings
from scripts_library.suggesting.suggester import SuggestionContext

if TYPE_CHECKING:
    from desk.app import Desk

log = structlog.get_logger(__name__)


async def draw_samples(desk: "Desk") -> None:
    """Make today's draws, unless they are made."""
    settings = quality_settings()
    for kind in (DrawKind.RANDOM, DrawKind.RISK):
        pool = await desk.database.look(sampling.pool, kind, now=utc_now())
        if pool is None:
            continue
        seed = secrets.token_hex(8)
        if kind == DrawKind.RANDOM:
            drawn = draw_evenly(pool.candidates, settings.random_per_day, seed)
        else:
            drawn = await asyncio.to_thread(
                draw_by_risk, pool.candidates, settings.risk_per_day, seed, settings
            )
        count = await desk.database.run(sampling.store, pool, drawn, seed=seed)
        log.info("quality.drawn", kind=kind.value, population=len(pool.candidates), drawn=count)
    share = settings.second_share
    seed = secrets.token_hex(8)
    await desk.database.run(second.draw, share=share, seed=seed, now=utc_now())


async def find_gaps(desk: "Desk") -> None:
    """Note today's questions without a script, unless that is done."""
    stretch = await desk.database.look(gaps.unread, now=utc_now())
    if stretch is None:
        return
    found: list[gaps.Found] = []
    if stretch.questions:
        await desk.language.ready()
        found = await asyncio.to_thread(_search, desk, stretch.questions)
    count = await desk.database.run(gaps.store, stretch, found, seed=secrets.token_hex(8))
    log.info("quality.gaps", questions=len(stretch.questions), found=count)


def _search(desk: "Desk", questions: tuple[gaps.Question, ...]) -> list[gaps.Found]:
    """Runs in a thread: the suggester's first use builds it."""
    suggester = desk.suggester

    def topic_of(text: str, intent: str | None) -> str | None:
        context = SuggestionContext(messages=(("customer", text),), intent=intent)
        best = suggester.suggest(context, 1)
        script = suggester.get(best[0].script_id) if best else None
        return script.topic if script else None

    return gaps.find(questions, topic_of, suggester.knows)
