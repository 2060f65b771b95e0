"""A Cochrane data package becomes rows, findings, a check of its overall estimates, and its risk of bias."""

import io
import json
import time
import zipfile
from contextlib import redirect_stderr

import numpy as np
import pytest

import bayes_ivf as bi
from bayes_ivf.batches import Asked, plan_batch
from bayes_ivf.batches.sources import gather_sources
from bayes_ivf.cli.main import run

from .conftest import BIAS, COUNTS, MEANS, ROWS, counts_row, means_row, odds_ratio, pack, printed, setting, text

QUIET = Asked(benefit={"": "higher"})


def rows_of(path, asked=QUIET):
    loaded = gather_sources(path, asked=asked)
    (reviewed,) = loaded.reviews
    return loaded, reviewed


def test_rows_are_a_table_of_trials(package):
    loaded, reviewed = rows_of(package(bias=BIAS))
    (table,) = loaded.sources
    assert table.study == [each[0] for each in COUNTS + MEANS]
    assert table.outcome == ["a1-1"] * 3 + ["a1-2"] * 2
    assert table.label == ["Live birth"] * 3 + ["Estradiol"] * 2
    np.testing.assert_array_equal(table.events[:3], [each[1] for each in COUNTS])
    np.testing.assert_array_equal(table.n, [each[-1] for each in COUNTS + MEANS])
    assert table.mean[0][3:] == ["5.81", "4.10"]
    assert table.sign.tolist() == [1] * 5
    assert (reviewed.findings, reviewed.left_out) == ((), ())
    assert table.labels["risk of bias"][:3] == ["Allocation: Low risk", "Allocation: Unclear risk", ""]
    assert table.labels["comparison"] == ["Drug v placebo"] * 5
    assert [(each.study, each.domain, each.judgment, each.support) for each in reviewed.bias] == [
        ("Abel 2001", "Allocation", "Low risk", "Sealed envelopes"),
        ("Baker 2002", "Allocation", "Unclear risk", ""),
    ]


def other_forms(rows):
    """The same rows in another order of columns, in other letters, with zeros where nothing was entered, and without columns."""
    zeros = {name: "0.0" for name in ROWS if name not in ("Subgroup", "Applicability", "Study year", "Footnotes")}
    needed = [name for name in ROWS if any(row.get(name) for row in rows)]
    yield text([zeros | row for row in rows], ROWS)
    yield text(rows, ROWS[::-1])
    yield text(rows, needed)
    yield (
        text(rows, ROWS)
        .replace("Analysis group", "ANALYSIS GROUP")
        .replace("Experimental cases", "experimental  Cases")
    )


def test_versions_of_the_format_are_one(package, tmp_path):
    rows = [counts_row(*each) for each in COUNTS] + [means_row(*each) for each in MEANS]
    own, _ = rows_of(package(rows))
    settings = text(
        [setting(), setting("1.2", "Estradiol", **{"Data type": "Continuous", "Effect measure": "Mean Difference"})]
    )
    for form in other_forms(rows):
        path = tmp_path / "review.zip"
        path.write_bytes(pack({"data-rows.csv": form, "overall-estimates-and-settings.csv": settings}))
        other, reviewed = rows_of(path)
        for name in ("study", "outcome", "label", "mean", "sd"):
            assert getattr(other.sources[0], name) == getattr(own.sources[0], name)
        np.testing.assert_array_equal(other.sources[0].events, own.sources[0].events)
        assert reviewed.left_out == ()


def test_a_package_inside_the_package_is_entered_once(tmp_path):
    rows = text([counts_row(*each) for each in COUNTS], ROWS)
    inner = pack({"data-rows.csv": rows, "overall-estimates-and-settings.csv": text([setting()])})
    path = tmp_path / "article.zip"
    path.write_bytes(pack({"data.zip": inner, "figure.svg": "<svg/>", "article.pdf": "%PDF"}, "CD1-files/CD1-"))
    loaded, _ = rows_of(path)
    assert len(loaded.sources[0]) == 3
    path.write_bytes(pack({"data.zip": pack({"data.zip": inner})}, "CD1-files/CD1-"))
    with pytest.raises(bi.BayesIvfError, match=r"no part that ends in -data-rows\.csv"):
        rows_of(path)


