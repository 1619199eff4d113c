"""The tape: the forward computation and the reverse sweep, recorded as steps that can be read one by one.

    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> tape = record(a * b + a)
    >>> for step in tape:
    ...     print(step.formula())
    a = 2
    b = −3
    v1 = a·b = 2·(−3) = −6
    v2 = v1 + a = −6 + 2 = −4
    ∂v2/∂v2 = 1
    ∂v2/∂v1 += ∂v2/∂v2 · 1 = 1 · 1 = 1
    ∂v2/∂a += ∂v2/∂v2 · 1 = 1 · 1 = 1
    ∂v2/∂a += ∂v2/∂v1 · ∂v1/∂a = 1 · b = 1 · (−3) = −3
    ∂v2/∂b += ∂v2/∂v1 · ∂v1/∂b = 1 · a = 1 · 2 = 2

First every node, operands before users; then the seed; then every edge, in the order in which `backward` goes along them. The
sweep is the tape's own: it starts from nothing, and no `grad` is looked at or changed. `tape.table()` is the table of the
literature, forward beside reverse; `tape.tree()` shows the graph in a terminal; `tape.frames()` draws it step by step, and
`tape.save("sweep.gif")` makes a film of that.

Read `record`; then `recorded` in `show.recording`, which is the chain rule, and `Step` in `show.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, final, overload

from autograd.errors import OperandError, whole
from autograd.files import AnyPath
from autograd.graph import total_of
from autograd.ops import number
from autograd.show.animation import save_film
from autograd.show.frames import frames_of
from autograd.show.notation import Quantity
from autograd.show.recording import Sweep, recorded
from autograd.show.rendering import Drawing
from autograd.show.scene import scene_of
from autograd.show.steps import Step, step_along, step_of
from autograd.show.view import MAX_NODES, View, view_of
from autograd.show.wengert import LIMIT, Table, tree_of
from autograd.text.numbers import short
from autograd.value import Value

FILMED = 100  # nodes of a graph whose film can be watched to its end

__all__ = ["Quantity", "Step", "Table", "Tape", "record"]


def record(root: Value | Sequence[Value], *, names: Mapping[str, Any] | None = None, seed: float = 1.0) -> Tape:
    """The computation of the root and the sweep back from it, as a tape of nodes + 1 + edges steps.

    The adjoints are those that zero_grad and backward(seed) would leave in `grad`, to the bit; no `grad` is changed. `names`
    has names for nodes without a label, as `names=locals()`. A graph whose leaves were set to other data since it was made is
    refused with a StaleGraphError: its numbers would be of two computations. Of several results, `record([y, z])`, it is the
    tape of their sum.

    >>> x = Value(3.0, "x")
    >>> tape = record(x * x)
    >>> len(tape), tape.adjoint(x), x.grad
    (5, 6.0, 0.0)
    """
    return Tape(recorded(View.of(total_of(root, "record"), names), number(seed)))


@final
class Tape(Sequence[Step]):
    """What `record` recorded: a sequence of steps, and the views of it."""

    __slots__ = ("names", "nodes", "place", "sweep")

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.nodes = sweep.view.nodes  # operands before users; the root is the last
        self.names = sweep.view.names  # of every node, as formulas have them
        self.place = sweep.view.place

    @property
    def root(self) -> Value:
        return self.nodes[-1]

    @property
    def seed(self) -> float:
        return self.sweep.seed

    @property
    def steps(self) -> list[Step]:
        """All of them."""
        return list(self)

    def adjoint(self, node: Value) -> float:
        """The seed times ∂root/∂node; 0.0 for a node that nothing reached."""
        return self.sweep.adjoints[self._place(node)] or 0.0

    def _place(self, node: Value) -> int:
        try:
            return self.place[node]
        except (KeyError, TypeError):
            raise OperandError(f"{node!r:.60} is no node of this tape; tape.nodes lists them") from None

    def __len__(self) -> int:
        return len(self.nodes) + 1 + len(self.sweep.edges)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        try:
            return step_of(self.sweep, range(len(self))[index])
        except IndexError:
            raise IndexError(f"this tape has {len(self)} steps; there is none numbered {index}") from None

    def edge(self, node: Value, slot: int) -> Step:
        """The step back along the edge from this node to its operand number `slot`."""
        return step_along(self.sweep, self._place(node), slot)

    def quantity(self, kind: str, node: int, slot: int = 0) -> Quantity:
        """The number of that kind at nodes[node], or on its edge to operand number `slot`."""
        return self.sweep.quantity(kind, node, slot)

    # ------------------------------------------------------------------------------------------------------------- the views

    def table(self, style: str = "labels", *, limit: int = LIMIT, number: Callable[[float], str] = short) -> Table:
        """The Wengert table: forward on the left, downward; reverse on the right, upward, beside the node whose adjoint flows.

        Leaves come first. `style` "labels" has the nodes' own names and ∂L/∂x; "wengert" has those of the literature, v₁ and
        v̄₁ (Baydin, Pearlmutter, Radul and Siskind, 2018, table 3). Of a long table, `limit` lines are shown, half of them at
        each end. `number` writes a float.
        """
        return Table(self.sweep, style, limit, number)

    def tree(self, *, limit: int = LIMIT) -> str:
        """The graph as a tree, for a terminal: a node above its operands, each shown once; ↑ #n refers to one shown before.

        >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
        >>> print(record(a * b + a).tree())
        #3 v2 = v1 + a = −4    ∂v2/∂v2 = 1
        ├─ #2 v1 = a·b = −6    ∂v2/∂v1 = 1
        │  ├─ #0 a = 2         ∂v2/∂a = −2
        │  └─ #1 b = −3        ∂v2/∂b = 2
        └─ ↑ #0 a

        The number is the node's place on the tape. After `limit` lines the rest is counted.
        """
        return "\n".join(tree_of(self.sweep, whole("limit", limit, 1)))

    def frames(
        self,
        *,
        rankdir: str = "LR",
        max_nodes: int = MAX_NODES,
        legend: bool = True,
        engine: str | None = None,
    ) -> Iterator[Drawing]:
        """A picture for every step, with what is known by then; the step's node or edge is lit up. The layout never moves.

        Options as for `draw`.
        """
        view = replace(view_of(self.root, max_nodes=max_nodes), names=self.names)
        return frames_of(self.sweep, scene_of(view, self.sweep.flows), rankdir, legend, engine)

    def save(
        self,
        path: AnyPath,
        *,
        seconds: float = 1.5,
        rankdir: str = "LR",
        max_nodes: int = FILMED,
        legend: bool = True,
        engine: str | None = None,
    ) -> Path:
        """Write the frames as a film, with each step's sentence and formula below it; the path is returned.

        path      .gif, .mp4 or .pdf; a PDF has a page for each step. An .mp4 needs ffmpeg, and all need the extra `plot`
        seconds   the time of a step; the last one stays for twice as long
        others    as for `draw`

        >>> record(Value(2.0, "x") * 3.0).save("sweep.avi")
        Traceback (most recent call last):
            ...
        autograd.errors.OptionError: 'sweep.avi': the suffix names the film's format; give one of .gif, .mp4, .pdf
        """
        frames = self.frames(rankdir=rankdir, max_nodes=max_nodes, legend=legend, engine=engine)
        return save_film(frames, len(self), path, seconds)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook a tape is its table."""
        return self.table()._repr_mimebundle_()

    def __str__(self) -> str:
        return str(self.table())

    def __repr__(self) -> str:
        return f"<{self.sweep.summary()}>"
