# Two commands do everything on a machine with Rust and Python 3.11 or later: `make serve` and `make test`.
# `make figures` measures what is promised of the outlines.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: serve test check fuzz audit bench bench-quick bench-steps flame figures screenshot clean

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

# Each file runs in one process; most of them wait for servers and browsers.
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadfile
test: $(VENV)/.built check
	if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --status-level fail; else cargo test --quiet --tests; fi
	cargo test --quiet --doc
	$(BIN)/python -m pytest -q tests $(SPREAD)
	$(BIN)/python -m pytest -q benches --benchmark-disable

check: $(VENV)/.built
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	cargo metadata --quiet --locked --format-version 1 --manifest-path fuzz/Cargo.toml > target/fuzz-metadata.json # its lock file is its own
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest facemask._core
	$(BIN)/lint-imports
	$(BIN)/oxlint --quiet --deny-warnings python/facemask/service/page

# Hostile bytes for the HTTP front, the decoders, the outlines, the landmarks and the SVG, FUZZ_SECONDS each. Needs a C++
# compiler.
FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.built
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python fuzz/run.py

# Known faults and licences of what we stand on. Without the databases, which are on the net, it says so and goes on.
audit: $(VENV)/.built
	$(BIN)/python -m pip install --quiet --group audit
	$(BIN)/python tests/house/audit.py

# The rivals are heavy and only needed here. One that does not install on this machine is left out, with a message.
$(VENV)/.rivals: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group bench || $(BIN)/python benches/install_rivals.py
	touch $@

bench: $(VENV)/.built $(VENV)/.rivals
	$(BIN)/python benches/report.py

bench-quick: $(VENV)/.built $(VENV)/.rivals
	$(BIN)/python benches/report.py --quick

# Every step by size and content, and the inner steps of the core, as tables of their own.
bench-steps: $(VENV)/.built $(VENV)/.rivals
	$(BIN)/python -m pytest benches --benchmark-only
	cargo bench --package facemask-core

# Where the time of a job goes, as a picture: docs/performance/flame.svg.
flame: $(VENV)/.built $(VENV)/.rivals
	mkdir -p docs/performance
	$(BIN)/py-spy record --native --rate 250 --format flamegraph --output docs/performance/flame.svg -- \
		$(BIN)/python benches/flame.py 20

# Each figure beside its bound; fails when one is not held.
figures: $(VENV)/.built
	$(BIN)/python benches/figures

# The README's picture of the playground; needs a Chromium.
screenshot: $(VENV)/.built
	$(BIN)/python docs/make_screenshot.py

clean:
	rm -rf $(VENV) target
