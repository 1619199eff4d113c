"""How large a page is, and how long it takes to make one, to open it, to go a step and to move a slider, in headless Chromium.

`python bench/page.py` needs Playwright and a Chromium or Chrome (CHROMIUM=/path/to/chrome names another). A time is the median
over many moves and has the layout in it that the move asks for; that of a frame, of a slider in motion, has the painting too.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nn  # found through the line above
from autograd import Value, to_html
from autograd.graph import replay

STEPS = 40
MEASURE = """async (count) => {
  const timed = (action) => {
    const start = performance.now();
    action();
    picture.getBoundingClientRect();
    return performance.now() - start;
  };
  const times = async (action) => {
    const list = [];
    for (let i = 0; i < count; i++) {
      list.push(timed(() => action(i)));
      await new Promise(requestAnimationFrame);
    }
    return list;
  };
  const frames = async (action) => {
    const list = [];
    for (let i = 0; i < count; i++) {
      const start = performance.now();
      action(i);
      await new Promise(requestAnimationFrame);
      list.push(performance.now() - start);
    }
    return list;
  };
  const leaf = nodes.findIndex((node) => node.isLeaf);
  const run = (start, action) => { autograd.goto(start); return times(action); };
  return [
    await run(0, autograd.step),
    await run(autograd.state.turn, autograd.step),
    await run(1e9, (i) => autograd.set(leaf, 0.3 + i / 100)),
    await run(1e9, (i) => point(nodes[i % nodes.length])),
    await frames((i) => autograd.set(leaf, 0.3 + i / 100)),
  ];
}"""


def graph(count: int) -> Value:
    """Random sums, products, differences and activations; every node is used, many of them several times."""
    rng = random.Random(0)
    pool = [Value(rng.uniform(-1.0, 1.0), f"x{place}") for place in range(8)]
    while len(pool) < count:
        last, other = pool[-1], rng.choice(pool[-6:-1])
        pool.append(rng.choice([lambda: last * other, lambda: last + other, lambda: last - other, last.tanh])())  # noqa: B023
    return replay(pool[-1])


def network() -> Value:
    model = nn.MLP(2, [16, 16, 1])
    loss: Value = (model([Value(0.5, "x1"), Value(-1.0, "x2")]) - 1.0) ** 2
    return loss


PAGES: dict[str, Callable[[Path], object]] = {
    "60 nodes": lambda path: to_html(graph(60), path),
    "500 nodes": lambda path: to_html(graph(500), path),
    "MLP(2, [16, 16, 1])": lambda path: to_html(network(), path),
    "the same by neuron": lambda path: to_html(network(), path, fold="neuron"),
    "the same by layer": lambda path: to_html(network(), path, fold="layer"),
}


def main() -> None:
    from playwright.sync_api import sync_playwright

    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    print(f"{'':22}{'size':>9}{'made':>9}{'opened':>9}{'forward':>10}{'backward':>10}{'slider':>10}{'pointing':>10}{'frame':>10}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for name, make in PAGES.items():
            path = Path(folder) / "page.html"
            start = time.perf_counter()
            make(path)
            made = time.perf_counter() - start
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            start = time.perf_counter()
            page.goto(path.as_uri())
            opened = time.perf_counter() - start
            figures = [statistics.median(times) for times in page.evaluate(MEASURE, STEPS)]
            page.close()
            print(
                f"{name:22}{path.stat().st_size / 1000:6.0f} kB{made:7.2f} s{opened:7.2f} s"
                + "".join([f"{figure:7.1f} ms" for figure in figures]),
                flush=True,
            )
        browser.close()


if __name__ == "__main__":
    main()
