# SPDX-License-Identifier: Apache-2.0
# Thin over CMake's presets and the scripts in tools/, tests/, demo/ and bench/. `make help` lists the targets.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
PYTHON := build/venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help build run test unit e2e crash-loop power power-guest bench bench-report groups lint fuzz format docs check-wire clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

build: ## the release program: build/release/ledge, one stripped static file
	@tools/install.sh build
	@cmake --preset release > build/release.cmake.log || { cat build/release.cmake.log; exit 1; }
	@cmake --build --preset release -- -j$(JOBS) ledge check_layers
	@ls -lh build/release/ledge | awk '{print $$5, $$9}'

run: ## build, start, feed a real data set and read it back (SPEED=N times real time, KEEP=1 stays up, LIMIT=N records)
	@tools/install.sh run
	@$(MAKE) --no-print-directory build
	@$(PYTHON) demo/run.py $(if $(SPEED),--speed $(SPEED)) $(if $(KEEP),--keep) $(if $(LIMIT),--limit $(LIMIT))

test: ## unit, simulation and end-to-end tests; says how many of each ran
	@tools/install.sh test
	@$(MAKE) --no-print-directory build
	@cmake --preset dev > build/dev.cmake.log || { cat build/dev.cmake.log; exit 1; }
	@cmake --build --preset dev -- -j$(JOBS)
	@$(PYTHON) tools/run_tests.py

unit: ## only the unit and simulation tests
	@cmake --preset dev > build/dev.cmake.log && cmake --build --preset dev -- -j$(JOBS) && python3 tools/run_tests.py --no-e2e

e2e: build ## only the end-to-end tests; ARGS='-k kcat' goes to pytest, SERVER=kafka runs them against Apache Kafka
	@tools/install.sh test
	@LEDGE_E2E_SERVER=$(or $(SERVER),ledge) $(PYTHON) -m pytest tests/e2e $(ARGS)

groups: build ## client families in a group, against Apache Kafka and Ledge side by side (long; ARGS='--server ledge FAMILY')
	@tools/install.sh test
	@cd tests/e2e && PYTHONPATH=.:../kafka ../../$(PYTHON) -m groups $(ARGS)

crash-loop: build ## kill -9 200 times under load, twice (long)
	@tools/install.sh test
	@$(PYTHON) -m pytest tests/e2e/07-crash.py --long -k hundred

power: ## the power-cut rigs in full: 2,000 cuts, 1,000 shutdowns, every call, a full disk; as root (long)
	@tools/install.sh test
	@$(MAKE) --no-print-directory build
	@cmake --preset dev > build/dev.cmake.log && cmake --build --preset dev -- -j$(JOBS) ledge power_disk call_injector
	@$(PYTHON) tests/power/block_cut.py --cuts 100 --no-sync && $(PYTHON) tests/power/block_cut.py --cuts 2000
	@$(PYTHON) tests/power/fs_shutdown.py --cuts 100 --no-sync && $(PYTHON) tests/power/fs_shutdown.py --cuts 1000
	@$(PYTHON) tests/power/every_call.py --no-sync --step 10 && $(PYTHON) tests/power/every_call.py
	@$(PYTHON) tests/power/full_disk.py --no-sync && $(PYTHON) tests/power/full_disk.py

power-guest: ## 100 power cuts of an emulated machine with a kernel of its own; as root (long)
	@tools/install.sh power-guest
	@$(MAKE) --no-print-directory build
	@cmake --preset dev > build/dev.cmake.log && cmake --build --preset dev -- -j$(JOBS) ledge power_disk guest_init
	@$(PYTHON) tests/power/guest_cut.py --cuts 10 --no-sync && $(PYTHON) tests/power/guest_cut.py --cuts 100

bench: build ## Ledge beside Apache Kafka and kfake, ~40 min; ARGS='produce latency' asks these only, QUICK=1 for development
	@tools/install.sh bench
	@$(PYTHON) bench/run.py $(if $(QUICK),--quick) $(ARGS)

bench-report: ## docs/performance.md and its plots anew, from bench/results/reference.json
	@tools/install.sh bench
	@$(PYTHON) bench/report.py

lint: ## layers, formatting and clang-tidy
	@tools/install.sh lint
	@python3 tools/check_layers.py src
	@git ls-files '*.cc' '*.h' | xargs clang-format-16 --dry-run --Werror
	@cmake --preset fuzz > /dev/null && cmake --build --preset fuzz -- build_info > /dev/null
	@git ls-files 'src/*.cc' | grep -vE '_(test|bench)\.cc$$' | xargs -P $(JOBS) -n 4 clang-tidy-16 --quiet -p build/fuzz

fuzz: ## every libFuzzer target (SECONDS_EACH=60) under ASan and UBSan
	@tools/install.sh fuzz
	@cmake --preset fuzz > /dev/null && cmake --build --preset fuzz -- -j$(JOBS)
	@tools/fuzz.sh $(or $(SECONDS_EACH),60)

format: ## clang-format over the sources
	@tools/install.sh lint
	@git ls-files '*.cc' '*.h' | xargs clang-format-16 -i

docs: build ## regenerates the reference pages that come from declarations and tests
	@if [ -x tools/docs.sh ]; then tools/docs.sh; fi
	@python3 tests/e2e/differential/allowed.py > docs/compatibility.md

check-wire: ## compares every declared message with Kafka's JSON definitions: make check-wire REF=FOLDER
	@test -n "$(REF)" || { echo "usage: make check-wire REF=FOLDER-WITH-KAFKA-JSON"; exit 2; }
	@cmake --preset dev > /dev/null && cmake --build --preset dev -- -j$(JOBS) wire_declarations > build/check-wire.log || { cat build/check-wire.log; exit 1; }
	@python3 tools/check_wire.py --program build/dev/wire_declarations "$(REF)"

clean: ## removes build/
	rm -rf build
