# Two commands matter: `make run` and `make test`. Both set up what they need on first use, and
# again when the requirements change; the stamps under .venv remember what was done.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
TESTS ?= tests
export PORT

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

##@ Use

.PHONY: run
run: $(VENV)/.runtime ## Start the portal with demo data on http://127.0.0.1:$(PORT) (PORT, ALKO_INSTANCE)
	@test -n "$${MONGODB_URI:-}" || tools/system-packages database
	@ALKO_ENV=development exec $(BIN)/python -m flask --app wsgi serve --demo

##@ Check

.PHONY: test
test: $(VENV)/.development ## Run all tests, browser included (TESTS=tests/web picks some, WORKERS=2)
	@tools/system-packages browser scanner
	@test -n "$${MONGODB_URI:-}" || tools/system-packages database
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(TESTS)

.PHONY: lint
lint: $(VENV)/.development ## Check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.PHONY: bench
bench: $(VENV)/.development ## Print ratios against bare scripts; prepares 100,000 clients (docs/scale.md)
	@test -n "$${MONGODB_URI:-}" || tools/system-packages database
	$(BIN)/python -m bench

##@ Set up

.PHONY: setup
setup: $(VENV)/.development ## Prepare everything for work on the code, without starting anything
	@tools/system-packages browser database scanner

.PHONY: format
format: $(VENV)/.development ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: clean
clean: ## Remove the virtual environment and caches; never the data under instance/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { sub(/\$$\(PORT\)/, "$(PORT)", $$2); printf "  make %-8s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "make: $(PYTHON) is too old; Python 3.11 or newer is needed (set PYTHON)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || tools/system-packages python
	@echo "Setting up the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: requirements.txt | $(VENV)/.created
	@echo "Installing what the portal needs (a minute or two, once)"
	@$(PIP) install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.development: requirements.txt requirements-dev.txt | $(VENV)/.created
	@echo "Installing what the tests and tools need (a minute or two, once)"
	@$(PIP) install --quiet --requirement requirements-dev.txt
	@touch $@ $(VENV)/.runtime
