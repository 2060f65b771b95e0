"""Where PyTensor keeps what it compiled: a folder that cannot be written is no fault, and no file is left elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from bayes_ivf.structures import all_structures

all_structures()["two_arm"].load_model()
import pytensor
import pytensor.tensor as pt
x = pt.dscalar()
print(pytensor.function([x], x + 1)(1.0))
print(pytensor.config.base_compiledir)
print(pytensor.config.generated_src_dir)
"""


def printed(tmp_path, flags):
    """What the script prints with these flags and a temporary folder of its own, and what is left in that folder."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = os.environ | {"PYTENSOR_FLAGS": flags, "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split(), done.stderr, list(temporary.iterdir())


def test_a_folder_that_cannot_be_written_is_replaced_by_one_that_is_gone_afterwards(tmp_path):
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    (two, folder, _), errors, left = printed(tmp_path, f"base_compiledir={tmp_path / 'file'}")
    assert float(two) == 2
    assert Path(folder).parent == tmp_path / "temporary"
    assert errors == ""
    assert left == []


@pytest.mark.parametrize("sources", ["", "mine"])
def test_a_given_folder_is_used_and_nothing_is_left_elsewhere(tmp_path, sources):
    flags = f"base_compiledir={tmp_path / 'kept'}" + (f",generated_src_dir={tmp_path / sources}" if sources else "")
    (_, folder, generated), errors, left = printed(tmp_path, flags)
    assert Path(folder) == tmp_path / "kept"
    assert Path(generated) == (tmp_path / sources if sources else tmp_path / "kept" / "sources")
    assert any(Path(generated).iterdir())
    assert errors == ""
    assert left == []
