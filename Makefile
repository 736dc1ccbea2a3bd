# Two commands need no other set-up: `make run` and `make test`. The others are for people who change the code.
.PHONY: run test test-usb env-labgrid test-labgrid chaos crash fuzz check format env tools fidelity mutation test-long bench bench-growth bench-log clean

VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed

# Tests start hundreds of interpreters, and without this each compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

# The stamp comes last, so an interrupted installation is taken up again by the next command.
$(STAMP): pyproject.toml
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

env: $(STAMP)

# An emulated handset as its own process, the lab suite on it, its artifacts in artifacts/<run>/.
run: $(STAMP)
	$(PYTHON) -m harness run

# All tests, in random order and on all processors; `make test PYTEST='-k container -x'` runs some of them.
test: $(STAMP)
	$(PYTHON) -m pytest --quiet --numprocesses auto $(PYTEST)

# What some tests need beside Python, on Debian and as root; without it they are skipped, and say so.
tools: $(STAMP)
	apt-get install --yes --no-install-recommends tshark chromium microcom
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[browser]'

# The real USB stack: tests/usb on this machine's kernel, or in a guest with Debian's, which is installed where
# it is missing. The phone is emulated.
test-usb: $(STAMP)
	$(PYTHON) -m tests.usb.guest $(PYTEST)

# labgrid has an environment of its own, since it brings a fork of pyserial that overwrites pyserial. pyserial is
# put back: labgrid's own drivers work with it too.
LABGRID := .venv-labgrid
LABGRID_STAMP := $(LABGRID)/.installed
$(LABGRID_STAMP): pyproject.toml
	python3 -m venv $(LABGRID)
	$(LABGRID)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,labgrid]'
	$(LABGRID)/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps 'pyserial>=3.5,<4'
	touch $@

env-labgrid: $(LABGRID_STAMP)

# A real coordinator, exporters and labgrid's own tools, on loopback addresses.
test-labgrid: $(LABGRID_STAMP)
	$(LABGRID)/bin/python -m pytest --quiet tests/labgrid $(PYTEST)

# Whole backup and restore runs under random faults, both agents; figures into docs/reliability.md.
CHAOS_RUNS ?= 1000
CHAOS_FIRST ?= 0
CHAOS_JOBS ?= 2
chaos: $(STAMP) core
	$(PYTHON) -m tests.chaos --runs $(CHAOS_RUNS) --first $(CHAOS_FIRST) --jobs $(CHAOS_JOBS) --write

# A process that writes sets, results and logs, killed at 200 random points.
crash: $(STAMP)
	CRASH_KILLS=200 CRASH_POINTS=1 $(PYTHON) -m pytest --quiet --timeout 3600 tests/harness/test_crash.py

# Coverage-guided fuzzing of what reads bytes from a phone, FUZZ_S seconds each.
FUZZ_S ?= 600
FUZZ_TARGETS := decoder messages formats registration log
fuzz: $(STAMP)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	for target in $(FUZZ_TARGETS); do $(PYTHON) -m tests.fuzz $$target $(FUZZ_S) || exit 1; done

# The same with 10,000 examples for each property of the text formats, and the largest logs. Takes long.
test-long: $(STAMP)
	SYMHIL_LONG=1 $(PYTHON) -m pytest --quiet --numprocesses auto $(PYTEST)

# How fast it is beside other programs, which are installed on Debian and as root, and which goals are met:
# docs/performance.md. `make bench-growth` says how cost grows with size, handsets, callbacks and logs.
bench: core $(STAMP)
	for program in rz arm-linux-gnueabi-g++ qemu-arm; do command -v $$program >/dev/null || \
	  { apt-get install --yes lrzsz g++-arm-linux-gnueabi qemu-user; break; }; done
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(PYTHON) -m tests.bench $(BENCH)

bench-growth: $(STAMP)
	$(PYTHON) -m tests.bench.growth

# How fast logs are read, beside a bare loop over lines; docs/performance.md has the figures.
bench-log: $(STAMP)
	$(PYTHON) -m tests.bench logs

# Lint, format and types.
check: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(STAMP)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# The generated parts of docs/fidelity.md: which test holds the emulated engine to which rule.
fidelity: $(STAMP)
	$(PYTHON) -m tests.emulator.fidelity

# Small changes of the emulated engine, each of which some test has to notice; half an hour. It begins anew, whereas
# `make mutation MUTANTS='device_agent.emulator.engine.session*'` looks at one module and keeps the others' results.
mutation: $(STAMP)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	$(if $(MUTANTS),,rm -rf mutants)
	nice $(VENV)/bin/mutmut run --max-children 2 $(MUTANTS)
	$(PYTHON) -m tests.emulator.fidelity.mutants

include device_agent/core/core.mk
include device_agent/symbian/symbian.mk

clean:
	rm -rf $(VENV) $(LABGRID) .mypy_cache .ruff_cache .pytest_cache .hypothesis build mutants
