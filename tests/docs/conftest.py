# SPDX-License-Identifier: Apache-2.0
"""The source as the tests of the docs read it."""

import pytest

from tests.docs.source import Source


@pytest.fixture(scope="session")
def source() -> Source:
    return Source()
