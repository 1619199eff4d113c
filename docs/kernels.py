"""Write the kernels of the native engine from the table of operations: `python docs/kernels.py`.

`autograd/native/kernels.h` has every row in C, and tests/rowcode/test_kernels.py holds it current.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from autograd.ops import TABLE  # noqa: E402
from autograd.rowcode.kernels import header  # noqa: E402

if __name__ == "__main__":
    (ROOT / "autograd" / "native" / "kernels.h").write_text(header(TABLE.values()), encoding="utf-8")
