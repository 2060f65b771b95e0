"""The pinned requirements: every package with its version and hashes, no address, and all that pyproject asks for."""

from __future__ import annotations

import re
import tomllib

import pytest

NAME = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.+!]+)(?: ; [^\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def blocks(root, file):
    """Return the requirements of a file, each as one line."""
    lines = (root / "requirements" / file).read_text(encoding="utf-8").splitlines()
    joined = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip()]


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", ["runtime.txt", "test.txt"])
def test_every_requirement_has_a_version_and_hashes_and_no_address(root, file):
    found = blocks(root, file)
    assert len(found) > 50
    for line in found:
        first, *hashes = line.split(" --hash=")
        assert NAME.fullmatch(first.strip()), first
        assert hashes, first
        assert all(HASH.fullmatch(f"--hash={each.strip()}") for each in hashes), first
    text = (root / "requirements" / file).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|index-url|find-links|/tmp|/home|/root", text)


def test_whatever_the_project_asks_for_is_pinned_once(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {
        file: [plain(NAME.match(line)["name"]) for line in blocks(root, file)] for file in ("runtime.txt", "test.txt")
    }
    assert len(set(names["runtime.txt"] + names["test.txt"])) == len(names["runtime.txt"] + names["test.txt"])
    asked = {plain(re.match(r"[A-Za-z0-9._-]+", each)[0]) for each in project["dependencies"]}
    assert asked <= set(names["runtime.txt"])
    extras = {each for name in ("notebook", "test", "dask") for each in project["optional-dependencies"][name]}
    assert {plain(re.match(r"[A-Za-z0-9._-]+", each)[0]) for each in extras} <= {
        name for each in names.values() for name in each
    }


def test_make_installs_with_hashes_alone(root):
    lines = [line for line in (root / "Makefile").read_text(encoding="utf-8").splitlines() if "-r $(" in line]
    assert len(lines) == 2
    assert all("--require-hashes --no-deps" in line for line in lines)
