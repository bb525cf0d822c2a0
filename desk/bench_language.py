"""Accuracy on the labelled development data, by the project's own scorer where it is present."""

import json
import subprocess
import sys
from pathlib import Path

from desk.settings import PROJECT_DIR
from scripts_library.measurement import Measurement

SCORER = PROJECT_DIR.parent / "shared" / "bench" / "score.py"
TARGETS = {
    "phrases.real_precision": (0.90, "higher"),
    "phrases.real_recall": (0.90, "higher"),
    "phrases.plain_recall": (0.90, "higher"),
    "phrases.evasion_recall": (0.92, "higher"),
    "phrases.benign_false_alarms": (0.04, "lower"),
    "phrases.category_right": (0.88, "higher"),
    "intents.intents_homes": (0.93, "higher"),
    "intents.intents_homes_macro_recall": (0.88, "higher"),
    "intents.intents_service": (0.93, "higher"),
    "intents.intents_service_macro_recall": (0.88, "higher"),
    "complaints.category": (0.82, "higher"),
    "complaints.severity": (0.85, "higher"),
    "complaints.major_recall": (0.85, "higher"),
    "replies.p_at_1": (0.80, "higher"),
}


def bench_language() -> list[Measurement]:
    """Return every figure of `score.py`; empty where the labelled data is absent."""
    if not SCORER.exists():
        return []
    kefu = Path(sys.executable).with_name("kefu")
    done = subprocess.run(
        [sys.executable, str(SCORER), "--kefu", str(kefu)],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT_DIR,
    )
    figures = []
    for line in done.stdout.splitlines():
        ((part, results),) = json.loads(line).items()
        for name, value in results.items():
            key = f"{part}.{name}"
            if key in TARGETS:
                target, better = TARGETS[key]
                count = results.get("n") or results.get(f"{name.split('_macro')[0]}_n", 0)
                figures.append(Measurement(key, value, "share", target, better, count))
    return figures
