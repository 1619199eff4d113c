"""The cafeteria: a linear neuron finds the prices from the bills.

Every day you have coffee, juice and toast, and at the week's end you see only the total. What does each of them cost, and
how does a linear neuron (neurona lineal) find out?
"""

from copy import deepcopy
from random import Random
from typing import Any

from autograd import Value, dot, quiz, quiz_page
from demos.experiments import Try, as_many
from demos.page import Page, filled, fraction
from nn import SGD
from nn.losses import squared_error

GOODS = ("coffee", "juice", "toast")
REAL_PRICES = (0.50, 1.50, 1.00)
FIRST_WEEK = (5, 2, 3)
ESTIMATE = 0.50  # of every price, to begin with
RATE = 1 / 35
WEEKS = 80
TOGETHER = False  # True: in every week as many of the last of the goods as of the one before it
ESTIMATES = 5  # random first estimates that are tried too

TRY = Try(
    "Take a first week without coffee. Which estimate gets worse then? After that, let every week have as many juices as toasts. "
    "Which prices are still found, and what is found instead of the others?",
    {"FIRST_WEEK": (0, 2, 3)},
    {"FIRST_WEEK": (5, 3, 3), "TOGETHER": True},
    pictures=("prices",),
)


def main(page: Page) -> dict[str, Any]:
    as_many(GOODS=GOODS, REAL_PRICES=REAL_PRICES, FIRST_WEEK=FIRST_WEEK)
    return one_week(page) | many_weeks(page)


def one_week(page):
    """One step of the delta rule, by hand and by the engine."""
    bill = dot(REAL_PRICES, FIRST_WEEK)
    prices = [Value(ESTIMATE, name) for name in GOODS]
    y = dot(prices, FIRST_WEEK)
    residual = bill - y
    squared = residual**2
    error = squared / 2
    error.backward()
    y.label, residual.label, squared.label, error.label = "y", "t − y", "(t − y)²", "E"
    before = deepcopy(error)  # the prices are about to change

    page.say(
        """
        The portions of the first week are {portions}, and the bill is t = {bill:.2f} €. Let us estimate every price at
        {estimate:.2f} €. Our bill would then be y = Σ wᵢxᵢ = {ours:.2f} €, and a residual of t − y = {residual:.2f} € is left. The
        delta rule shares it out in proportion to the portions:
        """,
        portions=", ".join(f"{name} {x:g}" for name, x in zip(GOODS, FIRST_WEEK, strict=True)),
        bill=bill,
        estimate=ESTIMATE,
        ours=y.data,
        residual=residual.data,
    )
    page.formula("Δwᵢ = η xᵢ (t − y),   η = {rate}", rate=fraction(RATE))
    page.play(
        "quiz",
        quiz_page(quiz(error, of=prices), title="The first week: how does E change with each price?"),
        "Predict first: the slope of E for each price, −xᵢ (t − y). Which price will be changed most?",
    )
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
        ["", "x", "estimate w", "η x (t − y)", "∂E/∂w", "−η ∂E/∂w", "new w", "real price"],
        [
            [name, x, f"{ESTIMATE:.2f}", f"{step:+z.2f}", f"{g:z.2f}", f"{-RATE * g:+z.2f}", f"{w:z.2f}", f"{real:.2f}"]
            for name, x, step, g, w, real in zip(GOODS, FIRST_WEEK, steps, gradients, new_prices, REAL_PRICES, strict=True)
        ],
    )
    new_bill = dot(new_prices, FIRST_WEEK)
    worse = further(new_prices, [ESTIMATE] * len(GOODS))
    better = abs(bill - new_bill) < abs(residual.data)
    page.say(
        "With the new prices the bill is y = {ours:.2f} €, and the error is now {error:z.2f} €.",
        ours=new_bill,
        error=bill - new_bill,
    )
    page.say(verdict(better, worse), names=", ".join(worse))
    page.graph("graph", before, "The first week's error, and what flows back: each price gets its share.")
    return {"y": y.data, "residual": residual.data, "steps": steps, "gradients": gradients, "new_prices": new_prices,
            "new_bill": new_bill, "new_error": bill - new_bill, "worse": worse, "better": better}  # fmt: skip


