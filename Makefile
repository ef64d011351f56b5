# Two commands set everything up on a machine that has Python 3.11 or newer, make, and a package index:
#   make weekly    digest the two example pages
#   make test      prove that it works
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: weekly test check fmt lint types wheel bench bench-client quality record fuzz clean

weekly: .venv/run
	$(BIN)/digestor weekly examples/*.txt

test: .venv/dev
	$(BIN)/python -m pytest -n auto

check: .venv/dev lint types
	$(BIN)/python -m pytest -n auto --cov --cov-report=term
	$(MAKE) wheel

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev
	$(BIN)/mypy

fmt: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The wheel, installed in a fresh environment and run from another folder.
wheel: .venv/dev
	sh tests/wheel.sh $(abspath $(BIN)/python)

bench: .venv/bench
	$(BIN)/python -m bench.annotate
	$(BIN)/python -m bench.dedupe_scale
	$(BIN)/python -m bench.habit
	$(BIN)/python -m bench.hostile
	$(BIN)/python -m bench.parsers
	$(BIN)/python -m bench.smtp
	$(BIN)/python -m bench.tokens
	$(BIN)/python -m bench.web
	$(BIN)/python -m bench.weekly

# The batching client beside its peers, each in an environment of its own under bench/out.
bench-client: .venv/bench
	$(BIN)/python -m bench.client --install
	$(BIN)/python -m bench.client --quiet 60

# The cassettes, renewed: from llama.cpp's server with SmolLM2, or from BASE_URL and MODEL.
record: .venv/dev
	$(BIN)/python -m tests.recording $(if $(BASE_URL),--base-url $(BASE_URL) --model $(MODEL))

# Everything that reads what others wrote, ten minutes each: make fuzz SECONDS=60 TARGETS="bibtex mail"
fuzz: .venv/fuzz
	$(BIN)/python -m tests.fuzz --out build/fuzz $(if $(SECONDS),--seconds $(SECONDS)) $(TARGETS)

quality: .venv/bench
	$(BIN)/python -m bench.quality

# --- environments: a stamp file each, renewed when what it was made from changes

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("digestor needs Python 3.11 or newer; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

.venv/dev: .venv/run
	$(BIN)/python -m pip install --quiet -c constraints.txt --upgrade pip # 25.1 and newer know dependency groups
	$(BIN)/python -m pip install --quiet -c constraints.txt --group dev
	@touch $@

# Where there is no wheel of atheris, inputs are changed blindly.
.venv/fuzz: .venv/dev
	-$(BIN)/python -m pip install --quiet -c constraints.txt --only-binary :all: atheris
	@touch $@

.venv/bench: .venv/dev
	$(BIN)/python -m pip install --quiet -c constraints.txt --group bench
	@touch $@

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache
