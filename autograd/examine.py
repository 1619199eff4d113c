"""The examiner's command: `python -m autograd.examine module:Class` names the mistakes of the engine with that class.

The exit code is 0 without findings, 1 with findings, 2 if the engine cannot be imported. See `autograd.mistakes.examiner`.
"""

from __future__ import annotations

import os
import sys

from autograd import files
from autograd.mistakes.examiner import main

if __name__ == "__main__":
    try:
        sys.exit(main(write=files.write))
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
