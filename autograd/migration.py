"""What programs written for PyTorch and micrograd ask of a node and find elsewhere here, with the text that says where.

A node of micrograd is made by hand: `Value(t, (self,), "tanh")`, then a closure `_backward`. Here an operation is declared
once, and `declaration` writes that declaration for the operation somebody was about to make by hand.

    >>> print(declaration("swish", 1))
    from autograd import op
    <BLANKLINE>
    @op(partials=(lambda a, y: ...,))    # ∂y/∂a, from the operand and the result y; without out.grad
    def swish(a):
        "What it computes, in one sentence."
        return ...
    <BLANKLINE>
    y = swish(a)
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable
from typing import Any

from autograd.ops import TABLE

OPTIONS = {  # of PyTorch's backward, and what they are here
    "create_graph": "gradient(root, x) gives the derivative as a node, which can be differentiated again",
    "retain_graph": "a graph lives as long as its result does; call backward() again as it is",
    "gradient": "the adjoint to begin with is the first argument, backward(seed)",
    "inputs": "gradient(root, [a, b]) differentiates with respect to these alone",
}
MOST = 4  # operands that are declared one by one; more are a sequence


def cure_of_options(options: Iterable[str]) -> str:
    """What to write in place of options that `backward` does not have."""
    name = sorted(options)[0]
    cure = OPTIONS.get(name, "it takes the adjoint to begin with, backward(seed), and nothing else")
    return f"backward has no option {name}: {cure}"


def declaration(name: str, count: int) -> str:
    """The declaration of an operation of that name on so many operands, to be pasted and completed."""
    row = _free_name(name)
    symbol = "" if name in (row, row.removeprefix("my_")) else f", symbol={name!r}"
    if count > MOST:
        given, partials, slopes = "xs", "lambda xs, y: (...)", "a tuple, ∂y/∂x for every x of xs"
    else:
        given = ", ".join("abcd"[:count])
        partials = f"({', '.join([f'lambda {given}, y: ...'] * count)}{',' * (count == 1)})"
        slopes = ", ".join([f"∂y/∂{operand}" for operand in "abcd"[:count]])
    return (
        f"from autograd import op\n\n"
        f"@op(partials={partials}{symbol})    # {slopes}, from the operand{'s' * (count > 1)} and the result y; without out.grad\n"
        f'def {row}({given}):\n    "What it computes, in one sentence."\n    return ...\n\n'
        f"y = {row}({given})"
    )


def cure_of_hand_made_node(name: str, count: int) -> str:
    """What to write in place of a node made by hand, `Value(t, (self,), "tanh")`."""
    row = next((row for row in TABLE.values() if name.lower() in (row.__name__, row.symbol)), None)
    known = f"autograd has {row.__name__} already: {re.sub('[<>]', '', row.text)}. " if row is not None else ""
    return (
        f"{known}A node is made by an operation, and an operation is declared once with its local derivatives; "
        f"in place of Value(data, children, op) and its _backward, paste and complete:\n\n{declaration(name, count)}"
    )


def cure_of_closure(closure: Callable[..., Any], is_node: Callable[[Any], bool], own: Any) -> str:
    """What to write in place of `out._backward = closure`: named after the function that defines the closure."""
    name = re.sub(r"\W*<.*", "", getattr(closure, "__qualname__", "")).rpartition(".")[2]
    cells = [cell.cell_contents for cell in getattr(closure, "__closure__", None) or () if not _is_empty(cell)]
    operands = [thing for thing in cells if is_node(thing) and thing is not own]
    return cure_of_hand_made_node(name if name != "_backward" else "", max(len(operands), 1))


def _is_empty(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  # asking is what raises
    except ValueError:
        return True
    return False


def _free_name(name: str) -> str:
    """An identifier like the name that is no operation yet."""
    row = re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_")
    if not row or row[0].isdigit() or keyword.iskeyword(row):
        row = f"operation_{row}".rstrip("_")
    return f"my_{row}" if row in TABLE else row