def verdict(better, worse):
    """The sentence on what the step did to the bill and to the estimates: one that holds."""
    if better and worse:
        return (
            "The bill got better, and yet the estimate for {names} got worse: one total cannot show which of the prices was wrong."
            if len(worse) == 1
            else "The bill got better, and yet these estimates got worse: {names}. One total cannot show which prices were wrong."
        )
    if better:
        return "The bill got better, and no estimate got worse: the prices that changed were all wrong in the same direction."
    if worse:
        return "The bill did not get better, and these estimates got worse: {names}. Such a step is too large."
    return "The bill did not get better, and no estimate got worse: there was nothing to learn from it."


def further(prices, before):
    """The goods whose price is further from the real one than before."""
    return [
        name
        for name, w, old, real in zip(GOODS, prices, before, REAL_PRICES, strict=True)
        if abs(w - real) > abs(old - real) * (1 + 1e-12)
    ]


def bills_of(weeks):
    """The portions of every week and its bill."""
    rng = Random(5)
    for week in range(weeks):
        portions = list(FIRST_WEEK) if week == 0 else [rng.randint(0, 5) for _ in GOODS]
        if TOGETHER:
            portions[-2:] = portions[-2:-1] * len(portions[-2:])
        yield portions, dot(REAL_PRICES, portions)


def learn(estimates):
    """One step for every new bill, from these estimates: the prices before each week and after the last, and the residuals."""
    prices = [Value(w, name) for w, name in zip(estimates, GOODS, strict=True)]
    optimizer = SGD(prices, lr=RATE)
    history, residuals = [[w.data for w in prices]], []
    for portions, bill in bills_of(WEEKS):
        y = dot(prices, portions)
        residuals.append(bill - y.data)
        optimizer.zero_grad()
        squared_error(y, bill).backward()
        optimizer.step()
        history.append([w.data for w in prices])
    return history, residuals


def right(prices):
    """The goods whose price is right to the cent."""
    return [name for name, w, real in zip(GOODS, prices, REAL_PRICES, strict=True) if abs(w - real) < 0.005]


def found_after(history):
    """The week after which all prices are right to the cent and stay so, or None."""
    wrong = [week for week, prices in enumerate(history) if len(right(prices)) < len(GOODS)]
    found = wrong[-1] + 1 if wrong else 0
    return found if found < len(history) else None


def many_weeks(page):
    """The same step, once for each new bill."""
    history, residuals = learn([ESTIMATE] * len(GOODS))
    found = found_after(history)
    page.say("Each week gives a different equation. One step for every new bill, each with its own portions:")
    page.table(
        ["weeks", *GOODS, "last t − y"],
        [
            [week, *[f"{w:z.2f}" for w in history[week]], f"{residuals[week - 1]:+z.2f} €" if week else ""]
            for week in sorted({0, 1, 2, 3, 5, 10, 20, 30, 40, found or WEEKS, WEEKS})
            if week <= WEEKS
        ],
    )
    page.say(
        "After {weeks} weeks the prices are not all right to the cent."
        if found is None
        else "After {found} weeks all {n} prices are right to the cent, and stay so.",
        weeks=WEEKS,
        found=found,
        n=len(GOODS),
    )
    rng = Random(1)
    others = [learn([rng.uniform(0.0, 2.0) for _ in GOODS])[0] for _ in range(ESTIMATES)]
    after = [found_after(each) for each in others]
    page.say("The first estimate hardly matters. Random ones, each learning from the same bills:")
    page.table(
        [*[filled("estimate of {name}", name=name) for name in GOODS], "right to the cent after"],
        [
            [*[f"{w:.2f} €" for w in each[0]], "–" if n is None else filled("{n} weeks", n=n)]
            for each, n in zip(others, after, strict=True)
        ],
    )
    solved = at_once(page, history[-1])
    page.plot(
        "prices",
        lambda left, right: curves(left, right, history, residuals),
        "The prices, and how wrong the bill of each week was.",
        panels=2,
    )
    return {"prices": history[-1], "found": found, "right": right(history[-1]), "solved": solved, "random": after,
            "last residual": abs(residuals[-1])}  # fmt: skip


