PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
RUNS := $(VENV)/.runs
NATIVE := validator_svc/kernel/native.pyx $(wildcard validator_svc/kernel/*.hh)
# What the numbering plan's file is made from.
PLAN := $(wildcard validator_svc/numbering/compile/*.py) \
  $(addprefix validator_svc/numbering/,characters.py facts.py plan_file.py reference.py risk.py)
SOURCE := pyproject.toml setup.py $(NATIVE) $(PLAN)
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes \
  --no-emit-index-url --no-header --python-version 3.11 -q
TSC := build/typescript/node_modules/.bin/tsc
BUILD := echo "make: building the numbering plan and, where there is a compiler, the machine code" && \
  $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e . && \
  $(BIN)/python -m validator_svc.commands.machine_code

.PHONY: run install native test lint page-types check bench bench-page agreement attack browser screenshots sanitize \
  fuzz fuzz-api load overload soak audit lock data clean prometheus

run: $(RUNS)  ## start the service on the embedded default
	@$(BIN)/validator-svc serve

install: $(INSTALLED)

# A distribution may ship Python without ensurepip; then the pip that came with it fills the environment.
$(BIN)/python:
	@echo "make: making the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV) || \
	  { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install -q pip; } || \
	  { rm -rf $(VENV); echo "make: $(PYTHON) can neither make a virtual environment nor install into one;" \
	    "install its venv package (Debian: python3-venv)" >&2; exit 1; }

native: $(RUNS)  ## build the machine code, once there is a compiler for C++
	@$(BUILD)

# The locks have everything: asked to resolve anew, pip stumbles over newer releases that it does not pin.
$(RUNS): requirements.run.lock $(SOURCE) | $(BIN)/python
	@echo "make: installing what the service needs, half a minute"
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements.run.lock
	@$(BUILD)
	@touch $@

$(INSTALLED): requirements.lock $(SOURCE) | $(BIN)/python
	@echo "make: installing what the service and its tests need, a minute or two"
	@$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements.lock
	@$(BUILD)
	@touch $@ $(RUNS)

test: install browser prometheus  ## every test, against real servers that the tests start themselves
	$(BIN)/python -m pytest -n auto

# Without one the tests that need it are skipped, each with its reason.
browser:
	@command -v chromium >/dev/null || { echo "make: installing Chromium for the tests of pages"; \
	  apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1; } || \
	  { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium >/dev/null 2>&1; } || \
	  echo "make: Chromium could not be installed; tests that need a browser are skipped"

# Likewise.
prometheus:
	@command -v prometheus >/dev/null || { echo "make: installing Prometheus for the tests of the alerts"; \
	  apt-get install -qq -y --no-install-recommends prometheus >/dev/null 2>&1; } || \
	  { apt-get update -qq && apt-get install -qq -y --no-install-recommends prometheus >/dev/null 2>&1; } || \
	  echo "make: Prometheus could not be installed; the test that needs it is skipped"

lint: install  ## style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@$(MAKE) -s page-types

page-types:  ## types of the page's modules, where there is Node.js
	@command -v npm >/dev/null || { echo "make: there is no npm; types of the page's modules are not checked"; exit 0; }; \
	  [ -x $(TSC) ] || npm install --silent --no-save --prefix build/typescript typescript@7.0.2 || \
	  { echo "make: TypeScript could not be installed; types of the page's modules are not checked"; exit 0; }; \
	  $(TSC) --project validator_svc/http/page/jsconfig.json

check: lint test

# Others' libraries, to be measured beside; what cannot be installed here is skipped by the benchmark.
BENCHES ?= kernel plan stream check batches lookups
bench: install  ## how fast, beside every libphonenumber; BENCHES names some of them (see loadtest/bench_*.py)
	-$(BIN)/python -m pip install -q rphonenumbers==0.1.0
	-$(BIN)/python -m pip install -q pyarrow==26.0.1
	-npm install --silent --no-save --prefix build/bench libphonenumber-js@1.13.16 google-libphonenumber@3.2.47
	-dpkg -s libphonenumber-dev >/dev/null 2>&1 || apt-get install -qq libphonenumber-dev
	@for each in $(BENCHES); do $(BIN)/python -m loadtest.bench_$$each || exit; done

agreement: install  ## both kernels beside phonenumbers: millions of numbers and texts, five minutes on two free cores
	$(BIN)/python -m loadtest.agreement --count 5000000 --odd 1000000

attack: install  ## what is sent to a service to hang, fill or kill it, with its memory and /healthz watched
	$(BIN)/python -m loadtest.attack

screenshots: install browser  ## pictures of the page: all in build/screenshots, the README's in docs/images
	$(BIN)/python -m loadtest.screenshots build/screenshots docs/images

bench-page: install browser  ## the page before a list of a million rows: its answers in time, its tab in memory
	$(BIN)/python -m loadtest.bench_page

load: install  ## three consumers against a service here: build/load/report.html, with plots
	$(BIN)/python -m loadtest.load

overload: install  ## four times what a service can answer for a minute, and how it comes out of that
	$(BIN)/python -m loadtest.overload

MINUTES ?= 30
soak: install  ## mixed load with faults for MINUTES, and whether anything was lost, overpaid or leaked
	$(BIN)/python -m loadtest.soak --minutes $(MINUTES)

sanitize: install  ## the kernel in machine code under the sanitizers for memory, undefined behaviour and races
	$(BIN)/python -m tests.kernel.sanitize --seconds 120

fuzz-api: install  ## 100,000 requests made from the document of the API, within ten minutes
	$(BIN)/python -m tests.fuzz.api --requests 100000 --seconds 600

fuzz: install  ## made-up input through every entrance, for some minutes
	$(BIN)/python -m tests.fuzz.entrances --seconds 300

# By itself, as it brings many packages along.
audit: install  ## known vulnerabilities of what is installed; needs to reach pypi.org
	@$(BIN)/uvx -q pip-audit@2.10.1 --strict --disable-pip --require-hashes -r requirements.lock || \
	  { echo "make: a package has a known vulnerability and is named above; or nothing was looked up, as the data at" \
	    "pypi.org (/pypi/NAME/VERSION/json) cannot be reached from here: then this says nothing of any package" >&2; \
	  exit 1; }

lock: install  ## pin the newest versions that pyproject.toml allows
	$(LOCK) --extra dev --upgrade -o requirements.lock
	$(LOCK) --extra build --extra otel --constraint requirements.lock -o requirements.run.lock

clean:
	rm -rf $(VENV) build validator_svc/kernel/native.*.so \
	  validator_svc/numbering/data/plan.bin .mypy_cache .ruff_cache .pytest_cache .hypothesis
