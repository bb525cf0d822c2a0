"""The manual is right: what the README shows runs, and every public name says what it is."""

import inspect
import pydoc
import re

import pytest

import scripts_library
from scripts_library.paths import PROJECT_DIR


def test_quick_start_of_the_readme_is_short_and_runs(capsys) -> None:
    readme = (PROJECT_DIR / "README.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (example,) = [block for block in blocks if "load_checker" in block]
    assert len(example.splitlines()) < 10
    exec(compile(example, "README.md", "exec"), {})
    assert "ignorance" in capsys.readouterr().out


def test_first_example_of_the_manual_runs() -> None:
    manual = scripts_library.__doc__ or ""
    code = manual.split("Check the wording of a reply::")[1].split("\n\n    checker")[1]
    lines = ("    checker" + code).split("\nA reply takes")[0]
    names: dict[str, object] = {"load_checker": scripts_library.load_checker}
    exec(inspect.cleandoc(lines), names)
    assert names["verdict"].worst is scripts_library.Severity.BLOCK  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", scripts_library.__all__)
def test_every_public_name_is_explained(name: str) -> None:
    thing = getattr(scripts_library, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        assert len(inspect.getdoc(thing) or "") > 20
        for member, value in vars(thing).items() if inspect.isclass(thing) else ():
            if not member.startswith("_") and inspect.isfunction(value):
                assert inspect.getdoc(value), f"{name}.{member}"


def test_manual_renders() -> None:
    text = pydoc.plain(pydoc.render_doc(scripts_library))
    for heading in ("Check the wording", "Suggest replies", "Errors:"):
        assert heading in text
