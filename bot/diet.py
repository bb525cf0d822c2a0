"""Rasa's DIET on our features: `python -m bot.diet EPOCHS`, one message a line, prints JSON.

Trains a copy of the pipeline in which DIET stands for our classifier, in a folder of its own
(minutes), and prints `intents` in order, `train_s`, `parse_ms` and `peak_mib`.
"""

import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from scripts_library.paths import PROJECT_DIR, data_dir

OURS = "bot.components.classifier.LinearIntentClassifier"
_NOT_NEEDED = ("bot.components.entities.ChineseEntityExtractor", "FallbackClassifier")


def config_with_diet(config: dict[str, Any], epochs: int) -> dict[str, Any]:
    """Return a configuration whose pipeline has DIET and n-gram counts for our classifier."""
    counted: list[dict[str, Any]] = [
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "CountVectorsFeaturizer", "analyzer": "word"},
    ]
    diet = {
        "name": "DIETClassifier",
        "entity_recognition": False,
        "epochs": epochs,
        "constrain_similarities": True,
        "random_seed": 20,
    }
    pipeline: list[dict[str, Any]] = []
    for step in config["pipeline"]:
        if step["name"] == OURS:
            pipeline += [*({**counts, "min_df": 2} for counts in counted), diet]
        elif step["name"] not in _NOT_NEEDED:
            pipeline.append(step)
    return {key: config[key] for key in ("recipe", "language")} | {
        "assistant_id": "kefu-diet",
        "pipeline": pipeline,
    }


async def measure(epochs: int, texts: list[str]) -> dict[str, Any]:
    """Train, then understand every text once."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    ours = YAML(typ="safe").load((PROJECT_DIR / "config.yml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="kefu-diet-") as folder:
        config = Path(folder, "config.yml")
        with config.open("w", encoding="utf-8") as file:
            YAML().dump(config_with_diet(ours, epochs), file)
        begin = time.perf_counter()
        archive = train_nlu(str(config), str(data_dir() / "nlu"), folder)
        train_s = time.perf_counter() - begin
        agent = Agent.load(str(archive))
        await agent.parse_message(texts[0])
        begin = time.perf_counter()
        found = [(await agent.parse_message(text))["intent"]["name"] for text in texts]
        parse_s = time.perf_counter() - begin
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "intents": found,
        "train_s": train_s,
        "parse_ms": parse_s / len(texts) * 1000,
        "peak_mib": peak_kib / 1024,
    }


if __name__ == "__main__":
    lines = [line.strip() for line in sys.stdin if line.strip()]
    sys.stdout.write(json.dumps(asyncio.run(measure(int(sys.argv[1]), lines))) + "\n")
