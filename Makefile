# SPDX-License-Identifier: Apache-2.0
# The commands of this project. `make help` lists them.

EDITION ?= editions/ciie-7
BIN := .venv/bin
# Three at a time on two cores, for tests wait for processes much of the time; as they stand, so that no long one comes last.
PYTEST_ARGS ?= -n 3 --dist loadfile --no-loadscope-reorder
UV ?= uv

.DEFAULT_GOAL := help
.PHONY: help run up test lint format pytest bench docs new-engine golden test-pg15 doctor lock clean .venv/ready .venv/ready-test

help: ## list every target
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' Makefile | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

run: .venv/ready ## install, start everything and rehearse the 7th CIIE on a live wall
	@exec $(BIN)/python -m fourleaf.app up --edition $(EDITION) --rehearse

up: .venv/ready ## install and start everything, without a rehearsal
	@exec $(BIN)/python -m fourleaf.app up --edition $(EDITION)

test: .venv/ready-test lint ## install what tests need, then format, lint, types, contracts and all tests
	@sh tools/browser.sh
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/ready-test ## check format, lint, types and import contracts
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

format: .venv/ready-test ## write the format and the safe lint fixes
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

pytest: .venv/ready-test ## only the tests: make pytest PYTEST_ARGS="tests/kernel -x"
	@sh tools/browser.sh
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-pg15: .venv/ready-test ## all tests on Debian's PostgreSQL 15
	@sh tools/postgres15.sh
	@sh tools/browser.sh
	FOURLEAF_PG=system-15 $(BIN)/python -m pytest $(PYTEST_ARGS)

bench: .venv/ready-test ## measure the bars of docs/performance.md; prints a table, writes JSON
	$(BIN)/python -m bench

docs: .venv/ready-test ## check that the docs name every fact, code, figure, setting and command
	$(BIN)/python -m pytest -q tests/docs

new-engine: .venv/ready ## start a new engine: make new-engine NAME=parking
	@test -n "$(NAME)" || { echo "Say which: make new-engine NAME=parking"; exit 2; }
	$(BIN)/python -m fourleaf.app new-engine $(NAME)
	$(BIN)/python -m tests.golden

golden: .venv/ready ## write down new shapes of facts in tests/golden: RUN=ciie-7.r1 takes real ones, AGAIN=parking starts one engine anew
	$(BIN)/python -m tests.golden $(if $(AGAIN),--again $(AGAIN),$(RUN))

doctor: .venv/ready ## say what is missing on this machine and how to mend it
	@$(BIN)/python -m fourleaf.app doctor

lock: ## solve requirements/*.in again into hash-locked *.txt (needs uv)
	@for name in run test; do (cd requirements && $(UV) pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" --quiet $(LOCK_ARGS) $$name.in -o $$name.txt) || exit 1; done

clean: ## remove .venv and caches; data folders stay
	rm -rf .venv .venv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready:
	@sh tools/venv.sh run

.venv/ready-test:
	@sh tools/venv.sh test
