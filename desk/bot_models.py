"""Which model the bot's servers have in service, next to the one that was trained last."""

import json
import tarfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from desk.settings import Settings

HEALTH_PATH = "/webhooks/desk/"
ANSWERS_WITHIN_S = 5.0
TAKEN_WITHIN_S = 60.0
LOOK_EVERY_S = 0.5


def id_of_model(path: Path) -> str:
    """Return the id that Rasa gave a trained model."""
    with tarfile.open(path) as model:
        for member in model:
            if member.name.rpartition("/")[2] == "metadata.json":
                content = model.extractfile(member)
                assert content is not None
                return str(json.load(content)["model_id"])
    raise ValueError(f"{path.name} is no model")


def running_servers(settings: Settings) -> list[str]:
    """Return the addresses of the bot's servers that answer now."""
    return [url for url in settings.effective_rasa_urls if _in_service(url) is not None]


def wait_for_model(urls: Sequence[str], model_id: str, within_s: float = TAKEN_WITHIN_S) -> bool:
    """Return whether all servers have the model in service before the time is over."""
    until = time.monotonic() + within_s
    while any(_in_service(url) != model_id for url in urls):
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_EVERY_S)
    return True


def _in_service(url: str) -> str | None:
    """Return the id of a server's model; None if nobody answers, or has no model."""
    try:
        answer = httpx.get(url.rstrip("/") + HEALTH_PATH, timeout=ANSWERS_WITHIN_S, trust_env=False)
        return str(answer.json().get("model", "")) if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError):
        return None
