# SPDX-License-Identifier: Apache-2.0
"""Device type: what devices of one sort measure, how often they speak, and when their silence is news."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec

from fourleaf.engines.sensing.declares import device_complaints
from fourleaf.engines.sensing.declares.words import Words
from fourleaf.kernel.labels import DESK
from fourleaf.pack.complaint import Complaint, Others


class Quantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is measured. min, max: what is plausible; a value outside is refused. counter: a total that only rises."""

    key: str
    name: Words
    unit: str = ""
    kind: Literal["gauge", "counter"] = "gauge"
    min: Decimal
    max: Decimal


class DeviceType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What one file `device_types/<key>.toml` says. group: the folder it stands in.

    of: the kind of venue thing, or the register, each thing of which has such a device. interval_s: how often it speaks;
    silent_after_s: without a word for so long it has fallen silent. keep_days: how long its readings are kept at the least.
    counts: its `in` and `out` are persons through the door of a hall. see, keep: labels, one in common is enough: of who sees
    such devices, and of who gives out their codes, revokes and tests them; the desk and its own group if nothing is said.
    """

    name: Words
    of: str
    quantities: tuple[Quantity, ...] = msgspec.field(name="quantity", default=())
    group: str = ""
    icon: str = ""
    note: Words | None = None
    source: str = ""
    see: tuple[str, ...] = (DESK,)
    keep: tuple[str, ...] = (DESK,)
    interval_s: int
    silent_after_s: int
    keep_days: int = 30
    battery: bool = False
    self_test: bool = False
    counts: bool = False

    @cached_property
    def by_key(self) -> Mapping[str, Quantity]:
        return {quantity.key: quantity for quantity in self.quantities}

    @cached_property
    def limits(self) -> Mapping[str, tuple[float, float]]:
        """Quantity -> the smallest and the largest plausible value."""
        return {quantity.key: (float(quantity.min), float(quantity.max)) for quantity in self.quantities}

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return device_complaints.of_device_type(self)

    def complaints_among(self, key: str, others: Others) -> Iterator[Complaint]:
        """What does not agree with the rest of the pack."""
        return device_complaints.of_device_type_among(key, self, others)
