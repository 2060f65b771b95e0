"""What a fingerprint sees and what it does not, on packages of a few lines."""

from __future__ import annotations

import re

import pytest

from bayes_ivf.versions import Solver, fingerprint, reached

SOLVE = Solver(("p.main:solve",))


def changes(sources, module, old, new, solver=SOLVE):
    """Whether an edit changes the fingerprint."""
    assert sources[module].count(old) == 1, (module, old)
    edited = sources | {module: sources[module].replace(old, new)}
    return fingerprint(solver, sources) != fingerprint(solver, edited)


PLAIN = {
    "p": "",
    "p.main": '"""Main."""\n\nfrom p.tools import scale\n\nFACTOR = 2.0\n\n\n'
    'def solve(x):\n    """Solve."""\n    return scale(x) * FACTOR\n\n\ndef draw(x):\n    return f"value {x}"\n',
    "p.tools": 'def scale(x):\n    # by three\n    if x < 0:\n        raise ValueError(f"{x} below 0")\n    return 3 * x\n',
    "p.report": "from p.main import solve\n\n\ndef report(x):\n    return f'solved: {solve(x)}'\n",
}


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("p.main", '"""Solve."""', '"""Another word."""'),
        ("p.main", '    """Solve."""\n', ""),
        ("p.main", "def solve(x):", "def solve(x: float) -> float:"),
        ("p.main", "FACTOR = 2.0", "FACTOR: float = 2.0\n'''About it.'''"),
        ("p.main", "value {x}", "the value {x}"),
        ("p.main", "from p.tools import scale\n", "from typing import Any\n\nfrom p.tools import scale\n"),
        ("p.tools", "# by three", "# by 3\n"),
        ("p.tools", "{x} below 0", "{x} is less than 0"),
        ("p.report", "solved: ", "it is "),
    ],
)
def test_words_comments_types_and_what_is_not_reached_leave_no_trace(module, old, new):
    assert not changes(PLAIN, module, old, new)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("p.main", "FACTOR = 2.0", "FACTOR = 2.5"),
        ("p.main", "scale(x) * FACTOR", "scale(x) + FACTOR"),
        ("p.tools", "3 * x", "4 * x"),
        ("p.tools", "x < 0", "x <= 0"),
        ("p.tools", "def scale(x):", "def scale(x, by=1):"),
        ("p.tools", "raise ValueError(", "print("),
    ],
)
def test_numbers_do(module, old, new):
    assert changes(PLAIN, module, old, new)


def test_places_leave_no_trace():
    base = fingerprint(SOLVE, PLAIN)
    renamed = {
        ("p.other" if name == "p.tools" else name): text.replace("p.tools", "p.other") for name, text in PLAIN.items()
    }
    assert fingerprint(SOLVE, renamed) == base
    moved = PLAIN | {"p.main": PLAIN["p.main"].replace("FACTOR = 2.0\n", "").replace("scale\n", "FACTOR, scale\n", 1)}
    moved["p.tools"] = "FACTOR = 2.0\n" + PLAIN["p.tools"]
    assert fingerprint(SOLVE, moved) == base
    other_name = PLAIN["p.main"].replace("import scale", "import scale as by").replace("scale(x) *", "by(x) *")
    assert fingerprint(SOLVE, PLAIN | {"p.main": other_name}) == base
    through_module = (
        PLAIN["p.main"].replace("from p.tools import scale", "import p.tools").replace("scale(x)", "p.tools.scale(x)")
    )
    assert fingerprint(SOLVE, PLAIN | {"p.main": through_module}) == base
    inside = PLAIN["p.main"].replace("from p.tools import scale\n", "")
    inside = inside.replace("    return scale", "    from p.tools import scale\n\n    return scale")
    assert fingerprint(SOLVE, PLAIN | {"p.main": inside}) == base
    door = PLAIN | {"p": "from p.tools import scale\n", "p.main": PLAIN["p.main"].replace("p.tools", "p")}
    assert fingerprint(SOLVE, door) == base
    entry_moved = {name: text for name, text in PLAIN.items() if name != "p.main"} | {"p.room": PLAIN["p.main"]}
    assert fingerprint(SOLVE, entry_moved) == base


