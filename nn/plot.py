"""Pictures of learning: error surfaces, boundaries, losses, what happens inside a network, an operation and its derivative.

Every function draws on matplotlib's axes `ax=`, or on a new figure if none are given, and returns the figure. No function opens a
window or touches pyplot's state, so all of it works on a machine without a display:

    figure = error_surface(lambda a, b: a**2 + 5 * b**2, ((-2, 2), (-1, 1)), trajectories={"batch": path}, minimum=(0, 0))
    figure.savefig("surface.pdf")

Colours are those of Okabe and Ito, which the colour-blind can tell apart. A line's pattern, a marker or a sign repeats what a
colour means, so that a copy in black and white can be read.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autograd import Value, no_grad
from autograd.errors import AutogradError, MissingExtraError
from autograd.files import AnyPath, replacing
from autograd.ops import Op, lookup
from autograd.text.numbers import short
from nn.data import surroundings
from nn.errors import SettingError, ShapeError
from nn.outputs import data_of

__all__ = [
    "activity",
    "boundary_gif",
    "boundary_strip",
    "bowl",
    "canvas",
    "decision_boundary",
    "ellipses",
    "error_surface",
    "loss_curves",
    "network",
    "operation",
    "outputs_by_layer",
    "principal_axes",
]

Axes = Any  # matplotlib's; its types are there only where it is installed
Figure = Any
Point = Sequence[float]
Points = Sequence[Point]
Limits = tuple[tuple[float, float], tuple[float, float]]
Surface = Callable[[float, float], Any]
States = Mapping[str, Mapping[str, float]]
WEIGHTS = ("w₁", "w₂")

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
INK, LINE = "#222222", "#8793A1"
GROUND = ["#FFFFFF", "#DDE6EF", "#B4C5D6"]  # of a surface, from its lowest place to its highest
BODY = ["#0B3C6F", "#2F7FBF", "#8CC0E4", "#E3F0FA"]  # the same of a surface seen from the side, whose bottom is dark to be found
REGIONS = ["#F4CF86", "#FBECCB", "#DCECF6", "#A9CFE8"]  # of a boundary: sure of one class, less so, of the other
CLASSES = [("#B56A00", "o"), ("#0072B2", "s")]  # the lower and the higher: orange and blue, as of what is negative and positive
LINES = [(BLUE, "-", "o"), (VERMILION, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"), (INK, (0, (6, 1, 1, 1, 1, 1)), "v"),
         (ORANGE, (0, (1, 1)), "P")]  # fmt: skip

STYLE: Any = {
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.labelcolor": "#333333",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "font.size": 11,
    "grid.color": "#E4E4E4",
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "svg.hashsalt": "plot",  # the same picture is the same file
    "xtick.color": "#555555",
    "ytick.color": "#555555",
}


# ----------------------------------------------------------------------------------------------------------- error surfaces


def error_surface(
    error: Surface,
    limits: Limits,
    *,
    trajectories: Mapping[str, Points] | None = None,
    minimum: Point | None = None,
    names: tuple[str, str] = WEIGHTS,
    levels: int = 9,
    resolution: int = 50,
    ax: Axes = None,
) -> Figure:
    """Draw the error over two weights as contours, and the paths that learning took.

    `error(w1, w2)` returns a number or a node. The contours of a parabolic bowl are equally far apart. A trajectory starts at
    the hollow mark; the star is the minimum.
    """
    grid = _grid(error, limits, resolution)
    with canvas(ax, (5.6, 4.4)) as (axes,):
        _contours(axes, grid, levels, fill=True)
        for (name, path), (colour, line, marker) in zip((trajectories or {}).items(), itertools.cycle(LINES), strict=False):
            axes.plot(*_columns(path), color=colour, linestyle=line, linewidth=1.5, marker=marker, markersize=3.5, label=name)
            axes.plot(*path[0], color=colour, marker=marker, markersize=8, markerfacecolor="white", markeredgewidth=1.8)
        if minimum is not None:
            axes.plot(*minimum, color=INK, marker="*", markersize=13, markeredgecolor="white", linestyle="none", label="minimum")
        _name_plane(axes, limits, names)
        if trajectories or minimum is not None:
            _framed_legend(axes)
    return axes.figure


def bowl(
    error: Surface,
    limits: Limits,
    *,
    minimum: Point | None = None,
    names: tuple[str, str] = WEIGHTS,
    levels: int = 7,
    resolution: int = 40,
    ax: Axes = None,
) -> Figure:
    """Draw the error over two weights as a surface, its contours on it and on the ground below it.

    Flat axes are replaced by axes in space. A minimum is a star on the ground, below the dot at the surface's lowest place.
    """
    from matplotlib.colors import PowerNorm

    grid = _grid(error, limits, resolution)
    with canvas(ax, (5.6, 4.4)) as (flat,):
        axes = flat
        if flat.name != "3d":
            axes = flat.figure.add_subplot(flat.get_subplotspec(), projection="3d")
            flat.remove()
        xs, ys, heights = grid
        low, high = _range(heights)
        ground = low - 0.35 * (high - low)
        surface = map(_array, ([xs] * len(ys), [[y] * len(xs) for y in ys], heights))
        axes.computed_zorder = False  # else the surface hides lines that are on it
        _contours(axes, grid, levels, zdir="z", offset=ground, zorder=1)
        axes.plot_surface(
            *surface, cmap=_ground(BODY), norm=PowerNorm(0.5, low, high), alpha=0.92, linewidth=0, rcount=60, ccount=60, zorder=2
        )
        _contours(axes, grid, levels, colours="#FFFFFF", zorder=3)
        if minimum is not None:
            at = data_of(error(*minimum))
            axes.plot(*[[w, w] for w in minimum], [ground, at], ":", color=INK, linewidth=1.2, zorder=4)
            axes.plot(*[[w] for w in minimum], [ground], "*", color=INK, markersize=11, zorder=4)
            axes.plot(*[[w] for w in minimum], [at], "o", color=VERMILION, markersize=7, zorder=5)
        axes.set(xlim=limits[0], ylim=limits[1], zlim=(ground, high), xlabel=names[0], ylabel=names[1], zlabel="E")
        axes.set_zticks([z for z in axes.get_zticks() if low - 0.05 * (high - low) <= z <= high])
        axes.locator_params("x", nbins=4)
        axes.locator_params("y", nbins=4)
        axes.set_box_aspect((1, 1, 0.75), zoom=0.88)
        axes.view_init(elev=32, azim=-62)
    return axes.figure


def ellipses(
    curvatures: Mapping[str, Points],
    *,
    minimum: Point = (0.0, 0.0),
    height: float = 1.0,
    names: tuple[str, str] = WEIGHTS,
    ax: Axes = None,
) -> Figure:
    """Draw the section of each bowl E = ½ (w − m)ᵀ H (w − m) at one height: an ellipse with half axes √(2E/λ).

    `curvatures` maps a name to a matrix H, whose curvatures λ must both be above 0.
    """
    for name, matrix in curvatures.items():
        if not principal_axes(matrix)[1][0] > 0:
            raise SettingError(f"the section of {name!r} is no ellipse: its curvatures must both be above 0; give others")
    turn = [2 * math.pi * k / 240 for k in range(241)]
    with canvas(ax, (5.6, 4.4)) as (axes,):
        shades = _shades(len(curvatures))
        for (name, matrix), colour, (_, line, _) in zip(curvatures.items(), shades, itertools.cycle(LINES), strict=False):
            (steep, (a, b)), (flat, (c, d)) = principal_axes(matrix)
            minor, major = math.sqrt(2 * height / steep), math.sqrt(2 * height / flat)
            halves = [(minor * math.cos(t), major * math.sin(t)) for t in turn]
            points = [(minimum[0] + p * a + q * c, minimum[1] + p * b + q * d) for p, q in halves]
            axes.plot(*_columns(points), color=colour, linestyle=line, label=name)
        axes.plot(*minimum, color=INK, marker="*", markersize=9, linestyle="none")
        axes.set(xlabel=names[0], ylabel=names[1])
        axes.set_aspect("equal", adjustable="datalim")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return axes.figure


def principal_axes(matrix: Points) -> tuple[tuple[float, tuple[float, float]], tuple[float, tuple[float, float]]]:
    """Return the curvatures λ of a symmetric 2 × 2 matrix with their directions, the larger first.

    >>> principal_axes([[2.0, 0.0], [0.0, 8.0]])
    ((8.0, (0.0, 1.0)), (2.0, (-1.0, 0.0)))
    """
    (a, b), (_, d) = matrix
    angle = 0.5 * math.atan2(2 * b, a - d) if b or a != d else 0.0
    c, s = (0.0, 1.0) if b == 0 and a < d else (math.cos(angle), math.sin(angle))
    middle, radius = (a + d) / 2, math.hypot((a - d) / 2, b)
    small = (a * d - b * b) / (middle + radius) if middle + radius > 0 else middle - radius  # no difference of near equals
    return (middle + radius, (c, s)), (small, (-s, c))


# ------------------------------------------------------------------------------------------------------------------ training


def loss_curves(
    losses: Mapping[str, Sequence[float]] | Sequence[float],
    *,
    log: bool = True,
    xlabel: str = "step",
    ylabel: str = "error E",
    ax: Axes = None,
) -> Figure:
    """Draw a curve for each name, or a single one; on a logarithmic axis there is a gap where a loss is no positive number."""
    curves = losses if isinstance(losses, Mapping) else {"": losses}
    with canvas(ax, (5.6, 3.6)) as (axes,):
        for (name, curve), (colour, line, _) in zip(curves.items(), itertools.cycle(LINES), strict=False):
            heights = [math.nan if log and not 0 < x < math.inf else x for x in map(data_of, curve)]
            axes.plot(heights, color=colour, linestyle=line, label=name or None)
        if log:
            axes.set_yscale("log")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        if any(curves):
            axes.legend()
    return axes.figure


def decision_boundary(
    model: Callable[[list[float]], Any],
    X: Points,
    y: Sequence[Any],
    *,
    threshold: float = 0.0,
    margin: float | None = 1.0,
    limits: Limits | None = None,
    names: tuple[str, str] = ("x₁", "x₂"),
    resolution: int = 60,
    ax: Axes = None,
) -> Figure:
    """Draw the points of two classes, and where the model's score passes the threshold; dashed: the margins on both sides.

    For scores around 0 the margins are at ±1; for a probability take `threshold=0.5, margin=None`.
    """
    if len(X) != len(y):
        raise ShapeError(f"{len(X)} points and {len(y)} classes; each point needs its class")
    classes = sorted(set(y))
    if len(classes) > 2:
        raise SettingError(f"a boundary parts two classes, not {len(classes)}; draw one class against the others")
    limits = limits or surroundings(X)
    xs, ys, scores = _grid(lambda a, b: model([a, b]), limits, resolution)
    levels = [threshold] if margin is None else [threshold - margin, threshold, threshold + margin]
    fills = [REGIONS[0], REGIONS[3]] if margin is None else REGIONS
    low, high = _range(scores)
    with canvas(ax, (5.6, 4.4)) as (axes,):
        axes.contourf(xs, ys, scores, levels=[min(low, levels[0]) - 1, *levels, max(high, levels[-1]) + 1], colors=fills)
        for level in levels:
            if low < level < high:  # matplotlib warns of others
                width, pattern = (2.0, "-") if level == threshold else (1.0, "--")
                axes.contour(xs, ys, scores, levels=[level], colors="#444444", linewidths=width, linestyles=pattern)
        for name, (colour, marker) in zip(classes, CLASSES, strict=False):
            points = [x for x, actual in zip(X, y, strict=True) if actual == name]
            dots = axes.scatter(*_columns(points), c=colour, marker=marker, edgecolors="white", linewidths=0.8, s=46, zorder=3)
            dots.set_label(f"class {name if isinstance(name, str) else short(name)}")
        _name_plane(axes, limits, names)
        axes.set_aspect("equal")
        _framed_legend(axes)
    return axes.figure


def boundary_strip(model: Any, states: States, X: Points, y: Sequence[Any], *, ax: Any = None, **options: Any) -> Figure:
    """Draw the boundary for each state of the model, side by side; `ax` is one axes for each.

    `states` maps a title to what `model.state_dict()` returned; options are those of `decision_boundary`. The model has its
    own state again afterwards.
    """
    options.setdefault("limits", surroundings(X))
    with canvas(ax, (3.0, 3.2), len(states)) as frames:
        for index, axes in enumerate(_frames(model, states, frames)):
            decision_boundary(model, X, y, ax=axes, **options)
            axes.get_legend().remove()
            axes.locator_params("x", nbins=4, prune="upper")
            if index:
                axes.set(ylabel="")
                axes.tick_params(labelleft=False)
        frames[-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return frames[0].figure


def boundary_gif(
    model: Any, states: States, X: Points, y: Sequence[Any], path: AnyPath, *, fps: int = 4, ax: Axes = None, **options: Any
) -> Figure:
    """Write the moving boundary to `path` as an animated GIF, with a frame for each state as in `boundary_strip`."""
    options.setdefault("limits", surroundings(X))
    with canvas(ax, (5.0, 4.2)) as (axes,):
        from matplotlib.animation import PillowWriter

        writer = PillowWriter(fps=fps)
        with replacing(path) as file, writer.saving(axes.figure, str(file), 100):
            for _ in _frames(model, states, itertools.repeat(axes)):
                title = axes.get_title("left")
                axes.clear()
                decision_boundary(model, X, y, ax=axes, **options)
                axes.set_title(title, loc="left")
                writer.grab_frame()
    return axes.figure


# ------------------------------------------------------------------------------------------------------ inside a network


def network(model: Any, *, names: Sequence[str] | None = None, values: bool = False, ax: Axes = None) -> Figure:
    """Draw the neurons layer by layer, inputs at the left; every edge is a weight, wide if it is large.

    Blue and solid is positive, orange and dashed negative. `model` has `layers` of `neurons`, as an MLP does, or is a list of
    sizes, whose edges are all alike. `values` writes each weight on its edge.
    """
    if hasattr(model, "layers"):
        weights = [[[data_of(w) for w in neuron.w] for neuron in layer.neurons] for layer in model.layers]
        sizes = [len(weights[0][0]), *map(len, weights)]
    else:
        weights, sizes = [], list(model)
    largest = max((abs(w) for layer in weights for neuron in layer for w in neuron), default=1.0) or 1.0
    names = names or ["input", *["hidden"] * (len(sizes) - 2), "output"]
    places = [[(1.6 * k, (n - 1) / 2 - i) for i in range(n)] for k, n in enumerate(sizes)]
    with canvas(ax, (1.6 + 1.3 * len(sizes), 3.6)) as (axes,):
        for k, (tails, heads) in enumerate(itertools.pairwise(places)):
            for (j, head), (i, tail) in itertools.product(enumerate(heads), enumerate(tails)):
                w = weights[k][j][i] if weights else None
                colour, pattern = (LINE, "-") if w is None else (BLUE, "-") if w >= 0 else (VERMILION, "--")
                width = 1.0 if w is None else 0.5 + 3.5 * abs(w) / largest
                axes.plot(*_columns([tail, head]), color=colour, linestyle=pattern, linewidth=width, zorder=1)
                if values and w is not None:
                    share = 0.3 if i % 2 else 0.7  # beside each other's, not on them
                    spot = [a + share * (b - a) for a, b in zip(tail, head, strict=True)]
                    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
                    axes.text(*spot, f"{w:.2f}".replace("-", "−"), color=colour, ha="center", va="center", fontsize=8.5, bbox=box)
        bottom = (max(sizes) - 1) / 2 + 0.4
        for k, (column, name) in enumerate(zip(places, names, strict=True)):
            fill = "#FFF8E1" if k == 0 else "#E8F5E9" if k == len(places) - 1 else "#EEF2F7"
            axes.scatter(*_columns(column), s=430, c=fill, edgecolors=INK, linewidths=1.2, zorder=2)
            axes.text(column[0][0], -bottom, name, ha="center", va="top", color=INK)
        axes.set(xlim=(-0.7, 1.6 * (len(sizes) - 1) + 0.7), ylim=(-bottom - 0.3, bottom - 0.05))
        axes.axis("off")
    return axes.figure


def outputs_by_layer(model: Any, X: Sequence[Any]) -> dict[str, list[Value]]:
    """Return the output nodes of every layer of `model.layers` for these examples, by layer; the last are the model's."""
    outputs: dict[str, list[Value]] = {f"layers[{k}]": [] for k in range(len(model.layers))}
    for x in X:
        for layer, found in zip(model.layers, outputs.values(), strict=True):
            x = layer(x)
            found += x if isinstance(x, list) else [x]
    return outputs


