"""Training in the film's page: it is the training of `fit`, and every control of it works in a real browser."""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from autograd import Value, tanh
from nn import MLP, SGD, Adam, AdamW, Linear, Neuron, RMSProp, Sequential
from nn.data import make_blobs, make_moons
from nn.film import page
from nn.optim import AdaGrad, Momentum, Nesterov, Optimizer
from nn.train import fit

ROOT = Path(__file__).parents[2]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def single(x: float) -> float:
    """The number as a page has it, in four bytes."""
    return array("f", [x])[0]


X, CLASSES = make_moons(24, noise=0.1, random_state=1)
MOONS = [[single(a) for a in x] for x in X], CLASSES


def network(activation: Any = "tanh") -> MLP:
    model = MLP(2, [5, 1], activation=activation, seed=1)
    for parameter in model.parameters():
        parameter.data = single(parameter.data)
    return model


POINTS = [[0.1 * i, 0.2 - 0.1 * j, 0.5 * i * j] for i in range(4) for j in range(4)]
PAIRS = [point[:2] for point in POINTS]
FILMS: dict[str, Callable[[], Any]] = {
    "moons": lambda: page(network(), MOONS, epochs=6),
    "troubled": lambda: page(troubled(), MOONS, epochs=1, frames=2),
    "blobs": lambda: page(MLP(2, [4, 3], seed=2), make_blobs(12, random_state=3), epochs=2),
    "curve": lambda: page(MLP(1, [4, 1], activation="gelu", seed=1), ([-1.0, 0.0, 0.5, 1.0], [0.3, 0.0, 0.7, 1.5]), epochs=2),
    "table": lambda: page(MLP(3, [4, 2], seed=1), (POINTS, [int(x > 0.15) for x, _, _ in POINTS]), epochs=2),
    "scatter": lambda: page(Sequential(Linear(3, 3, seed=1), tanh, Linear(3, 2, seed=2)), (POINTS, PAIRS), epochs=2),
    "signs": lambda: page(network("relu"), (MOONS[0], [2 * c - 1 for c in CLASSES]), epochs=2, loss="hinge"),
    "sum": lambda: page(Neuron(2, activation="sigmoid", seed=4), MOONS, epochs=2, loss="squared_error"),
}


def troubled() -> MLP:
    model = MLP(2, [2, 2, 1], activation=["relu", "tanh", "linear"], seed=1)
    model.layers[0].neurons[1].b.data = -50.0
    model.layers[1].neurons[0].b.data = 50.0
    return model


@cache
def film(name: str) -> Any:
    made = FILMS[name]()
    made.picture = None  # what draws it keeps the model, and a test leaves no node
    return made


@pytest.fixture
def opened(browse: Any, tmp_path: Path) -> Any:
    """opened(name, **context) is the film in a browser, where nothing plays by itself."""

    def opened(name: str, **options: Any) -> Any:
        return browse(film(name).save(tmp_path / f"{name}.html"), **{"reduced_motion": "reduce", **options})

    return opened


# ------------------------------------------------------------------------------------------------- the training of `fit`

RULES: dict[str, Callable[[list[Value]], Optimizer]] = {
    "SGD": lambda p: SGD(p, lr=0.3, weight_decay=0.01),
    "Momentum": lambda p: Momentum(p, lr=0.1),
    "Nesterov": lambda p: Nesterov(p, lr=0.1),
    "AdaGrad": lambda p: AdaGrad(p, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.5),
    "RMSProp": lambda p: RMSProp(p, lr=0.01, momentum=0.5),
    "Adam": lambda p: Adam(p, lr=0.05, betas=(0.8, 0.99)),
    "AdamW": lambda p: AdamW(p, lr=0.05),
}


@cache
def trained(rule: str) -> tuple[str, list[float]]:
    """The film of a training, and the losses of the same training here."""
    history = fit(network(), *MOONS, optimizer=RULES[rule], epochs=12)
    return page(network(), MOONS, optimizer=RULES[rule], epochs=2).html, history.losses


