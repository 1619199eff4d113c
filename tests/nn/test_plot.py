"""Tests of the pictures: what is drawn where, on whose axes, and that nothing but the figure is touched."""

import io
import math
import random
import subprocess
import sys
from decimal import Decimal
from itertools import pairwise

import matplotlib
import pytest
from matplotlib.colors import to_hex
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from PIL import Image, ImageChops  # matplotlib writes its films with it

from autograd import TABLE, Value, op
from autograd.errors import MissingExtraError
from nn import MLP, plot
from nn.errors import SettingError, ShapeError
from nn.losses import squared_error

pytestmark = pytest.mark.thorough

X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR = [0, 1, 1, 0]
SQUARE = ((-2.0, 2.0), (-2.0, 2.0))
BOWL = [[3.0, 1.0], [1.0, 2.0]]


def bowl_of(matrix):
    return lambda a, b: (matrix[0][0] * a * a + 2 * matrix[0][1] * a * b + matrix[1][1] * b * b) / 2


def model():
    return MLP(2, [3, 1], activation="tanh", seed=1)


def activity_of(**options):
    network = MLP(2, [4, 4, 1], seed=3)
    layers = plot.outputs_by_layer(network, X)
    squared_error(layers["layers[2]"], XOR).backward()
    return plot.activity(layers, **options)


# name: (number of axes, a call that takes ax=)
PLOTS = {
    "error_surface": (1, lambda **o: plot.error_surface(bowl_of(BOWL), SQUARE, trajectories={"way": [(1, 1), (0, 0)]}, **o)),
    "bowl": (1, lambda **o: plot.bowl(bowl_of(BOWL), SQUARE, **o)),
    "ellipses": (1, lambda **o: plot.ellipses({"one": BOWL, "other": [[1, 0], [0, 1]]}, **o)),
    "loss_curves": (1, lambda **o: plot.loss_curves({"a": [3, 2, 1], "b": [2, 1, 0.5]}, **o)),
    "decision_boundary": (1, lambda **o: plot.decision_boundary(model(), X, XOR, **o)),
    "boundary_strip": (2, lambda **o: plot.boundary_strip(m := model(), {"a": m.state_dict(), "b": m.state_dict()}, X, XOR, **o)),
    "network": (1, lambda **o: plot.network(model(), values=True, **o)),
    "activity": (2, activity_of),
    "operation": (1, lambda **o: plot.operation("tanh", **o)),
}
each = pytest.mark.parametrize("name", PLOTS)


def vertices(axes):
    """Every point of the contour lines."""
    sets = [c for c in axes.collections if isinstance(c, ContourSet) and not c.filled]
    return [tuple(v) for c in sets for path in c.get_paths() for v in path.vertices]


# ------------------------------------------------------------------------------------------------------------ every picture


def test_every_function_is_tried_here():
    others = {"boundary_gif", "canvas", "outputs_by_layer", "principal_axes"}  # below
    assert set(PLOTS) | others == set(plot.__all__)


@each
def test_a_new_figure_is_made_and_can_be_saved(name):
    figure = PLOTS[name][1]()
    assert isinstance(figure, Figure)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    assert len(file.getvalue()) > 3000


@each
def test_axes_that_are_given_are_drawn_on_and_their_figure_returned(name):
    count, draw = PLOTS[name]
    figure = Figure()
    axes = figure.subplots(1, count, squeeze=False)[0]
    assert draw(ax=axes[0] if count == 1 else axes) is figure
    assert len(figure.axes) == count
    for each_axes in figure.axes:
        assert each_axes.has_data() or each_axes.texts


@each
def test_the_same_picture_is_the_same_file(name):
    def drawn():
        file = io.BytesIO()
        with matplotlib.rc_context({"svg.hashsalt": "same"}):
            PLOTS[name][1]().savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()

    assert drawn() == drawn()


@each
def test_matplotlibs_settings_are_left_as_they_were(name):
    before = dict(matplotlib.rcParams)
    PLOTS[name][1]()
    assert dict(matplotlib.rcParams) == before


@each
def test_without_matplotlib_the_error_says_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"matplotlib.*pip install 'scalar-autograd\[plot\]'"):
        PLOTS[name][1]()


