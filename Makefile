# Everything here sets itself up: `make demo` and `make test` need Python >= 3.11 and a package index.
#
#   make demo        run ctxlint over fixtures/ and show what it finds
#   make test        the whole test suite            (make test ARGS="-k noqa -x")
#   make lint        ruff: rules and formatting      (make format writes)
#   make types       mypy --strict
#   make check       lint, types and test
#   make coverage    the same, and which lines and branches it has not run through
#   make accuracy    recall and precision over the labelled releases in benchmarks/corpus
#   make history     releases before and after a repair upstream
#   make speed       time and memory beside other tools (make speed ARGS="--package crewai")
#   make scaling     how time and memory grow with what is checked (make scaling ARGS=--quick)
#   make cost        what the run-time helpers cost, measured with pytest-benchmark
#   make fixing      what --fix does to every release in benchmarks/corpus
#   make world       every package that is to be had, checked and fixed
#   make behaviour   real packages run before and after the fix, with overlapping requests
#   make audit       known security holes in what ctxlint and its extras install
#   make fuzz        programs that nobody has written, for a while (make fuzz ARGS="--minutes 60")
#   make mutation    changes in the code that no test notices (make mutation ARGS="--sample 200 --seed 1")
#   make docs        the documentation, into build/docs; make docs-serve shows it while you write
#   make semantics   run tests/semantics/ with every Python found, and keep what they print
#   make schema      write the JSON schema of the settings into docs/
#   make readme      write what ctxlint prints now into the README's examples
#   make clean       remove environments, caches and builds
#
# PYTHON chooses the interpreter (make test PYTHON=python3.13). Each minor version has an
# environment of its own, .venv/3.13, so that several can be used side by side.

.DEFAULT_GOAL := help

FIT := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

# Left to itself, the first command on PATH that is a Python >= 3.11 able to make environments.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$p" -c '$(FIT)' >/dev/null 2>&1; then echo "$$p"; break; fi; done)
endif
MINOR := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
VENV ?= .venv/$(MINOR)
BIN := $(VENV)/bin
JOBS ?= 2
ARGS ?=
COVERED ?= 97

PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip
# How the package is built decides what is installed, and nothing else does: it is installed editable.
INPUTS := pyproject.toml Makefile

.PHONY: help demo test coverage lint format types check audit accuracy history speed scaling cost \
	fixing world behaviour fuzz mutation schema \
	readme docs docs-serve semantics clean

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

# An environment is made anew by removing it; a changed pyproject.toml only updates it.
$(VENV)/.made:
	@test -n "$(MINOR)" && "$(PYTHON)" -c '$(FIT)' || \
		{ echo "ctxlint needs Python >= 3.11 with venv; say which with PYTHON=..." >&2; exit 1; }
	@echo "== $(VENV): a new environment, Python $(MINOR)"
	"$(PYTHON)" -m venv --clear "$(VENV)"
	$(PIP) install --quiet --upgrade 'pip>=25.1'  # the first that installs dependency groups
	@touch $@

$(VENV)/.run: $(VENV)/.made $(INPUTS)
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.made $(INPUTS)
	$(PIP) install --quiet --editable . --group dev
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run
	$(BIN)/ctxlint --exit-zero --output-format full fixtures

# loadgroup: tests that share one expensive build stay in one process.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

# Processes that tests kill leave broken data: `combine` says so and goes on; they are removed. What
# is not reached is shown also after a test has failed, which the target then ends with.
coverage: $(VENV)/.dev
	$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n $(JOBS) --dist loadgroup $(ARGS); tests=$$?; \
	$(BIN)/coverage combine --quiet; rm -f .coverage.*; \
	$(BIN)/coverage report --fail-under $(COVERED); covered=$$?; \
	test $$tests -eq 0 || echo "coverage: tests have failed, so it may be too low" >&2; \
	test $$covered -eq 0 || echo "coverage: less than $(COVERED) %, or nothing was measured" >&2; \
	test $$tests -eq 0 -a $$covered -eq 0

lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.dev
	$(BIN)/mypy --strict --python-version $(MINOR)

check: lint types test

# In an environment of its own: what the tests need is nobody's to install.
audit: $(VENV)/.made
	"$(PYTHON)" -m venv --clear .venv/audit
	PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/audit/bin/python -m pip install --quiet --upgrade pip
	PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/audit/bin/python -m pip install --quiet '.[flake8,lsp,dask]'
	$(PIP) install --quiet pip-audit
	$(BIN)/pip-audit --strict --skip-editable --path "$$(.venv/audit/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

accuracy: $(VENV)/.dev
	$(BIN)/python benchmarks/accuracy.py $(ARGS)

history: $(VENV)/.dev
	$(BIN)/python benchmarks/history.py $(ARGS)

speed: $(VENV)/.dev
	$(BIN)/python benchmarks/speed.py $(ARGS)

scaling: $(VENV)/.dev
	$(BIN)/python benchmarks/scaling.py $(ARGS)

cost: $(VENV)/.dev
	$(BIN)/python benchmarks/helpers_cost.py $(ARGS)

fixing: $(VENV)/.dev
	$(BIN)/python benchmarks/fixing.py $(ARGS)

behaviour: $(VENV)/.dev
	$(BIN)/python benchmarks/behaviour/run.py $(ARGS)

fuzz: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m fuzz $(ARGS)

mutation: $(VENV)/.dev
	$(BIN)/python benchmarks/mutation.py $(ARGS)

world: $(VENV)/.dev
	$(BIN)/python benchmarks/world.py $(ARGS)

# The notice is about a mkdocs 2 that is not used here.
docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-serve: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

semantics: $(VENV)/.dev
	$(BIN)/python website/semantics.py $(ARGS)

schema: $(VENV)/.dev
	$(BIN)/python -m ctxlint.settings_schema > docs/ctxlint.schema.json

readme: $(VENV)/.dev
	$(BIN)/python tests/test_house.py

clean:
	rm -rf .venv build dist .hypothesis .pytest_cache .mypy_cache .ruff_cache .ctxlint_cache .coverage .coverage.*
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
