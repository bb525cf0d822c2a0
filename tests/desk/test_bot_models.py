"""Which model is in service: read from a trained file and asked of running servers."""

import asyncio
import io
import json
import tarfile
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from desk.bot_models import id_of_model, running_servers, wait_for_model
from desk.settings import Settings
from desk.training import RASA_MODEL
from tests.desk.support import serving

NOWHERE = "http://127.0.0.1:9"


def archive(path: Path, **files: object) -> Path:
    with tarfile.open(path, "w:gz") as model:
        for name, content in files.items():
            written = json.dumps(content).encode()
            entry = tarfile.TarInfo(f"/{name}.json")
            entry.size = len(written)
            model.addfile(entry, io.BytesIO(written))
    return path


def bot(answers: list[tuple[int, dict[str, str]]]) -> FastAPI:
    """A server that gives these answers one after the other, the last one again and again."""
    app = FastAPI()

    @app.get("/webhooks/desk/")
    async def health() -> JSONResponse:
        status, content = answers.pop(0) if len(answers) > 1 else answers[0]
        return JSONResponse(content, status)

    return app


def test_a_model_has_an_id(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.tar.gz", other={}, metadata={"model_id": "m2"})
    assert id_of_model(path) == "m2"


def test_an_archive_without_one_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no model"):
        id_of_model(archive(tmp_path / "m.tar.gz", other={}))


@pytest.mark.model
def test_a_trained_model_has_an_id() -> None:
    path = Settings().models_dir / RASA_MODEL
    if not path.exists():
        pytest.skip("no trained model: run `kefu train` first")
    assert len(id_of_model(path)) == 32


async def test_only_servers_that_answer_and_have_a_model_are_waited_for() -> None:
    well, empty = bot([(200, {"model": "m1"})]), bot([(503, {"status": "no model"})])
    async with serving(well) as one, serving(empty) as other:
        settings = Settings(_env_file=None, rasa_urls=[f"{one}/", other, NOWHERE])
        assert await asyncio.to_thread(running_servers, settings) == [f"{one}/"]


async def test_a_server_is_waited_for_until_it_has_the_model() -> None:
    slow = bot([(200, {"model": "m1"}), (500, {}), (200, {"model": "m2"})])
    async with serving(slow) as url:
        assert await asyncio.to_thread(wait_for_model, [url], "m2")


async def test_one_that_does_not_take_it_is_not_waited_for_longer() -> None:
    async with serving(bot([(200, {"model": "m1"})])) as url:
        assert not await asyncio.to_thread(wait_for_model, [url], "m2", 0.1)