@pytest.mark.parametrize("rule", RULES)
def test_the_page_takes_the_steps_of_fit(rule: str, browse: Any, tmp_path: Path) -> None:
    html, losses = trained(rule)
    path = tmp_path / "film.html"
    path.write_text(html, encoding="utf-8")
    browser = browse(path, reduced_motion="reduce")
    browser.locator("#here").click()
    browser.locator("#origin").select_option("first")
    found = browser.evaluate("() => { for (let k = 0; k < 11; k++) learn(); return DATA.losses; }")
    assert found == pytest.approx(losses, rel=1e-9)


SIZES = {"weights": "DATA.size", "gradients": "DATA.size", "activity": "neurons.length", "deltas": "neurons.length"}


@pytest.mark.parametrize("name", FILMS)
def test_a_frame_made_here_is_a_frame_of_the_film(name: str, opened: Any) -> None:
    browser = opened(name)
    browser.locator("#here").click()
    browser.locator("#origin").select_option("first")
    for part, size in SIZES.items():
        made, recorded = browser.evaluate(f"[DATA, FILM].map(({{ {part} }}) => [...{part}.subarray(0, {size})])")
        assert made == pytest.approx(recorded, rel=1e-5, abs=1e-7), part
    made, recorded = browser.evaluate("[DATA, FILM].map((film) => [film.losses[0], film.accuracies[0] ?? null, film.troubles[0]])")
    assert made == [pytest.approx(recorded[0], rel=1e-5), *recorded[1:]]


# ---------------------------------------------------------------------------------------------------------- the controls


def test_a_press_trains_and_space_pauses_and_the_film_comes_back(opened: Any) -> None:
    browser = opened("moons", reduced_motion="no-preference")
    browser.locator("#here").click()
    browser.wait_for_function("at > 3 && timer")
    assert browser.locator("#play").get_attribute("aria-label") == "Pause"
    assert browser.locator("#settings").is_visible()
    browser.keyboard.press("Escape")
    browser.locator("h1").click()
    browser.keyboard.press("Space")
    assert browser.evaluate("timer") == 0
    steps, loss = browser.evaluate("[steps(), DATA.losses[steps()]]")
    assert browser.locator("#epoch").inner_text() == str(steps)
    assert float(browser.locator("#loss").inner_text().replace("−", "-")) == float(f"{loss:.4g}")
    browser.keyboard.press("Home")
    assert browser.locator("#epoch").inner_text() == "0"
    browser.locator("#filmed").click()
    assert browser.evaluate("[epochs.at(-1), DATA.weights === FILM.weights, timer]") == [6, True, 0]
    browser.keyboard.press("End")
    assert browser.locator("#epoch").inner_text() == "6"
    browser.locator("#here").click()
    browser.wait_for_function(f"timer && steps() > {steps}")  # where it was left


def test_a_seed_gives_its_weights_and_another_seed_others(opened: Any) -> None:
    browser = opened("moons")
    browser.locator("#here").click()
    weights = []
    for seed in ("7", "8", "7"):
        browser.locator("#seed").fill(seed)
        browser.locator("#seed").blur()
        weights.append(browser.evaluate("[...program.parameters]"))
    assert weights[0] == weights[2]
    assert weights[0] != weights[1]
    first = [p.data for p in network().parameters()]
    biases = [k for k, x in enumerate(first) if x == 0.0]
    assert [weights[0][k] for k in biases] == [0.0] * len(biases)
    rms = [sum(x * x for x in each[:15]) ** 0.5 for each in (first, weights[0], weights[1])]
    assert rms[1:] == pytest.approx([rms[0]] * 2, rel=0.5)


def test_the_learning_rate_is_that_of_the_next_step(opened: Any) -> None:
    browser = opened("moons")
    browser.locator("#here").click()
    assert browser.locator("#eta").inner_text() == "0.05"
    browser.locator("#rate").focus()
    browser.keyboard.press("End")
    assert browser.locator("#eta").inner_text() == "5"
    both = "[[...program.parameters], [...program.gradient]]"
    (before, gradient), (after, _) = browser.evaluate(f"() => {{ const before = {both}; learn(); return [before, {both}]; }}")
    steps = [old - new for old, new in zip(before, after, strict=True)]
    assert steps == pytest.approx([5.0 * g / (abs(g) + 1e-8) for g in gradient], abs=1e-12)  # the first step of Adam


