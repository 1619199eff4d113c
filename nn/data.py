"""Data sets made on the spot, with scikit-learn's names and shapes and no dependency.

Each gives the points as a list of lists and the classes as a list of whole numbers. With `random_state=` the same call gives
the same points anywhere; without it they differ from run to run. The global random state is neither read nor changed.

    >>> X, y = make_moons(n_samples=4, shuffle=False)
    >>> [[round(coordinate, 3) for coordinate in point] for point in X], y
    ([[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [2.0, 0.5]], [0, 0, 1, 1])
"""

from __future__ import annotations

import math
import operator
import random
from typing import Any

from autograd.ops import number
from nn.errors import SettingError

__all__ = ["make_moons"]


def make_moons(
    n_samples: int | tuple[int, int] = 100,
    *,
    shuffle: bool = True,
    noise: float | None = None,
    random_state: int | random.Random | None = None,
) -> tuple[list[list[float]], list[int]]:
    """Two interleaving half circles: (cos t, sin t) is class 0, (1 − cos t, ½ − sin t) is class 1, t from 0 to π.

    One number of samples is divided between the two, a pair has one for each; `noise` is the standard deviation of what is
    added to each coordinate. The points are scikit-learn's; the noise and the order are those of Python's generator.
    """
    outer, inner = _moon_sizes(n_samples)
    points = [[math.cos(t), math.sin(t)] for t in _half_turn(outer)] + [
        [1 - math.cos(t), 0.5 - math.sin(t)] for t in _half_turn(inner)
    ]
    examples = list(zip(points, [0] * outer + [1] * inner, strict=True))
    rng = random_state if isinstance(random_state, random.Random) else random.Random(random_state)
    if shuffle:
        rng.shuffle(examples)
    X, y = [point for point, _ in examples], [target for _, target in examples]
    if noise is not None:
        spread = number(noise)
        if not 0.0 <= spread < math.inf:
            raise SettingError(f"noise = {noise!r}: a finite number of at least 0 is needed, or None")
        X = [[coordinate + rng.gauss(0.0, spread) for coordinate in point] for point in X]
    return X, y


def _moon_sizes(n_samples: Any) -> tuple[int, int]:
    try:
        if isinstance(n_samples, tuple):
            outer, inner = map(operator.index, n_samples)
        else:
            n = operator.index(n_samples)
            outer, inner = n // 2, n - n // 2
    except (TypeError, ValueError):
        raise SettingError(f"n_samples = {n_samples!r}: a whole number is needed, or a pair, one for each moon") from None
    if outer < 0 or inner < 0 or outer + inner == 0:
        raise SettingError(f"n_samples = {n_samples!r}: at least one point is needed, and no negative number")
    return outer, inner


def _half_turn(n: int) -> list[float]:
    """n angles from 0 to π, both included; one alone is 0."""
    return [math.pi * i / (n - 1) for i in range(n)] if n > 1 else [0.0] * n
