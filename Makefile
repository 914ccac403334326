# Two commands: `make demo` shows Coldtrail at work, `make test` proves it. Both set up what they need.
# `make test PROCESSES=0` runs the tests in one process, which takes longer.
# `make live` shows the service awake: applications run and are attacked, a webhook is told (`make live SECONDS=180` ends);
# `make faults` kills the service, fills its disk, stops its database and so on, a row each (`make faults KILLS=10` is short);
# `make laws` holds a hundred small attacked runs of each application to the testbed's laws, and longer ones to one verdict;
# `make fuzz-coverage` lets a coverage-guided fuzzer loose on all parsers for an hour;
# `make worlds` and `make worlds-learning` judge detection on random applications, each within an hour on two cores;
# `make function-days` judges what is followed over time on 15,000 function-days, and measures its cost;
# `make azure` judges the detector of rates on real Azure functions that lie beside the clone, in AZURE=FOLDER;
# `make control-plane` lays attacks that others recorded over a benign week, from folders that lie beside the clone, in ATTACKS=FOLDER;
# `make peers` measures other detectors beside Coldtrail; with HDFS=FOLDER or TRAINTICKET=FOLDER, Coldtrail on public data;
# `make structure` prints the figures of the source tree that the tests hold it to.

PYTHON ?= python3
PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo live faults test laws lint structure bench quality worlds worlds-learning function-days azure control-plane incidents fortnight peers fuzz fuzz-coverage clean

demo: $(VENV)/.demo
	$(BIN)/coldtrail demo

live: $(VENV)/.dev
	$(BIN)/coldtrail live $(if $(SECONDS),--seconds $(SECONDS))

faults: $(VENV)/.dev
	$(BIN)/python -m benchmarks.faults --kills $(or $(KILLS),200)

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadgroup --no-loadscope-reorder

laws: $(VENV)/.dev
	$(BIN)/python -m pytest -m long lab/tests/testbed/test_many_seeds.py lab/tests/lab/test_same_verdicts.py

lint: $(VENV)/.dev
	$(BIN)/ruff check src lab tests benchmarks
	$(BIN)/ruff format --check src lab tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

structure: $(VENV)/.dev
	$(BIN)/python -m tests.architecture.structure

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.recording

quality: $(VENV)/.dev
	$(BIN)/python -m benchmarks.quality --keep quality-output --output quality-output/quality.md

worlds: $(VENV)/.dev
	$(BIN)/python -m benchmarks.worlds --families functions mesh --output worlds-output.md

worlds-learning: $(VENV)/.dev
	$(BIN)/python -m benchmarks.worlds.learning --output worlds-learning-output.md

azure: $(VENV)/.dev
	$(BIN)/python -m benchmarks.azure $(if $(AZURE),--folder "$(AZURE)")

control-plane: $(VENV)/.dev
	$(BIN)/python -m benchmarks.control_plane $(if $(ATTACKS),--folder "$(ATTACKS)") --output control-plane-output.md

incidents: $(VENV)/.dev
	$(BIN)/python -m benchmarks.incidents --output incidents-output.md

fortnight: $(VENV)/.dev
	$(BIN)/python -m benchmarks.incidents.fortnight --output fortnight-output.md

function-days: $(VENV)/.dev
	$(BIN)/python -m benchmarks.worlds.days --output function-days-output.md
	$(BIN)/python -m benchmarks.baselines

peers: $(VENV)/.dev
	$(BIN)/python -m benchmarks.peers --keep peers-output $(if $(HDFS),--hdfs "$(HDFS)") $(if $(TRAINTICKET),--trainticket "$(TRAINTICKET)")

fuzz: $(VENV)/.dev
	$(BIN)/python -m benchmarks.fuzz --seconds 3600
	$(BIN)/python -m benchmarks.fuzz.kills --kills 200

fuzz-coverage: $(VENV)/.fuzz
	$(BIN)/python -m benchmarks.fuzz.coverage --seconds 3600

clean:
	rm -rf $(VENV) demo-output live-output peers-output quality-output worlds-output.md worlds-output.json worlds-output.mesh.json worlds-learning-output.md worlds-learning-output.json control-plane-output.md incidents-output.md incidents-output.json fortnight-output.md function-days-output.md function-days-output.json fuzz-output build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml lab/pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable . --editable ./lab
	touch $@

$(VENV)/.dev: pyproject.toml lab/pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) --editable '.[report,places,deep,peers,aws,service,grpc,postgresql,apprise,dev]' --editable './lab[dev]'
	touch $@ $(VENV)/.demo

$(VENV)/.fuzz: $(VENV)/.dev
	$(INSTALL) --editable '.[fuzz]'
	touch $@