def test_an_entry_that_does_not_exist():
    with pytest.raises(LookupError, match=r"nothing is called p\.main:answer"):
        fingerprint(Solver(("p.main:answer",)), PLAIN)


def test_two_definitions_that_change_places():
    sources = {
        "p.main": "from p import a, b\n\n\ndef solve(x):\n    return a.f(x) - b.f(x)\n",
        "p.a": "def f(x):\n    return x + 1\n",
        "p.b": "def f(x):\n    return x + 2\n",
        "p": "",
    }
    assert fingerprint(SOLVE, sources) != fingerprint(SOLVE, sources | {"p.a": sources["p.b"], "p.b": sources["p.a"]})


def test_where_a_function_of_a_library_comes_from():
    sources = {"p.main": "from math import exp\n\n\ndef solve(x):\n    return exp(x)\n"}
    assert changes(sources, "p.main", "from math", "from numpy")
    same = "import math as m\n\n\ndef solve(x):\n    return m.exp(x)\n"
    assert fingerprint(SOLVE, sources) == fingerprint(SOLVE, {"p.main": same})


def test_names_inside_functions_are_their_own():
    sources = {"p.main": "def rows(x):\n    return 1\n\n\ndef solve(x):\n    rows = [x for x in x]\n    return rows\n"}
    assert not changes(sources, "p.main", "return 1", "return 2")
    outside = {"p.main": "def f(x):\n    return 1\n\n\ndef solve(x):\n    return [f for f in x] + f(x)\n"}
    assert changes(outside, "p.main", "return 1", "return 2")


METHODS = {
    "p": "",
    "p.main": "from p.kinds import LIMIT\n\n\ndef solve(it):\n    return it.value(LIMIT) + it.size\n",
    "p.kinds": (
        "from functools import cached_property\n\nLIMIT = 3\n\n\nclass Base:\n"
        "    def value(self, x):\n        return self.helper(x) + 10\n\n"
        "    def helper(self, x):\n        return x + 11\n\n    def draw(self):\n        return 12\n\n"
        "    def __len__(self):\n        return 13\n\n    def __repr__(self):\n        return '14'\n\n\n"
        "class Other(Base):\n    scale = 15\n\n    @cached_property\n    def size(self):\n        return 16\n\n"
        "    def report(self):\n        return '17'\n"
    ),
}


@pytest.mark.parametrize(
    ("number", "seen"),
    [(10, True), (11, True), (12, False), (13, True), (14, False), (15, True), (16, True), (17, False)],
)
def test_an_attribute_of_an_unknown_object_is_every_method_of_that_name(number, seen):
    assert changes(METHODS, "p.kinds", str(number), "99") is seen


def test_classes_of_what_is_handed_in():
    sources = {
        "p": "",
        "p.kinds": "class Given:\n    def value(self):\n        return 10\n\n    def words(self):\n        return '11'\n",
        "p.main": (
            "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from p.kinds import Given\n\n\n"
            "def solve(it: 'list[Given]'):\n    return it[0].value()\n"
        ),
    }
    assert changes(sources, "p.kinds", "10", "99")
    assert not changes(sources, "p.kinds", "11", "99")


def test_methods_that_a_library_calls():
    sources = {
        "p.main": (
            "from lib import Transform\n\n\nclass Log(Transform):\n    def forward(self, x):\n        return 10\n\n\n"
            "class Narrow(Log):\n    def backward(self, x):\n        return 11\n\n\nclass Bad(ValueError):\n"
            "    def about(self):\n        return 12\n\n\n"
            "def solve(x):\n    try:\n        return x(Narrow())\n    except Bad:\n        return 0\n"
        )
    }
    assert changes(sources, "p.main", "10", "99")
    assert changes(sources, "p.main", "11", "99")
    assert not changes(sources, "p.main", "12", "99")


@pytest.mark.parametrize(
    "way",
    [
        "getattr(it, how)()",
        "getattr(it, 'value')()",
        "getattr(it, f'val{x}')()",
        "getattr(it, 'val' + x)()",
        "methodcaller('value')(it)",
    ],
)
def test_attributes_by_text(way):
    sources = {
        "p.main": (
            "from operator import methodcaller\n\n\nclass Kind:\n    def value(self):\n        return 10\n\n"
            f"    def words(self):\n        return 11\n\n\ndef solve(it, x, how='value'):\n    return {way}\n"
        )
    }
    assert changes(sources, "p.main", "10", "99")
    assert not changes(sources, "p.main", "11", "99")


