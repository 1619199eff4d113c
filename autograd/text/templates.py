r"""Templates: how the table's rows are written, each read once into a small tree that says where brackets are needed.

A template is declared data, such as `<a> * <b>` or `\frac{<a>}{<b>}`: holes for operands and parameters between tokens, with groups
in brackets, braces, `\left \right` or `\begin \end`. How tightly the whole binds is read off its loosest sign; what an operand
needs, off the signs beside it.

    >>> template = template_of(r"<a> \cdot {<b>}^{<c>}")
    >>> template.level == PRODUCT, template.least["a"] == PRODUCT, template.least["b"] == ATOM, template.least["c"] == OPEN
    (True, True, True, True)
    >>> template.filled({"a": "x", "b": "y", "c": "2"})
    'x \\cdot {y}^{2}'
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from autograd.operation import ATOM, POWER, PRODUCT, SUM, UNARY

__all__ = ["OPEN", "Group", "Hole", "Item", "Template", "split", "template_of", "tree_of"]

OPEN = 0  # looser than every operation
SIGNS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, r"\cdot": PRODUCT, "**": POWER, "^": POWER}
SEPARATORS = (",", "&", r"\\")
TOKENS = re.compile(
    r"<\w+>|\*\*|\\(?:left|right)(?:\\[a-z]+|.)|\\(?:begin|end)\{cases\}|\\text\{[^{}]*\}|\\sqrt\[\w+\]"
    r"|\\(?:operatorname|mathrm|mathbf)\{(?:\\.|[^{}\\])*\}|\\\\|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|."
)


class Hole(NamedTuple):
    """The place of an operand or a parameter."""

    name: str


class Group(NamedTuple):
    """Items between an opening and a closing token."""

    opening: str
    items: tuple[Item, ...]
    closing: str

    @property
    def hole(self) -> Hole | None:
        """The hole that is all there is in braces."""
        only = self.items[0] if len(self.items) == 1 and self.opening == "{" else None
        return only if type(only) is Hole else None


Item = str | Hole | Group


class Template(NamedTuple):
    """A template that was read."""

    items: tuple[Item, ...]
    level: int  # how tightly the whole binds
    least: Mapping[str, int]  # how tightly each operand must bind to need no brackets
    after_sign: frozenset[str]  # the operands after a sign of operation, where a minus needs brackets in mathematics
    exponents: frozenset[str]  # the operands that are exponents

    def filled(self, written: Mapping[str, str]) -> str:
        """Return the template with these texts in its holes."""
        return "".join([written[token.name] if type(token) is Hole else str(token) for token in _flat(self.items)])

    @property
    def is_transparent(self) -> bool:
        """True if the template is nothing but its operand."""
        return len(self.items) == 1 and type(self.items[0]) is Hole

    def count(self, name: str) -> int:
        """Return how often an operand occurs."""
        return list(_flat(self.items)).count(Hole(name))


@functools.cache
def template_of(source: str) -> Template:
    """Read a row's template."""
    items, least, after_sign = tree_of(source), dict[str, int](), set[str]()
    level = _read(items, least, after_sign)
    if type(items[0]) is Group and items[0].opening.startswith(r"\begin"):
        level = OPEN
    return Template(items, level, least, frozenset(after_sign), frozenset(_exponents(items)))


def tree_of(source: str) -> tuple[Item, ...]:
    """Return the tokens of LaTeX, or of text, with groups inside each other."""
    stack: list[tuple[str, list[Item]]] = [("", [])]
    for token in TOKENS.findall(re.sub(r"\\text\{([^{}<>]*)<(\w+)>\}", r"\\text{\1}<\2>", source)):
        if token in ("{", "(", "[") or token.startswith((r"\left", r"\begin")):
            stack.append((token, []))
        elif (token in ("}", ")", "]") or token.startswith((r"\right", r"\end"))) and len(stack) > 1:
            opening, items = stack.pop()
            stack[-1][1].append(Group(opening, tuple(items), token))
        else:
            stack[-1][1].append(Hole(token[1:-1]) if token[0] == "<" and len(token) > 1 else token)
    return tuple([item for opening, items in stack for item in ([opening, *items] if opening else items)])


def split(items: Sequence[Item], *separators: str) -> Iterator[list[Item]]:
    """Yield what is between the separators."""
    part: list[Item] = []
    for item in items:
        if item in separators:
            yield part
            part = []
        else:
            part.append(item)
    yield part


def _flat(items: Sequence[Item]) -> Iterator[str | Hole]:
    for item in items:
        if type(item) is Group:
            yield from (item.opening, *_flat(item.items), item.closing)
        else:
            yield item  # type: ignore[misc]  # mypy does not narrow by `type(item) is`


def _exponents(items: Sequence[Item]) -> Iterator[str]:
    """Yield the operands after a sign of power, in text."""
    before = None
    for item in items:
        if type(item) is Hole and before == "**":
            yield item.name
        if type(item) is Group:
            yield from _exponents(item.items)
        before = before if isinstance(item, str) and item.isspace() else item


def _read(items: Sequence[Item], least: dict[str, int], after_sign: set[str]) -> int:
    """Note what each operand in a group needs; return how tightly the last part of the group binds."""
    level = ATOM
    for part in split(items, *SEPARATORS):
        level = _read_part([item for item in part if not (isinstance(item, str) and item.isspace())], least, after_sign)
    return level


def _read_part(items: list[Item], least: dict[str, int], after_sign: set[str]) -> int:
    for item in items:
        if type(item) is Group:
            _read(item.items, least, after_sign)
    level = _level_of(items)
    for i, item in enumerate(items):
        hole = item.hole if type(item) is Group else item
        if type(hole) is not Hole:
            continue
        if items[i + 1 : i + 2] and items[i + 1] in ("^", "**"):
            need = ATOM
        elif hole is not item or len(items) == 1:
            need = OPEN
        elif i and items[i - 1] == "**":
            need = UNARY
        else:
            need = level if i == 0 or level == UNARY else level + 1
        least[hole.name] = max(need, least.get(hole.name, OPEN))
        if i and need:
            after_sign.add(hole.name)
    return level


def _level_of(items: list[Item]) -> int:
    """How tightly these bind: as their loosest sign; a sign of the row's own, or none between operands, is a product's."""
    levels = [SIGNS[item] if i else UNARY for i, item in enumerate(items) if isinstance(item, str) and item in SIGNS]
    for before, item in itertools.pairwise(items):
        if type(before) is Hole and isinstance(item, str) and item.startswith("\\") and item not in SIGNS:
            levels.append(PRODUCT)
    for before, sign, after in zip(items, items[1:], items[2:], strict=False):
        is_own = not isinstance(sign, str) or (sign not in SIGNS and not sign.isalnum() and sign != "_")
        if type(before) is Hole and type(after) is Hole and is_own:
            levels.append(PRODUCT)
    if r"\frac" in items and not levels:
        levels.append(POWER)  # needs no brackets in a product, but under an exponent
    return min(levels, default=ATOM)
