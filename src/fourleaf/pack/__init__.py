# SPDX-License-Identifier: Apache-2.0
"""Pack: reads, checks and versions edition packs."""

from fourleaf.pack.check import check
from fourleaf.pack.edition import Checked, Declaration, Edition, ShowDay
from fourleaf.pack.problems import Problem

__all__ = ["Checked", "Declaration", "Edition", "Problem", "ShowDay", "check"]
