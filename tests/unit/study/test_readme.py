"""Every constructor of a study stands in the README, and its examples run."""

from __future__ import annotations

import re

import bayes_ivf as bi

CONSTRUCTORS = {name for name in vars(bi.Study) if name.startswith("from_") or name == "combine"}


def blocks(root):
    return re.findall(r"```python\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_readme_names_every_constructor(root):
    named = set(re.findall(r"bi\.Study\.(\w+)\(", "".join(blocks(root))))
    assert (
        named
        == CONSTRUCTORS
        >= {"from_counts", "from_means", "from_claim", "from_effect", "from_clusters", "from_frame", "combine"}
    )


def test_examples_of_the_readme_are_code(root):
    for block in blocks(root):
        compile(block, "README.md", "exec")


def test_examples_of_constructors_run(root):
    (block,) = [block for block in blocks(root) if "from_frame" in block]
    made = {"bi": bi}
    exec(block, made)  # noqa: S102  the README's own lines
    assert made["trial"].ids == ("cpr", "fsh", "il6", "lbr", "eir")
    assert made["trial"].outcome("fsh").printed("treatment") == "5.81 ± 0.76"
    assert made["own"].items[0].kind == "individual"
    assert str(made["own"].items[0].counts("treatment")) == "1/2"
