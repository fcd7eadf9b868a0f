# Vigil: set up, run, test. Needs Python 3.11 or later, git and make; everything else comes from the lock.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.complete
LOCK   := requirements-dev.lock
OIDC   := .oidc
OIDC_LOCK := requirements-oidc.lock
ROOMS  := flows tasks policy models store channels runtime console
PYTHON ?=
ARGS   ?=

# Groups that need more than Python, or more than a minute: tests/support/groups.py says what each one needs.
FAST := not (live or prefect or browser or postgres or redis or oidc or chaos)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUNBUFFERED := 1

say = @printf '\033[1m%s\033[0m\n' "vigil: $(1)"

.PHONY: help run test test-all check lint fix fast screens lock bench clean $(VENV) $(OIDC)

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | column -t -s '|'

run: $(STAMP) ## start everything on this machine with examples; flags: make run ARGS="--home ../h"
	@exec $(BIN)/vigil up --example $(ARGS)

test: fast ## the fast tests and the live run
	$(call say,one run of the whole system)
	@$(BIN)/python -m pytest -q -m "not chaos and not ($(FAST))" $(ARGS)

test-all: $(STAMP) ## every test, long ones and chaos too, with many more examples (up to 45 minutes)
	$(call say,every test there is)
	@VIGIL_TEST_REQUIRE="$${VIGIL_TEST_REQUIRE:-long}" $(BIN)/python -m pytest -q -n auto --hypothesis-profile=ci -m "$(FAST)" $(ARGS)
	@VIGIL_TEST_REQUIRE="$${VIGIL_TEST_REQUIRE:-long}" $(BIN)/python -m pytest -q --hypothesis-profile=ci -m "not ($(FAST))" $(ARGS)

check: lint fast ## before each commit: format, lint, types, rooms, fast tests, coverage of policy/

lint: $(STAMP)
	$(call say,format)
	@$(BIN)/ruff format --check --quiet . || { echo "  make fix puts this right"; exit 1; }
	$(call say,lint)
	@$(BIN)/ruff check --quiet .
	$(call say,types)
	@$(BIN)/mypy --no-error-summary
	$(call say,rooms)
	@$(BIN)/lint-imports --no-cache > $(VENV)/rooms.txt || { cat $(VENV)/rooms.txt; exit 1; }

fast: $(STAMP)
	$(call say,fast tests)
	@$(BIN)/python -m pytest -q -n auto -m "$(FAST)" --cov --cov-report= $(ARGS)
	$(call say,every branch of policy/ is tested)
	@$(BIN)/coverage report --include='policy/*' --fail-under=100 > $(VENV)/coverage.txt \
	  || { cat $(VENV)/coverage.txt; exit 1; }

fix: $(STAMP) ## put format and what ruff can mend right
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

screens: $(STAMP) ## take the pictures in docs/screens anew (needs Chromium)
	$(call say,pictures of both of Prefect's UIs and of our pages)
	@VIGIL_SCREENS=1 VIGIL_TEST_REQUIRE=browser,long $(BIN)/python -m pytest -q -p no:randomly tests/live/test_screens.py tests/live/test_forces.py tests/live/test_timing_form.py tests/browser/test_side_by_side.py tests/browser/test_timings.py tests/browser/test_shift.py $(ARGS)

# The lock holds for every platform and for Python 3.11 and later; versions and hashes, no addresses.
# UPGRADE=1 takes the newest versions that pyproject.toml allows; without it only what must move moves.
UV_COMPILE = $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate $(if $(UPGRADE),--upgrade)

lock: $(STAMP) ## compile the lock anew from pyproject.toml (UPGRADE=1 for newer versions)
	$(call say,compiling the lock)
	@$(UV_COMPILE) pyproject.toml --extra dev --output-file requirements-dev.lock
	@$(UV_COMPILE) pyproject.toml --constraint requirements-dev.lock --output-file requirements.lock
	@$(UV_COMPILE) --group oidc --output-file $(OIDC_LOCK)
	@git diff --stat -- requirements.lock requirements-dev.lock $(OIDC_LOCK) || true

bench: $(STAMP) ## measure what the design promises, on both databases (40 minutes; less: make bench ARGS=--quick)
	@$(BIN)/python -m bench.table $(ARGS)

clean: ## remove the virtual environment and what tools left behind
	@rm -rf $(VENV) $(OIDC) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

$(VENV): $(STAMP)
	@:

# The OpenID Provider of the tests has an environment of its own: what it brings does not go with what Prefect brings.
$(OIDC): $(OIDC)/.complete
	@:

$(OIDC)/.complete: $(OIDC_LOCK) | $(STAMP)
	$(call say,setting up $(OIDC): an OpenID Provider for the tests (once: half a minute))
	@$(BIN)/python -m venv --clear $(OIDC)
	@$(OIDC)/bin/python -m pip install -qq --no-deps --require-hashes --requirement $(OIDC_LOCK)
	@touch $@

# The stamp is written last: an interrupted set-up is begun again.
$(STAMP): $(LOCK) pyproject.toml
	@found=; \
	for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3; do \
	  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  found="$$candidate"; \
	  "$$candidate" -c 'import ensurepip, venv' 2>/dev/null && break; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "vigil: Python 3.11 or later is needed and was not found (looked for $(PYTHON) python3.11 to python3.14 and python3)." >&2; \
	  echo "       On Debian: apt-get install python3 python3-venv. Elsewhere: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	  package=$$("$$found" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  echo "vigil: $$found has no venv module. On Debian: apt-get install $$package (or python3-venv)." >&2; exit 1; \
	fi; \
	printf '\033[1mvigil: setting up $(VENV) with %s (once, about a minute)\033[0m\n' "$$("$$found" -V)"; \
	"$$found" -m venv --clear $(VENV); \
	$(BIN)/python -m pip install -qq --no-deps --require-hashes --requirement $(LOCK); \
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index --editable .; \
	touch $(STAMP)
