# Every target does its own set-up: a virtual environment in .venv and the dependencies of pyproject.toml.
# PYTHON names the interpreter that makes it (3.11 or newer). Nothing but the package index is needed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST_ARGS ?=

# Levels 7 and 8 of the rooms, without `plan`; tests/meta/test_makefile.py compares them with pyproject.toml.
PURE := facade/identity/*,facade/tenancy/*,facade/admission/*,facade/contract/*,facade/guard/*,facade/meter/*,facade/reply/*,facade/kernel/*

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench screenshots docs clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make the virtual environment alone

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (the first time takes a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(READY) ## start the demo help desk and a facade in front of it; ONCE=1 plays a conversation and ends
	@$(BIN)/facade demo $(if $(ONCE),--once)

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest -q $(PYTEST_ARGS)

check: $(READY) ## format, lint, layers, types, and the tests with their coverage
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q $(PYTEST_ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report
	@$(BIN)/coverage report --include='$(PURE)' --fail-under=100

bench: $(READY) ## measure, side by side in one run; figures and how to read them in docs/bench.md
	@$(BIN)/python -m bench

screenshots: $(READY) ## make pictures of the chat page over the demo, into build/screenshots; needs Chromium
	@$(BIN)/python -m bench.screenshots build/screenshots

docs: $(READY) ## write the generated pages: docs/settings.md, specs/settings.schema.json
	@$(BIN)/facade settings > docs/settings.md
	@$(BIN)/facade settings --schema > specs/settings.schema.json

clean: ## remove everything that the other targets made
	rm -rf $(VENV) .demo .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
