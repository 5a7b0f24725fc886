# Needs Python 3.11 or newer, git and make. Everything else goes into .venv.

PORT ?= 8000
# Where to keep bookings: empty is SQLite in var/; postgres://user:password@host/name is PostgreSQL.
DATABASE_URL ?=
# Where links in mails lead.
SITE_URL ?= http://127.0.0.1:$(PORT)
# For `make test` and `make prove`: ENGINE=sqlite or ENGINE=postgresql for one of the two, ARGS="-k cancel" for pytest.
ENGINE ?=
ARGS ?=
# For `make prove` and `make bench`: QUICK=1 for a sample in a few minutes, SEED=123 to repeat a run.
QUICK ?=
SEED ?=
export DATABASE_URL

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run worker postgres secret test fuzz prove bench check format schema screenshots messages lock clean dev

help: ## Show what there is to type
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r name does; do printf '  make %-11s %s\n' "$$name" "$$does"; done

# --- Use it ---------------------------------------------------------------------------------------

run: .venv/installed var/secret_key ## Run it with a demo cinema, at http://127.0.0.1:8000 (PORT=…, DATABASE_URL=…)
	@$(MANAGE) migrate --check >/dev/null 2>&1 || $(MANAGE) migrate --verbosity 1
	@$(MANAGE) load_demo --once
	@SITE_URL=$(SITE_URL) $(BIN)/python -m marquee.serve --port $(PORT)

worker: .venv/installed var/secret_key ## Run the worker beside it: it sends mails, here to its terminal, and tidies up
	@SITE_URL=$(SITE_URL) $(MANAGE) run_worker

postgres: .venv/installed-dev ## Start a PostgreSQL to develop on, gone at Ctrl-C
	@$(BIN)/python -m tests.postgres

secret: var/secret_key ## Make the secret key in var/, if there is none

# What the test of generated clients makes a TypeScript client with. Without npm, it is skipped.
TYPESCRIPT := tests/clients/node_modules/.installed

# --- Change it ------------------------------------------------------------------------------------

test: .venv/installed-dev $(TYPESCRIPT) ## Run every test on SQLite and on PostgreSQL (ENGINE=sqlite, ARGS="-k cancel")
	@$(BIN)/python -m tests $(if $(ENGINE),--engine $(ENGINE)) $(ARGS)

CASES ?= 100000
fuzz: .venv/installed-dev ## Send 100,000 generated requests to the API, on each engine (ENGINE=sqlite, SEED=123, CASES=5000)
	@$(BIN)/python -m tests.fuzz --cases $(CASES) $(if $(SEED),--seed $(SEED)) \
		$(if $(ENGINE),--engine $(ENGINE)) $(ARGS)

prove: .venv/installed-dev ## Prove that no seat is sold twice and no booking lost, within the hour (QUICK=1: a sample)
	@$(BIN)/python -m prove $(if $(QUICK),--quick) $(if $(SEED),--seed $(SEED)) \
		$(if $(ENGINE),--engine $(ENGINE)) $(ARGS)

bench: .venv/installed-dev .venv-peers/installed ## Measure speed beside peers and the limit, in under 20 minutes (QUICK=1: a try)
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(SEED),--seed $(SEED)) $(ARGS)

# Each is a target of its own, too: `make check-types`.
CHECKS := lint format types layers security system migrations schema
.PHONY: $(CHECKS:%=check-%)
$(CHECKS:%=check-%): .venv/installed-dev var/secret_key

check: .venv/installed-dev var/secret_key ## Read the code: lint, format, types, layers, security, migrations, schema
	@failed=; for step in $(CHECKS); do \
		printf '%-11s' $$step; \
		if said=$$($(MAKE) --no-print-directory check-$$step 2>&1); then echo ok; \
		else echo FAILED; printf '%s\n\n' "$$said"; failed="$$failed check-$$step"; fi; \
	done; \
	if [ -n "$$failed" ]; then echo "Not green, to be repeated by make:$$failed"; exit 1; fi

check-lint:
	@$(BIN)/ruff check --quiet --output-format concise .