REGISTRY = {
    "p.main": (
        "def a(x):\n    return 10\n\n\ndef b(x):\n    return 11\n\n\nTABLE = {'a': a, 'b': b}\nMORE = (a,)\n\n\n"
        "def solve(problem):\n    return TABLE[problem.kind](problem)\n"
    )
}


def test_values_of_registries_are_reached():
    assert changes(REGISTRY, "p.main", "10", "99")
    assert changes(REGISTRY, "p.main", "11", "99")


def test_a_known_attribute_chooses_from_a_registry():
    known = Solver(SOLVE.entries, {"kind": "a"})
    assert changes(REGISTRY, "p.main", "10", "99", known)
    assert not changes(REGISTRY, "p.main", "11", "99", known)
    assert changes(REGISTRY, "p.main", "{'a': a, 'b': b}", "{'a': b, 'b': b}", known)
    elsewhere = {"p.main": REGISTRY["p.main"].replace("(problem)\n", "(problem) + len(TABLE)\n")}
    assert changes(elsewhere, "p.main", "return 11", "return 99", known)
    unknown = Solver(SOLVE.entries, {"kind": "c"})
    assert changes(REGISTRY, "p.main", "11", "99", unknown)


@pytest.mark.parametrize(
    "body",
    [
        "    import pkgutil\n    from importlib import import_module\n    from p import parts\n\n"
        "    return [import_module(f'{parts.__name__}.{m.name}').run(x) for m in pkgutil.iter_modules(parts.__path__)]\n",
        "    import importlib\n\n    return importlib.import_module('p.parts.' + x).run(x)\n",
        "    import importlib\n\n    return getattr(importlib.import_module(ROOM + x), x)\n",
        "    import importlib\n\n    return importlib.import_module('p.parts.one').run(x)\n",
        "    from p.parts import one\n\n    return {'one': one}[x].run(x)\n",
        "    from p.parts import one\n\n    return [getattr(m, x) for m in (one,)]\n",
    ],
)
def test_modules_that_are_found_or_handed_around(body):
    sources = {
        "p": "",
        "p.main": f"ROOM = 'p.parts.'\n\n\ndef solve(x):\n{body}",
        "p.parts": "",
        "p.parts.one": "def run(x):\n    return 10\n",
        "p.rest": "def run(x):\n    return 10\n",
    }
    assert changes(sources, "p.parts.one", "10", "99")
    assert not changes(sources, "p.rest", "10", "99")


CHOSEN = {
    "p": "",
    "p.main": "from p.parts import find\n\n\ndef solve(x):\n    return find(x.kind).load().run(x)\n",
    "p.parts": "from importlib import import_module\nfrom pkgutil import iter_modules\nfrom dataclasses import dataclass\n"
    "import p.parts as parts\n\n\n@dataclass\nclass Part:\n    name: str\n    file: str\n\n    def load(self):\n"
    "        return import_module(f'p.parts.{self.file}.code')\n\n\ndef find(name):\n"
    "    found = [import_module(f'{parts.__name__}.{m.name}').PART for m in iter_modules(parts.__path__)]\n"
    "    return [part for part in found if part.name == name][0]\n",
    "p.parts.one": "from p.parts import Part\n\nPART = Part('1', 'one')\nREST = 21\n",
    "p.parts.one.code": "def run(x):\n    return help(x)\n\n\ndef help(x):\n    return 10\n\n\ndef stop(x):\n    return 11\n",
    "p.parts.two": "from p.parts import Part\n\nPART = Part('2', 'two')\n",
    "p.parts.two.code": "def run(x):\n    return 12\n",
    "p.parts.two.words": "def run(x):\n    return 13\n",
}