def test_neither_pyplot_nor_a_display_is_needed():
    script = (
        "import sys; from nn import plot\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plot.bowl(lambda a, b: a * a + b * b, ((-1, 1), (-1, 1))).savefig(sys.stdout.buffer, format='png')\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert done.stdout.startswith(b"\x89PNG")


@each
def test_the_wrong_number_of_axes_is_refused(name):
    axes = list(Figure().subplots(1, 3))
    with pytest.raises(ShapeError, match="3 axes were given"):
        PLOTS[name][1](ax=axes)


# ---------------------------------------------------------------------------------------------------------- error surfaces


def test_a_trajectory_is_drawn_point_by_point_in_its_own_colour_pattern_and_marker():
    ways = {"batch": [(1.0, 1.5), (0.5, 0.5), (0.1, 0.0)], "online": [(1.0, 1.5), (0.2, 0.9)]}
    (axes,) = plot.error_surface(bowl_of(BOWL), SQUARE, trajectories=ways, minimum=(0.0, 0.0)).axes
    drawn = {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}
    assert list(drawn) == ["batch", "online", "minimum"]
    for name, way in ways.items():
        assert list(zip(*drawn[name].get_data(), strict=True)) == way
    for what in ("get_color", "get_linestyle", "get_marker"):
        assert len({getattr(line, what)() for line in (drawn["batch"], drawn["online"])}) == 2
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert [tuple(map(float, (*line.get_xdata(), *line.get_ydata()))) for line in hollow] == [(1.0, 1.5)] * 2
    assert (axes.get_xlim(), axes.get_ylim()) == SQUARE
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(drawn)


def test_contours_of_a_bowl_lie_equally_far_apart():
    (axes,) = plot.error_surface(lambda a, b: a * a + b * b, SQUARE, levels=8).axes
    radii = sorted({round(math.hypot(*v), 2) for v in vertices(axes)})
    rings = sorted(math.sqrt(8.0) * k / 8 for k in range(1, 8))
    assert {min(rings, key=lambda ring: abs(ring - r)) for r in radii} == set(rings)
    assert max(min(abs(ring - r) for ring in rings) for r in radii) < 0.02


def test_an_error_may_be_a_node_and_keeps_no_graph():
    seen = []

    def error(a, b):
        seen.append((Value(a) - 1) ** 2 + b**2)
        return seen[-1]

    plot.error_surface(error, SQUARE, resolution=5)
    assert len(seen) == 25
    assert all(node.operands == () for node in seen)


def test_a_flat_surface_has_no_contours():
    (axes,) = plot.error_surface(lambda a, b: 1.0, SQUARE).axes
    assert vertices(axes) == []


def test_a_bowl_stands_in_space_in_the_place_of_the_flat_axes():
    figure = Figure()
    _, right = figure.subplots(1, 2)
    plot.bowl(bowl_of(BOWL), SQUARE, ax=right)
    assert [axes.name for axes in figure.axes] == ["rectilinear", "3d"]
    assert figure.axes[1].get_subplotspec() == right.get_subplotspec()
    low, high = figure.axes[1].get_zlim()
    assert low < 0 < high == pytest.approx(bowl_of(BOWL)(2, 2), rel=0.1)  # the ground with the contours lies below


def test_the_minimum_of_a_bowl_is_marked_on_it_and_on_the_ground():
    (axes,) = plot.bowl(bowl_of(BOWL), SQUARE, minimum=(0.5, -0.25)).axes
    ground = axes.get_zlim()[0]
    star, dot = [line.get_data_3d() for line in axes.lines if line.get_marker() in ("*", "o")]
    assert [part[0] for part in star] == [0.5, -0.25, ground]
    assert [part[0] for part in dot] == [0.5, -0.25, pytest.approx(bowl_of(BOWL)(0.5, -0.25))]


def test_every_point_of_an_ellipse_is_at_the_height():
    matrices = {"round": [[1.0, 0.0], [0.0, 1.0]], "long": [[1.0, 0.99], [0.99, 1.0]], "tilted": BOWL}
    (axes,) = plot.ellipses(matrices, minimum=(1.5, -1.0), height=0.7).axes
    for line in axes.lines[:-1]:
        for x, y in zip(*line.get_data(), strict=True):
            assert bowl_of(matrices[line.get_label()])(x - 1.5, y + 1.0) == pytest.approx(0.7, rel=1e-9)
    assert len({line.get_linestyle() for line in axes.lines[:-1]}) == 3
    assert axes.get_aspect() == 1.0


@pytest.mark.parametrize("matrix", [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]])
def test_the_section_of_what_is_no_bowl_is_refused(matrix):
    with pytest.raises(SettingError, match="is no ellipse"):
        plot.ellipses({"valley": matrix})


