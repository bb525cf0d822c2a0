"""Who may import whom: the contracts in `pyproject.toml`, checked by import-linter."""

import os
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

PROJECT_DIR = Path(__file__).resolve().parent.parent
PYPROJECT = PROJECT_DIR / "pyproject.toml"
CONTRACTS = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["importlinter"]["contracts"]


@pytest.mark.parametrize("contract", [contract["id"] for contract in CONTRACTS])
def test_contract_is_kept(contract, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(PROJECT_DIR)
    status = lint_imports(
        str(PYPROJECT), limit_to_contracts=(contract,), cache_dir=str(tmp_path), no_logo=True
    )
    assert status == os.EX_OK, capsys.readouterr().out