def test_parts_that_are_chosen_by_an_attribute():
    assert changes(CHOSEN, "p.parts.one.code", "10", "99")
    assert changes(CHOSEN, "p.parts.two.code", "12", "99")
    assert changes(CHOSEN, "p.parts.two", "'2'", "'3'")
    assert not changes(CHOSEN, "p.parts.one.code", "11", "99")
    assert not changes(CHOSEN, "p.parts.one", "21", "99")
    assert not changes(CHOSEN, "p.parts.two.words", "13", "99")
    one = Solver(("p.main:solve",), {"file": "one"})
    assert changes(CHOSEN, "p.parts.one.code", "10", "99", one)
    assert changes(CHOSEN, "p.parts.two", "'2'", "'3'", one)
    assert not changes(CHOSEN, "p.parts.two.code", "12", "99", one)


def test_a_door_that_opens_when_asked():
    sources = {
        "p": "",
        "p.main": "from p.parts import run\n\n\ndef solve(x):\n    return run(x)\n",
        "p.parts": "from importlib import import_module\n\n_ROOMS = {'run': 'one', 'stop': 'two'}\n\n\n"
        "def __getattr__(name):\n    return getattr(import_module(f'{__name__}.{_ROOMS[name]}'), name)\n",
        "p.parts.one": "def run(x):\n    return 10\n",
        "p.parts.two": "def stop(x):\n    return 10\n",
    }
    assert changes(sources, "p.parts.one", "10", "99")
    assert changes(sources, "p.parts", "'run': 'one'", "'run': 'two'")
    assert not changes(sources, "p.parts.two", "10", "99")


def test_what_a_module_runs_when_it_is_loaded():
    sources = {
        "p": "import lib\n\nlib.set(10)\n",
        "p.main": "from p.table import TABLE\n\nOLD = keep(11)\n\n\ndef solve(x):\n    return TABLE[x]\n",
        "p.table": "import p.fill\n\nTABLE = {}\nfor _i in range(12):\n    TABLE[_i] = _i\n\nTABLE['more'] = 13\n",
        "p.fill": "from p.marks import mark\n\n\n@mark\ndef run(x):\n    return 14\n\n\ndef words(x):\n    return 15\n",
        "p.marks": "KEPT = []\n\n\ndef mark(f):\n    KEPT.append(f)\n    return f\n",
        "p.tool": "import lib\n\nlib.set(16)\n",
    }
    for module, number in (("p", 10), ("p.main", 11), ("p.table", 12), ("p.table", 13), ("p.fill", 14)):
        assert changes(sources, module, str(number), "99"), number
    assert changes(sources, "p.marks", "KEPT.append(f)", "KEPT.insert(0, f)")
    assert not changes(sources, "p.fill", "15", "99")
    assert not changes(sources, "p.tool", "16", "99")


def test_subclasses_that_a_base_takes_note_of():
    sources = {
        "p": "",
        "p.base": "class Base:\n    pass\n",
        "p.one": "from p.base import Base\n\n\nclass One(Base):\n    value = 10\n",
        "p.main": "import p.one\nfrom p.base import Base\n\n\ndef solve(x):\n    return Base.__subclasses__()[0].value\n",
    }
    assert changes(sources, "p.one", "10", "99")
    noted = sources | {"p.base": "class Base:\n    def __init_subclass__(cls):\n        note(cls)\n"}
    noted["p.main"] = sources["p.main"].replace("Base.__subclasses__()[0]", "Base.first")
    assert changes(noted, "p.one", "10", "99")


def test_fields_of_classes():
    sources = {
        "p.main": (
            "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Rule:\n    nodes: int\n    step: float = 10\n"
            "    more: list = field(default_factory=lambda: [11])\n\n\ndef solve(x):\n    return Rule(x)\n"
        )
    }
    for old, new in (("10", "99"), ("11", "99"), ("step: float", "step"), ("nodes: int", "nodes: 'ClassVar[int]'")):
        assert changes(sources, "p.main", old, new) or old.startswith("nodes")
    assert not changes(sources, "p.main", "nodes: int", "nodes: float")
    swapped = sources["p.main"].replace("nodes: int", "rest: int")
    assert fingerprint(SOLVE, sources) != fingerprint(SOLVE, {"p.main": swapped})


def test_what_is_reached_is_told():
    assert reached(SOLVE, PLAIN) == ("p.main:FACTOR", "p.main:solve", "p.tools:scale")
    assert reached(Solver(SOLVE.entries, {"kind": "a"}), REGISTRY) == ("p.main:TABLE.a", "p.main:a", "p.main:solve")


