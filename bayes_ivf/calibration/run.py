"""The loop: simulate, fit on the one sampling path, rank; every simulation has its own seed and can be made alone."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bayes_ivf import defaults, files
from bayes_ivf.calibration.constants import BAND_PROB, FAST_SIMULATIONS, RANK_DRAWS
from bayes_ivf.calibration.design import Design
from bayes_ivf.calibration.designs import designs_for
from bayes_ivf.calibration.judge import Calibration, judge
from bayes_ivf.calibration.ranks import quantities, rank, thin
from bayes_ivf.calibration.store import RankFile, Ranks
from bayes_ivf.cards import Card, load_card
from bayes_ivf.errors import Fault, OutputError, RequestError
from bayes_ivf.settings import Settings

Progress = Callable[[str, int, int], None]
SCHEMA_VERSION = 1
MAX_SIMULATIONS = 1_000_000


def calibrate(
    model: str | Path | Card,
    simulations: int | None = None,
    out: str | Path | None = None,
    *,
    seed: int = defaults.SEED,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Calibrate a model card by simulation.

    Parameters and data are drawn from the model itself, so that true values must lie anywhere among the posterior draws
    with the same probability.

    Parameters
    ----------
    model : str, Path or Card
        Id of a bundled card, its file, or a card.
    simulations : int, optional
        For each design; 1,000 for fast structures and 200 for slow ones by default. 200 detect only gross errors.
    out : str or Path, optional
        Folder for the ranks; a calibration that was interrupted is continued there.
    seed : int
    workers : int, optional
        Threads; does not change the numbers.
    progress : callable, optional
        Called with what is being done, how much is done, and how much there is.

    Returns
    -------
    Calibration
        With a table, a sentence, and the quantities whose ranks are not uniform.

    Raises
    ------
    CardError, RequestError, OutputError
        If there is no such card, no simulator, or the folder holds something else.

    References
    ----------
    Talts et al. 2018, arXiv 1804.06788; Modrák et al. 2023, doi 10.1214/23-BA1404.

    Examples
    --------
    Some minutes, since every simulated trial is sampled:

    >>> import bayes_ivf as bi
    >>> result = bi.calibrate("two_arm", simulations=200, out="calibration")  # doctest: +SKIP
    >>> print(result.sentence())  # doctest: +SKIP
    """
    _check_simulations(simulations)
    settings = Settings(seed=seed)
    card = model if isinstance(model, Card) else load_card(model)
    designs = designs_for(card)
    folder = None if out is None else Path(out)
    if folder is not None:
        _claim(folder, card, designs, settings)
    numbers = {design.name: simulations or design.simulations or FAST_SIMULATIONS for design in designs}
    report = progress or (lambda *_: None)
    results = []
    done = 0
    for design in designs:

        def show(finished: int, design: Design = design, before: int = done) -> None:
            report(design.name, before + finished, sum(numbers.values()))

        path = None if folder is None else folder / f"{design.name}.csv"
        results.append(simulate_design(design, numbers[design.name], settings, path, workers=workers, progress=show))
        done += numbers[design.name]
    return judge(results, BAND_PROB)


