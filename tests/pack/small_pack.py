# SPDX-License-Identifier: Apache-2.0
"""A small pack that is right, for tests to plant mistakes in."""

import json
from pathlib import Path
from typing import Any

EDITION = """\
id = "fair-1"
name = { zh = "第一届", en = "First fair" }
zone = "Asia/Shanghai"

[[day]]
date = "2024-11-05"
name = { zh = "首日", en = "First day" }
kind = "show"
opens_at = "08:30"
last_entry_at = "15:30"
closes_at = "16:30"

[[day]]
date = 2024-11-06
name = { zh = "次日", en = "Second day" }
kind = "show"
opens_at = 08:30:00
last_entry_at = 15:30:00
closes_at = 16:30:00

[[source]]
id = "001"
name = { zh = "一篇报道", en = "An article" }
"""
GROUP = """\
name = { zh = "现场组", en = "Site group" }

[[subgroup]]
id = "gates"
name = { zh = "门岗", en = "Gates" }
"""
EXHIBITORS = """\
id,name_zh,name_en,country,source
X0001,甲公司,Company A,CN,source:001
X0002,乙公司,"Company B, Ltd",DE,synthetic
"""
HISTORY = """\
[[figure]]
key = "admission.entries"
value = 1.5
unit = "person-time"
source = "001"
"""
ZH = 'hello = "你好"\n[wall]\ntitle = "大屏"\n[unit]\nperson-time = "人次"\n"%" = "%"\n'
EN = 'hello = "Hello"\n[wall]\ntitle = "Wall"\n[unit]\nperson-time = "person-times"\n"%" = "%"\n'


def name(text: str) -> dict[str, str]:
    return {"zh": f"{text}号", "en": f"No. {text}"}


def square(west: float = 121.0, south: float = 31.0, side: float = 0.001) -> dict[str, Any]:
    east, north = west + side, south + side
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def point() -> dict[str, Any]:
    return {"type": "Point", "coordinates": [121.0, 31.0]}


def feature(id_: str, geometry: dict[str, Any], level: str | None = "L1", **more: Any) -> dict[str, Any]:
    said = {"name": name(id_), "level": level, **more}
    return {"type": "Feature", "id": id_, "properties": said, "geometry": geometry}


def hall(id_: str, **more: Any) -> dict[str, Any]:
    sizes: dict[str, Any] = {
        "area_m2": 30000.5,
        "area_m2_tag": "assumed",
        "thresholds": [80, 100],
        "thresholds_tag": "source:001",
    }
    return feature(id_, square(), "L1", **{"zone": "food", "leaf": "NE", **sizes, **more})


VENUE: dict[str, list[dict[str, Any]]] = {
    "level": [feature("L1", square(), None, ordinal=0), feature("L2", square(), None, ordinal=1)],
    "hall": [hall("1.1"), hall("8.1")],
    "grid": [feature("1.1-1", square(), hall="1.1"), feature("8.1-1", square(), hall="8.1")],
    "booth": [
        feature("1.1-A01", square(), hall="1.1", grid="1.1-1", exhibitor="X0001", build="raw_space"),
        feature("8.1-A01", square(), hall="8.1", grid="8.1-1", exhibitor="X0002", build="shell_scheme"),
    ],
    "gate": [feature("N", point(), side="north"), feature("S", point(), side="south")],
    "entrance": [feature("N1", point(), gate="N"), feature("S1", point(), gate="S")],
    "lane": [
        feature("N1-1", point(), entrance="N1", gate="N", lane_class="staffed"),
        feature("S1-1", point(), entrance="S1", gate="S", lane_class="staffed"),
    ],
    "door": [feature("1.1-D1", point(), hall="1.1"), feature("8.1-D1", point(), hall="8.1")],
}


class Pack:
    """A pack on disk. Features of a kind stand on lines 2, 3 ..."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("edition.toml", EDITION)
        self.write("groups/site/group.toml", GROUP)
        self.write("exhibitors.csv", EXHIBITORS)
        self.write("history/fair-0.toml", HISTORY)
        self.write("words/zh.toml", ZH)
        self.write("words/en.toml", EN)
        for kind, features in VENUE.items():
            lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in features)
            self.write(f"venue/{kind}.geojson", f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n')

    def write(self, file: str, text: str | bytes) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    def swap(self, file: str, old: str, new: str, nth: int = 1) -> None:
        """Put `new` in the place of the nth `old`."""
        parts = (self.root / file).read_text("utf-8").split(old)
        assert len(parts) > nth, (file, old)
        self.write(file, old.join(parts[:nth]) + new + old.join(parts[nth:]))

    def swap_line(self, file: str, line: int, text: str) -> None:
        lines = (self.root / file).read_text("utf-8").split("\n")
        lines[line - 1] = text
        self.write(file, "\n".join(lines))

    def feature(self, kind: str, nth: int, **changes: Any) -> None:
        """Change the nth feature of a kind, from 0: `geometry`, `id`, or properties; None takes a property out."""
        one = json.loads(json.dumps(VENUE[kind][nth]))
        for key, value in changes.items():
            (one if key in ("id", "geometry") else one["properties"])[key] = value
        one["properties"] = {key: value for key, value in one["properties"].items() if value is not None}
        comma = "," if nth < len(VENUE[kind]) - 1 else ""
        self.swap_line(f"venue/{kind}.geojson", nth + 2, json.dumps(one, ensure_ascii=False) + comma)
