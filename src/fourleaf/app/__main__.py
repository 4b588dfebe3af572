# SPDX-License-Identifier: Apache-2.0
"""`python -m fourleaf.app` is the `fourleaf` command."""

from fourleaf.app.cli import main

if __name__ == "__main__":
    main()
