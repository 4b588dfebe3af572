# SPDX-License-Identifier: Apache-2.0
"""The wall: what is wrong, where, and will it hold, on one unattended screen."""
