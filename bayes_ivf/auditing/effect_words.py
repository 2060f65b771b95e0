"""A printed effect with its limits in the words of a claim: "RR = 2.5 (1.18 to 5.41)"."""

from __future__ import annotations

from bayes_ivf.errors import StudyError
from bayes_ivf.study import EffectCI, Outcome, Printed

DASHES = "-\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{NON-BREAKING HYPHEN}"
SCALES = {
    ("risk", "ratio"): "risk_ratio",
    ("relative", "risk"): "risk_ratio",
    ("rate", "ratio"): "risk_ratio",
    ("odds", "ratio"): "odds_ratio",
    ("risk", "difference"): "risk_difference",
    ("RR",): "risk_ratio",
    ("aRR",): "risk_ratio",
    ("OR",): "odds_ratio",
    ("aOR",): "odds_ratio",
    ("RD",): "risk_difference",
    ("ARD",): "risk_difference",
}
"""Names of scales; abbreviations only in their usual case, since "or" is a word."""
_BETWEEN = ("=", ":", ",", ";", "(", "[", ")", "of", "was", "is", "ci", "confidence", "interval", "%")


def printed_effect(item: Outcome) -> EffectCI | None:
    """Return the effect that is printed with an outcome: as a key of its own, or in the words of its claim."""
    if item.effect is not None or item.claim is None:
        return item.effect
    return read_effect(item.claim.text)


def read_effect(text: str) -> EffectCI | None:
    """Read an estimate with its two limits from a sentence; None unless all three follow the name of a scale."""
    tokens = _tokens(text)
    for at in range(len(tokens)):
        for words, scale in SCALES.items():
            spoken = tokens[at : at + len(words)]
            same = list(words) == (spoken if words[0] != words[0].lower() else [token.lower() for token in spoken])
            if same and (effect := _numbers(tokens[at + len(words) :], scale)) is not None:
                return effect
    return None


def _numbers(tokens: list[str], scale: str) -> EffectCI | None:
    numbers: list[str] = []
    level, at = 0.95, 0
    while at < len(tokens) and len(numbers) < 3:
        token = tokens[at]
        sign = token in DASHES and not (at and (_is_number(tokens[at - 1]) or tokens[at - 1] == "%"))
        if sign and at + 1 < len(tokens) and _is_number(tokens[at + 1]):
            numbers.append("-" + tokens[at + 1])
            at += 1
        elif _is_number(token):
            after = [each.lower() for each in tokens[at + 1 : at + 3]]
            if numbers and after[:1] == ["%"] and after[1:] and after[1] in ("ci", "confidence"):
                level = float(token) / 100
                at += 1
            else:
                numbers.append(token)
        elif not (token.lower() in _BETWEEN or (len(numbers) == 2 and (token in DASHES or token.lower() == "to"))):
            return None
        # A percent sign belongs to the number before it.
        if at + 1 < len(tokens) and tokens[at + 1] == "%" and numbers and _is_number(tokens[at]):
            numbers[-1] += "%"
        at += 1
    if len(numbers) < 3 or not 0.5 <= level < 1:
        return None
    try:
        estimate, low, high = (Printed(number) for number in numbers)
    except StudyError:
        return None
    return EffectCI(scale, estimate, low, high, level=level)


def _tokens(text: str) -> list[str]:
    """Split into words, unsigned numbers and single signs."""
    tokens: list[str] = []
    for at, sign in enumerate(text):
        inside = bool(tokens) and at > 0 and not text[at - 1].isspace()
        point = sign == "." and text[at + 1 : at + 2].isdecimal()
        digit = (sign.isdecimal() or point) and inside and tokens[-1][0].isdecimal()
        letter = sign.isalpha() and inside and tokens[-1][-1].isalpha()
        if digit or letter:
            tokens[-1] += sign
        elif not sign.isspace():
            tokens.append(sign)
    return tokens


def _is_number(token: str) -> bool:
    return token[0].isdecimal() and token.count(".") <= 1 and token[-1].isdecimal()
