# Everything that this project does, by name. Needs make, a C library and Python 3.11 or later; the rest is installed
# into .venv from requirements/, every file checked against its hash and nothing compiled.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock" $(LOCK_FLAGS) pyproject.toml

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.local ## Run three worked cases through the whole stack on this machine
	@$(BIN)/nom demo $(ARGS)

test: $(VENV)/.dev ## Run the tests (ARGS="-k words" picks some)
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile $(ARGS)

check: $(VENV)/.dev ## Lint, formatting, types, import directions and the model book
	@failed=; \
	for checker in "ruff check --quiet ." "ruff format --check ." basedpyright "lint-imports --no-logo" "nom model book --check"; do \
	  echo "== $$checker"; $(BIN)/$$checker || failed="$$failed [$$checker]"; \
	done; \
	test -z "$$failed" || { echo "make check: not clean:$$failed" >&2; exit 1; }

bench: $(VENV)/.dev ## Measure commands per second beside the yardsticks
	@$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.lock ## Rewrite requirements/ from pyproject.toml (LOCK_FLAGS=--upgrade takes newer versions)
	@$(COMPILE) --extra local --extra bench --extra dev --group build --output-file requirements/dev.txt
	@$(COMPILE) --constraints requirements/dev.txt --extra local --group build --output-file requirements/local.txt
	@$(COMPILE) --constraints requirements/dev.txt --output-file requirements/base.txt
	@$(COMPILE:pyproject.toml=) --group lock --output-file requirements/lock.txt

clean: ## Remove the virtual environment, caches and builds
	@rm -rf $(VENV) .import_linter_cache .pytest_cache .ruff_cache .hypothesis build dist
	@find . -type d -name __pycache__ -prune -exec rm -rf {} +

# A stamp stands for a finished installation; a change of the lock or of pyproject.toml makes it stale.
$(VENV)/.local: requirements/local.txt pyproject.toml | $(BIN)/pip
	@echo "Installing what the demo needs into $(VENV)" >&2
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/local.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/pip
	@echo "Installing what tests, checks and benchmarks need into $(VENV)" >&2
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/dev.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $(VENV)/.local $@

$(VENV)/.lock: requirements/lock.txt | $(BIN)/pip
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/lock.txt
	@touch $@

# pip is the last thing that venv writes; without it a half-made environment is taken away again.
$(BIN)/pip:
	@for candidate in "$(PYTHON)" python3.11 python3.12 python3.13 python3.14; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    "$$candidate" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; exit 0; \
	  fi; \
	done; \
	echo "nom needs Python 3.11 or later, and '$(PYTHON)' is not. Name one: make PYTHON=/path/to/python3.11" >&2; \
	exit 1
