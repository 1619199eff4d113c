"""Folding: which nodes of a graph are drawn as one box, a neuron or a layer.

    >>> from autograd.value import Value, toposort
    >>> w, x, b = Value(2.0, "neurons[0].w"), Value(3.0, "x"), Value(1.0, "neurons[0].b")
    >>> y = w * x + b
    >>> sorted(node.label or node.op.symbol for node in families(toposort(y), "neuron"))
    ['*', '+', 'neurons[0].b', 'neurons[0].w']

A family begins with its parameters. `spread` finds the operations that belong to them; it reads no label. Whose parameter a leaf
is can be given as a mapping (`nn.families` makes one of a model), or is read from the leaf's label, which is the path that a module
wrote there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograd.errors import OptionError
from autograd.operation import ATOM, PRODUCT
from autograd.value import Value

__all__ = ["families"]

PENALTY = "penalty"  # the family of what is computed from single parameters alone: w*w and the sum of such terms
LOSS = "loss"  # the family of what is computed from the outputs of a network
PARTS = ("neuron", "layer")  # names of folds, each part inside the next; a label has it as `neurons[3]`

Fold = str | Callable[[str], str | None] | Mapping[Value, str]
"""The name of a part, a function from a leaf's label to the name of its family or None, or the family of each parameter."""


def families(order: Sequence[Value], fold: Fold) -> dict[Value, str]:
    """The name of the family of each node that has one: the neuron or the layer that it belongs to.

    order   a topological order of the whole graph
    fold    "neuron" or "layer", read from the labels of the parameters, such as `layers[0].neurons[2].w[1]`; a function from the
            label of a leaf to the name of its family, or None; or a mapping from parameters to the names of their families

    To a neuron belong its parameters, the operations on them, the sums of their products, and the activation applied to the
    result directly. A penalty on the parameters is a family of its own. Raises an OptionError for another fold.
    """
    if isinstance(fold, Mapping):
        return spread(order, fold)
    if isinstance(fold, str):
        return _by_part(order, fold)
    if not callable(fold):
        raise OptionError(
            f"fold={fold!r:.60}: give 'neuron', 'layer', a function from a parameter's label to a name or None, or a mapping from "
            "parameters to names"
        )
    parameters: dict[Value, str] = {}
    for node in order:
        name = fold(node.label) if node.op is None and node.label else None
        if not (name is None or isinstance(name, str)):
            raise OptionError(f"fold gave {name!r:.60} for {node.label!r:.60}: it is to give the name of a family, or None")
        if name:
            parameters[node] = name
    return spread(order, parameters)


def _by_part(order: Sequence[Value], part: str) -> dict[Value, str]:
    if part not in PARTS:
        raise OptionError(
            f"fold={part!r} is not known; give 'neuron', 'layer', a function from a parameter's label to a name, or a mapping from "
            "parameters to names"
        )
    paths = [(node, _path(node.label)) for node in order if node.op is None and node.label]
    finest = {node: owner for node, path in paths if (owner := next(filter(None, (_up_to(part, path) for part in PARTS)), ""))}
    home = spread(order, finest)
    # A layer is the union of its neurons: found first for each neuron, since a sum of outputs is not the layer's own.
    found = {name: name if name == PENALTY else _up_to(part, [*_path(name), ""]) for name in set(home.values())}
    if part == PARTS[0]:
        return {node: name for node, name in home.items() if found[name]}
    return {node: found[name] or name for node, name in home.items()}


def with_loss(order: Sequence[Value], home: Mapping[Value, str]) -> dict[Value, str]:
    """The same families, and one more: the operations that outputs of families reach, and that reach no family themselves.

    One operation alone makes no family.
    """
    reached, reaching = set(home), set(home)
    for node in order:
        if not reached.isdisjoint(node.operands):
            reached.add(node)
    for node in reversed(order):
        if node in reaching:
            reaching.update(node.operands)
    loss = [node for node in order if node in reached and node not in reaching]
    return {**home, **dict.fromkeys(loss, LOSS)} if len(loss) > 1 else dict(home)


def _path(label: str) -> list[str]:
    return label.split(".")


def _up_to(part: str, path: list[str]) -> str:
    """The path up to its last `neurons[3]` before the name of the parameter itself; "" if there is none."""
    opening = f"{part}s["
    for end in range(len(path) - 1, 0, -1):
        step = path[end - 1]
        if step.startswith(opening) and step.endswith("]") and step[len(opening) : -1].isdecimal():
            return ".".join(path[:end])
    return ""


def layer_of(name: str) -> str:
    """The name of the layer in the name of a family: `layers[0]` of `layers[0].neurons[1]`; another name is that of a layer."""
    return _up_to("layer", [*_path(name), ""]) or name


def index_in(name: str) -> int:
    """The index of a neuron or a layer among those beside it: 3 of `layers[0].neurons[3]`; 0 of a name without one."""
    index = name.rpartition("[")[2].removesuffix("]")
    return int(index) if index.isdecimal() else 0


# ------------------------------------------------------------------------------------------------------ from parameters on


def spread(order: Sequence[Value], parameters: Mapping[Value, str]) -> dict[Value, str]:
    """The family of every node that has one, from the families of the parameters: PENALTY, or one of theirs.

    `order` is a topological order of the whole graph; parameters that are not in it are left out.
    """
    uses: dict[Value, int] = dict.fromkeys(order, 0)
    for node in order:
        for operand in node.operands:
            uses[operand] += 1
    home: dict[Value, str] = {}
    activations: set[Value] = set()
    for node in order:
        if node.op is None:
            name = parameters.get(node)
        elif any(operand.op is None and operand in home for operand in node.operands):
            name = _family_of_logit(node, home)
        else:
            name = _family_of_rest(node, home, uses, activations)
            if name and len(node.operands) == 1:
                activations.add(node)
        if name:
            home[node] = name
    return home


def _family_of_logit(node: Value, home: Mapping[Value, str]) -> str | None:
    """The family of an operation on parameters: theirs, if they are of one; w*x with a constant x is no penalty, w*w is."""
    names = {home[operand] for operand in node.operands if operand.op is None and operand in home}
    if len(set(node.operands)) == 1 and not _is_product_with_constant(node):
        return PENALTY
    return names.pop() if len(names) == 1 else None


def _is_product_with_constant(node: Value) -> bool:
    assert node.op is not None
    return len(node.arguments) > len(node.operands) and (node.op.variadic or node.op.precedence == PRODUCT)


def _family_of_rest(node: Value, home: Mapping[Value, str], uses: Mapping[Value, int], activations: set[Value]) -> str | None:
    """The family of a sum of products, or of an activation; None for what is computed from outputs of several neurons."""
    assert node.op is not None
    names = {home.get(operand) for operand in node.operands}
    if len(names) > 1 or names == {PENALTY}:
        return PENALTY if names == {PENALTY} else None
    operand = node.operands[0]
    if len(node.operands) == 1:
        is_activation = node.op.precedence == ATOM and not node.op.variadic
        return names.pop() if is_activation and uses[operand] == 1 and operand not in activations else None
    return names.pop() if any(_is_term(operand, home) for operand in node.operands) else None


def _is_term(node: Value, home: Mapping[Value, str]) -> bool:
    """Whether this is w*x, parameter times something."""
    is_product = node.op is not None and node.op.precedence == PRODUCT and not node.op.variadic
    return is_product and any(operand.op is None and operand in home for operand in node.operands)
