# SPDX-License-Identifier: Apache-2.0
"""Values every room speaks in. Pure: standard library and msgspec only."""
