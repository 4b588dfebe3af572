# SPDX-License-Identifier: Apache-2.0
"""The desk: office and groups at work with their registers."""