def test_cells_without_a_value_are_empty(package):
    rows = [counts_row(*each) | {"Experimental mean": "#N/A", "GIV SE": "#N/A", "Subgroup": "#N/A"} for each in COUNTS]
    loaded, reviewed = rows_of(
        package(rows, [setting(**{"Control group label": "#N/A", "Experimental group label": "Drug"})])
    )
    assert (len(loaded.sources[0]), reviewed.left_out) == (3, ())
    assert loaded.sources[0].labels["arms"] == ["Drug"] * 3
    assert "subgroup" not in loaded.sources[0].labels


def test_data_rows_alone_are_a_review(tmp_path):
    path = tmp_path / "CD1-data-rows.csv"
    path.write_text(
        text([counts_row(*each) for each in COUNTS] + [means_row(*each) for each in MEANS], ROWS), encoding="utf-8"
    )
    loaded, reviewed = rows_of(path)
    assert loaded.sources[0].counts.tolist() == [True] * 3 + [False] * 2
    assert any("no settings" in note for note in loaded.notes)
    assert {check.reproduced for check in reviewed.checks} == {"undetermined"}


@pytest.mark.parametrize(
    ("benefit", "signs"),
    [({}, [0, 0]), ({"": "lower"}, [-1, -1]), ({"1.2": "lower"}, [0, -1]), ({"1": "higher", "1.2": "none"}, [1, 0])],
)
def test_benefit_is_declared_by_analysis(benefit, signs, package):
    loaded, _ = rows_of(package(), Asked(benefit=benefit))
    assert [loaded.sources[0].sign[place] for place in (0, 3)] == signs
    open_ = [note for note in loaded.notes if "which direction helps" in note]
    assert [note for note in loaded.sources[0].notes if "which direction helps" in note] == open_
    assert len(open_) == (0 if "" in benefit or "1" in benefit else 1)


@pytest.mark.parametrize("benefit", [{"": "up"}, {"7.1": "higher"}])
def test_benefit_that_fits_no_analysis_is_refused(benefit, package, faults_of):
    (fault,) = faults_of(rows_of, package(), Asked(benefit=benefit))
    assert "--benefit" in fault.where


def test_a_study_twice_in_an_analysis_is_two_outcomes(package):
    rows = [counts_row(*COUNTS[0], Subgroup="2500 IU"), counts_row(*COUNTS[0], Subgroup="5000 IU"),
            counts_row(*COUNTS[1], Subgroup="5000 IU")]  # fmt: skip
    loaded, _ = rows_of(package(rows, [setting()]))
    (table,) = loaded.sources
    assert table.outcome == ["a1-1-s1", "a1-1-s2", "a1-1-s2"]
    assert table.label[0] == "Live birth: 2500 IU"
    loaded, _ = rows_of(package([rows[0], rows[0]], [setting()]))
    assert loaded.sources[0].outcome == ["a1-1-s1", "a1-1-s1-r2"]


CONTRAST = {"Data type": "Contrast level", "Log-scale data": "true", "Statistical method": "IV"}


def entered(study, analysis, mean="", se="", o_e="", variance=""):
    group, number = analysis.split(".")
    return {"Analysis group": group, "Analysis number": number, "Analysis name": "Effect", "Study": study, "GIV Mean": mean,
            "GIV SE": se, "O-E": o_e, "Variance": variance}  # fmt: skip


