# Two commands do everything on a machine with Rust and Python 3.11 or later: `make serve` and `make test`.
# `make figures` measures what is promised of the outlines.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: serve test test-library test-types test-clients test-consumers test-engines docs check fuzz audit wheel licenses lock bench bench-quick bench-steps edge flame figures screenshot clean

# Each stamp is made anew by a change of what goes into it: the environment and its build tool, the compiled module with
# what the service needs, and what tests and linters need besides. Builds are quiet unless they fail. Without a group maturin
# would install the group `dev`.
$(VENV)/.tools: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --group build
	@touch $@

RUST := Cargo.toml Cargo.lock $(shell find crates -name '*.rs' -o -name Cargo.toml)
$(VENV)/.module: $(VENV)/.tools $(RUST)
	@echo "Building facemask and its service in $(VENV); the first time takes minutes."
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin develop --quiet --release --extras service,detect --group build \
		> $(VENV)/build.log 2>&1 || { cat $(VENV)/build.log; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.tools
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

$(VENV)/.built: $(VENV)/.module $(VENV)/.installed
	touch $@

# Photos alone need the face model. Without the net the service starts without it, and says so.
serve: $(VENV)/.module
	@$(BIN)/facemask models fetch || echo "The service starts without the face model: it needs a label map or landmarks."
	@$(BIN)/facemask serve --no-database --host $(HOST) --port $(PORT)

# The networks of the tests with photos, fetched as a user fetches them. Without the net those tests are skipped, and say so.
MODELS := $(VENV)/models
$(MODELS)/face_landmarker.task: | $(VENV)/.built
	-FACEMASK_MODELS=$(MODELS) $(BIN)/facemask models fetch

# Each file runs in one process; most of them wait for servers and browsers.
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadfile
test: $(VENV)/.built check $(MODELS)/face_landmarker.task
	if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --status-level fail; else cargo test --quiet --tests; fi
	cargo test --quiet --doc
	$(BIN)/python -m pytest -q tests $(SPREAD) --ignore=tests/consumers --ignore=tests/engines --ignore=tests/generated_clients
	$(BIN)/python -m pytest -q benches --benchmark-disable

# What runs on every platform: the crates, and the library without the service.
LIBRARY := tests/formats tests/golden tests/oracles tests/typing $(addprefix tests/properties/test_,contours.py curves.py \
	rotation.py) $(addprefix tests/test_,hairlines.py landmarks.py region_stats.py trace.py zones.py)
test-library: $(VENV)/.built
	cargo test --quiet --tests
	$(BIN)/python -m pytest -q $(LIBRARY)

# What type checkers say of right and wrong calls, pyright too, which brings a Node.js and fetches itself from the registry of npm.
test-types: $(VENV)/.built
	$(BIN)/python -m pip install --quiet --group types
	$(BIN)/pyright --version
	$(BIN)/python -m pytest -q tests/typing

# Clients that generators write of the OpenAPI document. They compile, submit the sample and read its result: in Python by two
# generators, and in Rust. Needs Java and Cargo.
GENERATORS_VENV := .venv-generators
GENERATORS := $(CURDIR)/$(GENERATORS_VENV)/$(notdir $(BIN))
$(GENERATORS_VENV)/.installed: pyproject.toml
	test -x $(GENERATORS)/python || $(PYTHON) -m venv $(GENERATORS_VENV)
	$(GENERATORS)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(GENERATORS)/python -m pip install --quiet --group generators
	touch $@

test-clients: $(VENV)/.built $(GENERATORS_VENV)/.installed
	GENERATORS=$(GENERATORS) $(BIN)/python -m pytest -q tests/generated_clients

# The programs that people open our files with, in versions that are pinned. They are heavy, so `make test` does without, and
# have an environment of their own, which borrows the compiled module. Of Ultralytics two functions are run, without PyTorch.
CONSUMERS := inkscape librsvg2-bin libgl1
CONSUMERS_VENV := .venv-consumers
CONSUMERS_PYTHON := $(CONSUMERS_VENV)/$(notdir $(BIN))/python
$(CONSUMERS_VENV)/.installed: pyproject.toml
	test -x $(CONSUMERS_PYTHON) || $(PYTHON) -m venv $(CONSUMERS_VENV)
	$(CONSUMERS_PYTHON) -m pip install --quiet --upgrade "pip>=25.1"
	$(CONSUMERS_PYTHON) -m pip install --quiet --group consumers
	$(CONSUMERS_PYTHON) -m pip install --quiet --no-deps ultralytics==8.4.190
	touch $@

test-consumers: $(VENV)/.built $(CONSUMERS_VENV)/.installed
	for package in $(CONSUMERS); do dpkg -s $$package >/dev/null 2>&1 || apt-get install -y -qq --no-install-recommends $$package; done
	PYTHONPATH=python $(CONSUMERS_PYTHON) -m pytest -q --confcutdir=tests/consumers tests/consumers

# Data sets on Ray, Dask and Spark, in the cache of Hugging Face, and on a double of S3: heavy packages, in an environment of
# their own that borrows the compiled module. Spark needs Java.
ENGINES_VENV := .venv-engines
ENGINES_PYTHON := $(ENGINES_VENV)/$(notdir $(BIN))/python
$(ENGINES_VENV)/.installed: pyproject.toml
	test -x $(ENGINES_PYTHON) || $(PYTHON) -m venv $(ENGINES_VENV)
	$(ENGINES_PYTHON) -m pip install --quiet --upgrade "pip>=25.1"
	$(ENGINES_PYTHON) -m pip install --quiet --group engines
	touch $@

test-engines: $(VENV)/.built $(ENGINES_VENV)/.installed
	PYTHONPATH=python $(ENGINES_PYTHON) -m pytest -q --confcutdir=tests/engines tests/engines

# Code blocks, links, figures and form of the pages.
docs: $(VENV)/.built
	$(BIN)/python -m pytest -q tests/docs tests/conventions/test_markdown.py

check: $(VENV)/.built
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	cargo metadata --quiet --locked --format-version 1 --manifest-path fuzz/Cargo.toml > target/fuzz-metadata.json # its lock file is its own
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/typos --format brief
	$(BIN)/taplo fmt --check $(shell git ls-files '*.toml') 2>/dev/null
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest facemask._core
	$(BIN)/lint-imports
	$(BIN)/oxlint --quiet --deny-warnings python/facemask/service/playground

# Hostile bytes for the HTTP front, the decoders, the outlines, landmarks, their files and the SVG, FUZZ_SECONDS each. Needs a C++
# compiler.
FUZZ_SECONDS ?= 60
fuzz: $(VENV)/.built
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python fuzz/run.py

# Known faults and licences of what we stand on. Without the databases, which are on the net, it says so and goes on.
# Where there is no net: AUDIT_RUSTSEC_DB=FOLDER, a clone of the RustSec advisory database, and AUDIT_OSV_DB=FILE, the
# OSV database's export of PyPI (its archive, or a folder of its JSON files).
audit: $(VENV)/.built
	$(BIN)/python tests/audit/dependency_audit.py

# The wheel of this machine in dist/, tried in an environment of its own.
wheel: $(VENV)/.installed
	rm -rf dist
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/maturin build --quiet --release --locked --out dist
	$(BIN)/python deploy/try_wheel.py dist/*.whl

# The licences of the crates in the compiled module, for the wheel: needs cargo-about (`cargo install cargo-about --features cli`).
licenses:
	cargo about generate --config deploy/about.toml --manifest-path crates/facemask-py/Cargo.toml --locked --offline --fail \
		deploy/about.hbs --output-file THIRD-PARTY-LICENSES.md

# What the image installs, to the byte: deploy/constraints.txt for the service, deploy/build-constraints.txt for what builds
# its wheel. Versions stay as long as pyproject.toml allows them; `make lock UPGRADE=--upgrade` takes the newest. Both
# kinds of processors must come out alike. Hashes are of wheels for every platform; addresses of registries are not kept.
UPGRADE ?=
LOCK := $(BIN)/uv pip compile --quiet $(UPGRADE) --generate-hashes --only-binary :all: --custom-compile-command "make lock"
IMAGE := --extra service --extra otel --extra png --extra detect --python-version 3.13 pyproject.toml
lock: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group lock
	mkdir -p target
	$(LOCK) $(IMAGE) --python-platform x86_64-manylinux_2_36 --output-file deploy/constraints.txt
	cp deploy/constraints.txt target/constraints.txt
	$(LOCK) $(IMAGE) --python-platform aarch64-manylinux_2_36 --output-file target/constraints.txt
	cmp deploy/constraints.txt target/constraints.txt
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(LOCK) --python-version 3.11 --python-platform linux --output-file deploy/build-constraints.txt -

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

# The HTTP front: generated sequences of requests, overload, and hostile connections for a minute of each kind. Half an hour.
edge: $(VENV)/.built $(VENV)/.rivals
	$(BIN)/python tests/http1/play_sequences.py --count 100000
	$(BIN)/python benches/overload.py
	$(BIN)/python benches/hostile_traffic.py --seconds 60

# Where the time of a job goes, as a picture: docs/performance/flame.svg.
flame: $(VENV)/.built $(VENV)/.rivals
	mkdir -p docs/performance
	$(BIN)/py-spy record --native --rate 250 --format flamegraph --output docs/performance/flame.svg -- \
		$(BIN)/python benches/profile_workload.py 20

# Each figure beside its bound; fails when one is not held.
figures: $(VENV)/.built
	$(BIN)/python benches/figures

# Hashes of all output and instruction counts of the hot path (needs Valgrind), for a redesign that must change neither:
# `make hashes` before it, `make hashes AFTER=1` after it. Fails when a byte differs or a count has grown by 1 %.
HASHES ?= target
WHAT := $(if $(AFTER),--compare,--write)
.PHONY: hashes
hashes: $(VENV)/.built
	$(BIN)/python benches/output_hashes $(WHAT) $(HASHES)/output-hashes.json
	$(BIN)/python benches/output_hashes --instructions $(WHAT) $(HASHES)/instructions.json

# The README's picture of the playground; needs a Chromium.
screenshot: $(VENV)/.built
	$(BIN)/python docs/make_screenshot.py

clean:
	rm -rf $(VENV) $(CONSUMERS_VENV) $(ENGINES_VENV) $(GENERATORS_VENV) target
