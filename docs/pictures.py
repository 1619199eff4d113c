"""The pictures of README.md, made anew: .venv/bin/python docs/pictures.py, with Chromium or Chrome installed."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent), str(DOCS.parent / "tests")]

from browser import FLAGS, binary  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from autograd import Value, draw, to_html  # noqa: E402
from nn import MLP, page  # noqa: E402
from nn import draw as draw_network  # noqa: E402
from nn.data import make_moons  # noqa: E402


def lecture() -> Value:
    """The example of the README, after its backward."""
    a, b, c, f = Value(2, "a"), Value(-3, "b"), Value(10, "c"), Value(-2, "f")
    L = (a * b + c) * f
    L.backward()
    return L


def main() -> None:
    L = lecture()
    draw(L).save(DOCS / "expression.svg")
    draw_network(MLP(2, [3, 1], activation="tanh", seed=1), [0, 1], 1, style="circles").save(DOCS / "circles.svg")
    L.label = "L"
    network = MLP(2, [16, 16, 1], activation="tanh", seed=1)([Value(1.0, "x1"), Value(-2.0, "x2")])
    network.label = "y"
    film = page(MLP(2, [16, 16, 1], activation="tanh", seed=1), make_moons(100, noise=0.1, random_state=1), title="Two moons")
    shots = {  # a page, its width and height, and the keys that are pressed before the picture is taken
        "page": (to_html(L), 1200, 720, ["Home", *["ArrowRight"] * 10]),
        "network": (to_html(network, fold="neuron", title="MLP(2, [16, 16, 1]), neuron by neuron"), 1366, 768, []),
        "film": (film, 1200, 800, ["ArrowRight"] * 22),
    }
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary(), args=FLAGS)
        for name, (shown, width, height, keys) in shots.items():
            tab = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
            tab.goto(shown.save(Path(folder) / f"{name}.html").as_uri())
            for key in keys:
                tab.keyboard.press(key)
            tab.wait_for_timeout(500)
            tab.screenshot(path=DOCS / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
