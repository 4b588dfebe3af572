# SPDX-License-Identifier: Apache-2.0
"""Token Status List (IETF, draft-ietf-oauth-status-list) as a CWT, one bit an index; and a delta between two of them, which is ours."""

from fourleaf.standards.status_list.bits import StatusList, made
from fourleaf.standards.status_list.delta import apply, difference
from fourleaf.standards.status_list.token import Reason, read, sign

__all__ = ["Reason", "StatusList", "apply", "difference", "made", "read", "sign"]
