"""What a user sees of the engine that runs, as lines of text. Engines that are alike print the same lines."""

from __future__ import annotations

import copy
import gc
import hashlib
import inspect
import pickle
import pydoc
import re
import threading
import weakref
from typing import Any

import autograd
from autograd import Value, ops, toposort

IN_C = ("__autograd_op__", "__init_subclass__", "__new__", "__subclasshook__", "__weakref__")  # without Python's text or signature


def refused(action: Any) -> str:
    try:
        return f"no error: {action()!r}"
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        return f"{type(error).__mro__[:3]} {error}"


def signature(thing: Any) -> str:
    try:
        return str(inspect.signature(thing))
    except (TypeError, ValueError) as error:  # no function, or one in C
        return type(error).__name__


def names() -> None:
    print(dir(autograd), sorted(vars(ops)))
    print(dir(Value), dir(Value(1.0)))
    print(Value, Value.__mro__, Value.__module__, Value.__qualname__, inspect.signature(Value))
    for name in sorted(set(dir(Value)) - set(IN_C)):
        thing = getattr(Value, name)
        if not name.startswith("_") or callable(thing):
            print(name, callable(thing), inspect.getdoc(thing), signature(thing), inspect.isdatadescriptor(thing))
    for function in (toposort, autograd.zero_grad, ops.tanh, Value(1.0).tanh, Value.__add__):
        print(function.__name__, function.__doc__, inspect.signature(function), re.sub(" at 0x.*", "", repr(function)))
    print(sorted(set(re.findall(r"^ \|  (\w+)", pydoc.plain(pydoc.render_doc(Value)), re.MULTILINE)) - {"Readonly", "list", *IN_C}))


def answers() -> None:
    x, y = Value(0.5, "x"), Value(-1.5)
    root = ops.leaky_relu(x * y, 0.25) + ops.sum([x, y, 3.0])
    root.backward()
    for node in toposort(root):
        print(repr(node), str(node), f"{node:.3f}", node.label, node.op, node.reached, node.is_leaf, node.edges, node._op)
        print(
            type(node.data),
            type(node.operands),
            type(node.partials),
            type(node.parameters),
            type(node.edges),
            hash(node) == id(node) >> 4,
        )
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        print(hashlib.sha256(pickle.dumps([root, x, root], protocol)).hexdigest())
    for twin in (copy.copy(root), copy.deepcopy(root), pickle.loads(pickle.dumps(root))):
        print(repr(twin), twin == root, twin is root, twin.operands == root.operands, twin.operands[0] is root.operands[0])
    for action in (
        *(lambda bad=bad: Value(bad) for bad in ("a", None, 1j, [1.0], x, 10**400)),
        *(lambda bad=bad: Value(1.0, bad) for bad in (1, None, (x,))),
        *(
            lambda name=name: setattr(root, name, 1.0)
            for name in ("data", "op", "operands", "partials", "edges", "reached", "other")
        ),
        *(lambda name=name: delattr(x, name) for name in ("data", "grad", "label", "op", "other")),
        *(lambda name=name: getattr(x, name) for name in ("tanhh", "requires_grad")),
        *(lambda bad=bad: setattr(x, "grad", bad) for bad in ("a", None, x)),
        lambda: setattr(x, "label", 1),
        lambda: type("Sub", (Value,), {}),
        lambda: Value(),
        lambda: Value(1.0, "a", "b", "c", "d"),
        lambda: Value(number=1.0),
        lambda: x.backward("a"),
        lambda: x.backward(retain_graph=True),
        lambda: toposort(1.0),
        lambda: autograd.zero_grad([x, 1.0]),
        lambda: (y.log(), x / 0.0, ops.exp(Value(1000.0))),
        lambda: x / 0.0,
        lambda: ops.exp(Value(1000.0, "large")),
        lambda: x + "a",
        lambda: [x] < x,
        *(lambda convert=convert: convert(x) for convert in (bool, float, int, complex, len, iter, list)),
        lambda: x[0],
    ):
        print(refused(action))


def lives() -> None:
    gc.disable()
    x = Value(1.0)
    made = [x * 2.0 for _ in range(3)]
    gone: list[str] = []
    ghosts = [weakref.ref(node, lambda ghost: gone.append("gone")) for node in made]
    print(weakref.getweakrefcount(made[0]), ghosts[0]() is made[0], len(weakref.WeakSet(made)), gc.is_tracked([x]))
    made.clear()
    print(gone, [ghost() for ghost in ghosts], sorted({x: 1, Value(1.0): 2}.values()), x == 1.0, x in (1.0, 2.0), x in {1.0})
    results: list[float] = []
    lock = threading.Lock()

    def work(seed: int) -> None:
        leaf = Value(float(seed))
        y = leaf
        for _ in range(200):
            y = (y * leaf).tanh() + leaf
        y.backward()
        with lock:
            results.append(leaf.grad)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sorted(results))


if __name__ == "__main__":
    names()
    answers()
    lives()
