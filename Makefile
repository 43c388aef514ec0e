# `make demo` and `make test` are all a newcomer needs; each sets up what it lacks.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
RUN    ?= runs/demo

.PHONY: demo test test-fast check bench setup system clean

# The whole river on the sample repositories, then a tiny model.
demo: setup
	$(BIN)/python data_samples/build.py
	$(BIN)/katydid run all -c data_samples/sample.toml --run-dir $(RUN)
	$(BIN)/katydid-train midtrain -c training/configs/tiny.toml --data $(RUN)/mix --out $(RUN)/model
	$(BIN)/katydid-train sft -c training/configs/tiny.toml --data $(RUN)/mix --out $(RUN)/model
	$(BIN)/katydid-train rl -c training/configs/tiny.toml --data $(RUN)/mix --out $(RUN)/model
	$(BIN)/katydid report $(RUN) --model $(RUN)/model

test: setup
	$(BIN)/python -m pytest

# Without Airflow runs and kill tests.
test-fast: setup
	$(BIN)/python -m pytest -m "not slow"

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
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[pipelines,train,airflow,dev]'
	touch $@

# The sandbox of `synthesize`. Without it execution tools are left out, nothing runs bare.
system:
	@command -v bwrap >/dev/null || sh .ci/install_bubblewrap

clean:
	rm -rf $(VENV) $(RUN) data_samples/repos build dist
