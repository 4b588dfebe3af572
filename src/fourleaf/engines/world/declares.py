# SPDX-License-Identifier: Apache-2.0
"""World: what a role may be allowed to do."""

# Close, reopen and move things of the venue.
PERMISSIONS = ("world.change",)