def test_principal_axes_are_those_of_the_matrix():
    rng = random.Random(1)
    for _ in range(200):
        a, b, d = (rng.choice([0.0, 1.0, rng.uniform(-3, 3)]) for _ in range(3))
        (large, u), (small, v) = plot.principal_axes([[a, b], [b, d]])
        assert large >= small
        assert u[0] * v[0] + u[1] * v[1] == 0
        for curvature, (p, q) in ((large, u), (small, v)):
            assert math.hypot(p, q) == pytest.approx(1)
            assert (a * p + b * q, b * p + d * q) == pytest.approx((curvature * p, curvature * q), abs=1e-14)


def test_a_small_curvature_keeps_its_digits_beside_a_large_one():
    (_, _), (small, _) = plot.principal_axes([[1e12, 1.0], [1.0, 3.0]])
    exact = (Decimal(10**12 + 3) - (Decimal(10**12 - 3) ** 2 + 4).sqrt()) / 2
    assert small == pytest.approx(float(exact), rel=1e-15)


# ----------------------------------------------------------------------------------------------------------------- training


def test_loss_curves_leave_a_gap_where_a_logarithm_has_no_place():
    (axes,) = plot.loss_curves({"a": [10.0, 0.0, 1.0, math.inf], "b": [Value(1.0), Value(2.0)]}).axes
    a, b = axes.lines
    assert [math.isnan(y) for y in a.get_ydata()] == [False, True, False, True]
    assert list(b.get_ydata()) == [1.0, 2.0]
    assert axes.get_yscale() == "log"
    assert a.get_linestyle() != b.get_linestyle()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b"]


def test_a_single_curve_needs_no_name():
    (axes,) = plot.loss_curves([3.0, 0.0, 1.0], log=False).axes
    assert list(axes.lines[0].get_ydata()) == [3.0, 0.0, 1.0]
    assert axes.get_yscale() == "linear"
    assert axes.get_legend() is None


def test_the_boundary_lies_where_the_score_passes_the_threshold_and_the_margins_beside_it():
    (axes,) = plot.decision_boundary(lambda x: 2 * x[0] + x[1] - 1.5, X, [0, 0, 1, 1]).axes
    heights = {round(2 * a + b - 1.5, 9) for a, b in vertices(axes)}
    assert heights == {-1.0, 0.0, 1.0}


def test_a_probability_has_a_threshold_and_no_margins():
    def probability(x):
        return 1 / (1 + math.exp(-(x[0] + x[1] - 0.5)))

    (axes,) = plot.decision_boundary(probability, X, [0, 1, 1, 1], threshold=0.5, margin=None, resolution=200).axes
    assert {round(a + b - 0.5, 3) for a, b in vertices(axes)} == {0.0}


def test_each_class_has_its_colour_marker_and_name():
    (axes,) = plot.decision_boundary(model(), X, ["no", "yes", "yes", "no"]).axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == ["class no", "class yes"]
    no, yes = [c for c in axes.collections if c.get_label() in labels]
    assert no.get_offsets().tolist() == [[0, 0], [1, 1]]
    assert yes.get_offsets().tolist() == [[0, 1], [1, 0]]
    assert to_hex(no.get_facecolor()[0]) != to_hex(yes.get_facecolor()[0])
    assert no.get_paths()[0].vertices.shape != yes.get_paths()[0].vertices.shape


def test_what_is_above_the_boundary_is_blue_and_below_orange_as_signs_are_in_graphs_and_films():
    (axes,) = plot.decision_boundary(lambda x: x[0], [[-2.0, 0.0], [2.0, 0.0]], [0, 1]).axes
    (filled, *_), (low, high) = [c for c in axes.collections if isinstance(c, ContourSet)], plot.CLASSES
    fills = [to_hex(colour) for colour in filled.get_facecolor()]
    for colours, is_blue in (([*fills[:2], low[0]], False), ([*fills[2:], high[0]], True)):
        for colour in colours:
            red, blue = int(colour[1:3], 16), int(colour[5:7], 16)
            assert (blue > red) == is_blue