check-format:
	@$(BIN)/ruff format --check --quiet --output-format concise . || { echo 'Type `make format`.'; exit 1; }

check-types:
	@$(BIN)/mypy --no-error-summary

check-layers:
	@$(BIN)/lint-imports --no-logo

check-security:
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive marquee

# As a deployment would be, behind HTTPS.
check-system:
	@HTTPS=1 EMAIL_BACKEND=smtp SITE_URL=https://box.example.org $(MANAGE) check --deploy --fail-level WARNING

check-migrations:
	@$(MANAGE) makemigrations --check --dry-run

# DRF keeps the methods of an address in a set: the seed settles their order.
SPECTACULAR := PYTHONHASHSEED=0 $(MANAGE) spectacular --validate --fail-on-warn

check-schema:
	@new=$$(mktemp); trap 'rm -f "$$new"' EXIT; \
	$(SPECTACULAR) --file "$$new" || exit 1; \
	cmp -s docs/openapi.yaml "$$new" && exit 0; \
	diff -U1 docs/openapi.yaml "$$new" | head -n 30; \
	echo 'docs/openapi.yaml is not what the code says: type `make schema`.'; exit 1

format: .venv/installed-dev ## Put the code in its usual form
	@$(BIN)/ruff check --fix --quiet --exit-zero .
	@$(BIN)/ruff format --quiet .

schema: .venv/installed-dev var/secret_key ## Write docs/openapi.yaml and docs/permissions.md from the code
	@mkdir -p docs
	@$(SPECTACULAR) --file docs/openapi.yaml
	@$(MANAGE) write_permissions

screenshots: .venv/installed-dev ## Draw the pictures in docs/images/storefront again, from the demo
	@UPDATE_SCREENSHOTS=1 $(BIN)/python -m pytest -q tests/journeys/test_screenshots.py

messages: .venv/installed-dev var/secret_key ## Write what mails and pages say into marquee/locale, to be translated
	@$(MANAGE) update_translations

LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile pyproject.toml --quiet \
	--universal --python-version 3.11 --generate-hashes --no-annotate

lock: .venv/installed-dev ## Settle the versions of dependencies after a change in pyproject.toml
	@$(LOCK) --output-file requirements.txt
	@$(LOCK) --group dev --output-file requirements-dev.txt

clean: ## Remove what was installed and cached; var/, where bookings and the key are, stays
	rm -rf .venv .venv-peers .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- What the above stand on ----------------------------------------------------------------------

dev: .venv/installed-dev

.venv/bin/python:
	@for python in python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv with $$($$python --version)…"; \
			$$python -m venv --clear .venv && exit 0; \
			rm -rf .venv; \
			echo 'This Python makes no virtual environments: on Debian and Ubuntu, type `apt install python3-venv`.'; \
			exit 1; \
		fi; \
	done; \
	echo 'Marquee needs Python 3.11 or newer: on Debian and Ubuntu, type `apt install python3 python3-venv`.'; \
	exit 1

.venv/installed: requirements.txt | .venv/bin/python
	@echo 'Installing Marquee into .venv (once; a minute or so)…'
	@$(PIP) --requirement requirements.txt
	@touch $@

# Holds all of requirements.txt as well, in the same versions.
.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	@echo 'Installing the tools of development into .venv (once; a minute or two)…'
	@$(PIP) --requirement requirements-dev.txt
	@touch .venv/installed $@

$(TYPESCRIPT): tests/clients/package-lock.json
	@command -v node npm >/dev/null || exit 0; \
		echo 'Installing a generator of TypeScript clients into tests/clients (once; some seconds)…'; \
		npm ci --prefix tests/clients --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null && touch $@

# What Marquee is compared with has an environment of its own: nothing of it gets into Marquee's.
.venv-peers/installed: bench/peers/requirements.txt | .venv/bin/python
	@echo 'Installing the peers of the benchmarks into .venv-peers (once; a minute or so)…'
	@test -x .venv-peers/bin/pip || $(BIN)/python -m venv --clear .venv-peers
	@.venv-peers/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

# Only its owner may read it.
var/secret_key: | .venv/bin/python
	@umask 077 && mkdir -p var && $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > $@
