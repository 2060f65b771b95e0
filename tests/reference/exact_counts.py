"""Make exact_counts.json: two-arm posteriors by brute force, as an oracle for the exact engine.

Composite Gauss-Legendre rules on fixed, dense, equal panels over a box of (x_c, x_t), the arms' log odds, written down from
the model and nothing else: no code is shared with the package. Distribution functions end the inner integral at the
threshold. Every case is computed on two grids, and their largest difference is stored beside the values.

Run: python tests/reference/exact_counts.py
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.special import expit, gammaln, logit

NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)

# events and numbers, coding, priors, box of x_c, box of x_t, thresholds of RD and RR
CASES = [
    (
        [16, 40, 12, 40],
        "average",
        ["norm", 0, 1.5],
        ["norm", 0, 1.0],
        [-6, 5],
        [-6, 6],
        [-0.1, 0, 0.05, 0.2],
        [0.8, 1, 1.2],
    ),
    (
        [16, 40, 12, 40],
        "control",
        ["norm", 0, 1.5],
        ["norm", 0, 1.0],
        [-6, 5],
        [-6, 6],
        [-0.1, 0, 0.05, 0.2],
        [0.8, 1, 1.2],
    ),
    (
        [16, 40, 12, 40],
        "average",
        ["norm", 0, 1.5],
        ["t", 2, 0, 0.25],
        [-6, 5],
        [-6, 6],
        [-0.1, 0.01, 0.05],
        [0.8, 1, 1.2],
    ),
    (
        [0, 40, 5, 40],
        "average",
        ["norm", 0, 1.5],
        ["norm", 0, 1.0],
        [-9, 4],
        [-16, 2],
        [-0.1, -0.05, 0.0],
        [0.1, 0.5, 1],
    ),
    (
        [40, 40, 31, 40],
        "control",
        ["norm", 0, 1.5],
        ["norm", 0.5, 2.5],
        [-3, 6],
        [-2, 25],
        [0, 0.05, 0.2],
        [1, 1.1, 1.3],
    ),
    ([0, 1, 1, 1], "average", ["norm", 0, 1.5], ["norm", 0, 1.0], [-14, 14], [-14, 14], [-0.5, 0, 0.3], [0.5, 1, 2]),
    (
        [1, 16, 1, 12],
        "average",
        ["logistic", 0, 1.0],
        ["laplace", 0, 0.5],
        [-22, 9],
        [-22, 9],
        [-0.1, 0.02, 0.1],
        [0.5, 1, 2],
    ),
    ([8, 8, 8, 8], "control", ["norm", 0, 1.5], ["norm", 0, 1.0], [-4, 13], [-5, 16], [-0.1, 0, 0.1], [0.9, 1, 1.1]),
    (
        [400000, 1000000, 4, 10],
        "average",
        ["norm", 0, 1.5],
        ["norm", 0, 1.0],
        [-8, 7],
        [-0.424, -0.387],
        [-0.1, 0, 0.2],
        [0.8, 1, 1.5],
    ),
    (
        [16, 40, 12, 40],
        "average",
        ["norm", 0, 1.5],
        ["norm", 0, 0.1],
        [-6, 5],
        [-6, 5],
        [-0.02, 0.0, 0.01],
        [0.95, 1, 1.05],
    ),
    (
        [30, 60, 10, 50],
        "average",
        ["uniform", -1, 1],
        ["uniform", -0.5, 1.5],
        [-5, 4],
        [-4, 5],
        [0.1, 0.2, 0.3],
        [1.5, 2, 3],
    ),
    (
        [30, 60, 10, 50],
        "average",
        ["norm", 0, 1.5],
        ["laplace", 0.6, 0.3],
        [-5, 4],
        [-4, 5],
        [0.05, 0.14, 0.3],
        [1.2, 1.8, 3],
    ),
]


def log_prior(prior, x):
    name, *args = prior
    family = {"norm": stats.norm, "logistic": stats.logistic, "laplace": stats.laplace}
    if name == "t":
        return stats.t.logpdf(x, args[0], loc=args[1], scale=args[2])
    if name == "uniform":
        return np.where((x > args[0]) & (x < args[1]), -np.log(args[1] - args[0]), -np.inf)
    return family[name].logpdf(x, *args)


def panels(low, high, count):
    edges = np.linspace(low, high, count + 1, axis=-1)
    half = np.diff(edges, axis=-1)[..., None] / 2
    middle = (edges[..., 1:] + edges[..., :-1])[..., None] / 2
    shape = (*np.shape(low), -1)
    return (middle + half * NODES).reshape(shape), (half * WEIGHTS).reshape(shape)


def log_kernel(case, x_t, x_c):
    (k_t, n_t, k_c, n_c), coding, first, effect = case[:4]
    log = k_t * x_t - n_t * np.logaddexp(0, x_t) + k_c * x_c - n_c * np.logaddexp(0, x_c)
    for k, n in ((k_t, n_t), (k_c, n_c)):
        log = log + gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return log + log_prior(first, (x_t + x_c) / 2 if coding == "average" else x_c) + log_prior(effect, x_t - x_c)


def kinks(case, x_c):
    """Values of x_t at which a prior is not smooth, for each x_c."""
    found = []
    for (name, *args), position in ((case[3], lambda k: x_c + k), (case[2], lambda k: 2 * k - x_c)):
        if name in ("laplace", "uniform"):
            found += [position(args[0]), position(args[1])] if name == "uniform" else [position(args[0])]
    return found


def inner(case, top, x_c, low, high, count, values=None):
    """Integral over x_t from low to high (arrays) for each x_c, split at the kinks."""
    cuts = [low, *[np.clip(k, low, high) for k in kinks(case, x_c)], high]
    cuts = np.sort(np.stack([np.broadcast_to(cut, x_c.shape) for cut in cuts]), axis=0)
    total = np.zeros((len(values) if values else 1, len(x_c)))
    for a, b in pairwise(cuts):
        x_t, w = panels(a, b, count)
        f = np.exp(log_kernel(case, x_t, x_c[:, None]) - top) * w
        for row, g in enumerate(values or [lambda t, c: np.ones_like(t)]):
            total[row] += (f * g(x_t, x_c[:, None])).sum(axis=-1)
    return total


def solve(case, count):
    _, _, _, _, box_c, box_t, differences, ratios = case
    # Panels of the outer coordinate are many, since kinks and thresholds cross it anywhere.
    x_c, w_c = panels(np.asarray(box_c[0], float), np.asarray(box_c[1], float), 6 * count)
    probe_t, _ = panels(np.asarray(box_t[0], float), np.asarray(box_t[1], float), 40)
    top = log_kernel(case, probe_t[:, None], x_c[::7]).max()
    low, high = (np.full_like(x_c, edge) for edge in box_t)
    values = [
        lambda t, c: np.ones_like(t),
        lambda t, c: t - c,
        lambda t, c: (t - c) ** 2,
        lambda t, c: expit(t) - expit(c),
        lambda t, c: (expit(t) - expit(c)) ** 2,
        lambda t, c: np.exp(np.logaddexp(0, -c) - np.logaddexp(0, -t)),
        lambda t, c: expit(c) + 0 * t,
    ]
    moments = inner(case, top, x_c, low, high, count, values) @ w_c
    total = moments[0]
    out = {
        "log_marginal": top + np.log(total),
        "lor_mean": moments[1] / total,
        "lor_sd": np.sqrt(moments[2] / total - (moments[1] / total) ** 2),
        "rd_mean": moments[3] / total,
        "rd_sd": np.sqrt(moments[4] / total - (moments[3] / total) ** 2),
        "rr_mean": moments[5] / total,
        "control_mean": moments[6] / total,
    }

    def below(limit):
        return float(inner(case, top, x_c, low, np.clip(limit, low, high), count)[0] @ w_c / total)

    with np.errstate(divide="ignore", invalid="ignore"):
        out["rd_cdf"] = [
            below(np.nan_to_num(logit(np.clip(expit(x_c) + t, 0, 1)), posinf=99, neginf=-99)) for t in differences
        ]
        out["rr_cdf"] = [below(np.nan_to_num(logit(np.clip(expit(x_c) * t, 0, 1)), posinf=99)) for t in ratios]
        out["lor_cdf"] = [below(x_c + t) for t in (-0.5, 0.0, 0.7)]
    return out


def main() -> None:
    rows = []
    for case in CASES:
        fine, coarse = solve(case, 130), solve(case, 90)
        gap = max(np.max(np.abs(np.subtract(fine[key], coarse[key]))) for key in fine)
        keys = ("counts", "coding", "first", "effect")
        rows.append(dict(zip(keys, case[:4], strict=True)) | {"rd": case[6], "rr": case[7], "error": gap} | fine)
        print(case[:4], f"{gap:.1e}")
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
