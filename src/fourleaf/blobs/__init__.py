# SPDX-License-Identifier: Apache-2.0
"""Files by content: looked into, cleaned, kept once, and given out so that no browser runs them."""
