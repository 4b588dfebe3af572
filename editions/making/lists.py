# SPDX-License-Identifier: Apache-2.0
"""Lists: registers counted from the exhibitors (zones, lists they stand on), and the published figures as a register of their own."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from editions.making.exhibitors import SUB_ZONES, Row
from editions.making.ground import write_rows
from editions.making.site import Feature

ZONES = (
    ("food_farm", "食品及农产品", "Food and farm"),
    ("automobile", "汽车", "Automobile"),
    ("technical_equipment", "技术装备", "Technical equipment"),
    ("consumer_goods", "消费品", "Consumer goods"),
    ("medical_healthcare", "医疗器械及医药保健", "Medical and healthcare"),
    ("services_trade", "服务贸易", "Services trade"),
)
# key, zh, en, published size, its bound, its edition, shown as a group for the first time then, zone, source, quote
LISTS = (
    ("full-attendance", "七届“全勤生”", "Present at all seven editions", 186, "exact", 7, "false", "", "001",
     "186家企业和机构成为七届“全勤生”"),
    ("first-time", "首次参展", "First time", "", "", 7, "false", "", "001", ""),
    ("global-500-or-leader", "世界500强及行业龙头", "Fortune 500 and industry leaders", 281, "exact", 4, "false", "", "002",
     "世界500强及行业龙头企业数量达281家"),
    ("top-10-car-groups", "全球十大汽车集团", "Top ten car groups", 10, "exact", 4, "false", "automobile", "002",
     "全球十大汽车集团"),
    ("top-10-cosmetics", "全球十大化妆品品牌", "Top ten cosmetics brands", 10, "exact", 4, "true", "consumer_goods", "002",
     "全球十大化妆品品牌、世界三大时尚高端消费品巨头首次集体亮相"),
    ("top-3-fashion", "世界三大时尚高端消费品巨头", "Three fashion giants", 3, "exact", 4, "true", "consumer_goods", "002",
     "全球十大化妆品品牌、世界三大时尚高端消费品巨头首次集体亮相"),
)  # fmt: skip
# Language or part -> word -> as it is read.
_Words = Mapping[str, Mapping[str, str]]
LIST_FIELDS = (
    "id", "name_zh", "name_en", "published", "bound", "edition", "group_premiere", "zone", "source", "quote",
)  # fmt: skip


def write_lists(target: Path, history: Path, exhibitors: list[Row], halls: list[Feature]) -> None:
    write_rows(target, "", "exhibitor", exhibitors)
    write_rows(target, "", "zone", zone_rows(exhibitors, halls))
    write_rows(target, "", "exhibitor-list", list_rows(exhibitors))
    write_rows(target, "", "published", published_rows(history))


def zone_rows(exhibitors: list[Row], halls: list[Feature]) -> Iterator[Row]:
    """Zones, then their parts. Exhibitors, countries and areas are counted, not written down."""
    for number, (zone, zh, en) in enumerate(ZONES, 1):
        inside = [one for one in exhibitors if one["zone"] == zone]
        of_zone = [hall for hall in halls if hall["properties"]["zone"] == zone]
        yield {
            **{"id": zone, "name_zh": zh, "name_en": en, "kind": "zone", "parent": "", "number": number, "since": ""},
            "halls": ";".join(hall["id"] for hall in of_zone),
            **_counted(inside),
            "hall_area_m2": sum(hall["properties"]["area_m2"] for hall in of_zone),
        }
    for part in SUB_ZONES:
        inside = [one for one in exhibitors if one["sub_zone"] == part.id]
        yield {
            **{"id": part.id, "name_zh": part.zh, "name_en": part.en, "kind": "sub_zone", "parent": part.zone},
            **{"number": "", "since": part.since, "halls": part.cells[0].rpartition("-")[0]},
            **_counted(inside),
            "hall_area_m2": "",
        }


def _counted(inside: list[Row]) -> Row:
    return {
        "exhibitors": len(inside),
        "countries": len({one["country"] for one in inside}),
        "first_time": sum(one["streak"] == 1 for one in inside),
        "booth_area_m2": sum(one["area_m2"] for one in inside),
    }


def list_rows(exhibitors: list[Row]) -> Iterator[Row]:
    """What each list is said to hold beside how many exhibitors carry it."""
    carried = Counter(tag for one in exhibitors for tag in one["tags"].split(";"))
    for said in LISTS:
        yield dict(zip(LIST_FIELDS, said, strict=True)) | {"tagged": carried[said[0]]}


def published_rows(history: Path) -> Iterator[Row]:
    """Every published figure; figures of one key name each other, so that they are read side by side."""
    words = _toml(Path(__file__).parent / "published.toml")
    units = {lang: _toml(history.parent / f"words/{lang}.toml")["unit"] for lang in ("zh", "en")}
    found = [one for file in sorted(history.glob("*.toml")) for one in _toml(file)["figure"]]
    numbers, named, ids = Counter[str](), dict[str, Mapping[str, Any]](), dict[str, list[str]]()
    for one in found:
        numbers[one["row"]] += 1
        id_ = f"{one['row']}-{numbers[one['row']]}"
        named[id_] = one
        ids.setdefault(one["key"], []).append(id_)
    for id_, one in sorted(named.items()):
        yield _published(id_, one, [other for other in ids[one["key"]] if other != id_], words, units)


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _published(id_: str, one: Mapping[str, Any], others: list[str], words: _Words, units: _Words) -> Row:
    english = words["en"]
    return {
        "id": id_,
        "name_zh": one["name"]["zh"],
        "name_en": one["name"]["en"],
        "value": one["value"],
        "unit_zh": units["zh"][one["unit"]],
        "scope_zh": words["scope"][one["scope"]],
        "unit_en": units["en"][one["unit"]],
        "scope_en": english.get(one["scope"], one["scope"]),
        "bound": one["bound"],
        "edition": one["edition"],
        "as_of": one.get("as_of", "").removesuffix(":00+08:00").replace("T", " "),
        "change_zh": one.get("change", ""),
        "change_en": english.get(one.get("change", ""), one.get("change", "")),
        "source": one["source"],
        "beside": ";".join(others),
        "quote": one.get("quote", ""),
        "note_zh": one.get("note", {}).get("zh", ""),
        "note_en": one.get("note", {}).get("en", ""),
    }
