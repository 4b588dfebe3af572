# SPDX-License-Identifier: Apache-2.0
"""People: what a role may be allowed to do that belongs to no other engine."""

# `office`: whatever at the desk has no permission of its own.
# SEES: look at accounts, and at who read personal data. GIVES: open accounts and give roles.
SEES, GIVES = "people.see", "people.manage"
# PERSONAL: read names, phones and whatever else the vault keeps; ERASE: erase a person.
PERSONAL, ERASE = "people.personal", "people.erase"
# METRICS: read the numbers of the server itself.
METRICS = "metrics.see"
# GROUPS: give the posts of every group, also of those whose things one does not see; ANY: give whatever there is, for this machine alone.
GROUPS, ANY = "people.groups", "people.any"
PERMISSIONS = ("office", SEES, GIVES, GROUPS, ANY, PERSONAL, ERASE, METRICS)