def simulate_design(
    design: Design,
    simulations: int,
    settings: Settings,
    path: Path | None = None,
    *,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Ranks:
    """Make the ranks of a design; those that a file already holds are not made again.

    Parameters
    ----------
    design : Design
    simulations : int
    settings : Settings
    path : Path, optional
        Ranks are added to this file one by one.
    workers : int, optional
    progress : callable, optional
        Called with the number of finished simulations.
    """
    store = RankFile(path)
    finished = store.read(design)
    show = progress or (lambda _: None)
    missing = range(0 if finished is None else len(finished.verdicts), simulations)
    show(simulations - len(missing))
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool, store:
        try:
            simulated = pool.map(lambda i: simulate_once(design, i, settings), missing)
            for i, (verdict, ranks) in zip(missing, simulated, strict=True):
                store.add(i, verdict, ranks)
                show(i + 1)
        finally:
            # an interrupt must not wait for all that is planned
            pool.shutdown(cancel_futures=True)
    return store.ranks(design).first(simulations)


def simulate_once(design: Design, index: int, settings: Settings) -> tuple[str, dict[str, int]]:
    """Simulate and fit one trial.

    Returns
    -------
    verdict : str
        Of the fit's gate.
    ranks : dict of str to int
        Of every quantity, 0..RANK_DRAWS.
    """
    from bayes_ivf.inference.run_nuts import sample_problem

    rng = np.random.default_rng([settings.seed, zlib.crc32(design.name.encode()), index])
    simulated = design.simulate(rng)
    problem = simulated.problem
    # its own seed, since small trials repeat their data and would repeat their draws
    own_settings = Settings(settings.draws, settings.tune, settings.chains, int(rng.integers(2**31)))
    fit = sample_problem(problem, own_settings, cores=1)
    posterior = {name: fit.draws[name] for name in fit.draws.posterior}
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        truth = quantities(problem, simulated.truth, design.log_likelihood(problem, simulated.truth))
        drawn = quantities(problem, posterior, design.log_likelihood(problem, posterior))
    ranks = {name: rank(float(truth[name][0, 0]), thin(drawn[name]), rng) for name in truth}
    return fit.verdict.level, ranks


def _check_simulations(simulations: int | None) -> None:
    if simulations is None:
        return
    if isinstance(simulations, bool) or not isinstance(simulations, int) or not 1 <= simulations <= MAX_SIMULATIONS:
        allowed = f"a whole number from 1 to {MAX_SIMULATIONS}"
        raise RequestError(Fault("simulations", repr(simulations), allowed, "correct the number of simulations"))


def _claim(folder: Path, card: Card, designs: Sequence[Design], settings: Settings) -> None:
    """Take a folder, unless it holds ranks that other code or another seed has made."""
    files.claim_folder(folder, "calibration", card.id)
    manifest = _manifest(card, designs, settings)
    if (folder / files.MANIFEST).exists():
        _same(files.read_manifest(folder), manifest, folder)
        return
    files.write_text(folder / files.MANIFEST, json.dumps(manifest, indent=1) + "\n")


def _manifest(card: Card, designs: Sequence[Design], settings: Settings) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "calibration",
        "name": card.id,
        "settings": asdict(settings),
        "rank_draws": RANK_DRAWS,
        "designs": {design.name: {"label": design.label, "fingerprint": design.fingerprint} for design in designs},
    }


def forget_stale(folder: Path, card: Card, seed: int = defaults.SEED) -> list[str]:
    """Remove the ranks of designs whose code, priors or options have changed since; return their names.

    Parameters
    ----------
    folder : Path
        An earlier calibration of this card, or nothing yet.
    card : Card
    seed : int
    """
    if not (folder / files.MANIFEST).exists():
        return []
    designs = designs_for(card)
    now, before = _manifest(card, designs, Settings(seed=seed)), files.read_manifest(folder)
    others = {name: before.get(name) for name in now if name != "designs"}
    same = others == {name: now[name] for name in others}
    known = before.get("designs", {})
    stale = [name for name, design in now["designs"].items() if not same or known.get(name, {}) != design]
    for name in {*stale, *(set(known) - set(now["designs"]))}:
        (folder / f"{name}.csv").unlink(missing_ok=True)
    files.write_text(folder / files.MANIFEST, json.dumps(now, indent=1) + "\n")
    return stale


def _same(before: dict[str, object], now: dict[str, object], folder: Path) -> None:
    different = [name for name in now if before.get(name) != now[name]]
    if different:
        raise OutputError(
            Fault(
                f"output folder {folder}",
                f"an earlier calibration with other {', '.join(different)}",
                "the same settings, and code, priors and options that have not changed since",
                "choose another --out, or remove the folder",
            )
        )
