from __future__ import annotations

import pytest

from bayes_ivf.study import ARMS, Categories, Clusters, Counts, MeanSD, Size, load_study, parse_study, read_study


def refused(faults_of, values):
    return " | ".join(f"{fault.where} # {fault.found}" for fault in faults_of(parse_study, values, "f.toml"))


def test_reads_a_valid_study(valid):
    study = parse_study(valid, "f.toml")
    assert study.ids == ("a", "b")
    assert study.outcome("a").data["control"] == Counts(8, 32)
    assert isinstance(study.outcome("b").data["treatment"], MeanSD)
    assert study.outcome("b").data["control"].n == 32


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"kind": "counts", "treatment": "-1/30", "control": "8/32"}, "-1/30"),
        ({"kind": "counts", "treatment": "3.5/30", "control": "8/32"}, "3.5/30"),
        ({"kind": "counts", "control": "8/32"}, "treatment # nothing"),
        ({"kind": "counts", "treatment": 3, "control": "8/32"}, "outcome x.treatment # 3"),
        ({"kind": "percent", "treatment": "a third", "control": "25%"}, "a third"),
        ({"kind": "percent", "denominator": "nothing", "treatment": "30%", "control": "25%"}, "nothing"),
        ({"kind": "mean_sd", "treatment": "5 (1)", "control": "5 ± 1"}, "5 (1)"),
        ({"kind": "mean_sd", "treatment": "5,123 ± 0,7", "control": "5 ± 1"}, "5,123"),
        ({"kind": "mean_sd", "treatment": "5 ± 1", "control": "5 ± 1", "n": {"treatment": 1, "control": 9}}, "n # 1"),
        ({"kind": "mean_sd", "treatment": "5 ± 1", "control": "5 ± 1", "n": {"treatment": 0, "control": 9}}, "n # '0'"),
        ({"kind": "claim_only"}, "no claim with a P"),
        ({"kind": "claim_only", "claim": {"text": "t", "direction": "higher"}}, "no claim with a P"),
        ({"kind": "claim_only", "claim": {"text": "t", "direction": "up", "p": "P<0.05"}}, "direction # 'up'"),
        ({"kind": "claim_only", "claim": {"text": "t", "direction": "higher", "p": "P<5"}}, "p # 'P<5'"),
        ({"kind": "unavailable"}, "note # nothing"),
        ({"kind": "categories", "categories": ["a", "b"], "treatment": "1/2/3", "control": "1/2"}, "1/2/3"),
        ({"kind": "effect_ci"}, "effect # nothing"),
        ({"kind": "counts", "treatment": "1/2", "control": "1/2", "mcid": -0.1}, "mcid # -0.1"),
        ({"kind": "counts", "treatment": "1/2", "control": "1/2", "mcid": "0.1"}, "mcid # '0.1'"),
        ({"kind": "counts", "treatment": "1/2", "control": "1/2", "benefit": "up"}, "benefit # 'up'"),
        ({"kind": "count", "treatment": "1/2", "control": "1/2"}, "kind # 'count'"),
        ({"kind": "counts", "treatment": "1/2", "control": "1/2", "surprise": 1}, "surprise # 1"),
        ({"kind": "counts", "treatment": "1/2", "control": "1/2", "id": "A B"}, "id # 'A B'"),
        ({"kind": "mean_sd", "treatment": "5 ± 1", "control": "5 ± 1", "minimum": 3.0, "maximum": 2.0}, "3.0 to 2.0"),
    ],
)
def test_refuses_one_fault(row, expected, with_outcome, faults_of):
    assert expected in refused(faults_of, with_outcome(**row))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"schema_version": 2}, "schema_version"),
        ({"schema_version": "1"}, "schema_version # '1'"),
        ({"id": "Lei 2026"}, "id # 'Lei 2026'"),
        ({"id": "../up"}, "id # '../up'"),
        ({"title": 5}, "title # 5"),
        ({"outcomes": []}, "outcomes # []"),
        ({"randomized": "maybe"}, "randomized # 'maybe'"),
        ({"arms": {"treatment": {"label": "a", "n": 3}}}, "arms.control # nothing"),
        ({"arms": {"treatment": {"label": "a", "n": 0}, "control": {"label": "b", "n": 3}}}, "arms.treatment.n # 0"),
        (
            {"arms": {"treatment": {"label": "a", "n": "3"}, "control": {"label": "b", "n": 3}}},
            "arms.treatment.n # '3'",
        ),
        (
            {"arms": {"treatment": {"label": "a", "n": True}, "control": {"label": "b", "n": 3}}},
            "arms.treatment.n # True",
        ),
        ({"max_embryos": 0}, "max_embryos # 0"),
        ({"year": "2026"}, "year # '2026'"),
    ],
)
def test_refuses_a_faulty_head(change, expected, valid, faults_of):
    assert expected in refused(faults_of, valid | change)


