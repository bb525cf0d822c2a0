"""The library of approved reply scripts (话术库): what a script is, and reading it from YAML.

A script file lies in `scripts_library/scripts/` and looks like this; every key of the head is a
default that a script may override::

    topic: ask_price            # an intent or complaint category of topics.yml
    owner: 销售部                # who answers for the wording
    review_date: 2027-06-30     # when the owner looks at it again
    scripts:
      - id: ask_price.listed
        step: answer            # one of STEPS
        tone: plain             # one of TONES
        text: "{customer_title}，这套房挂牌总价是{price}。"
        asks: [这套多少钱, 总价多少]   # questions it answers, as customers type them
        keywords: [总价]

Fill-ins come from the closed list `FILL_INS`. A broken file is reported whole: `load_scripts`
raises `ScriptFileError` with every problem (file, line, value, fix); `ScriptLibrary.reload` keeps
the last good set in force and returns the problems instead.
"""

from collections.abc import Iterable
from pathlib import Path

from scripts_library.errors import Problem
from scripts_library.paths import PACKAGE_DIR
from scripts_library.suggesting.script import (
    FILL_INS,
    STEPS,
    TONES,
    Script,
    ScriptFileError,
    complaint_topics,
    topic_names,
)
from scripts_library.suggesting.script_files import check_ids, read_file

__all__ = [
    "FILL_INS",
    "STEPS",
    "TONES",
    "Script",
    "ScriptFileError",
    "ScriptLibrary",
    "complaint_topics",
    "load_scripts",
    "topic_names",
]

SCRIPTS_DIR = PACKAGE_DIR / "scripts"


def load_scripts(folder: Path = SCRIPTS_DIR) -> tuple[Script, ...]:
    """Read and validate every `*.yml` of a folder; scripts in order of file name and line.

    Raises:
        ScriptFileError: with every problem of every file.
    """
    scripts: list[Script] = []
    problems: list[Problem] = []
    files = sorted(folder.glob("*.yml"))
    if not files:
        problems.append(
            Problem(folder.name, 1, "*.yml", "文件夹里没有话术文件", "放入至少一个 .yml 文件")
        )
    for path in files:
        read_file(path, scripts, problems)
    check_ids(scripts, problems)
    if problems:
        raise ScriptFileError(problems)
    return tuple(scripts)


class ScriptLibrary:
    """The scripts in force. `reload` swaps them as a whole, or not at all when a file is broken.

    Raises:
        ScriptFileError: from the constructor only, where there is no earlier good set.
    """

    def __init__(self, folder: Path = SCRIPTS_DIR) -> None:
        self._folder = folder
        self._scripts = load_scripts(folder)

    @property
    def scripts(self) -> tuple[Script, ...]:
        return self._scripts

    def get(self, script_id: str) -> Script | None:
        return next((script for script in self._scripts if script.id == script_id), None)

    def use(self, scripts: Iterable[Script]) -> None:
        """Put another set in force, as a whole; the caller has checked it."""
        self._scripts = tuple(scripts)

    def reload(self) -> tuple[Problem, ...]:
        """Read the folder again. Returns the problems; with any, the last good set stays."""
        try:
            self._scripts = load_scripts(self._folder)
        except ScriptFileError as error:
            return error.problems
        return ()
