# kefu: `make up` runs everything from a fresh checkout, `make test` tests everything.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/python -m pip install --disable-pip-version-check

# Where the machine's settings forbid compiled files, every process would compile TensorFlow anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help up setup train test test-servers test-fast pictures lint types format bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

up: $(READY) ## Set everything up and run kefu; Ctrl-C stops it
	@$(BIN)/kefu up

setup: $(READY) ## The same without starting anything
	@$(BIN)/kefu setup

train: $(READY) ## Build the models whose data has changed
	@$(BIN)/kefu train

# One call an area: Rasa, NiceGUI and Playwright each want an event loop of their own. The desk's
# tests mostly wait for their databases, so that more processes than cores are quicker.
test: $(READY) ## Everything: lint, types, models, all tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync lint types train
	$(BIN)/pytest -q -n 2 --dist loadfile tests/scripts_library tests/bot
	$(BIN)/pytest -q -n 2 --dist loadfile tests/actions tests/conversations
	$(BIN)/pytest -q -n 3 --dist loadfile --reruns 2 tests/faults tests/desk tests/attacks tests/deploy tests/test_import_directions.py
	$(BIN)/pytest -q -n 2 --dist loadfile --reruns 2 tests/browser

test-servers: $(READY) ## The desk's tests with every desk on PostgreSQL and Redis
	KEFU_TEST_ON=servers KEFU_REQUIRE_SERVICES=1 $(BIN)/pytest -q -n 3 --dist loadfile --reruns 2 tests/desk

test-fast: $(READY) ## Tests that need neither a trained model nor a browser
	$(BIN)/pytest -m "not model and not browser"

pictures: train ## Take the pictures of guide and help again, by playing their stories
	KEFU_PICTURES=docs/images $(BIN)/pytest -q tests/browser/test_whole_story.py
	KEFU_HELP_PICTURES=desk/help/pictures $(BIN)/pytest -q tests/browser/test_help.py

lint: $(READY) ## Style, spelling, import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports

types: $(READY) ## Types
	$(BIN)/mypy

format: $(READY) ## Rewrite the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: train ## Accuracy on the labelled data (where present) and speed
	@$(BIN)/kefu bench all

clean: ## Remove models and caches; your data in var/ stays
	rm -rf models .rasa .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The environment: pinned and hashed, without asking packages for their own ideas of versions,
# since Rasa's metadata (restated in pyproject.toml) would refuse Python 3.11. uv does it in
# seconds; where it can't, pip does it in a minute and a half.
$(READY): requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
	  { echo "kefu 需要 Python 3.11：请安装后再试，或用 make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "… 准备 Python 环境"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --quiet --require-hashes --requirement requirements-uv.lock && \
	  $(BIN)/uv pip install --python $(BIN)/python --no-deps --require-hashes \
	    --requirement requirements.lock || \
	  $(PIP) --no-deps --ignore-requires-python --require-hashes --requirement requirements.lock
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@
