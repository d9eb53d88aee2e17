# Every target sets itself up: a machine with Python 3.11 or newer and a package index is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PAPER ?= tests/sample/paper.pdf

.DEFAULT_GOAL := help
.PHONY: help setup run model ui test check bench docs sample clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the environment in .venv (also .venv/bin/razbor)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Razbor needs Python 3.11 or newer; run: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the packages (about two minutes the first time) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check "$$(grep -o 'torch==[0-9.]*' pyproject.toml)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

model: $(STAMP)
	@$(BIN)/razbor models pull --if-needed

run: $(STAMP) model ## Digest a paper and print the Russian post: make run PAPER=some.pdf (or an arXiv id)
	@$(BIN)/razbor digest --draft-ok "$(PAPER)"

ui: $(STAMP) ## Open the dashboard
	@$(BIN)/razbor ui

test: $(STAMP) ## Run all tests, one of them with a small real model
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4

check: $(STAMP) ## Format, lint, types, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(MAKE) --no-print-directory test

bench: $(STAMP) model ## Measure speed, memory and the prefix discipline; prints the README's table
	@$(BIN)/python -m tests.bench

docs: $(STAMP) ## Write the generated parts of the README anew
	@$(BIN)/python -m ui.readme

sample: $(STAMP) ## Run the sample paper's experiment and make its PDF
	@$(BIN)/python -m tests.sample.experiment
	@$(BIN)/python -m tests.sample.paper

clean: ## Remove the environment and caches; the data folder stays
	@rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