def test_entered_effects_have_the_scale_of_their_analysis(package):
    rows = [
        *(entered("Abel 2001", f"2.{number}", "-0.5", "0.2") for number in (1, 2, 3)),
        entered("Abel 2001", "2.4", o_e="-5", variance="10"),
        counts_row(*COUNTS[0]),
        counts_row(*COUNTS[1]),
    ]
    settings = [
        setting("2.1", **CONTRAST | {"Effect measure": "Risk Ratio"}),
        setting("2.2", **CONTRAST | {"Effect measure": "Mean Difference", "Log-scale data": "false"}),
        setting("2.3", **CONTRAST | {"Effect measure": "Std. Mean Difference"}),
        setting(
            "2.4",
            **{"Data type": "O-E and variance", "Statistical method": "EXP_O_E_VAR", "Effect measure": "Hazard Ratio"},
        ),
        setting(),
    ]
    loaded, reviewed = rows_of(package(rows, settings))
    table, study = sorted(loaded.sources, key=lambda each: isinstance(each, bi.Study))
    assert table.study == ["Baker 2002"]
    by_id = {item.id: item for item in study.items}
    assert set(by_id) == {"a2-1", "a2-2", "a2-4", "a1-1"}
    assert by_id["a2-1"].effect.scale == "risk_ratio"
    assert by_id["a2-1"].effect.values[0] == pytest.approx(np.exp(-0.5))
    assert str(by_id["a2-2"].effect.estimate) == "-0.5"
    assert by_id["a2-4"].effect.values[0] == pytest.approx(np.exp(-0.5))
    assert by_id["a2-4"].effect.standard_error == pytest.approx(0.1**0.5)
    ((_, outcome, reason),) = reviewed.left_out
    assert outcome == "a2-3"
    assert "standardized_mean_difference" in reason


