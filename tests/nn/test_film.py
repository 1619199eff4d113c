"""The training film: what is shown is what Python's training did, and every way of moving through it works in a real browser."""

from __future__ import annotations

import copy
import math
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, tanh
from autograd.errors import OperandError
from nn import MLP, SGD, Adam, Linear, Module, Neuron, Sequential
from nn.data import make_blobs, make_moons
from nn.errors import SettingError, ShapeError
from nn.film import _spread, page
from nn.task import Task
from nn.train import TrainingError, accuracy, fit, predict

ROOT = Path(__file__).parents[2]
STILL = {"reduced_motion": "reduce"}
MOONS = make_moons(30, noise=0.1, random_state=1)
EPOCHS = 40
DRAW = random.Random(5)
POINTS = [[DRAW.uniform(-1, 1) for _ in range(3)] for _ in range(20)]
PAIRS = [point[:2] for point in POINTS]


def network() -> MLP:
    return MLP(2, [5, 1], activation="tanh", seed=1)


def adam(parameters: list[Value]) -> Adam:
    return Adam(parameters, lr=0.1)


class Ring(Module):
    """A model that is no chain of layers."""

    def __init__(self) -> None:
        self.a, self.b, self.c = Value(1.0), Value(0.5), Value(0.1)

    def __call__(self, x: Any) -> Any:
        return self.a * x[0] ** 2 + self.b * x[1] ** 2 - self.c


FILMS: dict[str, Any] = {
    "moons": lambda: page(network(), MOONS, epochs=EPOCHS, frames=12, optimizer=adam),
    "blobs": lambda: page(MLP(2, [4, 3], seed=2), make_blobs(30, random_state=3), epochs=8),
    "curve": lambda: page(MLP(1, [4, 1], activation="tanh", seed=1), ([-1.0, 0.0, 0.5, 1.0], [0.3, 0.0, 0.7, 1.5]), epochs=8),
    "table": lambda: page(MLP(3, [4, 2], seed=1), (POINTS, [int(x > 0) for x, _, _ in POINTS]), epochs=8),
    "scatter": lambda: page(Sequential(Linear(3, 3, seed=1), tanh, Linear(3, 2, seed=2)), (POINTS, PAIRS), epochs=8),
    "ring": lambda: page(Ring(), MOONS, epochs=8, loss="bce_with_logits"),
    "function": lambda: page(MLP(2, [3, 1], activation=lambda z: z * z, seed=1), MOONS, epochs=8),
    "surface": lambda: page(network(), (PAIRS, [a * b for a, b, _ in POINTS]), epochs=8),
    "signs": lambda: page(MLP(2, [3, 1], seed=1), (MOONS[0], [2 * c - 1 for c in MOONS[1]]), epochs=8, loss="hinge"),
    "diverging": lambda: page(MLP(2, [6, 1], seed=1), MOONS, optimizer=lambda p: SGD(p, lr=3.0)),
    "neuron": lambda: page(Neuron(1, activation="sigmoid", seed=4), ([-2, -1, 1, 2], [0, 1, 0, 1]), epochs=8, names=["hours"]),
}  # fmt: skip


@cache
def film(name: str) -> Any:
    """The page of a film, without its last picture: what draws that keeps the model, and a test leaves no node."""
    made = FILMS[name]()
    made.picture = None
    return made


@pytest.fixture
def opened(browse: Any, tmp_path: Path) -> Any:
    """opened(name, **context) is the film in a browser, at its first frame and still by default."""

    def opened(name: str, **options: Any) -> Any:
        return browse(film(name).save(tmp_path / f"{name}.html"), **{**STILL, **options})

    return opened


def trained(epochs: int) -> tuple[MLP, Any]:
    """What the film of the moons is after so many epochs, trained here."""
    model = network()
    history = fit(model, *MOONS, optimizer=adam, epochs=epochs, seed=0) if epochs else None
    return model, history


def text(browser: Any, id: str) -> str:
    return browser.locator(f"#{id}").inner_text().replace("−", "-")


def held(browser: Any, index: int = 0) -> None:
    browser.locator(".neuron").nth(index).click()


# ------------------------------------------------------------------------------------------------- what Python's training did


