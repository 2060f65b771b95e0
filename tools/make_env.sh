#!/usr/bin/env bash
# Makes an empty virtual environment with the first Python >= 3.12 found: versions that all wheels exist for come first.
set -euo pipefail
target=$1
candidates=(python3.12 python3.13 python3.14 python3 python)
shopt -s nullglob
for root in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1{2,3,4}*/bin/python "$HOME"/.local/share/uv/python/cpython-3.1{2,3,4}*/bin/python3 \
    /opt/homebrew/bin/python3.1{2,3,4} /usr/local/bin/python3.1{2,3,4}; do
  candidates+=("$root")
done
for candidate in "${candidates[@]}"; do
  if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
    rm -rf "$target"
    "$candidate" -m venv "$target"
    echo "Environment: $("$target/bin/python" --version) in $target; installing pinned packages, about a minute." >&2
    exit 0
  fi
done
echo "No Python >= 3.12 was found (tried: python3.12 ... python3, pyenv, uv). Install one and run make again." >&2
exit 2
