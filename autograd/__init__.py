"""A scalar autodiff engine: backpropagation is the chain rule over the graph.

    >>> from autograd import Value, exp
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> z = x * y + exp(x)
    >>> z.backward()
    >>> x.grad, y.grad                      # ∂z/∂x = y + eˣ, ∂z/∂y = x
    (10.38905609893065, 2.0)

Start reading at `autograd.value`, then `autograd.ops`. ARCHITECTURE.md shows the whole house.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import copying, errors, modes, ops, value  # noqa: F401  # copying gives the node its methods
from autograd.errors import *  # noqa: F403
from autograd.modes import *  # noqa: F403
from autograd.ops import *  # noqa: F403  # every row of the table, by its name
from autograd.value import *  # noqa: F403

# Not in __all__, so that a star import leaves Python's own alone.
abs, divmod, max, min, pow, round, sum = ops.abs, ops.divmod, ops.max, ops.min, ops.pow, ops.round, ops.sum

__version__ = "0.1.0"


# What a node can do through rooms that come after its own; they are opened when it is done.


def _explain(self: value.Value, root: value.Value, **options: Any) -> Any:
    """Why ∂root/∂self is what it is, in words, symbols and numbers: `autograd.explain(root, self, ...)`."""
    from autograd.explanation import explain

    return explain(root, self, **options)


def _shown(self: value.Value, include: Any = None, exclude: Any = None) -> dict[str, str]:
    """In a notebook a node is the picture of its graph, while that is readable; as text it is always its short self."""
    from autograd.drawing import draw
    from autograd.graph import is_larger

    picture = {} if is_larger(self, SHOWN) else draw(self)._repr_mimebundle_()
    return {**picture, "text/plain": repr(self)}


SHOWN = 60  # nodes of a graph that a notebook draws without being asked
value.Value.explain = _explain  # type: ignore[method-assign]  # declared there, and bound here
value.Value._repr_mimebundle_ = _shown  # type: ignore[method-assign]

if TYPE_CHECKING:
    from autograd import bugs, checking, drawing, examiner, formula, graph, page, symbols, testing, transforms  # noqa: F401
    from autograd.checking import *  # noqa: F403
    from autograd.drawing import *  # noqa: F403
    from autograd.explanation import *  # noqa: F403
    from autograd.formula import *  # noqa: F403
    from autograd.graph import *  # noqa: F403
    from autograd.page import *  # noqa: F403
    from autograd.programs import *  # noqa: F403
    from autograd.quizzes import *  # noqa: F403
    from autograd.tape import *  # noqa: F403
    from autograd.transforms import *  # noqa: F403
else:
    # Rooms that the first line of a program seldom needs are opened when they are first asked for: importing stays fast.
    # The names in these are names of the package too.
    _PUBLIC = ("transforms", "graph", "formula", "programs", "drawing", "checking", "tape", "explanation", "quizzes", "page")
    _ROOMS = (*_PUBLIC, "symbols", "testing", "bugs", "examiner")

    def __getattr__(name):
        if name in _ROOMS:
            return import_module(f"autograd.{name}")
        if name == "__all__":
            rooms = (errors, modes, ops, value, *(import_module(f"autograd.{room}") for room in _PUBLIC))
            return ["ops", *(public for room in rooms for public in room.__all__)]
        if not name.startswith("_"):
            for room in _PUBLIC:
                module = import_module(f"autograd.{room}")
                if name in module.__all__:
                    return getattr(module, name)
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")

    def __dir__():
        return sorted({*globals(), *__getattr__("__all__"), *_ROOMS})
