#!/usr/bin/env bash
# Resolves pyproject.toml for every platform and writes name==version lines with hashes, runtime and test tools apart.
# Versions that are pinned already stay where they fit; `tools/lock.sh --upgrade` takes the newest.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash tools/make_env.sh "$work/venv"
"$work/venv/bin/python" -m pip --disable-pip-version-check install --quiet uv==0.13.9
export UV_PYTHON_DOWNLOADS=never
printf 'hatchling>=1.27\neditables\n' > "$work/build.in"  # what an editable install needs without build isolation
resolve() {
  "$work/venv/bin/uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
    --no-header --no-annotate --python "$work/venv/bin/python" --python-version 3.12 pyproject.toml "$work/build.in" "$@"
}
mkdir -p requirements
touch requirements/runtime.txt requirements/test.txt
cp requirements/runtime.txt "$work/runtime.txt"  # uv keeps the versions of the file that it writes
cat requirements/runtime.txt requirements/test.txt > "$work/all.txt"
resolve "$@" -o "$work/runtime.txt"
resolve "$@" --extra notebook --extra test --extra dask --extra excel --extra office -c "$work/runtime.txt" -o "$work/all.txt"
{ echo "# Pinned by tools/lock.sh; installed by make env with --require-hashes --no-deps."; cat "$work/runtime.txt"; } > requirements/runtime.txt
{
  echo "# Pinned by tools/lock.sh: what the tests and notebooks need beyond runtime.txt."
  awk 'FNR == NR { if (/^[A-Za-z0-9]/) known[$1] = 1; next } /^[A-Za-z0-9]/ { keep = !($1 in known) } keep' "$work/runtime.txt" "$work/all.txt"
} > requirements/test.txt