def activity(layers: Mapping[str, Sequence[Value]], *, ax: Any = None) -> Figure:
    """Draw the outputs of each layer's neurons, and the gradients with respect to them; `ax` is two axes.

    `layers` maps names to output nodes, as `outputs_by_layer` returns them, after a backward. The box holds the middle half,
    the bar is the median, whiskers reach from 5 % to 95 %. Gradients that shrink from layer to layer towards the input vanish;
    those that grow explode. Those that are 0 are counted above their box.
    """
    names, nodes = list(layers), list(layers.values())
    with canvas(ax, (4.6, 3.6), 2) as (left, right):
        gradients = [[abs(node.grad) for node in column] for column in nodes]
        flowing = [[g for g in column if 0 < g < math.inf] for column in gradients]
        for axes, columns in ((left, [[node.data for node in column] for column in nodes]), (right, flowing)):
            boxes = axes.boxplot(columns, whis=(5, 95), showfliers=False, widths=0.5, patch_artist=True)
            for box in boxes["boxes"]:
                box.set(facecolor="#DCECF6", edgecolor=BLUE)
            for bar in boxes["medians"]:
                bar.set(color=VERMILION, linewidth=2)
            axes.set_xticks(range(1, len(names) + 1), names)
        left.set(title="Activations", ylabel="y")
        right.set(title="Gradients", ylabel="|∂E/∂y|")
        if any(flowing):
            right.set_yscale("log")
        above = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "ha": "center", "fontsize": 9, "color": INK}
        for place, (column, open_ones) in enumerate(zip(gradients, flowing, strict=True), 1):
            if len(open_ones) < len(column):
                right.annotate(f"{1 - len(open_ones) / len(column):.0%} are 0", (place, 1), (0, 2), **above)
                right.set_title("Gradients", pad=18)
    return left.figure


