# `make help` lists the targets. Everything longer than a few lines is a script in bin/.
SHELL := /bin/bash
# Images for containers set it: every process would compile the whole shop anew, and the tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
VENV := .venv
PYTHON_IN := $(VENV)/bin/python
CODE := app admin jobs sandbox bench tests migrations deploy wsgi.py upgrading.py

.PHONY: help run test lint fmt tour tour-rq bench bench-growth bench-hanging load faults sequences release host-test cluster-test upgrade-test css setup setup-dev setup-test lock

help: ## List what make can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: setup ## Start the shop with a demo catalogue on PORT (default 8000); Ctrl-C stops it
	@exec $(PYTHON_IN) -m sandbox.run

tour: setup ## Walk from a stranger's registration to a captured payment against a running shop
	@exec $(PYTHON_IN) -m sandbox.tour

tour-rq: setup-test ## The same through a fresh shop on a private MariaDB and Redis, with JOBS=rq
	@exec $(PYTHON_IN) -m tests.tour.on_servers

test: setup-test ## Run every test on private servers it starts and stops itself (ARGS=… goes to pytest)
	@exec $(PYTHON_IN) -m pytest $(ARGS)

lint: setup-dev ## Check style, types and which way imports go
	@exec bin/lint

fmt: setup-dev ## Put imports and layout in order
	@$(VENV)/bin/ruff check --fix-only --quiet $(wildcard $(CODE)) && $(VENV)/bin/ruff format --quiet $(wildcard $(CODE))

bench: setup-test ## Measure the shop under load with 10,000 products; figures go to bench/results.md
	@exec bin/bench $(ARGS)

bench-growth: setup-test ## Measure how a listing and a search grow from 10,000 to 100,000 products; figures go to bench/growth.md
	@exec $(PYTHON_IN) -m bench.growth $(ARGS)

bench-hanging: setup-test ## Measure what browsing buyers feel while Square answers late or never; figures go to bench/hanging.md
	@exec $(PYTHON_IN) -m bench.hanging

release: ## Build dist/tradepost-<version>.zip, which hosts get
	@python3 bin/release

host-test: setup-test ## Install that ZIP in every home it has and walk through it (ARGS=passenger, cgi, server, mod_wsgi)
	@exec bin/host-test $(ARGS)

load: setup-test ## A hundred buyers for five minutes, or ARGS="--times 10" or "--soak 30"; figures go to bench/load.md
	@exec $(PYTHON_IN) -m bench.crowd $(ARGS)

cluster-test: setup-test ## Three database nodes, web processes and sets of workers; nodes are killed while people order (ARGS=…)
	@exec bin/cluster-test $(ARGS)

faults: setup-test ## Hundreds of orders while everything is killed and cut off; then the books are compared (ARGS=…)
	@exec $(PYTHON_IN) -m tests.faults $(ARGS)

sequences: setup-test ## Tell 2,000 random stories about money on each database; the books must balance (ARGS="--sequences 100")
	@exec $(PYTHON_IN) -m pytest -n2 --hypothesis-profile=long tests/integration/test_money_machine.py $(ARGS)

upgrade-test: setup-test ## Upgrade and go back under load, on both databases, killed and broken at every step (ARGS=…)
	@exec $(PYTHON_IN) -m pytest -n0 tests/unit/upgrade tests/upgrade tests/upgrade/broken_and_killed.py $(ARGS)

css: ## Compile the style sheet from app/static/scss (needs Node; the result is committed)
	@exec bash app/static/scss/compile.sh

setup: ## Make the virtual environment and install what running needs
	@bin/setup run

setup-dev:
	@bin/setup dev

setup-test:
	@bin/setup test

lock: setup-dev ## Write constraints.txt anew: what the requirements bring along
	@$(PYTHON_IN) bin/lock
