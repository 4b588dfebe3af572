# SPDX-License-Identifier: Apache-2.0
"""Make the generated files of the 7th edition again: `python -m editions.making [folder]`."""

import sys
from pathlib import Path

from editions.making.make import make

EDITION = Path(__file__).parents[1] / "ciie-7"

if __name__ == "__main__":
    make(EDITION, Path(sys.argv[1]) if len(sys.argv) > 1 else EDITION)
