#!/usr/bin/env bash
# Guess: Dataset.map caches by the function and what it calls, so an upgraded library is called again.
# What happens: it depends on where the library lies. The hash of a function has modules of site-packages by their name
# alone, so after an upgrade the results of the older version are served, without a word. A module beside the script is
# hashed with its content, so whoever develops it never sees this. A function of that module, given to map itself, is
# hashed without what it calls.
# Versions: datasets 5.2.0, dill 0.4.1, CPython 3.11.
# Source: dill's save_module (_is_builtin_module), called by datasets.fingerprint.Hasher.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check datasets==5.2.0 dill==0.4.1
site=$("$work/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cat > "$work/map.py" <<'PYTHON'
import os, sys
os.environ.update(HF_DATASETS_CACHE=os.path.dirname(__file__) + "/cache", HF_HUB_OFFLINE="1")
import beside, datasets, installed
datasets.disable_progress_bars()
rows = datasets.load_dataset("csv", data_files=os.path.dirname(__file__) + "/a.csv", split="train")
def by_installed(row): return {"out": installed.work(row["a"])}
def by_beside(row): return {"out": beside.work(row["a"])}
def with_version(row, version): return {"out": installed.work(row["a"])}
ways = {"installed": rows.map(by_installed), "beside": rows.map(by_beside), "its own": rows.map(beside.work_row),
        "with version": rows.map(with_version, fn_kwargs={"version": installed.VERSION})}
found = {name: way["out"][0] for name, way in ways.items()}
print("installed version", installed.VERSION, found)
assert found == {name: sys.argv[1] if name in ("installed", "its own") else installed.VERSION for name in ways}
PYTHON
printf 'a\n1\n' > "$work/a.csv"
for version in one two; do
  printf 'VERSION = "%s"\ndef work(a): return VERSION\ndef work_row(row): return {"out": work(row["a"])}\n' $version \
    | tee "$site/installed.py" > "$work/beside.py"
  PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/python" "$work/map.py" one
done
