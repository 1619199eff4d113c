"""A step of a scalar transformer, the shape of Karpathy's microgpt: one layer, 16 channels, 4 heads, a name of 8 letters."""

from __future__ import annotations

from _beside import Case, main
from _engines import ENGINES
from _workloads import gpt_step

WITH_EXP_AND_LOG = ["ours", "ours, pure", "microgpt's node", "micrograd"]
CASES = {"step": Case("step of a scalar transformer", WITH_EXP_AND_LOG, lambda engine: gpt_step(ENGINES[engine][0]().leaf))}

if __name__ == "__main__":
    main(__file__, CASES)
