"""The examiner's command: `python -m autograd.examine module:Class` names the mistakes of the engine with that class.

It ends with 0 if nothing was found, 1 if something was, and 2 if there was no engine to import. `autograd.mistakes.examiner` does
the work.
"""

from __future__ import annotations

import os
import sys

from autograd import files
from autograd.mistakes.examiner import main

if __name__ == "__main__":
    try:
        sys.exit(main(write=files.write))
    except BrokenPipeError:  # the reader, `| head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
