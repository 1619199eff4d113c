"""`python -m examiner module:Class`, where this folder is copied as `examiner`."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main(program=f"python -m {__package__}"))
