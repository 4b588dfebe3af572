# SPDX-License-Identifier: Apache-2.0
"""Personal data by reference: one key a person, every read recorded, erased by forgetting the key."""
