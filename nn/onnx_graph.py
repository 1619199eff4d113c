"""Models as graphs of ONNX, in double precision: `to_onnx(model, path)` (the extra `onnx`).

A layer is a Gemm with its numbers, an activation the operator that its row names, or what the row is made of: `_Onnx` is one more
`Language`, which writes an operation as a node of the graph. Rows name operators that onnxruntime computes in double precision.

    >>> from nn import MLP
    >>> [node.operator for node in graph_of(MLP(2, [3, 1], activation="silu")).nodes]
    ['Gemm', 'Sigmoid', 'Mul', 'Gemm']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autograd.errors import MissingExtraError, OperandError
from autograd.files import AnyPath, write
from autograd.operation import ATOM
from autograd.ops import Op
from autograd.ops import where as where_row
from autograd.text import language
from autograd.text.language import Language, Part
from autograd.text.symbols import Symbol, in_order
from nn.module import Module
from nn.stages import Each, Logits, Mixed, stages_of

__all__ = ["Graph", "Node", "graph_of", "to_onnx"]

OPSET, IR_VERSION = 17, 8  # of 2022: what newer ones add, onnxruntime does not compute in double precision
INPUT, OUTPUT = "x", "y"
RELATIONS = {"<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual", "==": "Equal", "!=": "Equal"}


class Node(NamedTuple):
    """One operator, applied to named tensors."""

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, int] = {}


class Graph(NamedTuple):
    """A graph before it is one of ONNX's: operators in order, and the shape and numbers of each constant."""

    nodes: list[Node]
    constants: dict[str, tuple[tuple[int, ...], list[float]]]
    inputs: int
    outputs: int


def to_onnx(model: Module, path: AnyPath | None = None) -> Any:
    """Return the model as a graph of ONNX, checked by ONNX, and write it to the path.

    It takes `x` of shape (examples, inputs) and gives `y` of shape (examples, outputs), both of 64-bit floats. Its constants are
    `layers[0].weight` of shape (outputs, inputs) and `layers[0].bias`. A row that ONNX lacks is written as its decomposition, which
    keeps fewer digits in its tails. Raises an OperandError that names the part which cannot be written.

    With onnxruntime: `InferenceSession("model.onnx").run(None, {"x": inputs})`.
    """
    graph = graph_of(model)
    try:
        import onnx
    except ImportError:
        raise MissingExtraError("onnx", "onnx") from None
    make, double = onnx.helper, onnx.TensorProto.DOUBLE
    made = make.make_model(
        make.make_graph(
            [make.make_node(node.operator, node.inputs, node.outputs, **node.attributes) for node in graph.nodes],
            type(model).__name__,
            [make.make_tensor_value_info(INPUT, double, ["examples", graph.inputs])],
            [make.make_tensor_value_info(OUTPUT, double, ["examples", graph.outputs])],
            [make.make_tensor(name, double, shape, numbers) for name, (shape, numbers) in graph.constants.items()],
        ),
        opset_imports=[make.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="scalar-autograd",
    )
    onnx.checker.check_model(made, full_check=True)
    if path is not None:
        write(path, made.SerializeToString())
    return made


def graph_of(model: Module) -> Graph:
    """Return the operators and constants of a model, without ONNX."""
    stages = stages_of(model)
    first = stages[0]
    if not isinstance(first, Logits):
        raise OperandError(f"{first.name}: how many inputs an activation has is not known; begin with a layer")
    writer = _Onnx()
    name, width = INPUT, len(first.weights[0])
    for stage in stages:
        if isinstance(stage, Logits):
            name, width = writer.logits(stage, name), len(stage.biases)
            continue
        try:
            name = writer.each(stage, name) if isinstance(stage, Each) else writer.mixed(stage, name)
        except OperandError as error:
            raise OperandError(f"{stage.name}: {error}") from None
        width = width if isinstance(stage, Each) else len(stage.ys)
    last = writer.nodes[-1]
    if name != last.outputs[0]:
        writer.node("Identity", name)
        last = writer.nodes[-1]
    writer.nodes[-1] = last._replace(outputs=(OUTPUT,))
    return Graph(writer.nodes, writer.constants, len(first.weights[0]), width)


class _Onnx(Language):
    """Writes an operation as a node, whose output is the text of its part."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, tuple[tuple[int, ...], list[float]]] = {}

    def node(self, operator: str, *inputs: str, outputs: int = 0, **attributes: int) -> str:
        """Add a node; return the name of its output, or of its outputs up to their number."""
        name = f"v{len(self.nodes) + 1}"
        names = tuple([f"{name}_{index}" for index in range(outputs)]) if outputs else (name,)
        self.nodes.append(Node(operator, inputs, names, attributes))
        return name

    def constant_of(self, name: str, shape: tuple[int, ...], numbers: Sequence[float]) -> str:
        self.constants[name] = shape, list(numbers)
        return name

    # ------------------------------------------------------------------------------------------------------------- stages

    def logits(self, stage: Logits, x: str) -> str:
        shape = len(stage.weights), len(stage.weights[0])
        weight = self.constant_of(f"{stage.name}.weight", shape, [w.data for row in stage.weights for w in row])
        bias = self.constant_of(f"{stage.name}.bias", shape[:1], [b.data for b in stage.biases])
        return self.node("Gemm", x, weight, bias, transB=1)

    def each(self, stage: Each, x: str) -> str:
        return self.written(stage.y, {stage.x: x})

    def mixed(self, stage: Mixed, x: str) -> str:
        """Return the outputs side by side, each of the columns of the inputs."""
        name = self.node("Split", x, outputs=len(stage.xs), axis=1)
        columns = {symbol: f"{name}_{index}" for index, symbol in enumerate(stage.xs)}
        return self.node("Concat", *[self.written(y, columns) for y in stage.ys], axis=1)

    def written(self, y: Symbol, names: Mapping[Symbol, str]) -> str:
        return str(language.write(in_order(y), {symbol: Part(name, ATOM) for symbol, name in names.items()}, self).text)

    # --------------------------------------------------------------------------------------------------------- operations

    def number(self, x: float) -> Part:
        return Part(self.constant_of(f"c[{x!r}]", (), [x]), ATOM, x)

    def choice(self, left: Part, relation: str, right: Part, a: Part, b: Part) -> Part:
        condition = self.node(RELATIONS[relation], left.text, right.text)
        first, second = (b, a) if relation == "!=" else (a, b)
        return Part(self.node("Where", condition, first.text, second.text), ATOM)

    def apply(self, op: Op, parts: Sequence[Part], parameters: Mapping[str, Any]) -> Part:
        if op is where_row:
            return parts[0 if parameters["condition"] else 1]
        if op.onnx:
            return Part(self.node(op.onnx, *[part.text for part in parts]), ATOM)
        if op.decomposition is None:
            raise OperandError(
                f"onnxruntime has no {op.__name__} in double precision; take another activation, such as gelu_tanh for gelu"
            )
        return self.decomposed(op, parts, parameters)
