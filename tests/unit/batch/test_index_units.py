"""What a denominator counts is written in words in the index of a batch."""

from __future__ import annotations

from dataclasses import replace

import bayes_ivf as bi


def test_units_of_the_index_are_words_in_column_and_filter(tmp_path):
    study = bi.Study.from_counts((3, 16), (2, 12), outcome="loss", benefit="lower")
    items = tuple(replace(item, per="clinical_pregnancy") for item in study.items)
    bi.batch(replace(study, items=items), "two_arm", ["weakly_informative"], out=tmp_path / "run", workers=1)
    index = (tmp_path / "run" / "index.html").read_text(encoding="utf-8")
    assert 'data-label="Unit">clinical pregnancy</td>' in index
    assert "<option>clinical pregnancy</option>" in index
    assert "clinical_pregnancy" not in index
