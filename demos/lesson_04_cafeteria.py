"""The cafeteria: a linear neuron finds the prices from the bills.

Every day you have coffee, juice and toast, and at the week's end you see only the total. What does each of them cost, and
how does a linear neuron (neurona lineal) find out?
"""

from copy import deepcopy
from random import Random
from typing import Any

from autograd import Value, dot
from demos.page import Page
from nn import SGD
from nn.losses import squared_error

GOODS = ("coffee", "juice", "toast")
REAL_PRICES = (0.50, 1.50, 1.00)
FIRST_WEEK = (5, 2, 3)
RATE = 1 / 35
WEEKS = 80

TRY = "Let every week have as many juices as toasts. Which prices are still found, and what is found instead of the others?"


def main(page: Page) -> dict[str, Any]:
    first = one_week(page)
    return first | many_weeks(page)


def one_week(page):
    """One step of the delta rule, by hand and by the engine."""
    bill = dot(REAL_PRICES, FIRST_WEEK)
    prices = [Value(0.50, name) for name in GOODS]
    y = dot(prices, FIRST_WEEK)
    residual = bill - y
    squared = residual**2
    error = squared / 2
    error.backward()
    y.label, residual.label, squared.label, error.label = "y", "t - y", "(t - y)^2", "E"
    before = deepcopy(error)  # the prices are about to change

    page.say(
        f"""
        One week it was 5 coffees, 2 juices and 3 toasts, and the bill was t = {bill:.2f} €. Let us guess 0.50 € for each. Our
        bill would be y = Σ wᵢxᵢ = {y:.2f} €, so a residual of t − y = {residual:.2f} € is left. The delta rule shares it out in
        proportion to the portions:
        """
    )
    page.formula("Δwᵢ = η xᵢ (t − y),   η = 1/35")
    page.say(
        """
        The engine knows no delta rule. It has E = ½ (t − y)² and the chain rule, which gives ∂E/∂wᵢ = −xᵢ (t − y); a step
        downhill, −η ∂E/∂wᵢ, must then be the same:
        """
    )

    steps = [RATE * x * residual.data for x in FIRST_WEEK]
    gradients = [w.grad for w in prices]
    SGD(prices, lr=RATE).step()
    new_prices = [w.data for w in prices]
    page.table(
        ["", "x", "guess w", "η x (t − y)", "∂E/∂w", "−η ∂E/∂w", "new w", "real price"],
        [
            [name, x, "0.50", f"{step:+.2f}", f"{g:.2f}", f"{-RATE * g:+.2f}", f"{w:.2f}", f"{real:.2f}"]
            for name, x, step, g, w, real in zip(GOODS, FIRST_WEEK, steps, gradients, new_prices, REAL_PRICES, strict=True)
        ],
    )
    new_bill = dot(new_prices, FIRST_WEEK)
    worse = [name for name, w, real in zip(GOODS, new_prices, REAL_PRICES, strict=True) if abs(w - real) > abs(0.50 - real)]
    page.say(
        f"""
        With the new prices the bill is y = {new_bill:.2f} €, and the error is now {bill - new_bill:.2f} €. The bill got better,
        and yet the estimate for {" and ".join(worse)} got worse: one total cannot show which of the prices was wrong.
        """
    )
    page.graph("graph", before, "The first week's error, and what flows back: each price gets its share.")
    return {"y": y.data, "residual": residual.data, "steps": steps, "gradients": gradients, "new_prices": new_prices,
            "new_bill": new_bill, "new_error": bill - new_bill, "worse": worse}  # fmt: skip


def many_weeks(page):
    """The same step, once for each new bill."""
    rng = Random(5)
    prices = [Value(0.50, name) for name in GOODS]
    optimizer = SGD(prices, lr=RATE)
    history, residuals = [[w.data for w in prices]], []
    for week in range(WEEKS):
        portions = [rng.randint(0, 5) for _ in GOODS] if week else FIRST_WEEK
        y, bill = dot(prices, portions), dot(REAL_PRICES, portions)
        residuals.append(bill - y.data)
        optimizer.zero_grad()
        squared_error(y, bill).backward()
        optimizer.step()
        history.append([w.data for w in prices])

    right = [all(abs(w - real) < 0.005 for w, real in zip(row, REAL_PRICES, strict=True)) for row in history]
    found = next((week for week in range(WEEKS + 1) if all(right[week:])), None)
    page.say("Other weeks teach other things. One step for every new bill, each with its own portions:")
    page.table(
        ["weeks", *GOODS, "last t − y"],
        [
            [week, *[f"{w:.2f}" for w in history[week]], f"{residuals[week - 1]:+z.2f} €" if week else ""]
            for week in sorted({0, 1, 2, 3, 5, 10, 20, 30, 40, found or WEEKS, WEEKS})
        ],
    )
    if found is None:
        page.say(f"After {WEEKS} weeks the prices are not all right to the cent.")
    else:
        page.say(f"After {found} weeks all three prices are right to the cent, and stay so.")
    page.plot(
        "prices",
        lambda left, right: curves(left, right, history, residuals),
        "The prices find their places, and the bills come out right.",
        panels=2,
    )
    return {"prices": history[-1], "found": found}


def curves(left, right, history, residuals):
    for index, (name, real) in enumerate(zip(GOODS, REAL_PRICES, strict=True)):
        (line,) = left.plot([row[index] for row in history])
        left.axhline(real, color=line.get_color(), linewidth=1, linestyle=":")
        left.annotate(f"{name} {real:.2f} €", (WEEKS, real), (0, 5), textcoords="offset points", ha="right", color=line.get_color())
    left.set(title="Prices (dotted: the real ones)", xlabel="weeks", ylabel="€")
    right.semilogy(range(1, WEEKS + 1), [max(abs(r), 1e-16) for r in residuals], marker="o", markersize=3.5, linewidth=1)
    right.set(title="How wrong each week's bill was", xlabel="week", ylabel="|t − y| in €")
