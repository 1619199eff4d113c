"""The gradient of a batch in shards, on the workers of a Dask cluster or here: the same bits wherever they run.

A batch is cut into 64 shards at most, of examples that are neighbours in it, however many workers there are. Their sums are added
as a tree: each with its neighbour, then each pair with the next pair. A task computes whole branches of that tree, so its result
does not depend on how many shards a task has, nor on which worker runs it.

    >>> tree([1.0, 2.0, 3.0, 4.0, 5.0]) == ((1.0 + 2.0) + (3.0 + 4.0)) + 5.0
    True

The programs travel once, as their tapes. A step sends the numbers of the parameters and the places of the examples, and gets back
one gradient a task. Start reading at `Sharded`.
"""

from __future__ import annotations

import copy
import math
import pickle
import threading
import time
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd import Program, Value
from autograd.errors import AutogradError, MissingExtraError, ModeError
from autograd.ops import dot
from autograd.undo import set_all
from autograd.value import DATA, GRAD, sweep_apart, toposort
from nn.clusters import refuse_no_client
from nn.engines import ENGINES, Untraceable
from nn.errors import SettingError
from nn.loss_terms import OURS
from nn.module import contents
from nn.optim import Optimizer
from nn.outputs import flattened
from nn.task import Task

__all__ = ["Part", "Sharded", "sharded_for", "tree"]

SHARDS = 64
LEAST = 16  # examples in a shard
PAYS = 0.01  # seconds of work in a task, some times what the task costs


def tree(parts: Sequence[Any]) -> Any:
    """The sum of the parts, each added to its neighbour, then each pair to the next pair."""
    while len(parts) > 1:
        pairs = [_added(a, b) for a, b in zip(parts[::2], parts[1::2], strict=False)]
        parts = pairs + list(parts[len(pairs) * 2 :])
    return parts[0]


def sharded_for(client: Any, engine: str, task: Task, optimiser: Optimizer, held_out: Task | None) -> Sharded:
    """Return what computes the gradients of a training on a cluster; "auto" is strict. A SettingError says what it cannot do."""
    if engine not in ENGINES or engine == "eager":
        raise SettingError(f"engine = {engine!r:.60}: with client= a compiled program runs; give one of auto, strict, fast")
    refuse_no_client(client)
    try:
        return Sharded(client, task, optimiser, held_out, exact=engine != "fast")
    except Untraceable as error:
        raise SettingError(f"client = {client!r:.60}: {error}; leave client= away") from error


def _added(a: Any, b: Any) -> Any:
    if type(a) is float:
        return a + b
    import numpy

    with numpy.errstate(all="ignore"):  # who asks for the sum looks whether it is finite
        return a + b