UNUSABLE = {
    "impossible": (counts_row("Odd", (16, 12), (40, 40)) | {"Experimental cases": "43"}, "43 events of 40"),
    "negative": (counts_row("Odd", (16, 12), (40, 40)) | {"Control cases": "-1"}, "no whole number"),
    "fraction": (counts_row("Odd", (16, 12), (40, 40)) | {"Experimental N": "40.5"}, "no whole number"),
    "words": (counts_row("Odd", (16, 12), (40, 40)) | {"Experimental N": "forty"}, "no number"),
    "nothing": (
        counts_row("Odd", (16, 12), (40, 40)) | {"Experimental N": "0", "Control N": "0"},
        "no numbers were entered",
    ),
    "one arm": (counts_row("Odd", (16, 12), (40, 40)) | {"Experimental N": "0"}, "an arm of 0"),
    "empty": (counts_row("Odd", (16, 12), (40, 40)) | {"Control cases": ""}, "events was not entered"),
    "no name": (counts_row("", (16, 12), (40, 40)), "no name"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_cannot_be_used_is_left_out_by_name(kind, package):
    row, reason = UNUSABLE[kind]
    loaded, reviewed = rows_of(package([*(counts_row(*each) for each in COUNTS), row], [setting()]))
    assert len(loaded.sources[0]) == 3
    ((_, outcome, said),) = reviewed.left_out
    assert outcome == "a1-1"
    assert reason in said
    found = [finding for finding in reviewed.findings if finding.check == "review_counts"]
    assert [finding.severity for finding in found] == (["impossible"] if kind in ("impossible", "negative") else [])


def test_means_without_spread_say_what_to_do(package):
    row = means_row("Odd", ("5", "4"), ("1", "1"), (20, 20)) | {"Experimental SD": "0", "Control SD": "0"}
    _, reviewed = rows_of(package([row, counts_row(*COUNTS[0])]))
    ((_, _, said),) = reviewed.left_out
    assert "enter these in the review" in said


def test_a_printed_effect_that_the_counts_do_not_give_is_a_finding(package):
    rows = [counts_row(*each) for each in COUNTS]
    rows[1] |= {"Mean": "0.72", "CI start": "0.40", "CI end": "1.30"}
    _, reviewed = rows_of(package(rows, [setting()]))
    (finding,) = reviewed.findings
    assert (finding.study, finding.check, finding.subject) == ("Baker 2002", "review_row", "a1-1")
    assert "0.72 (0.40 to 1.30)" in finding.statement
    assert "0.5204 (0.2" in finding.statement
    assert "9/51 and 14/48" in finding.evidence


def test_two_decimals_are_rounded_numbers_and_no_findings(package):
    rows = [counts_row(*each) for each in COUNTS]
    rows = [row | {name: f"{float(row[name]):.2f}" for name in ("Mean", "CI start", "CI end")} for row in rows]
    _, reviewed = rows_of(package(rows, [setting()]))
    assert not reviewed.findings


def test_effects_without_settings_are_not_judged(package):
    rows = [counts_row(*each) | {"Mean": "9", "CI start": "8", "CI end": "10"} for each in COUNTS]
    _, reviewed = rows_of(package(rows, False))
    assert not reviewed.findings


def test_women_without_the_event_may_be_what_is_compared(package):
    swapped = [
        counts_row(study, tuple(n - a for a, n in zip(events, sizes, strict=True)), sizes) | dict(zip(
            ("Experimental cases", "Control cases"), events, strict=True))
        for study, events, sizes in COUNTS
    ]  # fmt: skip
    _, reviewed = rows_of(package(swapped, [setting(**{"Swap event and non-event": "true"})]))
    assert not reviewed.findings
    _, reviewed = rows_of(package(swapped, [setting(**{"Swap event and non-event": "false"})]))
    assert len(reviewed.findings) == 3


def two_alike(model, **more):
    """Two identical studies: their common effect is that of one, its standard error smaller by the root of two."""
    rows = [counts_row(study, (16, 12), (40, 41)) for study in ("Abel 2001", "Baker 2002")]
    value, se = odds_ratio((16, 12), (40, 41))
    return rows, setting(**{"Analysis model": model} | printed(value, se / 2**0.5, True) | more)


@pytest.mark.parametrize("method", ["MH", "IV", "Mantel-Haenszel", "Inverse variance"])
@pytest.mark.parametrize("model", ["Fixed effect", "Random effects"])
def test_the_printed_overall_estimate_is_computed_again(method, model, package):
    rows, told = two_alike(model, **{"Statistical method": method})
    _, reviewed = rows_of(package(rows, [told]))
    (check,) = reviewed.checks
    assert (check.reproduced, check.studies, check.model) == ("yes", 2, model.split()[0].lower())
    assert check.recomputed == pytest.approx(float(told["Mean"]), abs=1e-6)
    assert not reviewed.findings
    _, reviewed = rows_of(package(rows, [told | {"Mean": "1.99"}]))
    assert reviewed.checks[0].reproduced == "no"
    (finding,) = reviewed.findings
    assert (finding.study, finding.check) == ("(pooled)", "review_pooled")
    assert "1.99" in finding.statement


def test_heterogeneity_around_the_mantel_haenszel_estimate(package):
    """Random effects of the method MH: the between-study variance comes from Q around that estimate (Deeks and Higgins)."""
    tables = [((30, 10), (60, 60)), ((12, 15), (50, 55)), ((40, 20), (90, 95))]
    top = sum(a * (m - c) / (n + m) for (a, c), (n, m) in tables)
    bottom = sum((n - a) * c / (n + m) for (a, c), (n, m) in tables)
    y, se = np.array([odds_ratio(events, sizes) for events, sizes in tables]).T
    w = 1 / se**2
    tau2 = ((w * (y - np.log(top / bottom)) ** 2).sum() - 2) / (w.sum() - (w**2).sum() / w.sum())
    weights = 1 / (se**2 + tau2)
    told = printed(np.average(y, weights=weights), weights.sum() ** -0.5, True)
    rows = [counts_row(name, *table) for name, table in zip(("A", "B", "C"), tables, strict=True)]
    _, reviewed = rows_of(package(rows, [setting(**{"Analysis model": "Random effects"} | told)]))
    assert reviewed.checks[0].reproduced == "yes"
    assert tau2 > 0.1


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (
            {"Heterogeneity estimator": "Paule-Mandel", "Analysis model": "Random effects"},
            "'Paule-Mandel' is not computed here",
        ),
        ({"CI method": "Profile", "Analysis model": "Random effects"}, "'Profile' is not computed here"),
        ({"Statistical method": "GLMM"}, "'GLMM' is not computed here"),
        ({"Overall estimates": "false"}, "no overall estimate is printed"),
        ({"Mean": "0", "CI start": "0", "CI end": "0"}, "no overall estimate is printed"),
        ({"Analysis model": ""}, "the method 'MH' is not computed here"),
    ],
)
def test_what_is_not_computed_is_undetermined(change, note, package):
    rows, told = two_alike("Fixed effect")
    _, reviewed = rows_of(package(rows, [told | change]))
    (check,) = reviewed.checks
    assert (check.reproduced, check.recomputed) == ("undetermined", None)
    assert note in check.note