def test_a_rate_that_is_too_large_ends_the_training_and_says_so(opened: Any) -> None:
    browser = opened("signs")
    browser.locator("#here").click()
    browser.evaluate("byId('rate').max = 400; byId('rate').value = 300; byId('stride').value = 50; play()")
    browser.wait_for_function("!timer && failure")
    ended = browser.locator("#ended").inner_text()
    assert ended.startswith("Training ended early: after step ")
    assert ended.endswith("Take a smaller learning rate, and start again")
    assert browser.evaluate("program.parameters.every(Number.isFinite)")
    browser.evaluate("connectLive()")
    browser.locator("#again").click()
    assert not browser.locator("#ended").is_visible()


def test_a_long_training_keeps_its_beginning_its_end_and_room(opened: Any) -> None:
    browser = opened("sum")
    browser.locator("#here").click()
    browser.evaluate("() => { for (let k = 0; k < 2.5 * ROOM; k++) { learn(); keep(); } showFrames(); }")
    epochs, room = browser.evaluate("[epochs, ROOM]")
    assert (epochs[0], epochs[-1], len(epochs) <= room) == (0, int(2.5 * room), True)
    assert epochs == sorted(set(epochs))
    browser.keyboard.press("Home")
    losses = browser.evaluate(
        "epochs.map((_, k) => { at = k; program.parameters.set(ofFrame(DATA.weights)); return program.run(); })"
    )
    assert losses == pytest.approx(browser.evaluate("epochs.map((epoch) => DATA.losses[epoch])"), rel=1e-5)


# -------------------------------------------------------------------------------------------------------- where it is read


def test_the_controls_fit_a_phone_and_pass_axe(opened: Any) -> None:
    for scheme in ("light", "dark"):
        browser = opened("moons", width=390, height=844, color_scheme=scheme)
        browser.locator("#here").click()
        assert browser.evaluate("document.documentElement.scrollWidth") <= 390
        browser.evaluate(AXE)
        found = browser.evaluate("async () => (await axe.run()).violations.map(({ id, nodes }) => [id, nodes.map((n) => n.html)])")
        assert found == []


def own(outputs: Any, targets: Any) -> Any:
    return sum((y - t) ** 2 for y, t in zip(outputs, targets, strict=True))


class Half(SGD):
    """An optimiser of a user's own."""

    def change(self, index: int, parameter: Value) -> float:
        return 0.5 * super().change(index, parameter)


@pytest.mark.parametrize(
    "made",
    [
        lambda: page(MLP(2, [3, 1], activation=lambda z: z * z, seed=1), MOONS, epochs=1),
        lambda: page(network(), MOONS, epochs=1, loss=own),
        lambda: page(network(), MOONS, epochs=1, optimizer=Half),
        lambda: page(network(), MOONS, epochs=1, optimizer=lambda p: SGD(p[:3])),
    ],
    ids=["function", "loss", "optimiser", "some parameters"],
)
def test_what_a_page_cannot_train_is_shown_without_the_controls(made: Callable[[], Any]) -> None:
    html = made().html
    assert 'id="here"' not in html
    assert "makeProgram" not in html


def test_a_film_trains_where_neither_numpy_nor_llvmlite_is(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['numpy'] = sys.modules['llvmlite'] = None\n"
        "from nn import MLP; from nn.data import make_moons; from nn.film import page\n"
        "page(MLP(2, [3, 1], seed=1), make_moons(10, random_state=1), sys.argv[1], epochs=2)"
    )
    found = [tmp_path / name for name in ("bare.html", "full.html")]
    for text, path in ((script, found[0]), (script.split("\n", 1)[1], found[1])):
        subprocess.run([sys.executable, "-c", text if path is found[0] else f"import sys\n{text}", str(path)], cwd=ROOT, check=True)
    assert "makeProgram" in found[0].read_text(encoding="utf-8")
    assert found[0].read_bytes() == found[1].read_bytes()
