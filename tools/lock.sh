#!/usr/bin/env bash
# Resolves pyproject.toml in fresh environments and writes name==version lines, runtime and test tools apart.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bash tools/make_env.sh "$work/venv"
pip="$work/venv/bin/python -m pip --disable-pip-version-check"
freeze() { $pip freeze --exclude-editable | grep -E '^[A-Za-z0-9._-]+==' | grep -viE '^(bayes.ivf|pip|setuptools-scm)==' | LC_ALL=C sort -f; }
$pip install --quiet . hatchling editables
freeze > "$work/runtime.txt"
$pip install --quiet '.[notebook,test,dask]'
freeze > "$work/all.txt"
mkdir -p requirements
{ echo "# Pinned by tools/lock.sh; installed by make env with --no-deps."; cat "$work/runtime.txt"; } > requirements/runtime.txt
{ echo "# Pinned by tools/lock.sh: what the tests and notebooks need beyond runtime.txt."; comm -13 <(LC_ALL=C sort "$work/runtime.txt") <(LC_ALL=C sort "$work/all.txt"); } > requirements/test.txt