def test_rows_that_do_not_count_are_not_pooled(package):
    rows, told = two_alike("Fixed effect")
    other = counts_row("Cole 2003", (30, 1), (40, 40), Weight="0")
    _, reviewed = rows_of(package([*rows, other], [told]))
    assert [(check.studies, check.reproduced) for check in reviewed.checks] == [(2, "yes")]
    unread = UNUSABLE["impossible"][0]
    _, reviewed = rows_of(package([*rows, unread], [told]))
    assert "cannot be read" in reviewed.checks[0].note


@pytest.fixture
def out(package, tmp_path):
    rows, told = two_alike("Fixed effect", Mean="1.99")
    rows[0] |= {"Mean": "1.99"}
    path = package([*rows, UNUSABLE["impossible"][0]], [told], BIAS)
    options = [
        "--models",
        "two_arm",
        "--priors",
        "weakly_informative",
        "--engine",
        "exact",
        "--out",
        str(tmp_path / "out"),
    ]
    (tmp_path / "said").mkdir()
    with redirect_stderr(io.StringIO()) as said:
        assert run(["batch", str(path), "--benefit", "1.1=higher", *options]) == 0
    (tmp_path / "said" / "err").write_text(said.getvalue(), encoding="utf-8")
    return tmp_path / "out"


def test_the_command_fits_what_can_be_fitted_and_keeps_the_rest(out):
    said = (out.parent / "said" / "err").read_text(encoding="utf-8")
    assert "Finding: Analysis 1.1" in said
    assert "43 events of 40" in said
    result = bi.batch(
        out.parent / "review.zip", "two_arm", "weakly_informative", engine="exact", out=out, benefit="higher"
    )
    assert sorted(result.findings.check) == ["review_counts", "review_row"]
    assert list(result.review.reproduced) == ["undetermined"]
    assert list(result.risk_of_bias.judgment) == ["Low risk", "Unclear risk"]
    assert list(result.failures.study) == ["Odd"]
    assert set(result.effects.study) == {"Abel 2001", "Baker 2002"}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["reviews"]["review.zip"]["left_out"] == 1
    assert {"findings.csv", "review.csv", "risk_of_bias.csv"} <= set(manifest["files"])
    assert "Allocation: Low risk" in (out / "studies").glob("Abel*").__next__().read_text(encoding="utf-8")


def test_another_source_in_the_folder_leaves_the_tables_of_the_review(out):
    before = {name: (out / name).read_bytes() for name in ("findings.csv", "review.csv", "risk_of_bias.csv")}
    other = bi.Study.from_counts((16, 40), (12, 40), outcome="cpr", benefit="higher", study="other")
    bi.batch(other, "two_arm", "weakly_informative", engine="exact", out=out)
    assert {name: (out / name).read_bytes() for name in before} == before


def test_check_tells_findings_and_what_is_left_out(package, capsys):
    rows, told = two_alike("Fixed effect", Mean="1.99")
    path = package([*rows, UNUSABLE["impossible"][0]], [told])
    assert run(["check", str(path), "--benefit", "higher"]) == 0
    said = capsys.readouterr().out
    assert "a valid review of 2 rows of 2 trials" in said
    assert "43 events of 40" in said
    assert "finding: " in said


def test_options_that_are_not_for_reviews_are_refused(package, faults_of):
    (fault,) = faults_of(rows_of, package(), Asked(columns={"study": "Study"}))
    assert fault.where == "map"
    (fault,) = faults_of(rows_of, package(), Asked(fill={"benefit": "up"}))
    assert fault.where == "--benefit"
    (fault,) = faults_of(gather_sources, "lmwh_ivf", asked=QUIET)
    assert "--fill benefit=higher" in fault.action


def test_units_are_declared(package):
    loaded, _ = rows_of(package(), Asked(fill={"per": "cycle", "benefit": "lower"}))
    assert set(loaded.sources[0].per) == {"cycle"}
    assert loaded.sources[0].sign.tolist() == [-1] * 5


