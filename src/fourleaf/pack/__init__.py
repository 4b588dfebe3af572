# SPDX-License-Identifier: Apache-2.0
"""Pack: reads, checks and versions edition packs."""
