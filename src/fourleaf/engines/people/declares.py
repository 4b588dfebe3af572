# SPDX-License-Identifier: Apache-2.0
"""People: what a role may be allowed to do that belongs to no other engine."""

# `office`: whatever at the desk has no permission of its own.
# GIVES: open accounts and give roles.
GIVES = "people.manage"
# PERSONAL: read names, phones and whatever else the vault keeps; ERASE: erase a person.
PERSONAL, ERASE = "people.personal", "people.erase"
# METRICS: read the numbers of the server itself.
METRICS = "metrics.see"
PERMISSIONS = ("office", "people.see", GIVES, PERSONAL, ERASE, METRICS)
