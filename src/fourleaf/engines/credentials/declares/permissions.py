# SPDX-License-Identifier: Apache-2.0
"""Permissions: what a role may be allowed to do with credentials."""

# SEE: lists and single applications, of what one's labels show; FIGURES: counts and times of all.
SEE, FIGURES = "credentials.see", "credentials.figures"
# APPLY: for a person or by a table, correct what was returned, appeal, take back.
APPLY = "credentials.apply"
# One for each kind of stage.
COMPLETE, ORGANIZATION, BACKGROUND, DECIDE = (
    "credentials.complete",
    "credentials.organization",
    "credentials.background",
    "credentials.decide",
)
# ISSUE: issue, issue again, reuse an earlier badge; REVOKE: suspend, resume, revoke.
ISSUE, REVOKE, APPEAL = "credentials.issue", "credentials.revoke", "credentials.appeal"
STAGES = {"completeness": COMPLETE, "organization": ORGANIZATION, "background": BACKGROUND, "decision": DECIDE}
PERMISSIONS = (SEE, FIGURES, APPLY, *STAGES.values(), ISSUE, REVOKE, APPEAL)
