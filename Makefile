# One entry to everything. `make demo` and `make test` need only Python 3.11 or newer, git and a package index.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup lint types arch check test test-long demo up down logs

BIN := .venv/bin
PACKAGES := contracts argo manifests goworker git kube egress runtime cli git_watcher renderer syncer rollout_analyzer notifier embedded demo

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' Makefile

setup: ## Leave a ready .venv at the root and, in the user's cache, the programs that the platform runs
	@sh deploy/embedded/bootstrap.sh

lint: setup ## Style: ruff's rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## Types: mypy --strict over every package
	$(BIN)/mypy --strict $(PACKAGES:%=-p wavegate.%)

arch: setup ## Architecture: who may import whom, sizes, places
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/architecture

check: lint types arch ## All that can be said without running: lint, types, arch, the Compose schema
	$(BIN)/pytest -q tests/contracts

test: check ## Everything but the long tests
	$(BIN)/pytest -m "not long" --ignore=tests/architecture --ignore=tests/contracts

test-long: setup ## The tests that take minutes
	$(BIN)/pytest -m long --timeout=1800

demo: setup ## Commits through sync waves and analysis gates, on real parts; ONCE=1 ends by itself
	@$(BIN)/wavegate demo $(if $(ONCE),--once)

up: setup ## Start the platform without the story and leave it running
	@$(BIN)/wavegate up --detach

down: ## Stop it, and clean up after a crash
	@test ! -x $(BIN)/wavegate || $(BIN)/wavegate down

logs: ## The end of every part's log; NAME=syncer shows one whole
	@$(BIN)/wavegate logs $(NAME)
