# Everything here works on a bare machine with Python 3.11+, make and a network.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PAGES  := src/stepin/web/static/widget/stepin.js
FRONT  := $(shell git ls-files frontend 2>/dev/null || find frontend -name node_modules -prune -o -type f -print)

.PHONY: help setup run test check bench docs lock clean

help:            ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(STAMP) $(PAGES)  ## install everything into .venv and build the console and the widget

$(STAMP): pyproject.toml requirements.lock
	@echo "1/3 Python packages into $(VENV): about a minute, the first time only"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --disable-pip-version-check --require-virtualenv --no-deps --no-compile -r requirements.lock
	@$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(PAGES): $(FRONT) hatch_build.py | $(STAMP)
	@echo "2/3 The console and the widget: about half a minute, whenever they have changed"
	@$(BIN)/python hatch_build.py build
	@touch $@

run: setup       ## serve the desk with the sample shop at http://localhost:8000
	@echo "3/3 The desk: a few seconds"
	@$(BIN)/stepin serve --demo

test: setup      ## install everything and run all the tests
	$(BIN)/python -m tests.prepare
	$(BIN)/python hatch_build.py test
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup     ## lint, types and architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python hatch_build.py check

bench: setup     ## run every benchmark and print the table
	$(BIN)/python -m benchmarks $(BENCH)

docs: setup      ## write the reference pages from the code, then the site into site/
	$(BIN)/stepin docs build
	$(BIN)/properdocs build --strict --quiet

lock: setup      ## resolve the pinned versions again
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra docs --extra embed --extra fast --extra llm --extra report --group dev --universal --generate-hashes --no-header --no-annotate -q -o requirements.lock

clean:           ## remove what setup and the tests made
	rm -rf $(VENV) site .pytest_cache .mypy_cache .ruff_cache
