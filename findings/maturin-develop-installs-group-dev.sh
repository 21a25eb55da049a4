#!/usr/bin/env bash
# Guess: `maturin develop` installs the project, its dependencies, and the extras and groups that are named:
# pip and `uv pip install` install no dependency group unless it is asked for.
# It installs the group `dev` as well, wherever pyproject.toml has one. Naming another group takes its place.
# Seen with maturin 1.16.0 and pip 26.3 on CPython 3.11. `maturin develop --help` says of `--group` only that it installs
# groups. So a make target for users that calls it brings every linter and test tool, unless it names a group.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pip==26.3 maturin==1.16.0
mkdir -p "$folder/project/src"
cd "$folder/project"
echo 'fn main() {}' > src/main.rs
cat > Cargo.toml <<'TOML'
[package]
name = "nothing"
version = "0.1.0"
edition = "2021"
TOML
cat > pyproject.toml <<'TOML'
[build-system]
requires = ["maturin>=1.16,<2"]
build-backend = "maturin"

[project]
name = "nothing"
version = "0.1.0"

[tool.maturin]
bindings = "bin"

[dependency-groups]
dev = ["iniconfig==2.1.0"]
small = ["toolz==1.0.0"]
TOML

installed() { "$folder/venv/bin/python" -m pip list --format freeze | grep -E '^(iniconfig|toolz)=' | tr '\n' ' ' || true; }
develop() { VIRTUAL_ENV="$folder/venv" "$folder/venv/bin/maturin" develop --quiet "$@" > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }; }

develop
plain=$(installed)
echo "maturin develop: $plain"
"$folder/venv/bin/python" -m pip uninstall --quiet --yes iniconfig
develop --group small
named=$(installed)
echo "maturin develop --group small: $named"
[ "$plain" = "iniconfig==2.1.0 " ]
[ "$named" = "toolz==1.0.0 " ]
