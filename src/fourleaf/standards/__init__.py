# SPDX-License-Identifier: Apache-2.0
"""Standards: one pure codec per outside standard."""
