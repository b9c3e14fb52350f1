# Two commands are all there is to know: `make run` and `make test`.
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin

.PHONY: run call removal test test-fast check lock

run: .venv/run-ready
	$(BIN)/hotline run --demo

call: .venv/run-ready
	$(BIN)/hotline call

# The demo's person is removed from the country: whoever is signed up about him is told.
removal: .venv/run-ready
	$(BIN)/hotline sample event S0000001 Removed | $(BIN)/hotline custody import -

test: check
	$(BIN)/python -m pytest -n 2

test-fast: check
	$(BIN)/python -m pytest -q -n 2 -m "not server"

check: .venv/test-ready
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A stamp tells that the environment holds what the lock says, so a second run asks no network.
.venv/made:
	@test -n "$(PYTHON)" || { echo "Hotline needs Python 3.11 or newer: install it, then run make again." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run-ready: .venv/made requirements.lock setup.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/test-ready: .venv/run-ready requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# After a change of the ranges in setup.cfg.
lock: .venv/made
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade setup.cfg --extra postgres --extra sftp -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade setup.cfg --extra postgres --extra sftp --extra test -c requirements.lock -o requirements-test.lock
