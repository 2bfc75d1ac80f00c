# Everything a person types. Each target is a thin call; the work is in the commands themselves.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The newest Python that will do; say `make PYTHON=/path/to/python` to choose another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
BIN := .venv/bin
# What the environment was made from; when it differs from the note inside .venv, the environment is made anew.
RECIPE = { pwd -P; cat requirements/dev.txt; }
COMPILE = .venv-lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--python-version 3.11 --custom-compile-command 'make lock'

.PHONY: help setup environment node opener demo test check format example openapi rights threats web bench lock clean

help: ## show what can be typed here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from the hash-pinned lock (only when the lock changed)
	@$(RECIPE) | cmp -s - .venv/made-from 2>/dev/null || $(MAKE) environment

environment:
	@if [ -z "$(PYTHON)" ]; then echo "meetcoord needs Python 3.11 or newer, and none was found." >&2; exit 1; fi; \
	if ! "$(PYTHON)" -c 'import ensurepip' 2>/dev/null; then \
		package=$$("$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$$package"; \
		else \
			echo "Python's venv module is missing here. Type: sudo apt-get install $$package" >&2; exit 1; \
		fi; \
	fi; \
	echo "making .venv with $$("$(PYTHON)" --version) ..."; \
	"$(PYTHON)" -m venv --clear .venv; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	$(RECIPE) > .venv/made-from

demo: setup ## play the three stories against the real service (ARGS=--serve keeps it up)
	@$(BIN)/meetcoord demo $(ARGS)

test: setup node opener ## run every test this machine can run (ARGS=... goes to pytest)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

check: setup ## formatting, lint, types, import rules
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy src tests $(wildcard bench)
	@$(BIN)/lint-imports

format: setup ## let ruff put the code in order
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

example: setup ## write deploy/meetcoord.example.toml anew from the code
	@$(BIN)/python -c 'from meetcoord.settings import example; print(example(), end="")' > deploy/meetcoord.example.toml

openapi: setup ## write docs/openapi.json anew from the code
	@$(BIN)/python -c 'import sys; from meetcoord.adapters.web.openapi import openapi_document as d; sys.stdout.buffer.write(d())' \
		> docs/openapi.json.new && mv docs/openapi.json.new docs/openapi.json

rights: setup ## write docs/rights.md anew from the routes and the table of rights
	@$(BIN)/python -m tests.web.rights > docs/rights.md.new && mv docs/rights.md.new docs/rights.md

threats: setup ## write docs/threats.md anew from the table of refusals
	@$(BIN)/python -m tests.refusals.table

web: ## build the page's opener of sealed minutes into the package (needs Node)
	@cd web; cmp -s package-lock.json node_modules/.made-from 2>/dev/null || { \
		npm ci --silent --no-audit --no-fund --ignore-scripts && cp package-lock.json node_modules/.made-from; }
	@cd web; node build.mjs

bench: setup ## measure, as ratios against the bare mechanism
	@$(BIN)/python -m bench $(ARGS)

lock: ## pin requirements/*.in anew, with hashes (UPGRADE=1 takes newer releases)
	@[ -x .venv-lock/bin/uv ] || { "$(PYTHON)" -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv; }
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/run.in -o requirements/run.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/dev.in -c requirements/run.txt -o requirements/dev.txt

clean: ## remove everything that was made here
	@rm -rf .venv .venv-lock build dist demo-out tests/node/node_modules web/node_modules \
		src/meetcoord/adapters/web/static/vendor .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Without Node the tests that open minutes in a browser say so, and the page offers files and commands.
opener:
	@command -v node >/dev/null && command -v npm >/dev/null || exit 0; \
	$(MAKE) web >/dev/null || echo "the opener of the auditor's page could not be built: its tests will say so" >&2

# Node's packages are only needed by tests that speak to other implementations; without Node those tests say so.
node:
	@command -v node >/dev/null && command -v npm >/dev/null || exit 0; \
	cd tests/node; \
	cmp -s package-lock.json node_modules/.made-from 2>/dev/null && exit 0; \
	npm ci --silent --no-audit --no-fund --ignore-scripts && cp package-lock.json node_modules/.made-from
