# Targets for a fresh machine with make, git and a Python >= 3.12. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.runtime
READY := $(VENV)/.ready
TESTED := $(VENV)/.tested
LOCK := requirements/runtime.txt
TEST_LOCK := requirements/test.txt

.PHONY: adversarial ledger help env env-test reanalysis test lint types notebooks browser bench wheel calibrate mutations alarms coverage clean lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(READY) ## build .venv from pinned requirements, the project last

$(RUNTIME): $(LOCK) tools/make_env.sh
	@bash tools/make_env.sh $(VENV)
	@$(PIP) install --quiet --require-hashes --no-deps -r $(LOCK)
	@rm -f $(READY) $(TESTED)
	@touch $@

$(READY): $(RUNTIME) pyproject.toml
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(TESTED): $(READY) $(TEST_LOCK)
	@$(PIP) install --quiet --require-hashes --no-deps -r $(TEST_LOCK)
	@touch $@

env-test: $(TESTED) ## the same environment with the test tools

reanalysis: $(READY) ## reanalyze the index trial and say where the report lies
	@status=0; $(BIN)/bayes-ivf run || status=$$?; \
	if [ $$status -gt 1 ]; then exit $$status; fi; \
	if [ $$status -eq 1 ]; then echo "Warning: a gate failed; see the messages above."; fi

# one thread of BLAS each: two workers all but fill two cores, and types are looked at in what they leave
test: $(TESTED) lint ## lint, types and the whole fast suite
	@$(BIN)/mypy & types=$$!; \
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/unit tests/contract tests/property tests/reference tests/calibration -n 2 --dist loadfile; \
	wait $$types

lint: $(TESTED) ## ruff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: $(TESTED) ## mypy, strict
	@$(BIN)/mypy

notebooks: $(TESTED) ## execute the notebooks anew
	@$(BIN)/python -m pytest tests/notebooks -p no:xdist

browser: $(TESTED) ## look at the pages in an installed browser: chromium, google-chrome or BAYES_IVF_BROWSER
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest tests/browser -p no:xdist

bench: $(TESTED) ## speed, as ratios measured in one run
	@$(BIN)/python -m pytest tests/benchmarks -p no:xdist -s

wheel: $(TESTED) ## install the wheel alone and run the main job from it
	@$(BIN)/python -m pytest tests/wheel -p no:xdist

calibrate: $(TESTED) ## make the stored calibration results anew (long)
	@$(BIN)/python -m tests.calibration.store

mutations: $(TESTED) ## mutate every module that makes numbers and see that its version changes (long)
	@$(BIN)/python -m tests.mutations.study

alarms: $(TESTED) ## count false alarms of the baseline check in sound trials anew
	@$(BIN)/python tools/baseline_alarms.py

coverage: $(TESTED) ## count how often intervals from printed quartiles cover the truth in simulated trials (long)
	@OMP_NUM_THREADS=1 $(BIN)/python tools/quantile_coverage.py

adversarial: $(TESTED) ## random and adversarial problems: the exact engine against plain panels (goes on where it stopped)
	@OMP_NUM_THREADS=1 $(BIN)/python tools/adversarial.py

ledger: $(TESTED) ## numbers, tables and words that no move of code may change: write anew, name what differs (long; CASES=FOLDER)
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.ledger.write $(if $(CASES),--cases $(CASES))

lock: ## write the pinned requirements anew from pyproject.toml (needs the registry)
	@bash tools/lock.sh

clean: ## remove what the targets made
	@rm -rf $(VENV) results build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
