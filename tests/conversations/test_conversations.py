"""All written conversations against the trained model: Rasa's own test, and played with actions."""

from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.test import test as run_stories
from ruamel.yaml import YAML

from tests.actions.support import SmallDesk
from tests.conversations.play import Player, read_talks

FOLDER = Path(__file__).resolve().parent
TALKS = list(read_talks())


def stories() -> list[dict[str, Any]]:
    files = sorted(FOLDER.glob("test_*.yml"))
    return [s for f in files for s in YAML(typ="safe").load(f.read_text("utf-8"))["stories"]]


def test_there_are_enough_conversations() -> None:
    assert len(stories()) >= 80
    assert len(TALKS) >= 80
    assert len({talk["talk"] for talk in TALKS}) == len(TALKS)


@pytest.mark.timeout(900)
async def test_no_story_fails(agent: Agent, tmp_path: Path) -> None:
    """What `rasa test` checks: intents, entities, actions and forms of every story."""
    await run_stories(
        str(FOLDER), agent, out_directory=str(tmp_path), e2e=True, disable_plotting=True
    )
    failed = (tmp_path / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert failed.startswith("# None of the test stories failed"), failed


@pytest.mark.parametrize("talk", TALKS, ids=[f"{t['file']}-{t['talk']}" for t in TALKS])
async def test_a_talk_goes_as_written(
    agent: Agent, played_desk: SmallDesk, talk: dict[str, Any]
) -> None:
    player = Player(agent, played_desk, played_desk.conversation())
    problems = await player.play(talk)
    assert problems == [], "\n".join(player.transcript)
