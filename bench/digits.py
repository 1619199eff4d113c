"""How many digits every row keeps: value, slope and orders 2 to 4 against mpmath, over the row's whole domain.

    python bench/digits.py                       every row of the table, thoroughly: about ten minutes
    python bench/digits.py tanh atan2            these rows
    python bench/digits.py --quick               the points that the tests take

Points are ordinary, tiny down to the subnormals, in the tails, at edges of the domain, beside poles, and beside every zero of the
value and of the slope; `tests/row_digits.py` finds them, and says what the bar is and when an error counts as relative to more
than the result. A line for each row: how many numbers were judged, and the worst of each order, 1 being the bar; then what is
worse than the bar, and what the row itself says that it loses. Exit code 1 if a number is worse than the bar.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from row_digits import ORDERS, Finding, findings  # noqa: E402  found through the line above
from test_ops import operand_count, parameters_of  # noqa: E402

from autograd.ops import TABLE, Op  # noqa: E402


def measured(row: Op, thorough: bool) -> list[Finding]:
    """Everything measured of a row; a sum of any number of operands is taken of two and of three."""
    counts = (2, 3) if row.variadic and operand_count(row) == 3 else (operand_count(row),)
    return [finding for count in counts for finding in findings(row, parameters_of(row), count, thorough)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="row", help="names of operations; all if none is given")
    parser.add_argument("--quick", action="store_true", help="fewer points")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.rows if name not in TABLE]
    if unknown:
        parser.error(f"no operation is called {', '.join(unknown)}")
    wrong = 0
    print(f"{'row':<24} numbers   value   slope" + "".join([f"  ord. {k}" for k in range(2, ORDERS + 1)]) + "   seconds")
    for name in arguments.rows or list(TABLE):
        start = time.perf_counter()
        found = measured(TABLE[name], not arguments.quick)
        worst = [max([finding.error for finding in found if finding.order == k], default=0.0) for k in range(ORDERS + 1)]
        seconds = time.perf_counter() - start
        print(f"{name:<24} {len(found):7d} " + " ".join([f"{error:7.2g}" for error in worst]) + f"  {seconds:8.1f}", flush=True)
        bad = sorted([finding for finding in found if finding.error > 1], key=lambda finding: -finding.error)
        wrong += len(bad)
        for finding in bad[:5]:
            print(f"    {finding}")
        for loss in TABLE[name].losses:
            print(f"    says: order {loss.order}, {loss.where}")
    print(f"{wrong} numbers are worse than the bar")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
