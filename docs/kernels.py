"""Write the kernels of the native engine from the table of operations and the optimisers: `python docs/kernels.py`.

`autograd/native/kernels.h` has every row and every formula of an optimiser in C; tests/rowcode/test_kernels.py holds it current.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from autograd.ops import TABLE  # noqa: E402
from autograd.rowcode.kernels import header  # noqa: E402
from nn.optim import FORMULAS  # noqa: E402

if __name__ == "__main__":
    (ROOT / "autograd" / "native" / "kernels.h").write_text(header(TABLE.values(), FORMULAS.items()), encoding="utf-8")
