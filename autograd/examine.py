"""The examiner's command: `python -m autograd.examine module:Class` names the mistakes of the engine with that class.

It ends with 0 if nothing was found, 1 if something was, and 2 if there was no engine to import. `autograd.examiner` does the
work.
"""

from __future__ import annotations

import sys

from autograd.examiner import main

if __name__ == "__main__":
    sys.exit(main())