def operation(op: Op | str, low: float = -4.0, high: float = 4.0, *, ax: Axes = None, **parameters: Any) -> Figure:
    """Draw an operation of one operand, solid, and dy/dx, dashed; a dotted line marks where dy/dx is a convention.

    Outside the operation's domain there is no curve.
    """
    row = lookup(op) if isinstance(op, str) else op
    if row.variadic or len(row.operands) != 1:
        raise SettingError(f"{row!r} has more than one operand; a curve shows an operation of one, such as tanh")
    complete = row.complete((low,), parameters)
    kinks = {point[0] for kink in row.kinks for point in kink.points if low < point[0] < high}
    beside = {math.nextafter(k, side) for k in kinks for side in (low, high)}
    xs = sorted({low + (high - low) * k / 400 for k in range(401)} | kinks | beside)
    pairs = [_value_and_slope(row, x, complete) for x in xs]
    ys = [y for y, _ in pairs]
    slopes = [math.nan if x in kinks else slope for x, (_, slope) in zip(xs, pairs, strict=True)]  # it jumps from side to side
    reach = 1.5 * max(abs(low), abs(high))
    written = row.spell({row.operands[0]: "x", **{name: short(x) for name, x in complete.items()}})
    with canvas(ax, (5.6, 3.6)) as (axes,):
        axes.axhline(0, color="#BBBBBB", linewidth=1)
        axes.plot(xs, _without_poles(ys, reach), color=BLUE, label=f"y = {written}")
        axes.plot(xs, _without_poles(slopes, reach), color=VERMILION, linestyle="--", label="dy/dx")
        for k in sorted(kinks):
            axes.axvline(k, color=LINE, linewidth=1, linestyle=":")
        if any(5 * reach < abs(v) < math.inf for v in (*ys, *slopes)):  # a pole, or an exponential
            axes.set_ylim(-reach, reach)
        axes.set(xlabel="x", xlim=(low, high))
        axes.legend()
    return axes.figure


