"""The errors for what programs written for PyTorch and micrograd do with a node, with what to write here instead.

A node of micrograd is made by hand: `Value(t, (self,), "tanh")`, then a closure `_backward`. Here an operation is declared
once, and `declaration` returns that declaration for the operation that the program makes by hand.

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
from collections.abc import Callable, Iterable, Sized
from typing import Any, NoReturn

from autograd.errors import OperandError, ReadOnlyError
from autograd.ops import TABLE

OPTIONS = {  # of PyTorch's backward, and what they are here
    "create_graph": "gradient(root, x) gives the derivative as a node, which can be differentiated again",
    "retain_graph": "a graph lives as long as its result does; call backward() again as it is",
    "gradient": "the adjoint to begin with is the first argument, backward(seed)",
    "inputs": "gradient(root, [a, b]) differentiates with respect to these alone",
}
MOST = 4  # operands that are declared one by one; more are a sequence


def refuse_options(options: Iterable[str]) -> NoReturn:
    """Refuse options that `backward` does not have, with what to write in their place."""
    name = sorted(options)[0]
    cure = OPTIONS.get(name, "it takes the adjoint to begin with, backward(seed), and nothing else")
    raise OperandError(f"backward has no option {name}: {cure}")


def refuse_unless_label(label: Any, name: Any, children: Any) -> None:
    """Refuse a second argument that is no label, and `Value(t, (self,), "tanh")`, with what to write instead."""
    if isinstance(label, (tuple, list, set, frozenset)):
        children = label
    if name or children:
        raise OperandError(cure_of_hand_made_node(str(name), len(children) if isinstance(children, Sized) and children else 1))
    if not isinstance(label, str):
        raise OperandError(f"a label is a str, not {label!r:.60}; Value(data, label='x') makes a leaf")


def described(node: Any) -> str:
    """The node in a message: its label, or its data."""
    return node.label or f"Value(data={node.data!r})"


def refuse_to_set(name: str, node: Any) -> NoReturn:
    """Raise a ReadOnlyError for what cannot be set on a node: the data of a result, and what made it."""
    if name == "data":
        problem = f"came from {node.op!r} and is read-only; set the data of a leaf and compute again"
    else:
        problem = "cannot be set: a graph is what was computed; apply an operation instead"
    raise ReadOnlyError(f"the {name} of {described(node)} {problem}")


def refuse_subclass(name: str) -> NoReturn:
    raise OperandError(
        f"Value cannot be subclassed, as {name} would be: operations make nodes of the class Value itself, and a "
        "result would lose what the subclass adds; write functions of nodes, or declare an operation with @op"
    )


def refuse_truth(node: Any) -> NoReturn:
    raise OperandError(f"the truth of {described(node)} is not defined; compare it, `v > 0`, or test `v.data`")


def refuse_float(node: Any) -> NoReturn:
    raise OperandError(
        f"{described(node)} is a node, and a plain float would lose its gradient; give v.data where the number alone is "
        "needed, as in math.isnan(v.data) or '%.2f' % v.data, and use the operations of autograd for the others: "
        "autograd.sin(v), autograd.sum(vs), as autograd.ops.TABLE lists them"
    )


def declaration(name: str, count: int) -> str:
    """The declaration of an operation of that name on so many operands, to be pasted and completed."""
    row = _free_name(name)
    symbol = "" if row in (name, f"my_{name}") else f", symbol={name!r}"
    operands = "the operand" if count == 1 else "the operands"
    if count > MOST:
        given, partials, slopes = "xs", "lambda xs, y: (...)", "a tuple, ∂y/∂x for every x of xs"
    else:
        given = ", ".join("abcd"[:count])
        partials = f"({', '.join([f'lambda {given}, y: ...'] * count)}{',' * (count == 1)})"
        slopes = ", ".join([f"∂y/∂{operand}" for operand in "abcd"[:count]])
    return (
        f"from autograd import op\n\n"
        f"@op(partials={partials}{symbol})    # {slopes}, from {operands} and the result y; without out.grad\n"
        f'def {row}({given}):\n    "What it computes, in one sentence."\n    return ...\n\n'
        f"y = {row}({given})"
    )


def cure_of_hand_made_node(name: str, count: int) -> str:
    """The error text for a node made by hand, `Value(t, (self,), "tanh")`."""
    row = next((row for row in TABLE.values() if name.lower() in (row.__name__, row.symbol)), None)
    known = (
        f"autograd has {row.__name__} already: {row.spell({name: name for name in (*row.operands, *row.parameters)})}. "
        if row is not None
        else ""
    )
    return (
        f"{known}A node is made by an operation, and an operation is declared once with its local derivatives; "
        f"in place of Value(data, children, op) and its _backward, paste and complete:\n\n{declaration(name, count)}"
    )


def refuse_closure(closure: Callable[..., Any], node: Any) -> NoReturn:
    """Refuse `node._backward = closure`, with a declaration named after the function that defines the closure."""
    name = re.sub(r"\W*<.*", "", getattr(closure, "__qualname__", "")).rpartition(".")[2]
    cells = [cell.cell_contents for cell in getattr(closure, "__closure__", None) or () if not _is_empty(cell)]
    operands = [thing for thing in cells if type(thing) is type(node) and thing is not node]
    raise ReadOnlyError(cure_of_hand_made_node(name if name != "_backward" else "", max(len(operands), 1)))


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