@pytest.mark.parametrize("key", ["schema_version", "id", "title", "arms", "outcomes"])
def test_refuses_a_missing_key(key, valid, faults_of):
    del valid[key]
    assert f"f.toml: {key} # nothing" in refused(faults_of, valid)


def test_names_every_fault_of_the_outcomes_at_once(valid, faults_of):
    valid["outcomes"] = [
        {
            "id": "a",
            "label": "A",
            "kind": "counts",
            "benefit": "higher",
            "treatment": "4.5/30",
            "control": "5/9",
            "mcid": 5.0,
        },
        {"id": "a", "label": "A", "kind": "counts", "benefit": "higher", "treatment": "1/30", "control": "5/9"},
        {"id": "c", "label": "C", "kind": "percent", "benefit": "higher", "treatment": "a third", "control": "25%"},
        {
            "id": "d",
            "label": "D",
            "kind": "mean_sd",
            "benefit": "none",
            "treatment": "1 ± 1",
            "control": "x ± 2",
            "claim": {"text": "t", "direction": "none", "p": "P<1"},
        },
    ]
    text = refused(faults_of, valid)
    for found in ("the id twice", "'4.5/30'", "'a third'", "'x ± 2'", "claim.p # 'P<1'", "mcid # 5"):
        assert found in text


def test_names_every_fault_of_the_keys_at_once(valid, faults_of):
    valid |= {"schema_version": 3, "extra": 1, "title": 4}
    valid["outcomes"][1] |= {"benefit": "up", "mcid": 0}
    places = {fault.where for fault in faults_of(parse_study, valid, "f.toml")}
    expected = ("schema_version", "extra", "title", "outcome b.benefit", "outcome b.mcid")
    assert places == {f"f.toml: {key}" for key in expected}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'id = "caf\xe9"', "not UTF-8"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"id = ", "broken TOML"),
        (b'id = "a"\nid = "b"', "broken TOML"),
        (b"", "nothing"),
    ],
)
def test_refuses_files_that_are_no_toml(raw, expected, tmp_path, faults_of):
    path = tmp_path / "f.toml"
    path.write_bytes(raw)
    assert expected in faults_of(read_study, path)[0].found


def test_refuses_a_huge_file(tmp_path, faults_of, monkeypatch):
    monkeypatch.setattr("bayes_ivf.tables.MAX_BYTES", 10)
    path = tmp_path / "f.toml"
    path.write_text("# " + "x" * 20, encoding="utf-8")
    (fault,) = faults_of(read_study, path)
    assert "at most 10 bytes" in fault.allowed


@pytest.mark.parametrize("source", ["lei-2027", "missing.toml", "", "."])
def test_an_unknown_study_is_refused_with_the_known_ones(source, faults_of):
    (fault,) = faults_of(load_study, source)
    assert "lei-2026" in fault.allowed
    assert repr(source) in fault.found


def test_a_byte_order_mark_is_no_fault(root, tmp_path):
    path = tmp_path / "f.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (root / "bayes_ivf" / "data" / "lei-2026.toml").read_bytes())
    assert read_study(path).id == "lei-2026"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"kind": "counts", "treatment": "0/30", "control": "32/32"}, (Counts(0, 30), Counts(32, 32))),
        (
            {"kind": "counts", "treatment": "9 women, 20 embryos, 2 pregnant, 3 implanted", "control": "1/2"},
            (Clusters(9, 20, 2, 3), Counts(1, 2)),
        ),
        (
            {"kind": "categories", "categories": ["a", "b"], "treatment": "1 / 2", "control": "3/4"},
            (Categories(("a", "b"), (1, 2)), Categories(("a", "b"), (3, 4))),
        ),
        (
            {"kind": "claim_only", "claim": {"text": "t", "direction": "higher", "p": "p < 0.05"}},
            (Size(30), Size(32)),
        ),
    ],
)
def test_every_kind_of_print(row, expected, with_outcome):
    item = parse_study(with_outcome(**row), "f.toml").items[0]
    assert tuple(item.data[arm] for arm in ARMS) == expected


def test_a_denominator_may_be_named_before_it_is_printed(valid):
    valid["outcomes"].insert(
        0,
        {
            "id": "m",
            "label": "M",
            "kind": "percent",
            "per": "pregnancy",
            "denominator": "a",
            "benefit": "lower",
            "treatment": "10%",
            "control": "12.5%",
        },
    )
    study = parse_study(valid, "f.toml")
    assert study.ids == ("m", "a", "b")
    assert [study.outcome("m").counts(arm) for arm in ARMS] == [Counts(1, 10), Counts(1, 8)]


def test_the_p_of_a_claim_is_read(with_outcome):
    row = {"kind": "counts", "treatment": "1/2", "control": "1/2"}
    claim = {"text": "t", "direction": "higher", "p": "p < 0.05"}
    found = parse_study(with_outcome(**row, claim=claim), "f.toml").items[0].claim
    assert (found.p, found.relation, found.level) == ("P<0.05", "<", 0.05)
