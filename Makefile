# make setup   everything Chimera needs, into .venv
# make demo    the practice company breaks, Chimera repairs it (ARGS="--fault pool_leak --keep")
# make test    style, types, import rules and tests (ARGS="-k grouping" goes to pytest)
# make lint    style, types and import rules only
# make clean   what was made here; programs fetched into the user's cache stay

.PHONY: setup demo test lint clean
.DEFAULT_GOAL := setup

export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_PREFERENCE := only-system
export PYTHONUNBUFFERED := 1

setup:
	@scripts/setup

demo: setup
	@.venv/bin/python -m chimera.sandbox.programs
	@.venv/bin/chimera demo $(ARGS)

test: setup
	@scripts/check $(ARGS)

lint: setup
	@scripts/check --lint

clean:
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
