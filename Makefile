# Everything here works on a bare machine with Python 3.11+, make and a network.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: help setup run test check bench docs lock clean

help:            ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(STAMP)  ## install everything into .venv

$(STAMP): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-virtualenv -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

run: setup       ## serve the desk with the sample shop at http://localhost:8000
	$(BIN)/stepin serve --demo

test: setup      ## install everything and run all the tests
	$(BIN)/python -m tests.prepare
	$(BIN)/python -m pytest

check: setup     ## lint, types and architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup     ## run every benchmark and print the table
	$(BIN)/python -m benchmarks $(BENCH)

docs: setup      ## regenerate the reference pages from the code
	$(BIN)/stepin docs build

lock: setup      ## resolve the pinned versions again
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --generate-hashes --no-header --no-emit-index-url --no-annotate -q -o requirements.lock

clean:           ## remove what setup and the tests made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