def test_every_frame_shows_the_epoch_the_loss_and_the_accuracy_of_fit(opened: Any) -> None:
    browser = opened("moons")
    model, history = trained(EPOCHS)
    losses = [*history.losses, Task(model, *MOONS, "mse").measure()[0]]
    accuracies = [*history.accuracies, accuracy(model, *MOONS)]
    epochs = sorted(_spread(EPOCHS, 12))
    for place, epoch in enumerate(epochs):
        if place:
            browser.keyboard.press("ArrowRight")
        assert text(browser, "epoch") == str(epoch)
        assert float(text(browser, "loss")) == float(f"{losses[epoch]:.4g}")
        assert text(browser, "accuracy") == f"{round(100 * accuracies[epoch], 1):g} %"
    assert epochs[-1] == EPOCHS


def test_the_sides_of_the_boundary_are_those_of_the_models_predictions(opened: Any) -> None:
    browser = opened("moons")
    places = [[-1.2 + 0.45 * i, -0.8 + 0.4 * j] for i in range(9) for j in range(6)]
    for frame, epoch in [(0, 0), (6, None), (11, EPOCHS)]:
        epoch = sorted(_spread(EPOCHS, 12))[frame] if epoch is None else epoch
        model, _ = trained(epoch)
        outputs = predict(model, places)
        far = [
            (place, y > 0.5)
            for place, y in zip(places, outputs, strict=True)
            if abs(y - 0.5) > 0.1 and all(math.dist(place, x) > 0.15 for x in MOONS[0])
        ]
        assert len(far) > 20
        is_upper = browser.evaluate(
            """([frame, places]) => {
            goto(frame);
            const { data } = field.getContext("2d").getImageData(0, 0, field.width, field.height);
            return places.map(([x, y]) => {
              const [i, j] = [(axes.X(x) / axes.across) * field.width, (axes.Y(y) / axes.up) * field.height].map(Math.floor);
              const [red, , blue] = data.subarray(4 * (j * field.width + i));
              return blue > red;
            }); }""",
            [frame, [place for place, _ in far]],
        )
        assert is_upper == [side for _, side in far]


@pytest.mark.parametrize("name", ["moons", "blobs", "curve", "neuron"])
def test_the_page_computes_the_outputs_of_the_model_from_the_weights(opened: Any, name: str) -> None:
    browser = opened(name)
    made = {"moons": network(), "blobs": MLP(2, [4, 3], seed=2), "curve": MLP(1, [4, 1], activation="tanh", seed=1),
            "neuron": Neuron(1, activation="sigmoid", seed=4)}[name]  # fmt: skip
    x = [0.3, -0.7][: 1 if name in ("curve", "neuron") else 2]
    y = made(x)
    said = browser.evaluate("place => outputsAt(place).at(-1)", x)
    assert said == pytest.approx([z.data for z in (y if isinstance(y, list) else [y])], rel=1e-6)


def test_the_gradients_of_a_frame_are_those_of_backward_on_all_examples(opened: Any) -> None:
    browser = opened("moons")
    model, _ = trained(0)
    task = Task(model, *MOONS, "mse")
    outputs = [model(x) for x in MOONS[0]]
    task.loss_of(outputs, range(len(task))).backward()
    assert browser.evaluate("[...ofFrame(DATA.gradients)]") == pytest.approx([p.grad for p in model.parameters()], rel=1e-6)
    assert browser.evaluate("[...ofFrame(DATA.weights)]") == pytest.approx([p.data for p in model.parameters()], rel=1e-6)
    activity = math.sqrt(math.fsum(y.data**2 for y in outputs) / len(outputs))
    delta = math.sqrt(math.fsum(y.grad**2 for y in outputs) / len(outputs))
    assert browser.evaluate("[DATA.activity[5], DATA.deltas[5]]") == pytest.approx([activity, delta], rel=1e-6)


def test_dead_and_saturated_neurons_are_marked_and_said(browse: Any, tmp_path: Path) -> None:
    model = MLP(2, [2, 2, 1], activation=["relu", "tanh", "linear"], seed=1)
    model.layers[0].neurons[1].b.data = -50.0
    model.layers[1].neurons[0].b.data = 50.0
    browser = browse(page(model, MOONS, epochs=1, frames=2).save(tmp_path / "film.html"), **STILL)
    assert browser.evaluate("DATA.troubles[0]") == ".ds.."
    assert browser.locator(".badge:visible").count() == 2
    assert "1 dead (×), 1 saturated (–)" in text(browser, "legend")
    assert "dead: no example opens it" in browser.locator(".neuron").nth(1).get_attribute("aria-label")


