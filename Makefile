# `make try` shows what the tool does to a small project, `make test` runs all that CI runs.
# Both make a virtual environment in .venv; nothing but Python 3.11 or newer and make is needed.

PYTHON ?= python3
FIXTURE ?= fixtures/go/static-http

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
RUN := $(BIN)/python -m

INSTALLED := $(VENV)/.installed
INSTALLED_FOR_TESTS := $(VENV)/.installed-for-tests

.PHONY: try test lint unit clean
.DEFAULT_GOAL := test

# Fixes a copy of a fixture and prints the diff; another one: make try FIXTURE=fixtures/python/flask
try: $(INSTALLED)
	@$(BIN)/python tests/try_fixture.py $(FIXTURE)

test: lint unit

lint: $(INSTALLED_FOR_TESTS)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(BIN)/lint-imports

unit: $(INSTALLED_FOR_TESTS)
	$(RUN) pytest $(PYTEST_ARGUMENTS)

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed: make PYTHON=python3.12')"
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -c "open('$@', 'w').close()"

# `pip install --group` is younger than the pip that many a Python brings along.
$(INSTALLED_FOR_TESTS): $(INSTALLED)
	$(RUN) pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(RUN) pip install --quiet --disable-pip-version-check --group dev
	-$(RUN) pip install --quiet --disable-pip-version-check --only-binary :all: --group reference
	@$(BIN)/python -c "open('$@', 'w').close()"

clean:
	$(PYTHON) -c "import shutil; shutil.rmtree('$(VENV)', ignore_errors=True)"
