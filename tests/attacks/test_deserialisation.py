"""Nothing of ours reads what could run while it is read (ASVS 5.5): shown from the source."""

import ast
from pathlib import Path

import pytest

from desk.settings import PROJECT_DIR

RUNS = {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "jsonpickle", "cloudpickle"}
CALLS = {"eval", "exec", "compile_command", "__import__"}
FOLDERS = ("actions", "bot", "desk", "scripts_library")


def dangers(source: str) -> list[str]:
    """Return what of a source could run what it reads."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.partition(".")[0] in RUNS]
        elif isinstance(node, ast.ImportFrom):
            found += [node.module] if (node.module or "").partition(".")[0] in RUNS else []
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            options = {one.arg: ast.unparse(one.value) for one in node.keywords}
            if name in CALLS or options.get("allow_pickle") == "True":
                found.append(ast.unparse(node))
            if name == "YAML" and options.get("typ") == "'unsafe'":
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_of_ours_runs_what_it_reads(folder: str):
    paths = list((PROJECT_DIR / folder).rglob("*.py"))
    assert paths
    found = {path.name: dangers(path.read_text("utf-8")) for path in map(Path, paths)}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_the_search_finds_it():
    source = "import pickle\nfrom joblib import load\neval(x)\nnumpy.load(p, allow_pickle=True)"
    assert len(dangers(source)) == 4
    assert len(dangers("YAML(typ='unsafe')")) == 1
    assert dangers("numpy.load(p, allow_pickle=False)\nYAML(typ='safe')\njson.loads(x)") == []
