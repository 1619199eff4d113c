"""Functions of floats that Python's `math` lacks, accurate to a few units in the last place over the whole range.

They are the values of rows in `autograd.ops`; no derivative is stated here. Each docstring names the formula that loses
accuracy and the one used instead. NaN in gives NaN out. `tests/test_special.py` measures them against mpmath.
"""

from autograd.special.activations import *  # noqa: F403
from autograd.special.angles import *  # noqa: F403
from autograd.special.arithmetic import *  # noqa: F403
from autograd.special.exponentials import *  # noqa: F403
from autograd.special.gammas import *  # noqa: F403
from autograd.special.normal import *  # noqa: F403
