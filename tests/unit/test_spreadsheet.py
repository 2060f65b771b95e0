"""Texts that a spreadsheet would run cannot, and come back the same."""

import pandas as pd
import pytest

from bayes_ivf.spreadsheet import plain_text, read_table, safe_frame, safe_text

HOSTILE = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "=cmd|'/C calc'!A0", "'=1", "''-2", "\uff1d1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_would_run_is_marked(text):
    assert safe_text(text) == f"'{text}"
    assert plain_text(safe_text(text)) == text


@pytest.mark.parametrize("text", ["", "'t Hart 2010", "a=b", "5", "'", "1-2"])
def test_other_texts_stay(text):
    assert safe_text(text) == plain_text(text) == text


def test_frames_come_back(tmp_path):
    frame = pd.DataFrame({"study": HOSTILE, "x": [-0.5] * len(HOSTILE)})
    safe_frame(frame).to_csv(tmp_path / "t.csv", index=False)
    written = (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert ",-0.5" in written
    assert not any(line.lstrip('"').startswith(("=", "+", "-", "@")) for line in written.splitlines())
    pd.testing.assert_frame_equal(read_table(tmp_path / "t.csv"), frame)
    plain = frame.assign(study="a")
    assert safe_frame(plain) is plain
