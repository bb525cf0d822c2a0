"""What `rasa data validate` checks, and that changed responses train nothing again."""

import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.validator import Validator

from scripts_library.paths import PROJECT_DIR

UNUSED = "is not used in any story or rule"
"""Said of every response that only actions and forms say; tests/actions/test_contract.py proves
that each is used. Rasa itself does not count it as a fault."""


@pytest.fixture(scope="module")
def validator() -> Validator:
    importer = TrainingDataImporter.load_from_config(
        str(PROJECT_DIR / "config.yml"),
        str(PROJECT_DIR / "domain.yml"),
        [str(PROJECT_DIR / "data" / folder) for folder in ("nlu", "rules")],
    )
    return Validator.from_importer(importer)


def test_rasa_finds_no_fault_and_warns_of_nothing(validator: Validator) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert validator.verify_domain_validity()
        assert validator.verify_nlu(ignore_warnings=False)
        assert validator.verify_actions_in_stories_rules()
        assert validator.verify_forms_in_stories_rules()
        assert validator.verify_form_slots()
        assert validator.verify_slot_mappings()
        assert validator.verify_story_structure(ignore_warnings=False)
    said = {str(one.message) for one in caught if issubclass(one.category, UserWarning)}
    assert {text for text in said if UNUSED not in text} == set()


PROJECT = {
    "config.yml": """
recipe: default.v1
language: zh
assistant_id: small
pipeline:
  - name: bot.components.folding.TextNormalizer
  - name: bot.components.tokenizer.ChineseTokenizer
  - name: bot.components.classifier.LinearIntentClassifier
policies:
  - name: RulePolicy
""",
    "nlu.yml": """
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - 你好
      - 您好
  - intent: goodbye
    examples: |
      - 再见
      - 拜拜
""",
    "rules.yml": """
version: "3.1"
rules:
  - rule: Greet
    steps:
      - intent: greet
      - action: utter_greet
""",
}
DOMAIN = """
version: "3.1"
intents: [greet, goodbye]
responses:
  utter_greet:
    - text: {text}
"""
TRAIN = """
import sys
from rasa.model_training import train
files = ["nlu.yml", "rules.yml"]
is_dry = sys.argv[1] == "dry"
print("CODE", train("domain.yml", "config.yml", files, "models", dry_run=is_dry).code)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project of Rasa, trained once."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in PROJECT.items():
        (folder / name).write_text(text, encoding="utf-8")
    trained(folder, "train", "您好")
    return folder


def trained(project: Path, how: str, response: str) -> int:
    """Run Rasa's training in its own process; return its code, 0: nothing has to be trained."""
    (project / "domain.yml").write_text(DOMAIN.format(text=response), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TRAIN, how],
        cwd=project,
        env={"PYTHONPATH": str(PROJECT_DIR), "RASA_TELEMETRY_ENABLED": "false", "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    [line] = [line for line in done.stdout.splitlines() if line.startswith("CODE")]
    return int(line.split()[1])


def test_changed_responses_train_nothing_again(project: Path) -> None:
    assert trained(project, "dry", "您好，请问有什么可以帮您？") == 0


def test_changed_examples_are_trained_again(project: Path) -> None:
    nlu = project / "nlu.yml"
    nlu.write_text(nlu.read_text(encoding="utf-8") + "      - 走了\n", encoding="utf-8")
    assert trained(project, "dry", "您好") != 0