# ------------------------------------------------------------------------------------------------------------ moving through it


def test_the_film_plays_to_its_end_by_itself(opened: Any) -> None:
    browser = opened("moons", reduced_motion="no-preference")
    assert browser.locator("#play").get_attribute("aria-label") == "Pause"
    browser.evaluate("goto(last - 1)")
    browser.wait_for_function(f"byId('epoch').textContent === '{EPOCHS}' && timer === 0")
    assert browser.locator("#play").get_attribute("aria-label") == "Play"
    browser.keyboard.press("Space")  # again, from the start
    browser.wait_for_function("at > 0 && at < last")
    browser.keyboard.press("Space")
    assert browser.evaluate("timer") == 0


def test_nothing_moves_by_itself_where_motion_is_to_be_reduced(opened: Any) -> None:
    browser = opened("moons")
    assert browser.evaluate("[timer, at]") == [0, 0]


def test_keys_and_the_slider_move_through_the_frames(opened: Any) -> None:
    browser = opened("moons")
    for key, frame in [("ArrowRight", 1), ("End", 11), ("ArrowRight", 11), ("ArrowLeft", 10), ("Home", 0), ("ArrowLeft", 0)]:
        browser.keyboard.press(key)
        assert browser.evaluate("at") == frame
    browser.locator("#scrubber").focus()
    for key, frame in [("ArrowRight", 1), ("PageUp", 6), ("End", 11)]:
        browser.keyboard.press(key)
        assert browser.evaluate("at") == frame
    browser.locator("#scrubber").fill("3")
    assert browser.evaluate("at") == 3


def test_space_presses_the_button_or_the_neuron_that_has_the_focus(opened: Any) -> None:
    browser = opened("moons")
    browser.locator("#backward").focus()
    browser.keyboard.press("Space")
    assert browser.locator("#backward").get_attribute("aria-pressed") == "true"
    browser.locator(".neuron").nth(1).focus()
    browser.keyboard.press("Space")
    assert text(browser, "shown") == "Output of layers[0].neurons[1]"
    assert browser.evaluate("timer === 0 && isHeld")


def test_a_click_on_the_loss_goes_to_the_nearest_frame(opened: Any) -> None:
    browser = opened("moons")
    around = browser.locator("#losses > svg").bounding_box()
    browser.mouse.click(around["x"] + around["width"] - 14, around["y"] + 40)
    assert text(browser, "epoch") == str(EPOCHS)
    browser.mouse.click(around["x"] + 56, around["y"] + 40)
    assert text(browser, "epoch") == "0"


def test_a_readers_text_says_the_frame(opened: Any) -> None:
    browser = opened("moons")
    browser.keyboard.press("End")
    spoken = browser.locator("#spoken")
    assert spoken.get_attribute("aria-live") == "polite"
    assert spoken.inner_text().startswith(f"epoch {EPOCHS} of {EPOCHS}: loss {browser.locator('#loss').inner_text()}, accuracy ")
    assert spoken.inner_text() in browser.locator(".plot > svg").get_attribute("aria-label")


# ------------------------------------------------------------------------------------------------------------- looking closer


def test_a_neuron_that_is_looked_at_shows_its_numbers_its_edges_and_its_own_map(opened: Any) -> None:
    browser = opened("moons")
    held(browser, 3)
    neuron = network().layers[0].neurons[3]
    assert text(browser, "shown") == "Output of layers[0].neurons[3]"
    w = ", ".join(f"{x.data:.4g}" for x in neuron.w)
    assert f"w {w}; b 0" in text(browser, "neuron")
    assert browser.locator(".edges .lit").count() == 3
    assert browser.locator(".edges .dim").count() == 12
    assert browser.locator(".neuron").nth(3).get_attribute("aria-pressed") == "true"
    browser.keyboard.press("Escape")
    assert text(browser, "shown") == "Output of the network, and the boundary"
    assert not browser.locator(".edges .lit").count()
    browser.locator(".neuron").nth(1).hover()
    assert text(browser, "shown") == "Output of layers[0].neurons[1]"


def test_each_neuron_of_a_small_network_carries_its_map(opened: Any) -> None:
    browser = opened("moons")
    maps = browser.evaluate("neurons.map(({ picture }) => picture.getAttribute('href'))")
    assert len(set(maps)) == 6
    browser.keyboard.press("End")
    later = browser.evaluate("neurons.map(({ picture }) => picture.getAttribute('href'))")
    assert all(a != b for a, b in zip(maps, later, strict=True))


