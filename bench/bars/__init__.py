# SPDX-License-Identifier: Apache-2.0
"""One module a bench. Each offers `measure(ground, size)`; a module found here is a bench."""