NAMES = {
    "p": "",
    "p.rules": "from p.tools import Grid, LIMIT, locate\n\n\ndef solve(x, y):\n    grid = Grid(x)\n"
    "    low, high = locate(grid, LIMIT), LIMIT\n\n    def inner(z):\n        return z * low - grid.width(high)\n\n"
    "    both = [inner(each) for each in (x, y)]\n"
    "    return sum(both, start=y) + grid.step - (lambda u, v: u - v)(low, high) + grid.mean()\n",
    "p.tools": "LIMIT = 3\nOTHER = 4\n\n\nclass Grid:\n    scale = 5\n\n    def __init__(self, x):\n        self.x = x\n\n"
    "    def width(self, by, more=6):\n        return self.x * by - self.height(by, more=7) - more\n\n"
    "    def height(self, by, *, more):\n        return self.scale * by + more\n\n"
    "    @property\n    def step(self):\n        return getattr(self, 'part')\n\n    @property\n    def part(self):\n"
    "        return self.x + OTHER\n\n    def mean(self):\n        return self.x.mean() * self.x.std()\n\n\n"
    "def locate(grid, limit):\n    try:\n        return grid.x / limit\n    except ZeroDivisionError as error:\n"
    "        return first(error)\n\n\ndef first(value):\n    match value:\n        case [one, two]:\n"
    "            return one - two\n    return None\n",
}
NAMED = Solver(("p.rules:solve",))


def renamed(sources, *pairs):
    """Rename words everywhere, modules too."""
    words = dict(pairs)

    def other(text):
        return re.sub(r"\w+", lambda match: words.get(match[0], match[0]), text)

    return {other(module): other(text) for module, text in sources.items()}


@pytest.mark.parametrize(
    "pairs",
    [
        [("Grid", "Mesh")],
        [("locate", "find")],
        [("first", "any_of")],
        [("LIMIT", "BOUND")],
        [("LIMIT", "OTHER"), ("OTHER", "LIMIT")],
        [("low", "a"), ("high", "b"), ("grid", "c"), ("both", "d"), ("each", "e")],
        [("low", "high"), ("high", "low")],
        [("inner", "within"), ("z", "t")],
        [("y", "t"), ("u", "t2"), ("v", "t1")],
        [("by", "with_"), ("limit", "bound")],
        [("width", "breadth")],
        [("width", "step"), ("step", "width")],
        [("part", "piece")],
        [("error", "reason"), ("one", "o"), ("two", "t")],
        [("tools", "things")],
    ],
    ids=lambda pairs: " ".join(old for old, _ in pairs),
)
def test_names_leave_no_trace(pairs):
    other = renamed(NAMES, *pairs)
    assert other != NAMES
    assert fingerprint(NAMED, other) == fingerprint(NAMED, NAMES)


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("p.rules", "LIMIT), LIMIT", "low), LIMIT"),
        ("p.rules", "z * low", "z * high"),
        ("p.rules", "u - v", "v - u"),
        ("p.rules", "lambda u, v", "lambda v, u"),
        ("p.rules", "z * low - grid", "low * z - grid"),
        ("p.rules", "(x, y)]", "(y, x)]"),
        ("p.rules", "solve(x, y)", "solve(y, x)"),
        ("p.rules", "grid.step", "grid.part"),
        ("p.rules", "grid.width(high)", "grid.height(high)"),
        ("p.rules", "start=y", "begin=y"),
        ("p.rules", "grid.mean()", "grid.average()"),
        ("p.tools", "self.x.std()", "self.x.var()"),
        ("p.tools", "self.x + OTHER", "self.x + LIMIT"),
        ("p.tools", "def width", "def breadth"),
        ("p.tools", "*, more)", "*, rest)"),
        ("p.tools", "'part'", "'step'"),
        ("p.tools", "one - two", "two - one"),
        ("p.tools", "[one, two]", "[two, one]"),
        ("p.tools", "first(error)", "first(grid)"),
        ("p.tools", "def locate(grid, limit)", "def locate(limit, grid)"),
    ],
)
def test_what_a_name_stands_for_does(module, old, new):
    assert changes(NAMES, module, old, new, NAMED)