def test_the_switch_shows_weights_or_gradients(opened: Any) -> None:
    browser = opened("moons")
    states = [trained(epoch)[0] for epoch in sorted(_spread(EPOCHS, 12))]
    largest = max(abs(w.data) for model in states for layer in model.layers for neuron in layer.neurons for w in neuron.w)
    assert f"is |w| = {largest:.4g};" in text(browser, "legend")
    browser.locator("#backward").click()
    assert "|∂E/∂w|" in text(browser, "legend")
    assert browser.locator("#backward").get_attribute("aria-pressed") == "true"
    width = browser.evaluate("Math.max(...edges.map(({ line }) => Number(line.getAttribute('stroke-width'))))")
    assert width == pytest.approx(5.3)  # the widest edge has the largest gradient of the frame


def test_pointing_at_a_place_shows_the_output_there(opened: Any) -> None:
    browser = opened("moons")
    browser.evaluate("goto(last)")
    around = browser.locator("canvas").bounding_box()
    x, y = browser.evaluate("[axes.X(0.505), axes.Y(1)]")
    browser.mouse.move(around["x"] + x, around["y"] + y)
    model, _ = trained(EPOCHS)
    said = text(browser, "place")
    assert said.startswith("x₁ = 0.5")
    output = float(said.split("output ")[1].split(",")[0])
    assert output == pytest.approx(model([0.5, 1.0]).data, abs=0.02)  # a pixel is a hundredth
    assert said.endswith(f"class {int(output > 0.5)}")
    browser.mouse.move(2, 2)
    assert text(browser, "place").startswith("Point at a place")


def test_a_touch_looks_too(opened: Any) -> None:
    browser = opened("moons", has_touch=True, width=390)
    browser.locator(".neuron").nth(2).tap()
    assert text(browser, "shown") == "Output of layers[0].neurons[2]"
    browser.locator(".plot").tap()
    assert "output" in text(browser, "place")


# --------------------------------------------------------------------------------------------------------------- every kind


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("moons", "Output of the network, and the boundary"),
        ("blobs", "Output of the network, and the boundary"),
        ("signs", "Output of the network, and the boundary"),
        ("ring", "Output of the network, and the boundary"),
        ("function", "Output of the network, and the boundary"),
        ("surface", "Output of the network over the plane"),
        ("diverging", "Output of the network, and the boundary"),
        ("curve", "Output of the network"),
        ("neuron", "Output of the network"),
        ("table", "Which class was taken for which"),
        ("scatter", "Outputs against targets"),
    ],
)
def test_every_kind_of_film_runs_through_without_a_complaint(opened: Any, name: str, shown: str) -> None:
    browser = opened(name)
    assert text(browser, "shown") == shown
    browser.keyboard.press("End")
    if browser.locator(".neuron").count():
        held(browser)
    browser.locator("#backward").click(force=True) if name != "ring" else None
    assert browser.evaluate("at === last && Number.isFinite(DATA.losses.at(-1))")
    assert text(browser, "epoch") == str(browser.evaluate("DATA.losses.length - 1"))


def test_three_classes_have_the_sides_of_the_largest_output(opened: Any) -> None:
    browser = opened("blobs")
    places = [[float(i), float(j)] for i in range(-10, 11, 2) for j in range(-10, 11, 2)]
    said = browser.evaluate("places => places.map((place) => classOf(outputsAt(place).at(-1)))", places)
    assert said == predict(MLP(2, [4, 3], seed=2), places)
    assert len(set(said)) == 3


def test_the_table_counts_which_class_was_taken_for_which(opened: Any) -> None:
    browser = opened("table")
    model = MLP(3, [4, 2], seed=1)
    named = predict(model, POINTS)
    counts = [[0, 0], [0, 0]]
    for (x, _, _), answer in zip(POINTS, named, strict=True):
        counts[int(x > 0)][answer] += 1
    assert browser.locator("#view td").all_inner_texts() == [str(n) if n else "·" for row in counts for n in row]


