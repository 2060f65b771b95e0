"""A two-arm trial as its paper prints it."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from bayes_ivf.errors import Fault, RequestError
from bayes_ivf.study import combine, construct, construct_means, construct_quantiles, individual, printed_effect, rate
from bayes_ivf.study.facts import ARMS, ArmName, Outcome
from bayes_ivf.study.many_arms import ALL, Comparison, ManyArms, shared_arms
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
    many : ManyArms or None
        Of a trial of more than two arms: its arms, pools and comparisons. Each of its outcomes is one of one comparison,
        and ``arms`` and ``sizes`` tell what stands on either side of all comparisons together.

    Examples
    --------
    >>> import bayes_ivf as bi
    >>> study = bi.load_study("lei-2026")
    >>> study.sizes["treatment"], study.sizes["control"]
    (40, 40)
    >>> study.ids[:3]
    ('cpr', 'eir', 'mcr')
    >>> study.comparisons, len(study.shared_arms), len(study.parts()), study.within("cpr") is study, study.printed_id("cpr")
    ((), 0, 1, True, 'cpr')
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
    many: ManyArms | None = None

    from_counts = staticmethod(construct.from_counts)
    from_means = staticmethod(construct_means.from_means)
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

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The comparisons of a trial of more than two arms; empty in a trial of two, and where a single one is made."""
        return self.many.comparisons if self.many is not None and len(self.many.comparisons) > 1 else ()

    def parts(self) -> tuple[Study, ...]:
        """Return the study of two arms that each comparison is; the study itself, if there is but one.

        What relates outcomes to each other (stages of the same women, a family, totals of an arm) holds within one of these
        and never between them, since comparisons share arms.
        """
        return tuple(self._parts.values()) or (self,)

    @cached_property
    def _parts(self) -> dict[str, Study]:
        """Parts by id of their comparison, made once, since what follows from a study is kept by the study."""
        found = {
            each.id: replace(
                self,
                arms=each.arms,
                sizes=each.sizes,
                clusters=each.clusters,
                items=tuple(item for item in self.items if item.comparison == each.id),
                many=None,
            )
            for each in self.comparisons
        }
        over_all = tuple(item for item in self.items if item.comparison == ALL)
        return found | ({ALL: replace(self, items=over_all)} if found and over_all else {})

    def within(self, outcome: str) -> Study:
        """Return the study of the two arms that an outcome compares; the study itself, if it has one comparison.

        Parameters
        ----------
        outcome : str
            Id of one of its outcomes, or of what a model derives, such as ``ongoing--high-control``.
        """
        if not self.comparisons:
            return self
        known = {item.id: item.comparison for item in self.items}
        ends = [each.id for each in self.comparisons if outcome.endswith(f"--{each.id}")]
        name = known.get(outcome) or max(ends, key=len, default="")
        if name not in self._parts:
            allowed = ", ".join(self.ids)
            raise RequestError(
                Fault(f"outcome of study {self.id}", repr(outcome), allowed, "name one of these outcomes")
            )
        return self if name == ALL else self._parts[name]

    @property
    def shared_arms(self) -> pd.DataFrame:
        """One row per two comparisons that have an arm in common, with the correlation of their differences that it brings.

        Columns: ``first, second`` (ids), ``correlation``; that of means which spread alike in all arms, NaN without sizes. Who
        puts several comparisons into one table of trials must carry it.
        """
        from bayes_ivf.kept_table import KeptTable

        return KeptTable(shared_arms(self.many if self.comparisons else None))

    def outcome(self, outcome: str, comparison: str | None = None) -> Outcome:
        """Return the outcome with this id.

        Parameters
        ----------
        outcome : str
            Its id.
        comparison : str, optional
            Id of a comparison of several, where the id of the outcome does not name it.

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
        name = outcome if comparison is None else self.compared(outcome, comparison)
        for item in self.items:
            if item.id == name:
                return item
        raise RequestError(
            Fault(f"outcome of study {self.id}", repr(outcome), ", ".join(self.ids), "name one of these outcomes")
        )

    def compared(self, outcome: str, comparison: str) -> str:
        """Return the id of an outcome in one comparison.

        Parameters
        ----------
        outcome : str
            Its id in the study file.
        comparison : str
            Such as ``2mg-placebo``: the ids of its arms.

        Raises
        ------
        RequestError
            If the study has no such comparison.

        Examples
        --------
        >>> study.compared("cpr", "high-control")  # doctest: +SKIP
        'cpr--high-control'
        """
        found = None if self.many is None else self.many.comparison(comparison)
        if found is None:
            known = () if self.many is None else self.many.comparisons
            allowed = ", ".join(each.id for each in known) or "none, since the study has two arms"
            raise RequestError(Fault(f"comparison of study {self.id}", repr(comparison), allowed, "name one of these"))
        return found.expanded(outcome) if self.comparisons else outcome

    def printed_id(self, outcome: str) -> str:
        """Return the id of an outcome without that of its comparison: ``cpr`` of ``cpr--high-control``."""
        ends = [f"--{each.id}" for each in self.comparisons if outcome.endswith(f"--{each.id}")]
        return outcome.removesuffix(max(ends, key=len)) if ends else outcome

    def only_outcome(self, comparison: str | None = None) -> Outcome:
        """Return the outcome of a study that has one; baseline variables aside.

        Parameters
        ----------
        comparison : str, optional
            Of several, the one that is meant.

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
        if comparison is not None:
            self.compared("", comparison)
        among = [item for item in self.items if comparison in (None, item.comparison)]
        candidates = [item for item in among if item.role == "outcome"] or among
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
                | ({} if self.many is None else {"comparison": item.comparison})
            )
        return KeptTable(rows)

    def __repr__(self) -> str:
        if self.comparisons and self.many is not None:
            arms = f"{counted(len(self.comparisons), 'comparison')} of {len(self.many.labels)} arms"
            return f"Study({self.id!r}: {arms}, {counted(len(self.items), 'outcome')})"
        known = all(self.sizes[arm] for arm in ARMS)
        women = f"{' vs '.join(str(self.sizes[arm]) for arm in ARMS)} women, " if known else ""
        return f"Study({self.id!r}: {women}{counted(len(self.items), 'outcome')})"

    def _repr_html_(self) -> str:
        table: str = self.outcomes.to_html(index=False, escape=True, na_rep="")
        return f"<p><strong>{html.escape(self.title)}</strong> — {html.escape(repr(self))}</p>{table}"


def _study(values: dict[str, Any]) -> Study:
    return Study(**values)
