"""The wheel alone, away from the checkout, runs the main job: models and data travel inside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run(
        [str(word) for word in words], cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; its dependencies come from the running one, the checkout does not."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        ROOT,
        cwd=folder,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    environment = folder / "venv"
    venv.create(environment, with_pip=False)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / ("python.exe" if os.name == "nt" else "python")
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout.strip())
    put = run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel, cwd=folder)
    assert put.returncode == 0, put.stderr
    # appended, so that the wheel's package comes first; .pth files of that folder, the checkout's too, are not read
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def test_package_comes_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    found = run(installed, "-c", "import bayes_ivf; print(bayes_ivf.__file__)", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()).is_relative_to(installed.parents[1])
    assert not Path(found.stdout.strip()).is_relative_to(ROOT)


@pytest.mark.parametrize("what", ["studies", "models", "priors"])
def test_cards_sets_and_studies_travel(installed: Path, tmp_path: Path, what: str) -> None:
    listed = run(installed, "-m", "bayes_ivf", "list", what, cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    expected = {"studies": "lei-2026", "models": "two_arm", "priors": "weakly_informative"}[what]
    assert expected in listed.stdout


def test_main_job(installed: Path, tmp_path: Path) -> None:
    out = tmp_path / "a folder with spaces"
    words = ("-m", "bayes_ivf", "run", "--models", "two_arm", "--priors", "weakly_informative", "--out", out)
    done = run(installed, *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["name"] == "lei-2026"
    assert (out / "report.html").stat().st_size > 20_000
    header, *rows = (out / "comparison.csv").read_text(encoding="utf-8").splitlines()
    assert header.startswith("study,outcome,label")
    assert len(rows) >= 21
