"""Which models there are, what each is built from, and whether a built one still fits."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from desk.errors import DeskError
from desk.settings import PROJECT_DIR, Settings

RASA_MODEL = "kefu.tar.gz"
MANIFEST = "manifest.json"

_manifest_lock = Lock()


class TrainingFailed(DeskError):
    """A model could not be built; `details["log"]` names the log file."""


@dataclass(frozen=True, slots=True)
class Model:
    """A trained file.

    Attributes:
        name: short name; its title is the text `cli.model_<name>`.
        output: file name in the models folder.
        inputs: glob patterns below the checkout whose content decides the model.
        build: writes the model to a path.
        but_not: files among the inputs that serve the model and don't shape it.
    """

    name: str
    output: str
    inputs: tuple[str, ...]
    build: Callable[[Path, Settings], None]
    but_not: tuple[str, ...] = ()


def is_current(model: Model, settings: Settings) -> bool:
    """Tell whether the model exists and was built from exactly today's inputs."""
    if not (settings.models_dir / model.output).exists():
        return False
    return _manifest(settings).get(model.name) == _digest(model)


def train(model: Model, settings: Settings) -> None:
    """Build a model and note what it was built from.

    Raises:
        TrainingFailed: the builder failed; the model that was there stays.
    """
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    digest = _digest(model)
    model.build(settings.models_dir / model.output, settings)
    with _manifest_lock:
        manifest = {**_manifest(settings), model.name: digest}
        path = settings.models_dir / MANIFEST
        path.write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _manifest(settings: Settings) -> dict[str, str]:
    path = settings.models_dir / MANIFEST
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _digest(model: Model) -> str:
    digest = hashlib.sha256()
    for pattern in model.inputs:
        for path in sorted(PROJECT_DIR.glob(pattern)):
            name = str(path.relative_to(PROJECT_DIR))
            is_input = "__pycache__" not in path.parts and name not in model.but_not
            if path.is_file() and is_input:
                digest.update(name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _build_rasa(target: Path, settings: Settings) -> None:
    """Run `rasa train` in a process of its own: TensorFlow's memory is free again afterwards.

    The file appears as a whole: running servers take it into service (`bot.model_watch`).
    """
    log = settings.data_dir / "log" / "rasa-train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "rasa", "train", "--domain", "domain.yml"]
    command += ["--fixed-model-name", target.name.removesuffix(".tar.gz")]
    command += ["--data", "data/nlu", "data/rules", "data/stories"]
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".training-") as folder:
        with log.open("w", encoding="utf-8") as file:
            done = subprocess.run(
                [*command, "--config", "config.yml", "--out", folder],
                cwd=PROJECT_DIR,
                env=rasa_environment(),
                stdout=file,
                stderr=file,
                check=False,
            )
        made = Path(folder, target.name)
        if done.returncode or not made.exists():
            raise TrainingFailed("errors.rasa_training_failed", log=log)
        made.replace(target)


def rasa_environment() -> dict[str, str]:
    """Return the environment for Rasa's processes: no telemetry, no chatter from TensorFlow."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        # As in desk/cli: OpenMP threads that wait for one another spin.
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
    }


def _build_wording(target: Path, _settings: Settings) -> None:
    from scripts_library.checking.paraphrase.model import train_to

    train_to(target)


def _build_triage(target: Path, _settings: Settings) -> None:
    from scripts_library.triage.model import train_to

    train_to(target)


def _build_ranking(target: Path, _settings: Settings) -> None:
    from scripts_library.suggesting.ranking.ranker import train_to

    train_to(target)


MODELS = (
    Model(
        "bot",
        RASA_MODEL,
        (
            "config.yml",
            "domain.yml",
            "data/nlu/*.yml",
            "data/rules/*.yml",
            "data/stories/*.yml",
            "data/lexicon/*.txt",
            "bot/**/*.py",
            "scripts_library/text/embedding.py",
            "scripts_library/text/chinese.py",
            "scripts_library/reading/*.py",
        ),
        _build_rasa,
        but_not=(
            "bot/action_answers.py",
            "bot/action_calls.py",
            "bot/channel.py",
            "bot/graph_runner.py",
            "bot/model_watch.py",
            "bot/repeats.py",
            "bot/tracker_cipher.py",
            "bot/tracker_store.py",
            "bot/tracker_trimming.py",
        ),
    ),
    Model(
        "wording",
        "wording.npz",
        (
            "data/wording/*.yml",
            "scripts_library/text/*.py",
            "scripts_library/checking/paraphrase/*.py",
        ),
        _build_wording,
    ),
    Model(
        "triage",
        "triage.npz",
        (
            "data/triage/*.yml",
            "data/nlu/*.yml",
            "scripts_library/triage/**/*",
            "scripts_library/text/*.py",
        ),
        _build_triage,
    ),
    Model(
        "ranking",
        "ranking.npz",
        (
            "data/ranking/*.yml",
            "data/nlu/*.yml",
            "data/triage/*.yml",
            "scripts_library/scripts/*.yml",
            "scripts_library/topics.yml",
            "scripts_library/suggesting/ranking/*.py",
            "scripts_library/suggesting/topic_vectors.py",
            "scripts_library/suggesting/words.py",
            "scripts_library/text/*.py",
        ),
        _build_ranking,
    ),
)
