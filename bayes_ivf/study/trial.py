"""A two-arm trial as its paper prints it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import combine, construct, construct_quantiles, individual, printed_effect, rate
from bayes_ivf.study.facts import ARMS, ArmName, Outcome
from bayes_ivf.words import counted

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Study:
    """A two-arm trial as its paper prints it; frozen, and everything printed stays text.

    Made by `load_study`, or by the constructors ``Study.from_counts``, ``from_means``, ``from_quantiles``, ``from_rates``,
    ``from_claim``, ``from_effect``, ``from_clusters``, ``from_frame``; several outcomes of one trial by ``Study.combine``.

    Parameters
    ----------
    id, title, citation, doi : str
    arms : mapping of arm to str
        What each arm received.
    sizes : mapping of arm to int
        Women in each arm; 0 where only an effect is known.
    items : tuple of Outcome
        Every outcome and baseline variable, the unavailable ones too.
    design_words : tuple of str
        How the paper words its design.
    randomized : {"yes", "no", "unclear"}
        Whether allocation can be taken as random.
    max_embryos : int
        Most embryos transferred to one woman (M).
    sources : mapping of str to str
        Key to page.
    rows : mapping of str to tuple
        Columns arm, woman, value of individual data, if they were to be kept; never shown.
    clusters : mapping of arm to int
        Number of randomized clusters (clinics, weeks, ...) in each arm; empty unless clusters were randomized.
    answers : mapping of str to mapping of str to str
        What a human answers to items of checklists: by list (``inspect_sr``, ``barg``, ``robust``) and number.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.load_study("lei-2026")
    >>> study.sizes["treatment"], study.sizes["control"]
    (40, 40)
    >>> study.ids[:3]
    ('cpr', 'eir', 'mcr')
    """

    id: str
    title: str
    arms: Mapping[ArmName, str]
    sizes: Mapping[ArmName, int]
    items: tuple[Outcome, ...]
    citation: str = ""
    doi: str = ""
    year: int | None = None
    design_words: tuple[str, ...] = ()
    randomized: Literal["yes", "no", "unclear"] = "unclear"
    max_embryos: int = 3
    sources: Mapping[str, str] = field(default_factory=dict)
    external: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    rows: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    clusters: Mapping[ArmName, int] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    from_counts = staticmethod(construct.from_counts)
    from_means = staticmethod(construct.from_means)
    from_quantiles = staticmethod(construct_quantiles.from_quantiles)
    from_rates = staticmethod(rate.from_rates)
    from_claim = staticmethod(construct.from_claim)
    from_effect = staticmethod(printed_effect.from_effect)
    from_clusters = staticmethod(construct.from_clusters)
    from_frame = staticmethod(individual.from_frame)
    combine = staticmethod(combine.combine)

    def __post_init__(self) -> None:
        for name in ("arms", "sizes", "sources", "external", "rows", "clusters"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        answers = {name: MappingProxyType(dict(each)) for name, each in self.answers.items() if each}
        object.__setattr__(self, "answers", MappingProxyType(answers))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values = {name: dict(value) if isinstance(value, MappingProxyType) else value for name, value in values.items()}
        values["answers"] = {name: dict(each) for name, each in self.answers.items()}
        return _study, (values,)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all outcomes, in the paper's order."""
        return tuple(item.id for item in self.items)

    def outcome(self, outcome: str) -> Outcome:
        """Return the outcome with this id.

        Parameters
        ----------
        outcome : str
            Its id.

        Returns
        -------
        Outcome
            What was printed of it, and what it is decoded to.

        Raises
        ------
        RequestError
            If the study has no such outcome.

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> item = bi.load_study("lei-2026").outcome("cpr")
        >>> item.printed("treatment"), str(item.counts("treatment"))
        ('40%', '16/40')
        """
        for item in self.items:
            if item.id == outcome:
                return item
        raise RequestError(
            Fault(f"outcome of study {self.id}", repr(outcome), ", ".join(self.ids), "name one of these outcomes")
        )

    def only_outcome(self) -> Outcome:
        """Return the outcome of a study that has one; baseline variables aside.

        Returns
        -------
        Outcome

        Raises
        ------
        RequestError
            If there are several.

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> bi.Study.from_counts((16, 40), (12, 40), outcome="cpr").only_outcome().id
        'cpr'
        """
        candidates = [item for item in self.items if item.role == "outcome"] or list(self.items)
        if len(candidates) != 1:
            ids = ", ".join(item.id for item in candidates)
            raise RequestError(
                Fault(f"outcome of study {self.id}", f"none named of {len(candidates)}", ids, "name one")
            )
        return candidates[0]

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per outcome: what was printed, where, and what it is decoded to.

        Examples
        --------
        >>> import bayes_ivf as bi
        >>> bi.Study.from_counts((16, 40), (12, 40), outcome="cpr").outcomes.treatment[0]
        '16/40'
        """
        from bayes_ivf.kept_table import KeptTable

        rows = []
        for item in self.items:
            counts = {arm: item.counts(arm) for arm in ARMS}
            rows.append(
                {
                    "outcome": item.id,
                    "label": item.label,
                    "role": item.role,
                    "kind": item.kind,
                    "per": item.per,
                    "benefit": item.benefit,
                    "mcid": item.mcid,
                    "treatment": item.printed("treatment"),
                    "control": item.printed("control"),
                    "counts_treatment": "" if counts["treatment"] is None else str(counts["treatment"]),
                    "counts_control": "" if counts["control"] is None else str(counts["control"]),
                    "claim": "" if item.claim is None else item.claim.text,
                    "p": "" if item.claim is None or item.claim.p is None else item.claim.p,
                    "source": item.source,
                    "note": item.note,
                }
            )
        return KeptTable(rows)

    def __repr__(self) -> str:
        known = all(self.sizes[arm] for arm in ARMS)
        women = f"{' vs '.join(str(self.sizes[arm]) for arm in ARMS)} women, " if known else ""
        return f"Study({self.id!r}: {women}{counted(len(self.items), 'outcome')})"

    def _repr_html_(self) -> str:
        table: str = self.outcomes.to_html(index=False, escape=True, na_rep="")
        return f"<p><strong>{html.escape(self.title)}</strong> — {html.escape(repr(self))}</p>{table}"


def _study(values: dict[str, Any]) -> Study:
    return Study(**values)
