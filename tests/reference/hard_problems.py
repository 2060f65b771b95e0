"""Random and adversarial problems, each drawn from its own seed, so that problem 4,711 is always the same."""

from __future__ import annotations

import numpy as np

SEED = 20261129
COUNTS = ("ordinary", "sparse", "huge", "conflict", "unequal", "tight", "heavy")
OTHERS = ("claim", "common", "claim", "beta", "claim", "reference")
KINDS = tuple(
    kind for name in COUNTS for kind in (name, *OTHERS, *(("claim",) if name != "heavy" else ("separate", "common")))
)
"""Kinds of problems, taken in turn: of 57 problems 7 are counts with priors on log odds and one has means with a prior and
separate variances, which are dear; 27 are claims, 8 means with a common variance, 7 Beta arms, 7 means with flat priors."""


def normal(mu, sigma):
    """A normal prior."""
    return {"dist": "Normal", "mu": float(mu), "sigma": float(sigma)}


def any_prior(rng, center, scale, families):
    """A prior of some family with about this center and scale."""
    dist = str(rng.choice(families))
    if dist == "Normal":
        return normal(center, scale)
    if dist == "StudentT":
        nu = float(rng.choice([2.0, 3.0, 4.0, 5.0, 7.0, 30.0]))
        return {"dist": dist, "nu": nu, "mu": float(center), "sigma": float(scale)}
    if dist == "Cauchy":
        return {"dist": dist, "alpha": float(center), "beta": float(scale)}
    if dist == "Laplace":
        return {"dist": dist, "mu": float(center), "b": float(scale)}
    if dist == "Logistic":
        return {"dist": dist, "mu": float(center), "s": float(scale)}
    return {"dist": "Uniform", "lower": float(center - 2 * scale), "upper": float(center + 2 * scale)}


ALL = ("Normal", "StudentT", "Cauchy", "Laplace", "Logistic", "Uniform")
LIGHT = ("Normal", "Laplace", "Logistic", "Uniform")
HEAVY = ("StudentT", "Cauchy")


def size(rng, low, high):
    """A number of women, evenly spread in its logarithm."""
    return int(np.exp(rng.uniform(np.log(low), np.log(high))))


def events(rng, n, extreme):
    """Events of an arm; with some chance none or all, or one off."""
    if rng.random() < extreme:
        return int(np.clip(rng.choice([0, 1, n - 1, n]), 0, n))
    return int(rng.binomial(n, rng.beta(0.7, 0.7)))


def draw(index, seed=SEED):
    """Problem number `index`: its kind, data and priors as plain values."""
    rng = np.random.default_rng([seed, index])
    kind = KINDS[index % len(KINDS)]
    if kind in OTHERS or kind == "separate":
        return {"kind": kind} | {"beta": _beta, "claim": _claim}.get(kind, _means)(rng, kind)
    coding = str(rng.choice(["average", "control"]))
    extreme, families = 0.2, LIGHT
    n = [size(rng, 5, 500) for _ in range(2)]
    level = (rng.normal(0, 1), rng.choice([0.5, 1.0, 1.5, 2.5]))
    effect = (rng.normal(0, 0.3), 10 ** rng.uniform(-1, 0.5))
    if kind == "sparse":
        n, extreme, families = [size(rng, 1, 100) for _ in range(2)], 0.7, ALL
        level, effect = (rng.normal(0, 1), 10 ** rng.uniform(-0.3, 0.7)), (0.0, 10 ** rng.uniform(-1, 0.7))
    elif kind == "huge":
        n, extreme = [size(rng, 1e4, 1e9) for _ in range(2)], 0.4
        level, effect = (rng.normal(0, 2), 10 ** rng.uniform(-0.5, 0.7)), (0.0, 10 ** rng.uniform(-2, 0.7))
    elif kind == "conflict":
        n, extreme = [size(rng, 1e4, 1e7), size(rng, 10, 1e4)], 0.7
        rng.shuffle(n)
        level, effect = (rng.normal(0, 3), rng.uniform(0.3, 2)), (rng.normal(0, 0.2), 10 ** rng.uniform(-2, -0.5))
        families = ("Normal", "Normal", *ALL)
    elif kind == "unequal":
        n = [size(rng, 1, 30), size(rng, 1e3, 1e6)]
        rng.shuffle(n)
        families = ALL
    elif kind == "tight":
        level, effect = (rng.normal(0, 3), 10 ** rng.uniform(-2, 0)), (rng.normal(0, 2), 10 ** rng.uniform(-2.5, -0.5))
    elif kind == "heavy":
        families, extreme = HEAVY, 0.4
        n = [size(rng, 3, 10 ** rng.uniform(1, 5)) for _ in range(2)]
    return {
        "kind": kind,
        "arms": [[events(rng, int(m), extreme), int(m)] for m in n],
        "coding": coding,
        "first": any_prior(rng, level[0], level[1], families),
        "effect": any_prior(rng, effect[0], effect[1], families),
    }


def _beta(rng, kind):
    n = [size(rng, 1, 10 ** rng.uniform(1, 7)) for _ in range(2)]
    shapes = [[float(v) for v in np.round(10 ** rng.uniform(-0.7, 1.5, 2), 3)] for _ in range(2)]
    return {"arms": [[events(rng, m, 0.3), m] for m in n], "shapes": shapes}


def _claim(rng, kind):
    usual = rng.random() < 0.5
    return {
        "direction": str(rng.choice(["lower", "higher", "differs", "no difference"])),
        "n": [size(rng, 2, 10 ** rng.uniform(0.5, 5)) for _ in range(2)],
        "alpha": float(rng.choice([0.05, 0.01, 0.001])) if usual else float(10 ** rng.uniform(-8, -0.1)),
        "doubt": float(rng.choice([0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1e-9, 1e-3, 0.999])),
        "effect": any_prior(rng, rng.normal(0, rng.choice([0.0, 0.3, 3.0])), 10 ** rng.uniform(-2.5, 1), ALL),
    }


def _means(rng, kind):
    n = [size(rng, 2, 10 ** rng.uniform(0.5, 5)) for _ in range(2)]
    unit = 10 ** rng.uniform(-1, 1)
    ratio = 10 ** rng.normal(0, 0.3) if rng.random() < 0.8 else 10 ** rng.uniform(-10, 10)
    spread = unit * np.sqrt((1 + ratio**2) / 2)
    far = rng.normal(0, 1) if rng.random() < 0.7 else rng.choice([-1, 1]) * 10 ** rng.uniform(0, 1.5)
    start = rng.choice([0.0, 1.0, 10.0]) * spread
    arms = [[float(start + far * spread), float(unit), n[0]], [float(start), float(unit * ratio), n[1]]]
    problem = {"arms": arms, "common": kind == "common", "coding": "average"}
    if kind == "reference":
        return problem | {"common": bool(rng.random() < 0.5)}
    problem["effect"] = any_prior(rng, rng.normal(0, 0.3), 10 ** rng.uniform(-2, 0.7), ALL)
    if rng.random() < 0.2:
        problem["level"] = [float(start + rng.normal(0, 1) * spread), float(spread * 10 ** rng.uniform(-1, 1))]
        problem["coding"] = str(rng.choice(["average", "control"]))
    return problem
