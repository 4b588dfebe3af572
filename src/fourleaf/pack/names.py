# SPDX-License-Identifier: Apache-2.0
"""Names: what kinds of things are called in a sentence of either language."""

from collections.abc import Mapping
from typing import NamedTuple


class Both(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


# Kinds of things that sentences of mistakes name. "" is any thing of the venue.
KINDS: Mapping[str, Both] = {
    "": Both("场馆事物", "thing of the venue"),
    "account": Both("账号", "account"),
    "booth": Both("展位", "booth"),
    "case": Both("事件类型", "case"),
    "coach": Both("大巴停车点", "coach park"),
    "country": Both("国家或地区", "country"),
    "day": Both("展期日", "day"),
    "device_type": Both("设备类型", "type of devices"),
    "door": Both("馆门", "door"),
    "edition": Both("届次", "edition"),
    "entrance": Both("出入口", "entrance"),
    "exhibitor": Both("展商", "exhibitor"),
    "feed": Both("数据接入", "feed"),
    "figure": Both("数字", "figure"),
    "gate": Both("门区", "gate"),
    "grid": Both("网格", "grid"),
    "group": Both("组", "group"),
    "hall": Both("展馆", "hall"),
    "lane": Both("通道", "lane"),
    "level": Both("楼层", "level"),
    "lobby": Both("厅", "lobby"),
    "lot": Both("停车场", "lot"),
    "meal_point": Both("供餐点", "meal point"),
    "medical": Both("医疗点", "medical point"),
    "metro": Both("地铁出入口", "metro exit"),
    "phase": Both("阶段", "phase"),
    "plaza": Both("广场", "plaza"),
    "register": Both("登记簿", "register"),
    "ring": Both("环路", "ring"),
    "role": Both("角色", "role"),
    "source": Both("来源", "source"),
    "subgroup": Both("工作小组", "working group"),
    "taxi": Both("出租车点", "taxi point"),
    "threshold": Both("级别", "threshold"),
    "venue": Both("场馆", "venue"),
    "zone": Both("展区", "zone"),
}


def kind_name(kind: str) -> Both:
    """Of a kind that a pack made up, the word that the pack has for it."""
    return KINDS.get(kind) or Both(f" {kind} ", kind)