@pytest.mark.parametrize(
    "pair", [("more", "rest"), ("scale", "factor"), ("x", "values"), ("std", "var"), ("sum", "max")]
)
def test_keywords_fields_and_names_of_libraries_do(pair):
    assert fingerprint(NAMED, renamed(NAMES, pair)) != fingerprint(NAMED, NAMES)


def test_names_that_are_text():
    sources = {
        "p": "",
        "p.main": (
            "import p.parts\nfrom p.kinds import Kind\n\n\ndef solve(x, how):\n"
            "    return getattr(p.parts, how['run'])(x) + getattr(Kind(), 'val' + how)() + make(tall=1, **how)\n\n\n"
            "def make(tall, wide=2, **rest):\n    return tall\n"
        ),
        "p.parts": "def run(x):\n    return helper(x)\n\n\ndef helper(x):\n    return 10\n",
        "p.kinds": "from lib import Base\n\n\nclass Kind(Base):\n    def value(self, x):\n        return self.inner()\n\n"
        "    def inner(self):\n        return 10\n\n\nclass Own:\n    def draw(self):\n        return 11\n",
    }
    base = fingerprint(SOLVE, sources)
    for name in ("value", "inner", "wide"):  # a beginning, a base from elsewhere, any keyword
        assert fingerprint(SOLVE, renamed(sources, (name, "other"))) != base, name
    assert changes(sources, "p.parts", "def run", "def go")
    assert fingerprint(SOLVE, renamed(sources, ("helper", "other"))) == base
    by_module = sources | {"p.main": sources["p.main"].replace("how['run']", "how") + "\n\nTABLE = {'a': p.parts}\n"}
    by_module["p.main"] = by_module["p.main"].replace("(x) +", "(x) + TABLE[x].helper(x) +")
    assert changes(by_module, "p.parts", "def helper", "def other")
    local = {"p.main": "def solve(x):\n    y = x\n    return eval('y + 1')\n"}
    assert fingerprint(SOLVE, renamed(local, ("x", "t"))) != fingerprint(SOLVE, local)


def test_names_tell_apart_what_nothing_else_does():
    errors = {
        "p.main": "class Narrow(ValueError):\n    pass\n\n\nclass Wide(ValueError):\n    pass\n\n\nKEPT = {}\nLEFT = {}\n\n\n"
        "class Kind:\n    def one(self):\n        return 1\n\n    def uno(self):\n        return 1\n\n\n"
        "def solve(x, it: Kind):\n    try:\n        return f(KEPT, LEFT[x]) + it.one() - 2 * it.uno()\n"
        "    except Narrow:\n        return 1\n    except Wide:\n        return 2\n\n\n"
        "def f(a, b):\n    if a:\n        raise Narrow\n    return b\n"
    }
    for old, new in (("raise Narrow", "raise Wide"), ("KEPT, LEFT[x]", "LEFT, KEPT[x]"), ("2 * it.uno", "2 * it.one")):
        assert changes(errors, "p.main", old, new), old


def test_what_is_bound_beside_a_name():
    pair = {"p.main": "LOW, HIGH = 1, 2\n\n\ndef solve(x):\n    return LOW - x\n"}
    assert changes(pair, "p.main", "return LOW", "return HIGH")
    assert fingerprint(SOLVE, pair) == fingerprint(SOLVE, renamed(pair, ("LOW", "HIGH"), ("HIGH", "LOW")))
    count = {
        "p.main": "COUNT = 0\nOTHER = 0\n\n\ndef solve(x):\n    global COUNT\n    COUNT = x\n    return g()\n\n\n"
        "def g():\n    return COUNT + 2 * OTHER\n"
    }
    assert fingerprint(SOLVE, count) == fingerprint(SOLVE, renamed(count, ("COUNT", "NUMBER")))


def test_a_definition_that_is_written_twice_may_be_written_once():
    twice = {
        "p.main": "from p.tools import f as g\n\n\ndef f(x):\n    return x + 1\n\n\ndef solve(x):\n    return f(g(x))\n",
        "p.tools": "def f(y):\n    return y + 1\n",
        "p": "",
    }
    once = twice | {"p.main": "from p.tools import f\n\n\ndef solve(x):\n    return f(f(x))\n"}
    assert fingerprint(SOLVE, once) == fingerprint(SOLVE, twice)
    assert changes(twice, "p.tools", "y + 1", "y + 2")
