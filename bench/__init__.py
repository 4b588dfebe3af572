# SPDX-License-Identifier: Apache-2.0
"""Benches: what the bars of docs/performance.md measure, each beside a floor taken in the same run."""
