# Each target does its own set-up in .venv; nothing else need be installed but Python, git and make.
SHELL := /bin/sh
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export QIMMA_DATA_DIR ?= $(CURDIR)/.data
export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --no-input
RUN := .venv/run-ready
TEST := .venv/test-ready
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable

.PHONY: serve test lint lock bench audit catalogue browser clean

serve: $(RUN)  ## the site on http://HOST:PORT, with an embedded database in .data
	@$(BIN)/qimma serve --host $(HOST) --port $(PORT)

test: $(TEST) browser lint  ## every test there is
	$(BIN)/pytest -n auto

lint: $(TEST)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/qimma bank check

bench: $(TEST)  ## figures beside their floors, in one run; some of them with PARTS="path deck"
	$(BIN)/python -m tests.bench $(PARTS)

audit: $(TEST)  ## known faults in the locked dependencies; needs the network
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/run.txt

lock: $(TEST)  ## renews requirements/*.txt from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
		--generate-hashes --no-header --upgrade --quiet -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --group build --group test -c requirements/run.txt --universal \
		--python-version 3.11 --generate-hashes --no-header --upgrade --quiet -o requirements/test.txt

catalogue: $(TEST)  ## collects the interface strings, and compiles their Arabic
	$(BIN)/pybabel --quiet extract -F quiz/translations/babel.cfg --no-location --no-wrap --omit-header \
		-o .venv/messages.pot quiz questions templates
	$(BIN)/pybabel --quiet update -i .venv/messages.pot -d quiz/translations -l ar --no-wrap --no-fuzzy-matching \
		--ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel --quiet compile -d quiz/translations

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache

# Debian's python3 comes without venv: fetched where that is allowed, said plainly where not.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Qimma needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; fi; \
		$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }; }

$(RUN): requirements/run.txt pyproject.toml | .venv/bin/python
	@echo "Setting up .venv (once) ..."
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(TEST): requirements/test.txt $(RUN)
	@echo "Setting up the tests' tools (once) ..."
	@$(PIP) --require-hashes -r requirements/test.txt
	@touch $@

# Playwright's own browser download is not used: the tests take the system's Chromium. Its driver wants libatomic,
# which a bare Debian lacks.
browser: $(TEST)
	@need="chromium fonts-noto-core"; \
	for name in $(BROWSERS) "$$CHROMIUM"; do command -v "$$name" >/dev/null 2>&1 && need=""; done; \
	$(BIN)/playwright --version >/dev/null 2>&1 || need="$$need libatomic1"; \
	if [ -n "$$need" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing what the browser tests need (once): $$need"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$need >/dev/null \
		|| echo "It could not be installed."; fi
