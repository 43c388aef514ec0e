# `make demo` and `make test` are all a newcomer needs; each sets up what it lacks.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
RUN    ?= runs/demo
NODE   := tests/octokit/node_modules

.PHONY: demo test test-fast check bench setup system octokit clean

# The whole river on the sample repositories, then a tiny model.
demo: setup
	$(BIN)/python data_samples/build.py
	$(BIN)/katydid run all -c data_samples/sample.toml --run-dir $(RUN)
	$(BIN)/katydid-train midtrain -c training/configs/tiny.toml --data $(RUN)/mix --out $(RUN)/model
	$(BIN)/katydid-train sft -c training/configs/tiny.toml --data $(RUN)/mix --out $(RUN)/model
	$(BIN)/katydid-train rl -c training/configs/tiny.toml --data $(RUN)/mix --out $(RUN)/model
	$(BIN)/katydid report $(RUN) --model $(RUN)/model

test: setup octokit
	$(BIN)/python -m pytest -rs

# Without Airflow runs and kill tests.
test-fast: setup octokit
	$(BIN)/python -m pytest -rs -m "not slow"

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python data_samples/build.py
	$(BIN)/python tests/benchmarks/river.py

setup: $(VENV)/.installed system

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[pipelines,train,airflow,audit,dev]'
	touch $@

# The sandbox of `synthesize`. Without it execution tools are left out, nothing runs bare.
system:
	@command -v bwrap >/dev/null || sh .ci/install_bubblewrap

# What others publish to test clients of GitHub with, from npm, and Node to run it, from PyPI; only
# tests need them. Never fails: without them those tests are skipped and say so.
octokit: $(NODE)/github.json

$(NODE)/github.json: tests/octokit/package-lock.json tests/octokit/trim.py | $(VENV)/.installed
	-sh .ci/install_octokit $(BIN)

clean:
	rm -rf $(VENV) $(NODE) $(RUN) data_samples/repos build dist
