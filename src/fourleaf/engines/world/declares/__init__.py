# SPDX-License-Identifier: Apache-2.0
"""World: what an edition pack may declare of it, and what a role may be allowed to do."""

from fourleaf.engines.world.declares.register import Register

DECLARES = {"register": Register}
# Close, reopen and move things of the venue; add, change and remove things of registers.
PERMISSIONS = ("world.change", "world.keep")
