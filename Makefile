# Cadence: make demo, make test, make check, make bench.

SHELL := /bin/sh
PORT ?= 8000
PYTEST_ARGS ?=
BENCH ?=
export PORT

# The first Python that will do: python3 if it is 3.11 to 3.13, else one by its name.
FITS = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c '$(FITS)' 2>/dev/null && echo "$$python" && break; done)
VENV_PYTHON := .venv/bin/python
PIP := $(VENV_PYTHON) -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test check bench port browser pango assets

help:
	@echo "make demo   run the demo clinic on http://localhost:$(PORT)/ (PORT=8001 moves it)"
	@echo "make test   run every test, the browser's too (PYTEST_ARGS='-k name' for some)"
	@echo "make check  format, lint, types, layers, migrations, templates"
	@echo "make bench  run the benchmarks (BENCH='--quick growth' for less)"

demo: port
	@$(MAKE) --silent --no-print-directory .venv/run.stamp
	@exec $(VENV_PYTHON) -m clinic.launcher

test: .venv/dev.stamp assets browser pango
	$(VENV_PYTHON) -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS)

check: .venv/dev.stamp assets pango
	@PYTHON=$(VENV_PYTHON) sh .ci/check

bench: .venv/dev.stamp .venv-bench/bench.stamp
	$(VENV_PYTHON) -m benchmarks $(BENCH)

# Before anything slow. Where a demo has run, the launcher tells its leftovers apart.
port:
	@test -n "$(PYTHON)" || { echo "Cadence needs Python 3.11, 3.12 or 3.13." >&2; exit 1; }
	@test -e "$${CADENCE_VAR:-var}/launcher.lock" || $(PYTHON) clinic/port.py "$(PORT)"

browser: .venv/dev.stamp
	@$(VENV_PYTHON) -m clinic.browser

pango: .venv/dev.stamp
	@$(VENV_PYTHON) -m clinic.pdf

assets: .venv/dev.stamp
	@$(VENV_PYTHON) manage.py assets

.venv/run.stamp: requirements.txt constraints.txt
	@$(MAKE) --silent --no-print-directory venv
	@echo "... Installing what Cadence runs on"
	@$(PIP) -r requirements.txt -c constraints.txt
	@touch $@

.venv/dev.stamp: requirements.txt requirements-dev.txt constraints.txt
	@$(MAKE) --silent --no-print-directory venv
	@echo "... Installing what tests and checks Cadence"
	@$(PIP) -r requirements-dev.txt -c constraints.txt
	@touch $@ .venv/run.stamp

# What the benchmarks measure us against wants other versions of what we run on.
.venv-bench/bench.stamp: benchmarks/requirements.txt .venv/dev.stamp
	@echo "... Installing what the benchmarks compare with"
	@$(VENV_PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet -r $<
	@touch $@

# Debian keeps venv in a package of its own.
.PHONY: venv
venv:
	@test -n "$(PYTHON)" || { echo "Cadence needs Python 3.11, 3.12 or 3.13." >&2; exit 1; }
	@$(VENV_PYTHON) -m pip --version >/dev/null 2>&1 \
	|| $(PYTHON) -m venv .venv >/dev/null 2>&1 \
	|| { sh .ci/apt-install python3-venv && $(PYTHON) -m venv --clear .venv; } \
	|| { echo "Python's venv is missing. Install it (Debian: apt install python3-venv)." >&2; exit 1; }
