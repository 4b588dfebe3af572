# SPDX-License-Identifier: Apache-2.0
"""Venue: the gates with their lanes and the halls with their doors, read from venue.json."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate and the ids of its lanes."""

    id: str
    lanes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """One hall, the ids of its doors and its floor, by which unpublished hall peaks are shared out."""

    id: str
    doors: tuple[str, ...]
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """What a visitor walks through: only gates with lanes, only halls with doors."""

    gates: tuple[Gate, ...]
    halls: tuple[Hall, ...]

    @property
    def lanes(self) -> tuple[str, ...]:
        """All lanes, gate by gate: a lane's place here is its number in a plan."""
        return tuple(lane for gate in self.gates for lane in gate.lanes)

    @property
    def doors(self) -> tuple[str, ...]:
        """All hall doors, hall by hall: a door's place here is its number in a plan."""
        return tuple(door for hall in self.halls for door in hall.doors)

    def only(self, *, lanes: Container[str], doors: Container[str]) -> "Venue":
        """The part of the venue whose lanes and doors we may act for."""
        gates = (Gate(id=g.id, lanes=tuple(lane for lane in g.lanes if lane in lanes)) for g in self.gates)
        halls = (replace(h, doors=tuple(door for door in h.doors if door in doors)) for h in self.halls)
        return Venue(gates=tuple(g for g in gates if g.lanes), halls=tuple(h for h in halls if h.doors))


def read_venue(document: Mapping[str, Any]) -> Venue:
    """Read the body of venue.json.

    Raises: ValueError when there is no gate with a lane or no hall with a door.
    """
    features: Mapping[str, Any] = document["features"]
    gates = _grouped(features, "lane", by="gate")
    halls = _grouped(features, "door", by="hall")
    areas = {_id(f): float(f["properties"].get("area_m2") or 1.0) for f in _of(features, "hall")}
    if not gates or not halls:
        raise ValueError("venue.json has no gate with a lane or no hall with a door")
    return Venue(
        gates=tuple(Gate(id=gate, lanes=lanes) for gate, lanes in sorted(gates.items())),
        halls=tuple(Hall(id=hall, doors=doors, area_m2=areas.get(hall, 1.0)) for hall, doors in sorted(halls.items())),
    )


def _grouped(features: Mapping[str, Any], kind: str, *, by: str) -> dict[str, tuple[str, ...]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for feature in _of(features, kind):
        groups[str(feature["properties"][by])].append(_id(feature))
    return {group: tuple(sorted(ids)) for group, ids in groups.items()}


def _of(features: Mapping[str, Any], kind: str) -> Sequence[Mapping[str, Any]]:
    collection: Mapping[str, Any] = features.get(kind) or {}
    found: Sequence[Mapping[str, Any]] = collection.get("features", ())
    return found


def _id(feature: Mapping[str, Any]) -> str:
    return str(feature["id"])