def test_a_model_that_is_no_chain_of_layers_has_its_parameters_listed_and_its_boundary_drawn(opened: Any) -> None:
    browser = opened("ring")
    assert "no chain of layers" in text(browser, "legend")
    assert browser.locator("#numbers th[scope=row]").all_inner_texts() == ["a", "b", "c"]
    assert browser.locator("#numbers td").first.inner_text() == "1"
    assert not browser.locator("#backward").is_visible()
    assert browser.evaluate("outputsAt([0.05, 0.05])[0][0]") == pytest.approx(Ring()([0.05, 0.05]).data, abs=0.1)  # a coarse grid


def test_the_film_of_a_training_that_diverged_ends_where_numbers_end_and_says_why(opened: Any) -> None:
    browser = opened("diverging")
    assert "the loss is inf" in text(browser, "ended")
    assert "made at" not in text(browser, "ended")
    browser.keyboard.press("End")
    assert float(text(browser, "loss")) > 1e100


def test_classes_of_minus_one_and_one_keep_their_names(opened: Any) -> None:
    assert opened("signs").locator("#key").inner_text().split() == ["●", "class", "−1", "■", "class", "1"]


# ------------------------------------------------------------------------------------------------------------ where it is read


def test_a_narrow_screen_needs_no_scrolling_sideways(opened: Any) -> None:
    for name in ("moons", "ring", "table"):
        browser = opened(name, width=390, height=844)
        assert browser.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_print_has_the_last_frame_and_the_screen_the_one_before(opened: Any) -> None:
    browser = opened("moons")
    browser.keyboard.press("ArrowRight")
    browser.emulate_media(media="print")
    browser.wait_for_function("at === last")
    assert text(browser, "epoch") == str(EPOCHS)
    assert not browser.locator("#play").is_visible()
    browser.emulate_media(media="screen")
    browser.wait_for_function("at === 1")


def test_a_hidden_film_plays_only_when_it_is_seen(browse: Any, tmp_path: Path) -> None:
    path = tmp_path / "notebook.html"
    path.write_text(f'<!DOCTYPE html><div id="tab" hidden>{film("moons")._repr_html_()}</div>', encoding="utf-8")
    around = browse(path)
    (inner,) = [frame for frame in around.frames if frame != around.main_frame]
    inner.wait_for_load_state("load")
    around.wait_for_timeout(400)
    assert inner.evaluate("[at, timer]") == [0, 0]
    around.evaluate("tab.hidden = false")
    inner.wait_for_function("at > 0")


def test_dark_repaints_the_plane(opened: Any) -> None:
    browser = opened("moons")
    light = browser.evaluate("[inks['--card'], field.toDataURL()]")
    browser.emulate_media(color_scheme="dark")
    browser.wait_for_function("inks['--card'][0] < 128")
    assert browser.evaluate("field.toDataURL()") != light[1]


# --------------------------------------------------------------------------------------------------------------- the file


def test_the_file_is_small_and_names_no_address() -> None:
    made = page(MLP(2, [16, 16, 1], activation="tanh", seed=1), (MOONS[0][:6], MOONS[1][:6]), epochs=40)
    assert len(made.html.encode()) < 300_000
    assert "://" not in made.html


def test_a_large_network_has_fewer_frames() -> None:
    made = page(MLP(60, [60, 1], seed=1), ([[0.1] * 60, [0.2] * 60], [0.3, 0.4]), epochs=40)
    assert len(made.html.encode()) < 500_000


def test_the_page_is_written_where_asked_and_reads_as_text(tmp_path: Path) -> None:
    made = page(network(), MOONS, tmp_path / "films" / "moons.html", epochs=2)
    assert (tmp_path / "films" / "moons.html").read_text(encoding="utf-8") == made.html
    assert str(made).splitlines()[:2] == [
        "Training of MLP 2 → 5 → 1",
        "MLP 2 → 5 → 1, 21 parameters, 30 examples; 2 steps of Adam, each on all examples; loss E: mse.",
    ]
    assert "epoch    loss  accuracy" in str(made)


def test_the_same_arguments_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    script = (
        "import sys; from nn import MLP; from nn.data import make_moons; from nn.film import page\n"
        "page(MLP(2, [3, 1], seed=1), make_moons(10, random_state=1), sys.argv[1], epochs=3)"
    )
    files = [tmp_path / "a.html", tmp_path / "b.html"]
    for seed, file in enumerate(files):
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        subprocess.run([sys.executable, "-c", script, str(file)], cwd=ROOT, env=environment, check=True)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_model_is_left_as_it_was() -> None:
    model = network()
    model([1.0, 2.0]).backward()
    model.layers[0].neurons[0].w[0].label = "mine"
    before = [(p.data, p.grad, p.label) for p in model.parameters()]
    page(model, MOONS, epochs=2)
    assert [(p.data, p.grad, p.label) for p in model.parameters()] == before


