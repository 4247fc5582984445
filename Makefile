# On a bare machine: python3 (3.11 or newer) and make. Everything else comes as a wheel into .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.zhiping-installed
BESIDE := $(VENV)/dbos/.installed
CODE := workflows activities workers starter config tests
# Compiled modules are kept whatever the machine's setting: each of our processes would compile them again.
export PYTHONDONTWRITEBYTECODE :=
# A random order of set elements per run would hide what depends on it; pytest keeps Python's own.
PYTEST := $(BIN)/python -m pytest

.PHONY: demo test lint types imports unit bench cluster check-law check-lives check-hostile check-clicks check-mutants check-previous check-sentinel chaos readings format lock clean

# Another notice: make demo CAMPAIGN=bd-2023, or a file with its directory and committee beside it.
# KEEP=1 leaves it running with the console open, until Ctrl-C.
demo: $(READY)
	$(BIN)/zhiping demo $(addprefix --campaign ,$(CAMPAIGN)) $(if $(KEEP),--keep)

test: lint types imports
	$(PYTEST) -n 2 --dist loadscope --no-loadscope-reorder -m "not benchmark and not law and not clicks"

lint: $(READY)
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

unit: $(READY)
	$(PYTEST) -m "not benchmark and not law and not integration and not e2e"

# All, or one file of tests/benchmarks: make bench WHAT=cost
bench: $(READY) $(if $(filter dbos,$(or $(WHAT),dbos)),$(BESIDE))
	$(PYTEST) -m benchmark $(if $(WHAT),tests/benchmarks/test_$(WHAT).py,tests/benchmarks) -s --timeout 0

# The services of the compose files as processes, and production's procedures run on them. Needs Go, and
# Debian's PostgreSQL; builds Temporal's server once into .cluster/ (some twenty minutes).
cluster: $(READY)
	$(BIN)/python -m tests.cluster

check-law: $(READY)
	ZHIPING_LAW_INPUTS=$${ZHIPING_LAW_INPUTS:-1000000} $(PYTEST) tests/unit/test_law_oracle.py --timeout 0

# How many and which: ZHIPING_LIVES=100000 ZHIPING_LIVES_SEED=7 make check-lives
check-lives: $(READY)
	ZHIPING_LIVES=$${ZHIPING_LIVES:-20000} $(PYTEST) tests/lives/test_lives.py -s --timeout 0

# How many and which: ZHIPING_FUZZ=10000000 ZHIPING_FUZZ_SEED=7 make check-hostile
check-hostile: $(READY)
	ZHIPING_FUZZ=$${ZHIPING_FUZZ:-1000000} $(PYTEST) tests/hostile/test_fuzz_acts.py tests/hostile/test_fuzz_operations.py \
		tests/hostile/test_fuzz_doors.py -s --timeout 0
	ZHIPING_PAGES=all $(PYTEST) tests/hostile/pages -s --timeout 0

# One application through its whole season in a Chromium, by clicks alone. PICTURES=folder keeps its pages there.
check-clicks: $(READY)
	$(if $(PICTURES),ZHIPING_PICTURES=$(PICTURES)) $(PYTEST) tests/browser/test_season_by_clicks.py -m clicks -s --timeout 0

# A thousand inconsistencies, and every story without any: ZHIPING_SEEDED=5000 make check-sentinel
check-sentinel: $(READY)
	ZHIPING_SEEDED=$${ZHIPING_SEEDED:-1000} $(PYTEST) tests/integration/test_sentinel.py -s --timeout 0

# A season under random deaths of every part: CASES=50 SEED=7 make chaos. Zero is wanted of all but the time.
chaos: $(READY)
	$(BIN)/python -m tests.chaos --cases $${CASES:-1000} --seed $${SEED:-1}

# Each seeded fault of tests/mutants/mutants.toml against the lives of `make test`.
check-mutants: $(READY)
	$(BIN)/python -m tests.mutants.run --jobs 2

# The code of the release before, with its own tests of the record, on today's schema.
check-previous: $(READY)
	$(BIN)/python -m tests.previous

# The public page of the readings, from their words.
readings: $(READY)
	$(BIN)/zhiping readings --page > docs/readings.md

format: $(READY)
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

# Universal: one file for every platform and Python. It names no registry; pip's own setting does.
lock: $(READY)
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links -c requirements.txt --extra image \
		pyproject.toml -o requirements-production.txt
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links -c requirements.txt \
		tests/benchmarks/dbos/requirements.in -o tests/benchmarks/dbos/requirements.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Again only when what is installed changes. The stamp comes last: a broken install is redone.
$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新版本（python3）。" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# What one benchmark compares with, apart from everything of ours.
$(BESIDE): tests/benchmarks/dbos/requirements.txt | $(READY)
	$(BIN)/python -m venv $(VENV)/dbos
	$(VENV)/dbos/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
