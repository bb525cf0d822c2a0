"""`kefu bench start`: what counts as an answer, whose memory counts, and what it prints."""

import contextlib
import subprocess
import sys

import psutil
import pytest

from desk.cli import bench_start as bench
from desk.errors import NotFound
from desk.settings import Settings

PATIENCE_S = 3


def settings_of(running):
    desk = running.desk.settings
    return desk.model_copy(update={"port": int(running.url.rpartition(":")[2])})


async def test_a_bot_that_answers_is_an_answer(running):
    await bench._first_answer(settings_of(running))
    assert [body["text"] for body in running.rasa.requests] == [bench.QUESTION]


async def test_people_who_take_over_are_none(running):
    running.rasa.status = 500
    with pytest.raises(bench.StartFailed):
        await bench._first_answer(settings_of(running))


async def test_a_bot_that_is_silent_is_none(running, monkeypatch):
    monkeypatch.setattr(bench, "PATIENCE_S", PATIENCE_S)
    running.rasa.gate.clear()
    with pytest.raises(bench.StartFailed):
        await bench._first_answer(settings_of(running))
    running.rasa.gate.set()


def test_the_memory_of_every_process_counts_by_its_part():
    """A watching process with two children, one of them the desk."""
    wait = "import sys; sys.stdin.read()"
    watch = (
        "import subprocess, sys\n"
        f"children = [subprocess.Popen([sys.executable, '-c', {wait!r}, part])"
        " for part in ('desk.serve', 'x')]\n"
        "print(flush=True); sys.stdin.read(); [child.wait() for child in children]"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", watch], stdin=pipe, stdout=pipe) as root:
        root.stdout.readline()
        memory = bench._memory_of(psutil.Process(root.pid))
        root.stdin.close()
    assert set(memory) == {"supervisor", "desk", "rasa"}
    assert all(1 < mib < 100 for mib in memory.values())


def test_it_tells_seconds_and_memory_with_their_targets(monkeypatch, tmp_path):
    async def answer(_settings):
        pass

    @contextlib.contextmanager
    def running(_settings):
        yield psutil.Process()

    (tmp_path / "kefu.tar.gz").touch()
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path))
    monkeypatch.setattr(bench, "_first_answer", answer)
    monkeypatch.setattr(bench, "_running", running)
    monkeypatch.setattr(bench, "_memory_of", lambda _root: {"supervisor": 1.0, "rasa": 2.0})
    monkeypatch.setattr(bench, "IDLE_S", 0)
    figures = {one.name: (one.value, one.unit, one.target) for one in bench.bench_start()}
    assert figures.pop("start to first answer")[1:] == ("s", 30)
    assert figures == {
        "idle memory, all processes": (3.0, "MiB", 1600),
        "idle memory, kefu up": (1.0, "MiB", None),
        "idle memory, rasa": (2.0, "MiB", None),
    }


def test_without_a_model_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("KEFU_MODELS_DIR", str(tmp_path))
    assert Settings().models_dir == tmp_path
    with pytest.raises(NotFound):
        bench.bench_start()