def test_a_model_that_scores_every_point_alike_has_no_boundary_and_no_warning():
    (axes,) = plot.decision_boundary(lambda x: 3.0, X, XOR).axes
    assert vertices(axes) == []


def test_a_third_class_is_refused():
    with pytest.raises(SettingError, match="two classes, not 3"):
        plot.decision_boundary(model(), X, [0, 1, 2, 0])


def test_points_without_classes_and_points_in_space_are_refused():
    with pytest.raises(ShapeError, match="4 points and 3 classes"):
        plot.decision_boundary(model(), X, [0, 1, 1])
    with pytest.raises(ShapeError, match="3 coordinates"):
        plot.decision_boundary(model(), [[0, 0, 0], [1, 1, 1]], [0, 1])


def line(w1, w2, b):
    return {"layers[0].neurons[0].w[0]": w1, "layers[0].neurons[0].w[1]": w2, "layers[0].neurons[0].b": b}


def test_the_strip_shows_each_state_and_gives_the_model_back_its_own():
    network = MLP(2, [1], seed=1)
    own = network.state_dict()
    figure = plot.boundary_strip(network, {"start": line(1.0, 0.0, -0.25), "end": line(0.0, 1.0, -0.75)}, X, XOR, margin=None)
    left, right = figure.axes
    assert [axes.get_title("left") for axes in figure.axes] == ["start", "end"]
    assert {round(a, 9) for a, _ in vertices(left)} == {0.25}
    assert {round(b, 9) for _, b in vertices(right)} == {0.75}
    assert network.state_dict() == own


def test_the_model_gets_its_state_back_when_a_frame_fails():
    network = MLP(2, [1], seed=1)
    own = network.state_dict()
    with pytest.raises(SettingError):
        plot.boundary_strip(network, {"start": line(1.0, 0.0, 0.0)}, X, [0, 1, 2, 3])
    assert network.state_dict() == own


def test_the_film_has_a_frame_for_each_state(tmp_path):
    network = MLP(2, [1], seed=1)
    own = network.state_dict()
    states = {"start": line(1.0, 0.0, -0.25), "middle": line(1.0, 1.0, -0.75), "end": line(0.0, 1.0, -0.75)}
    figure = plot.boundary_gif(network, states, X, XOR, tmp_path / "film.gif", fps=2)
    assert figure.axes[0].get_title("left") == "end"
    assert network.state_dict() == own
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 3
        assert film.info["duration"] == 500
        frames = []
        for k in range(3):
            film.seek(k)
            frames.append(film.convert("RGB"))
    for before, after in pairwise(frames):
        assert ImageChops.difference(before, after).getbbox() is not None


def test_the_film_needs_matplotlib_too(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError):
        plot.boundary_gif(model(), {"a": model().state_dict()}, X, XOR, tmp_path / "film.gif")


# --------------------------------------------------------------------------------------------------------- inside a network


def test_a_network_has_an_edge_for_each_weight_coloured_and_patterned_by_sign_and_wide_by_size():
    network = model()
    (axes,) = plot.network(network).axes
    weights = [w.data for layer in network.layers for neuron in layer.neurons for w in neuron.w]
    assert len(axes.lines) == len(weights) == 9
    for w, edge in zip(weights, axes.lines, strict=True):
        assert (edge.get_color(), edge.get_linestyle()) == ((plot.BLUE, "-") if w > 0 else (plot.VERMILION, "--"))
        assert edge.get_linewidth() == pytest.approx(0.5 + 3.5 * abs(w) / max(map(abs, weights)))
    assert [len(c.get_offsets()) for c in axes.collections] == [2, 3, 1]
    assert [text.get_text() for text in axes.texts] == ["input", "hidden", "output"]


def test_a_networks_weights_can_be_read_on_its_edges():
    network = MLP(1, [1], seed=1)
    network.layers[0].neurons[0].w[0].data = -0.126
    (axes,) = plot.network(network, values=True, names=["x", "y"]).axes
    assert [text.get_text() for text in axes.texts] == ["−0.13", "x", "y"]


def test_a_list_of_sizes_is_a_network_too():
    (axes,) = plot.network([2, 4, 3, 1]).axes
    assert len(axes.lines) == 2 * 4 + 4 * 3 + 3
    assert len({edge.get_color() for edge in axes.lines}) == 1