def test_labels_of_the_users_own_do_not_hide_a_neuron() -> None:
    model = network()
    for parameter in model.parameters():
        parameter.label = ""
    plain, unlabelled = page(network(), MOONS, epochs=2), page(model, MOONS, epochs=2)
    assert plain.html == unlabelled.html


def test_titles_and_names_are_text_and_nothing_else(browse: Any, tmp_path: Path) -> None:
    title, names = "</script><b>bold</b> & $heading", ["<i>x</i>", "</script>"]
    made = page(network(), MOONS, epochs=1, title=title, names=names)
    browser = browse(made.save(tmp_path / "film.html"), **STILL)
    assert browser.locator("h1").inner_text() == title
    assert browser.title() == title
    assert browser.locator("#network title").all_text_contents() == names
    assert not browser.locator("b:has-text('bold'), i:has-text('x')").count()


@pytest.mark.parametrize(("last", "count"), [(100, 40), (5, 40), (1, 2), (10_000, 40), (7, 2), (100, 3)])
def test_frames_are_denser_at_the_beginning_and_have_both_ends(last: int, count: int) -> None:
    chosen = sorted(_spread(last, count))
    assert (chosen[0], chosen[-1]) == (0, last)
    assert len(chosen) == min(count, last + 1)
    assert chosen[1] - chosen[0] <= chosen[-1] - chosen[-2]


# ---------------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((network(), [1, 2, 3]), {}, SettingError, r"data = \[1, 2, 3\]: a pair \(X, y\)"),
        ((network(), None), {}, SettingError, "data = None: a pair"),
        ((network(), ([], [])), {}, ShapeError, "no examples"),
        ((network(), ([[1, 2], [3]], [0, 1])), {}, ShapeError, r"X\[1\] has 1 numbers and X\[0\] has 2"),
        ((network(), ([[1, 2], [3, math.nan]], [0, 1])), {}, SettingError, r"X\[1\]\[1\] = nan: leave the example out"),
        ((network(), ([[1, 2], [3, 4]], [0, math.inf])), {}, SettingError, r"y\[1\] = inf: leave the example out"),
        ((network(), ([[1, 2], [3, 4]], ["a", "b"])), {}, OperandError, "a number is needed, not 'a' of type str"),
        ((network(), ([[1, 2], [3, 4]], [0])), {}, ShapeError, "2 inputs and 1 targets"),
        ((network(), ([[1, 2, 3]], [0])), {}, ShapeError, "a neuron of 2 inputs got 3"),
        ((Module(), MOONS), {}, SettingError, r"has no parameters to train; give a module"),
        ((abs, MOONS), {}, SettingError, "has no parameters to train"),
        ((network(), MOONS), {"epochs": 0}, SettingError, "epochs = 0: a whole number of at least 1"),
        ((network(), MOONS), {"frames": 1}, SettingError, "frames = 1: a whole number of at least 2"),
        ((network(), MOONS), {"names": ["a"]}, SettingError, r"names = \['a'\]: a list of 2 names"),
        ((network(), MOONS), {"names": "ab"}, SettingError, "a list of 2 names"),
        ((network(), MOONS), {"loss": "hings"}, SettingError, "loss 'hings' is not known"),
        ((network(), MOONS), {"optimizer": SGD(network().parameters())}, SettingError, "a copy of the model; give a function"),
        ((network(), MOONS), {"optimizer": "adam"}, SettingError, "optimizer 'adam': the film trains a copy"),
        ((network(), MOONS), {"optimizer": lambda p: None}, SettingError, "optimizer = <function .*: an optimiser is needed"),
    ],
)  # fmt: skip
def test_what_cannot_be_filmed_is_refused_with_the_cure(arguments: Any, options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        page(*arguments, **options)


def test_a_training_without_one_finite_loss_is_no_film() -> None:
    model = copy.deepcopy(network())
    model.layers[0].neurons[0].b.data = math.nan
    with pytest.raises(TrainingError, match="nan"):
        page(model, MOONS)
