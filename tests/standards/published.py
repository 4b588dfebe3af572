# SPDX-License-Identifier: Apache-2.0
"""Published examples: messages and keys that others have made."""

import tomllib
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

PUBLISHED: dict[str, Any] = tomllib.loads(Path(__file__).with_name("published.toml").read_text("utf-8"))


def key(name: str) -> ec.EllipticCurvePublicKey:
    x, y = PUBLISHED["keys"][name]
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex("04" + x + y))
