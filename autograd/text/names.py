"""Names of nodes: the one namer, for pictures, formulas, programs, tapes, explanations and quizzes.

>>> x, y = Value(1.0, "x"), Value(2.0)
>>> list(named([x, y, x * y], {"y": y}).values())
['x', 'y', 'v1']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autograd.errors import OptionError
from autograd.text.symbols import Symbol
from autograd.value import Value

__all__ = ["Names", "found_names", "named"]

Names = Mapping[str, Any] | None
NONE: Mapping[Any, str] = {}


def named(
    nodes: Iterable[Any],
    names: Names = None,
    *,
    known: Mapping[Any, str] = NONE,
    legal: Callable[[str], str] = str,
    taken: Iterable[str] = (),
) -> dict[Any, str]:
    """Return a name for each of these nodes: its label, else its name in `names`, else the one in `known`, else v1, v2, ...

    `known` has the names of a network, `Network.names`; they replace the paths that are the labels of parameters.
    The second node with a name gets a number, x_2; two symbols with one name are the same thing and keep it. `legal` turns a
    label into a name that the language at hand allows.
    """
    found = found_names(names)
    nodes, chosen, used = list(nodes), {}, dict.fromkeys(taken, 1)
    replaced = {node for node in nodes if type(node) is Value and node.op is None and node in known}
    given = {node: _label(node) for node in nodes if node not in replaced}
    for own in (given, found, known):  # a label is taken by nothing but another label
        for node in nodes:
            name = "" if node in chosen else own.get(node, "")
            if name:
                chosen[node] = legal(name) if type(node) is Symbol else _unused(legal(name), used)
                used.setdefault(chosen[node], 1)
    count = 0
    for node in nodes:
        if node not in chosen:
            count += 1
            while legal(f"v{count}") in used:
                count += 1
            chosen[node] = legal(f"v{count}")
    return {node: chosen[node] for node in nodes}


def found_names(names: Names) -> dict[Value, str]:
    """Return the nodes among the values of `names`, each with its first name that has no underscore in front.

    Raises an OptionError if `names` is not a mapping from names.
    """
    if names is not None and not (isinstance(names, Mapping) and all(isinstance(name, str) for name in names)):
        raise OptionError(f"names={names!r:.60}: give a mapping from names to nodes, such as names=locals()")
    pairs = reversed(list((names or {}).items()))
    return {node: name for name, node in pairs if type(node) is Value and not name.startswith("_")}


def _label(node: Any) -> str:
    """Return the label on one line, without control characters, which a terminal would obey."""
    if type(node) is Symbol:
        return node.name
    label = " ".join(node.label.split())
    return label if label.isprintable() else "".join(filter(str.isprintable, label))


def _unused(name: str, used: dict[str, int]) -> str:
    unused = name
    while unused in used:
        used[name] += 1
        unused = f"{name}_{used[name]}"
    used[unused] = 1
    return unused
