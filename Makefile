# make run and make test do all the set-up themselves, on a machine with nothing but Python 3.11 or newer.
# make PYTHON=/path/to/python picks the interpreter that .venv is made with.

PYTHON ?=
BIN := .venv/bin
HAS_DISPLAY := $(or $(DISPLAY),$(WAYLAND_DISPLAY),$(filter-out Linux,$(shell uname)))
TORCH := torch==2.13.0
INTEROP := tests/interop tests/core/importing tests/core/export tests/core/commands/test_import.py \
  tests/core/training/test_predictions.py tests/designer/window/test_importing.py tests/flows/test_story_of_exports.py

.PHONY: run test test-formats test-interop test-torch lint bench screenshots templates

run: .venv/ready
ifneq ($(HAS_DISPLAY),)
	.ci/system-libraries windows
	$(BIN)/python main.py
else
	.ci/system-libraries drawing
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m designer.headless
endif

test: .venv/ready-for-tests
	.ci/test

test-formats: .venv/ready-for-tests
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable ".[hdf5,matlab,parquet]"
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/core/datasets/test_extras.py

test-interop: .venv/ready-for-tests
	.ci/system-libraries drawing
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable ".[onnx,keras,safetensors,embed]" \
	  "onnxruntime>=1.20,<2" "keras>=3.10,<4" jax
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n 2 --timeout-method thread -m "not torch" $(INTEROP)

test-torch: .venv/ready-for-tests
	.ci/system-libraries drawing
	$(BIN)/python -m pip install --disable-pip-version-check --quiet "$(TORCH)" "safetensors>=0.5,<1"
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m torch

lint: .venv/ready-for-tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/ready-for-tests
	.ci/system-libraries drawing
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.benchmarks

screenshots: .venv/ready
	.ci/system-libraries drawing
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m docs.making.screenshots docs/images

templates: .venv/ready-for-tests
	.ci/system-libraries drawing
	$(BIN)/python -m docs.making.templates
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m docs.making.template_places
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m docs.making.template_pictures

.venv/ready: pyproject.toml
	.ci/environment "$(PYTHON)"
	touch $@

.venv/ready-for-tests: pyproject.toml
	.ci/environment "$(PYTHON)" test
	touch .venv/ready $@
