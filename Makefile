# The only commands anyone must know; `make` lists them.
#
# Variables: PYTHON (3.11 or newer), CARGO, CARGO_TARGET_DIR, and FILE, PORT for `make run`.

PYTHON ?= python3
CARGO ?= cargo
FILE ?= beamlines/tutorial.toml
PORT ?= 5064

VENV := $(CURDIR)/.venv
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
BEAMTWIN := $(TARGET)/release/beamtwin
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help build check test rust clients truth peer libca suites page demo run docs pictures image bench fuzz

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the binary, in release mode
	$(CARGO) build --release --package beamtwin

check: ## formatting, lints, lock file; warnings denied (before every commit)
	@$(CARGO) metadata --locked --format-version 1 >/dev/null || \
	    { echo "Cargo.lock is stale: build once, and commit it"; exit 1; }
	@if $(CARGO) fmt --version >/dev/null 2>&1; then \
	    echo "$(CARGO) fmt --all --check"; $(CARGO) fmt --all --check; \
	else echo "NOT CHECKED: formatting, since this toolchain lacks rustfmt (rustup component add rustfmt)"; fi
	@if $(CARGO) clippy --version >/dev/null 2>&1; then \
	    echo "$(CARGO) clippy -D warnings"; \
	    $(CARGO) clippy --workspace --all-targets -- -D warnings; \
	else echo "NOT CHECKED: lints, since this toolchain lacks clippy (rustup component add clippy)"; fi

test: OPERATIONS = 5000
test: rust clients peer libca suites page ## from nothing: all Rust tests, real clients, a C IOC beside us, ophyd's own tests, the page

rust: ## the Rust tests alone
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
	    echo "$(CARGO) nextest run"; $(CARGO) nextest run --workspace; \
	else echo "$(CARGO) test (cargo-nextest is not installed)"; \
	    $(CARGO) test --workspace --lib --bins --tests; fi
	$(CARGO) test --workspace --doc --quiet

clients: build ## the real-client tests alone: pyepics, caproto, aioca, ophyd, ophyd-async
	@tests/install $(VENV) tests/clients/requirements.txt "the Python clients"
	BEAMTWIN=$(BEAMTWIN) $(VENV)/bin/python tests/clients/run

truth: build ## five scripts at real pace and ten times in jump time, which must be alike; how fast it is
	@tests/install $(VENV) tests/clients/requirements.txt "the Python clients"
	BEAMTWIN=$(BEAMTWIN) $(VENV)/bin/python tests/truth/run

OPERATIONS ?= 100000
peer: build ## random operations on the twin and on a C IOC that serves the same records (OPERATIONS=…)
	@tests/install $(VENV) tests/clients/requirements.txt "the Python clients"
	BEAMTWIN=$(BEAMTWIN) $(VENV)/bin/python tests/peer/run --operations $(OPERATIONS)

libca: build ## the C library of Channel Access, through the crate epics-ca (Debian's libca-dev; root gets it)
	@tests/install $(VENV) tests/clients/requirements.txt "the Python clients"
	BEAMTWIN=$(BEAMTWIN) $(VENV)/bin/python tests/libca/run

suites: build ## ophyd's own motor tests, through pyepics and through caproto
	@tests/install $(VENV)-ophyd tests/ophyd/requirements.txt "what the ophyd tests need"
	BEAMTWIN=$(BEAMTWIN) $(VENV)-ophyd/bin/python tests/ophyd/run

page: build ## the page of `compare --html` in a real browser, headless (Chromium; root on Debian gets it)
	@tests/install $(VENV)-page tests/page/requirements.txt "what the tests of the page need"
	BEAMTWIN=$(BEAMTWIN) $(VENV)-page/bin/python tests/page/run --with-browser

bench: build ## beside a C IOC; what many motors cost, speed of the reader and of comparisons (ENVTRACE=/path/to/a/checkout: beside the package)
	@tests/install $(VENV) tests/clients/requirements.txt "the Python clients, the C IOC among them"
	BEAMTWIN=$(BEAMTWIN) PYTHON=$(VENV)/bin/python $(CARGO) run --release --package beamtwin-server --example peer
	BEAMTWIN=$(BEAMTWIN) $(VENV)/bin/python tests/peer/burst
	BEAMTWIN=$(BEAMTWIN) $(CARGO) run --release --package beamtwin-server --example motors
	$(CARGO) bench --package beamtwin-trace --bench reader
	$(CARGO) bench --package beamtwin-align --bench speed

fuzz: ## anything at all for whatever reads files or listens, a minute each (cargo-fuzz and a nightly compiler)
	@if $(CARGO) +nightly fuzz --version >/dev/null 2>&1; then \
	    for target in $$($(CARGO) +nightly fuzz list); do \
	        echo "cargo fuzz run $$target"; mkdir -p fuzz/found/$$target fuzz/corpus/$$target; \
	        $(CARGO) +nightly fuzz run --sanitizer none $$target fuzz/found/$$target fuzz/corpus/$$target \
	            -- -max_total_time=60 -rss_limit_mb=2048 || exit 1; \
	    done; \
	else \
	    echo "NOT FUZZED: this needs cargo-fuzz and a nightly compiler (cargo install cargo-fuzz)"; \
	    echo "instead, the same functions for a minute each crate on this compiler:"; \
	    export BEAMTWIN_FUZZ_SECONDS=60; \
	    $(CARGO) test --package beamtwin-trace --test whatever -- --nocapture && \
	    $(CARGO) test --package beamtwin-ca --test pair whatever -- --nocapture && \
	    $(CARGO) test --package beamtwin-beamline --test robust fuzzing -- --nocapture; \
	fi

demo: build ## the main job on real input: serve, drive with bluesky, record, compare
	@tests/install $(VENV) tests/clients/requirements.txt "the Python clients"
	BEAMTWIN=$(BEAMTWIN) $(VENV)/bin/python demo/run

run: build ## serves beamlines/tutorial.toml on port 5064 (FILE=…, PORT=…)
	$(BEAMTWIN) run $(FILE) --port $(PORT)

docs: ## the API documentation, warnings denied
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items

pictures: build ## the pictures in docs/src/pictures, drawn from sessions of the twin
	@tests/install $(VENV)-ophyd tests/ophyd/requirements.txt "what the ophyd tests need, matplotlib among it"
	BEAMTWIN=$(BEAMTWIN) $(VENV)-ophyd/bin/python docs/pictures/draw

HOST = $(shell rustc -vV | sed -n 's/^host: //p')
IMAGE := $(TARGET)/image

image: ## a container image around a static binary (needs buildah, podman or docker)
	RUSTFLAGS="-C target-feature=+crt-static" \
	    $(CARGO) build --release --package beamtwin --target $(HOST)
	rm -rf $(IMAGE) && mkdir -p $(IMAGE)
	cp -r docker/Dockerfile beamlines $(TARGET)/$(HOST)/release/beamtwin $(IMAGE)
	@tool=$$(command -v buildah || command -v podman || command -v docker) || \
	    { echo "None of buildah, podman and docker is installed." >&2; exit 1; }; \
	echo "$$tool build"; "$$tool" build --quiet --tag beamtwin $(IMAGE)