BAD = {
    "nonsense": lambda: bytes(range(256)) * 40_000,
    "cut": lambda: pack({"data-rows.csv": text([counts_row(*each) for each in COUNTS], ROWS)})[:300],
    "empty": lambda: b"",
    "no rows": lambda: pack({"included.ris": "TY  - JOUR"}),
    "accuracy": lambda: pack({"data-rows.csv": "a", "parameters.csv": "b"}),
    "no columns": lambda: pack({"data-rows.csv": "Study,Mean\nA,1\n"}),
    "header alone": lambda: pack({"data-rows.csv": text([], ROWS)}),
    "no text": lambda: pack({"data-rows.csv": b"\xff\xfe\x00\x80"}),
    "bomb": lambda: pack({"data-rows.csv": b"0" * 400_000_000}),
    "inner bomb": lambda: pack({"data.zip": pack({"data-rows.csv": b"," * 400_000_000})}),
    "two reviews": lambda: pack({"a-data-rows.csv": "a", "b-data-rows.csv": "b"}),
    "many parts": lambda: pack({f"{place}.txt": "" for place in range(5_001)}),
    "ragged": lambda: pack({"data-rows.csv": text([counts_row(*COUNTS[0])], ROWS) + "1,2,3\n"}),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_data_package_is_refused_and_nothing_written(kind, tmp_path, capsys):
    path = tmp_path / "bad.zip"
    path.write_bytes(BAD[kind]())
    begun = time.perf_counter()
    assert run(["batch", str(path), "--out", str(tmp_path / "out")]) == 2
    assert time.perf_counter() - begun < 10
    said = capsys.readouterr().err
    assert all(part in said for part in ("bad.zip", "found:", "allowed:", "to do:"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bad.zip"]


def test_a_part_behind_a_password_is_refused(tmp_path, faults_of):
    raw = bytearray(pack({"data-rows.csv": "x"}))
    place = raw.index(b"PK\x01\x02") + 8
    raw[place] |= 1  # the flag of the central directory
    path = tmp_path / "locked.zip"
    path.write_bytes(bytes(raw))
    (fault,) = faults_of(rows_of, path)
    assert "password" in fault.found


def test_paths_inside_are_never_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../evil-data-rows.csv", text([counts_row(*each) for each in COUNTS], ROWS))
        archive.writestr("/etc/other.txt", "x")
    path = tmp_path / "review.zip"
    path.write_bytes(out.getvalue())
    loaded, _ = rows_of(path)
    assert len(loaded.sources[0]) == 3
    assert [each.name for each in tmp_path.iterdir()] == ["review.zip"]


def test_text_of_a_review_is_hostile_until_escaped(package, tmp_path):
    rows = [counts_row("<script>alert(1)</script>", (16, 12), (40, 40), Footnotes="=1+1\n<b>x</b>", name="=cmd()")]
    path = package(
        rows, [setting(name="=cmd()")], [{"Study": rows[0]["Study"], "Domain (judgement): <i>A</i>": "=Low"}]
    )
    result = bi.batch(path, "two_arm", "weakly_informative", engine="exact", out=tmp_path / "out", benefit="higher")
    pages = [page.read_text(encoding="utf-8") for page in result.folder.rglob("*.html")]
    assert not any("<script>alert" in page or "<b>x</b>" in page or "<i>A</i>" in page for page in pages)
    assert "'=Low" in (result.folder / "risk_of_bias.csv").read_text(encoding="utf-8")


def test_many_rows_are_planned_quickly(package):
    rng = np.random.default_rng(1)
    rows = []
    for place in range(2_000):
        n, m = (int(each) for each in rng.integers(20, 400, 2))
        a, c = int(rng.integers(1, n)), int(rng.integers(1, m))
        rows.append(counts_row(f"Study {place}", (a, c), (n, m), f"1.{place % 40 + 1}"))
    begun = time.process_time()
    grid = plan_batch(package(rows, [setting(f"1.{number}") for number in range(1, 41)]), "two_arm", "weakly_informative",
                      engine="exact", benefit="higher")  # fmt: skip
    assert len(grid.cells) == 2_000
    assert not grid.reviews[0].findings
    assert time.process_time() - begun < 20