class Sharded:
    """The gradient of a task's batches in shards, by a program that runs on workers where a task has work enough."""

    def __init__(self, client: Any, task: Task, optimiser: Optimizer, held_out: Task | None, *, exact: bool) -> None:
        if task.loss not in OURS:
            raise Untraceable("shards need a loss of nn.losses, which is a sum or a mean over examples")
        self.client, self.task, self.optimiser, self.held_out = client, task, optimiser, held_out
        self.name = ("strict" if exact else "fast") + ", in shards"
        self.parameters = list(dict.fromkeys([*task.model.parameters(), *optimiser.parameters]))
        self._contents = [thing for _, thing in contents(task.model)]
        self.part = Part(task, self.parameters, exact=exact)
        self._kept: Any = None  # the part on the workers
        self._has_warned = False
        numbers = [parameter.data for parameter in self.parameters]
        shard = self._shards(range(len(task)))[0]
        self.seconds = min([self.part.branch(numbers, [shard]).seconds for _ in range(2)])  # of one example

    def is_current(self) -> bool:
        """Whether the model has the parts that it was traced with: callbacks may change it."""
        now = [thing for _, thing in contents(self.task.model)]
        return len(now) == len(self._contents) and all(a is b for a, b in zip(now, self._contents, strict=True))

    def measure(self) -> tuple[float, float | None]:
        """The loss and the accuracy on the held-out examples."""
        assert self.held_out is not None
        return self.held_out.measure()

    def gradient(self, batch: Sequence[int]) -> tuple[float, int] | None:
        """Set the gradients of a batch; return the loss and the number of right outputs; None where nodes say what is wrong."""
        numbers = [parameter.data for parameter in self.parameters]
        branches = self.branches(batch)
        found = self._there(numbers, branches) if len(branches) > 1 else None
        found = found or [self.part.branch(numbers, branch) for branch in branches]
        self.seconds = min([self.seconds, *[each.seconds for each in found]])
        total, gradient = tree([each.total for each in found]), tree([each.gradient for each in found])
        factor = 1.0 if self.task.is_sum else 1.0 / len(batch)
        learned = [factor * grad for grad in gradient.tolist()]
        if not math.isfinite(total) or not all(map(math.isfinite, learned)):
            self._kept = None  # nodes raise now, and the workers shall keep nothing for a traceback
            return None
        self.optimiser.zero_grad()
        grads = [grad if not p.reached else p.grad + grad for p, grad in zip(self.parameters, learned, strict=True)]
        set_all(GRAD, self.parameters, grads)
        right = [each.right for each in found]
        return total * factor, -1 if -1 in right else sum(right)

    def _shards(self, batch: Sequence[int]) -> list[Any]:
        import numpy

        count = max(1, min(SHARDS, len(batch) // LEAST))
        return numpy.array_split(numpy.asarray(batch), count)

    def branches(self, batch: Sequence[int]) -> list[list[Any]]:
        """The shards of each task: a power of two, for the tree; a task has work enough, and a thread a task or two."""
        shards, threads = self._shards(batch), max(1, sum(self.client.ncores().values()))
        took = self.seconds * len(shards[0])
        size = 1
        while size < len(shards) and (size * took < PAYS or len(shards) > 2 * size * threads):
            size *= 2
        if size >= len(shards) and not self._has_warned:
            self._has_warned = True
            why = f"a step of {1e3 * took * len(shards):.2g} ms is too little for tasks of Dask"
            warnings.warn(f"fit(client=): {why}, and runs here, to the same bits", stacklevel=2)
        return [shards[start : start + size] for start in range(0, len(shards), size)]

    def _there(self, numbers: Sequence[float], branches: list[list[Any]]) -> list[BranchSums] | None:
        """What the workers find; None if those that ran a task died again and again."""
        import numpy
        from distributed import KilledWorker

        if self._kept is None:
            self._kept = self.client.submit(pickle.loads, pickle.dumps(self.part), pure=False)  # a dead worker's is made again
        data = numpy.asarray(numbers).tobytes()
        futures = [self.client.submit(_on_worker, self._kept, data, branch, pure=False) for branch in branches]
        try:
            return self.client.gather(futures)  # type: ignore[no-any-return]
        except KilledWorker:
            return None


class BranchSums(NamedTuple):
    """What a branch gives, or a number that is not finite where it raises."""

    total: float
    gradient: Any
    right: int  # -1 if the targets are no classes
    seconds: float  # for an example


class Part:
    """What a worker needs: the program of the model's outputs, the one that takes their slopes to the parameters, and the examples.

    Between the two, the loss of a shard is a small graph of nodes.
    """

    def __init__(self, task: Task, parameters: Sequence[Any], *, exact: bool) -> None:
        try:
            import numpy
        except ImportError:
            raise MissingExtraError("numpy", "compile") from None
        try:
            self.X = numpy.asarray(task.X, dtype=float)
        except (TypeError, ValueError):
            raise Untraceable("shards need examples that are lists of numbers of one length") from None
        self.task = copy.copy(task)
        self.task.model, self.task.X = None, ()  # the programs have the model
        self.outputs = Program(task.model, parameters, strict=exact)
        self.pulled = Program(lambda x, slopes: dot(slopes, flattened([task.model(x)])), parameters, strict=exact, reduction="sum")
        self._is_ready = False
        try:
            self._prepare([parameter.data for parameter in parameters], 1)
        except ModeError as error:
            raise Untraceable(str(error)) from None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_is_ready": False}

    def branch(self, numbers: Sequence[float], shards: Sequence[Any]) -> BranchSums:
        """The sums over a branch of shards; one branch at a time in a process, since programs have one place for their numbers."""
        import numpy

        with _ONE_AT_A_TIME:
            try:
                if not self._is_ready:  # what is exact runs in Python first
                    self._prepare(numbers, 4)
                    self._is_ready = True
                start = time.perf_counter()
                totals, gradients, right = zip(*[self._shard(numbers, shard) for shard in shards], strict=True)
            except (AutogradError, ArithmeticError, ValueError):
                return BranchSums(math.nan, numpy.full(len(numbers), math.nan), 0, math.inf)
        took = (time.perf_counter() - start) / sum(map(len, shards))
        return BranchSums(tree(totals), tree(gradients), -1 if -1 in right else sum(right), took)

    def _prepare(self, numbers: Sequence[float], times: int) -> None:
        """Run on one example, so that the programs are traced or become machine code."""
        for _ in range(times):
            found = self.outputs(self.X[:1])
            slopes = [[0.0] * (len(found) if isinstance(found, Sequence) else 1)]
            self.pulled.objective(numbers, self.X[:1], slopes)

    def _shard(self, numbers: Sequence[float], shard: Any) -> tuple[float, Any, int]:
        """The sum of the losses of the examples, its gradient, and how many outputs name the right class."""
        import numpy

        set_all(DATA, self.outputs.parameters, numbers)
        found = self.outputs(self.X[shard])
        is_one = not isinstance(found, Sequence)
        columns = [list(map(Value, column.tolist())) for column in ([found] if is_one else found)]
        examples = columns[0] if is_one else list(map(list, zip(*columns, strict=True)))
        loss, right = self.task.loss_of(examples, shard.tolist()), self.task.right(examples, shard.tolist())
        factor = 1.0 if self.task.is_sum else float(len(shard))
        slopes = numpy.array(sweep_apart(toposort(loss), [y for column in columns for y in column]))
        _, gradient = self.pulled.objective(numbers, self.X[shard], factor * slopes.reshape(len(columns), len(shard)).T)
        return factor * loss.data, gradient, right


_ONE_AT_A_TIME = threading.Lock()


def _on_worker(part: Part, data: bytes, shards: Sequence[Any]) -> BranchSums:
    import numpy

    return part.branch(numpy.frombuffer(data).tolist(), shards)