# ------------------------------------------------------------------------------------------------------ what they share


@contextmanager
def canvas(ax: Any, size: tuple[float, float], panels: int = 1) -> Iterator[Any]:
    """The axes to draw on: those given, in their style, or those of a new figure in ours, of `size` inches a panel."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "plot") from None
    if ax is not None:
        given = list(ax) if hasattr(ax, "__iter__") else [ax]
        if len(given) != panels:
            raise ShapeError(f"{len(given)} axes were given where {panels} are drawn on; give ax= as many")
        yield given
        return
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(size[0] * panels, size[1]), layout="constrained")
        yield list(figure.subplots(1, panels, squeeze=False)[0])


def _frames(model: Any, states: States, axes: Any) -> Iterator[Axes]:
    """Yield each axes in turn, titled, with the model in that state."""
    own = model.state_dict()
    try:
        for (title, state), each in zip(states.items(), axes, strict=False):
            model.load_state_dict(state)
            each.set_title(title, loc="left")
            yield each
    finally:
        model.load_state_dict(own)


def _grid(f: Surface, limits: Limits, n: int) -> tuple[list[float], list[float], list[list[float]]]:
    xs, ys = ([low + (high - low) * k / (n - 1) for k in range(n)] for low, high in limits)
    with no_grad():
        return xs, ys, [[data_of(f(x, y)) for x in xs] for y in ys]


def _contours(
    axes: Axes, grid: tuple[Any, Any, Any], count: int, *, fill: bool = False, colours: str = LINE, **options: Any
) -> None:
    """Draw contours at heights that grow as squares, so that those of a parabolic bowl are equally far apart."""
    low, high = _range(grid[2])
    heights = [low + (high - low) * (k / count) ** 2 for k in range(count + 1)]
    if not low < high:
        return
    if fill:
        axes.contourf(*grid, levels=heights, cmap=_ground())
    axes.contour(*grid, levels=heights[1:-1], colors=colours, linewidths=0.9, **options)


def _ground(colours: Sequence[str] = GROUND) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("ground", colours)


def _shades(n: int) -> list[Any]:
    """Return n colours from light to dark, which keep their order for every eye and in grey."""
    import matplotlib

    return [matplotlib.colormaps["viridis"](0.75 * k / max(1, n - 1)) for k in range(n)][::-1]


def _name_plane(axes: Axes, limits: Limits, names: tuple[str, str]) -> None:
    axes.set(xlim=limits[0], ylim=limits[1], xlabel=names[0], ylabel=names[1])
    axes.grid(False)


def _framed_legend(axes: Axes) -> None:
    axes.legend(frameon=True, facecolor="white", edgecolor="none", framealpha=0.85)


def _value_and_slope(row: Op, x: float, parameters: Mapping[str, Any]) -> tuple[float, float]:
    try:
        y = row.evaluate((x,), parameters)
        (slope,) = row.local_derivatives((x,), y, parameters)
    except AutogradError:
        return math.nan, math.nan
    return y, 0.0 if slope is None else slope


def _without_poles(ys: list[float], reach: float) -> list[float]:
    """Return the curve with a gap at each pole, where it jumps from far above to far below or back."""
    leaps = [a * b < 0 and min(abs(a), abs(b)) > reach for a, b in itertools.pairwise(ys)]
    return [math.nan if leap else y for y, leap in zip(ys, [*leaps, False], strict=True)]


def _columns(points: Points) -> tuple[list[float], list[float]]:
    return [p[0] for p in points], [p[1] for p in points]


def _array(rows: Points) -> Any:
    import numpy  # matplotlib requires it, and a surface its arrays

    return numpy.array(rows)


def _range(rows: Points) -> tuple[float, float]:
    heights = [h for row in rows for h in row if math.isfinite(h)]
    return (min(heights), max(heights)) if heights else (0.0, 0.0)
