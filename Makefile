# Two commands do everything on a machine with Rust and Python 3.11 or later: `make serve` and `make test`.
# `make figures` measures what is promised of the outlines.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: serve test check bench figures clean

# A new environment, or a change of what goes into it, installs again; a change of the Rust code builds again.
$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

RUST := Cargo.toml Cargo.lock $(shell find crates -name '*.rs' -o -name Cargo.toml)
$(VENV)/.built: $(VENV)/.installed $(RUST)
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --quiet --release --extras service
	touch $@

serve: $(VENV)/.built
	$(BIN)/facemask serve --no-database --host $(HOST) --port $(PORT)

test: $(VENV)/.built check
	if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --status-level fail; else cargo test --quiet --tests; fi
	cargo test --quiet --doc
	$(BIN)/python -m pytest -q tests
	$(BIN)/python -m pytest -q benches --benchmark-disable

check: $(VENV)/.built
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest facemask._core
	$(BIN)/lint-imports

bench: $(VENV)/.built
	$(BIN)/python -m pytest benches --benchmark-only

# Each figure beside its bound; fails when one is not held.
figures: $(VENV)/.built
	$(BIN)/python benches/figures

clean:
	rm -rf $(VENV) target