def at_once(page, learnt):
    """The prices of least error, from all bills together: the analytic solution, or None if the bills do not fix the prices."""
    bills = list(bills_of(WEEKS))
    n = len(GOODS)
    rows = [[*[float(sum(x[i] * x[j] for x, _ in bills)) for j in range(n)], sum(x[i] * t for x, t in bills)] for i in range(n)]
    solved = solve(rows)
    page.say(
        """
        The prices can also be computed at once. The error of all bills is least where its slopes are 0, and for a linear neuron
        these are linear equations, as many as there are prices:
        """
    )
    page.formula(r"Σₙ xᵢⁿ (tⁿ − Σⱼ wⱼxⱼⁿ) = 0   \text{for every }i")
    if solved is None:
        page.say("Here they have no single solution: the bills do not say what each of the goods costs.")
    else:
        page.table(
            ["", *GOODS],
            [
                ["solved at once", *[f"{w:z.4f}" for w in solved]],
                [filled("after {n} steps", n=WEEKS), *[f"{w:z.4f}" for w in learnt]],
            ],
        )
    page.say(
        """
        That works since y is a sum of weights times inputs. For a network of non-linear neurons the equations are not linear, and
        nobody can solve them; a step of −η ∂E/∂w can be taken all the same. That is why learning goes step by step.
        """
    )
    return solved


def solve(rows):
    """The solution of linear equations, each a row that ends with its right side; None if there are none or many."""
    rows, n = [list(row) for row in rows], len(rows)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        if abs(rows[pivot][k]) < 1e-9 * max(1.0, *map(abs, rows[pivot])):
            return None
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(n):
            if i != k:
                share = rows[i][k] / rows[k][k]
                rows[i] = [a - share * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [rows[k][n] / rows[k][k] for k in range(n)]


def curves(left, right, history, residuals):
    for index, (name, real) in enumerate(zip(GOODS, REAL_PRICES, strict=True)):
        (line,) = left.plot([row[index] for row in history])
        left.axhline(real, color=line.get_color(), linewidth=1, linestyle=":")
        left.annotate(f"{name} {real:.2f} €", (WEEKS, real), (0, 5), textcoords="offset points", ha="right", color=line.get_color())
    left.set(title="Prices (dotted: the real ones)", xlabel="weeks", ylabel="€")
    right.semilogy(range(1, WEEKS + 1), [max(abs(r), 1e-16) for r in residuals], marker="o", markersize=3.5, linewidth=1)
    right.set(title="How wrong each week's bill was", xlabel="week", ylabel="|t − y| in €")


def answer(page, _usual, other_week, together):
    page.say(verdict(other_week["better"], other_week["worse"]), names=", ".join(other_week["worse"]))
    page.say(
        """
        With as many juices as toasts, the prices that are right to the cent after {weeks} weeks are: {right}. The two others end
        at {juice:.2f} € and {toast:.2f} €, which is {sum:.2f} € for both together; the real prices are {real:.2f} € together. Every
        bill comes out right, since only the sum of the two is ever asked for.
        """,
        weeks=WEEKS,
        right=", ".join(together["right"]) or "none",
        juice=together["prices"][-2],
        toast=together["prices"][-1],
        sum=sum(together["prices"][-2:]),
        real=sum(REAL_PRICES[-2:]),
    )
