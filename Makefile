# Everything starts here; the work itself is in `emberlake`. Needs make, a shell and Python 3.11 or newer.
# ARGS is handed on:  make up ARGS="--scale 10"   make test ARGS="-k quarantine"
.DEFAULT_GOAL := help
.PHONY: help setup up test test-all lint bench clean-build
BIN := .venv/bin
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)

help: ## print this help
	@printf 'Emberlake: a working e-commerce lakehouse on Apache Spark, and the course on it\n\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'
	@printf '\nOptions are handed on with ARGS, such as: make up ARGS="--scale 10"\n'

setup: .venv/.ready ## install what the lock file names, and the JARs (the others do it when needed)

up: .venv/.ready ## build the lakehouse, answer the business's questions, print a summary
	@$(BIN)/emberlake up $(ARGS)

# One process for each engine: PySpark holds one kind of session. What fails beside others is tried alone, and named.
test: .venv/.ready ## run the tests: units, kills, the engine contract on sail and on spark, streams, the course
	@failed=; shaky=; run() { printf '\n== pytest %s\n' "$$*"; $(BIN)/pytest "$$@" $(ARGS) && return; code=$$?; \
	  [ $$code = 5 ] && [ -n '$(subst ','"'"',$(ARGS))' ] && return; printf '\n== once more, alone\n'; \
	  [ $$code = 1 ] && $(BIN)/pytest "$$@" -n 0 --last-failed --last-failed-no-failures none $(ARGS) && \
	  shaky="$$shaky [$$*]" || failed="$$failed [$$*]"; }; \
	two='-n 2 --dist loadfile --no-loadscope-reorder'; run tests/unit $$two; run tests/crash $$two; \
	run tests/engine --engine sail $$two; run tests/engine --engine spark $$two; run tests/stream $$two; steal='-n 2 --dist worksteal'; run tests/course --engine sail $$steal; run tests/course --engine spark $$steal; \
	[ -z "$$shaky" ] || printf '\nPASSED ONLY ALONE, SEE ABOVE:%s\n' "$$shaky"; [ -z "$$failed" ] || { printf '\nFAILED:%s\n' "$$failed"; exit 1; }; printf '\nAll suites passed.\n'

test-all: ## run all tests with every repetition and those marked as long (hours)
	@EMBERLAKE_TEST_ALL=1 $(MAKE) test

lint: .venv/.ready ## check style, types and which room imports which
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo

bench: .venv/.ready ## measure against the named peers, write bench/results/latest.json
	@$(UV) sync --frozen --quiet --group bench && $(BIN)/python -m bench $(ARGS)

clean-build: ## remove what set-up and tests made here (the lakehouse itself: emberlake clean)
	rm -rf .venv .uv dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# Made again only when the lock changes, so that everything works with the network off.
.venv/.ready: uv.lock pyproject.toml | $(UV)
	@echo 'Setting up (once; a few minutes, mostly downloads) ...'
	@$(UV) sync --frozen --quiet $(if $(PYTHONDONTWRITEBYTECODE),--compile-bytecode)
	@$(BIN)/emberlake prepare || echo 'Going on without them: they are fetched when Spark is first needed.'
	@touch $@

.uv/bin/uv:
	@echo 'uv is not installed; putting it into .uv (this folder only)'
	@python3 -m venv .uv && .uv/bin/pip install --quiet uv || { rm -rf .uv; \
	  echo 'Could not install uv: python3 needs its venv module and the network once (or install uv yourself).' >&2; exit 1; }