def test_outputs_by_layer_are_the_models_own():
    network = model()
    layers = plot.outputs_by_layer(network, X)
    assert [(name, len(nodes)) for name, nodes in layers.items()] == [("layers[0]", 12), ("layers[1]", 4)]
    assert [node.data for node in layers["layers[1]"]] == [network(x).data for x in X]
    assert layers["layers[0]"][0].data == math.tanh(network.layers[0].neurons[0].b.data)


def test_activity_shows_the_medians_and_counts_the_gradients_that_are_zero():
    nodes = [Value(x) for x in (1.0, 2.0, 3.0, 4.0, 9.0)]
    for node, g in zip(nodes, (0.0, 0.0, -0.1, 0.01, 10.0), strict=True):
        node.grad = g
    left, right = plot.activity({"layer": nodes}).axes
    assert [set(bar.get_ydata()) for bar in left.lines if to_hex(bar.get_color()) == plot.VERMILION.lower()] == [{3.0}]
    assert [set(bar.get_ydata()) for bar in right.lines if to_hex(bar.get_color()) == plot.VERMILION.lower()] == [{0.1}]
    assert [text.get_text() for text in right.texts] == ["40% are 0"]
    assert right.get_yscale() == "log"


def test_activity_without_any_gradient_is_drawn_all_the_same():
    _, right = plot.activity({"layer": [Value(1.0), Value(2.0)]}).axes
    assert [text.get_text() for text in right.texts] == ["100% are 0"]


# --------------------------------------------------------------------------------------------------------------- operations


def curves(figure):
    (axes,) = figure.axes
    return [line.get_data() for line in axes.lines if line.get_label().startswith(("y =", "dy"))], axes


def test_an_operations_curves_are_its_value_and_its_derivative():
    ((xs, ys), (_, slopes)), axes = curves(plot.operation("tanh", -2, 3))
    assert (xs[0], xs[-1]) == (-2, 3)
    assert list(ys) == [math.tanh(x) for x in xs]
    assert list(slopes) == pytest.approx([1 / math.cosh(x) ** 2 for x in xs], rel=1e-12)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["y = tanh(x)", "dy/dx"]


def test_at_a_kink_the_derivative_jumps_and_is_marked():
    ((xs, ys), (_, slopes)), axes = curves(plot.operation("relu"))
    k = list(xs).index(0.0)
    assert math.isnan(slopes[k])
    assert (slopes[k - 1], slopes[k + 1]) == (0.0, 1.0)
    assert abs(xs[k - 1]) == xs[k + 1] == 5e-324
    assert ys[k] == 0.0
    assert [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"] == [0.0]


def test_outside_the_domain_there_is_no_curve():
    ((xs, ys), (_, slopes)), _ = curves(plot.operation("log"))
    assert all(math.isnan(y) == math.isnan(s) == (x <= 0) for x, y, s in zip(xs, ys, slopes, strict=True))


def test_the_branches_of_a_pole_are_not_joined():
    ((xs, ys), _), axes = curves(plot.operation("tan"))
    for (a, y), (b, z) in pairwise(zip(xs, ys, strict=True)):
        if a < math.pi / 2 < b or a < -math.pi / 2 < b:
            assert math.isnan(y) or math.isnan(z)
    assert axes.get_ylim() == (-6.0, 6.0)


def test_an_operation_takes_its_parameters_and_may_be_ones_own():
    ((xs, ys), _), _ = curves(plot.operation("leaky_relu", negative_slope=0.5))
    assert ys[0] == 0.5 * xs[0]
    row = op(lambda a: a * a * a, name="cubed_here", doc="The cube.", partials=(lambda a, y: 3 * a * a,))
    try:
        ((xs, ys), (_, slopes)), _ = curves(plot.operation(row, -1, 1))
    finally:
        del TABLE["cubed_here"]
    assert (ys[0], slopes[0]) == (-1.0, 3.0)


@pytest.mark.parametrize("name", ["add", "logsumexp"])
def test_an_operation_of_several_operands_has_no_curve(name):
    with pytest.raises(SettingError, match="more than one operand"):
        plot.operation(name)


def test_rooms_of_nn_are_there_after_import_nn_alone():
    used = "import nn; nn.plot.network, nn.train.fit, nn.data.make_moons, nn.health"
    done = subprocess.run([sys.executable, "-c", used], capture_output=True, encoding="utf-8", timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
