"""JSON lines in, JSON lines out, in the same order; plain text for people."""

import io
import json

import pytest

from desk.cli.lines import run_lines
from scripts_library import TextError


def length(item):
    return {"length": len(item["text"])}


def show(question, answer):
    return f"{question['text']}: {answer['length']}"


@pytest.fixture
def run(monkeypatch, capsys):
    def run(stdin="", arguments=()):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        failures = run_lines(length, show, arguments)
        return failures, capsys.readouterr().out.splitlines()

    return run


def test_json_lines(run):
    failures, lines = run('{"text": "你好"}\n\n{"text": "物业费"}\n')
    assert failures == 0
    assert [json.loads(line) for line in lines] == [{"length": 2}, {"length": 3}]


def test_plain_lines(run):
    assert run("你好\n") == (0, ["你好: 2"])


def test_arguments_instead_of_stdin(run):
    assert run(arguments=["早"]) == (0, ["早: 1"])


@pytest.mark.parametrize("line", ['{"text": ', '{"words": "a"}', '{"text": 5}', "{}"])
def test_a_bad_line_keeps_its_place(run, line):
    failures, lines = run(f'{line}\n{{"text": "好"}}\n')
    assert failures == 1
    assert "error" in json.loads(lines[0])
    assert json.loads(lines[1]) == {"length": 1}


def test_a_text_the_library_refuses_is_told_why(monkeypatch, capsys):
    def refuse(item):
        raise TextError("内容太长")

    monkeypatch.setattr("sys.stdin", io.StringIO("很长\n"))
    assert run_lines(refuse, show, ()) == 1
    assert capsys.readouterr().out == "内容太长\n"
