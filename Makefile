# Two commands: `make demo` shows Coldtrail at work, `make test` proves it. Both set up what they need.
# `make laws` holds a hundred small attacked runs of each application to the testbed's laws.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test laws lint bench quality peers clean

demo: $(VENV)/.demo
	$(BIN)/coldtrail demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest

laws: $(VENV)/.dev
	$(BIN)/python -m pytest -m long tests/testbed/test_many_seeds.py

lint: $(VENV)/.dev
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.recording

quality: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality --keep quality-output --output quality-output/quality.md

peers: $(VENV)/.dev
	$(BIN)/python -m benchmarks.peers --keep peers-output

clean:
	rm -rf $(VENV) demo-output peers-output quality-output build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable '.[testbed,report]'
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable '.[testbed,report,deep,peers,dev]'
	touch $@ $(VENV)/.demo
