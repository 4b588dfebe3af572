# SPDX-License-Identifier: Apache-2.0
"""Sentences about types of devices and about levels: what can be wrong with the declaration of one."""

from fourleaf.pack.sentences import Sentences

_S = Sentences

DEVICE: dict[str, Sentences] = {
    "device.quantities": _S(
        "有 {found} 个量，应为 1 至 {limit} 个。",
        "There are {found} quantities, not 1 to {limit}.",
        "请增减 [[quantity]]。",
        "Add or remove a [[quantity]].",
    ),
    "device.bad-quantity": _S(
        "量名“{key}”不可用。",
        "The quantity cannot be called '{key}'.",
        "请用 1 至 40 个小写字母、数字、下划线，字母开头。",
        "Use 1 to 40 small letters, digits and underscores, a letter first.",
    ),
    "device.quantity-twice": _S(
        "量“{key}”写了两次。", "The quantity '{key}' stands twice.", "请改其中一个。", "Rename one of them."
    ),
    "device.range": _S(
        "下限 {min} 大于上限 {max}。",
        "The lower limit {min} is above the upper limit {max}.",
        "请改正 min 或 max。",
        "Mend min or max.",
    ),
    "device.interval": _S(
        "间隔为 {found} 秒，至少 1 秒。",
        "The interval is {found} s; it is at least 1 s.",
        "请改正 interval_s。",
        "Mend interval_s.",
    ),
    "device.silent-before-due": _S(
        "{silent} 秒无信号即算失联，但每 {interval} 秒才上报一次。",
        "It would be silent after {silent} s, but speaks every {interval} s only.",
        "请使 silent_after_s 大于 interval_s，最好三倍。",
        "Let silent_after_s be more than interval_s, best three times.",
    ),
    "device.keep": _S(
        "读数保留 {found} 天，应为 1 至 {limit} 天。",
        "Readings would be kept for {found} days, not 1 to {limit}.",
        "请改正 keep_days。",
        "Mend keep_days.",
    ),
    "device.counts": _S(
        '计数设备只能装在馆门（of = "door"），且只有 in 和 out 两个量，在 0 至 {limit} 之间。',
        'What counts stands at a door (of = "door") and has the quantities in and out, from 0 to {limit}.',
        "请改正，或删去 counts。",
        "Mend that, or remove counts.",
    ),
    "device.unknown-of": _S(
        "没有场馆设施类别或登记簿“{of}”。",
        "There is neither a kind of venue thing nor a register '{of}'.",
        "{hint_zh}请写其中之一。",
        "{hint_en} Name one of them.",
    ),
    "device.of-taken": _S(
        "“{of}”已属于设备类型“{other}”。",
        "'{of}' has devices of the type '{other}' already.",
        "一个设施只能有一台设备：请合并两个类型，或为其一另设登记簿。",
        "A thing has one device: make one type of both, or keep one of them in a register of its own.",
    ),
}
LEVEL: dict[str, Sentences] = {
    "level.whose": _S(
        "级别应属于一个设备类型或一个数据接入，二者取一。",
        "A level is about a type of devices or about a feed: one of the two.",
        "请写 device_type 或 feed。",
        "Write device_type or feed.",
    ),
    "level.steps": _S(
        "各级为：{found}；应为 watch、alert，或先 watch 后 alert。",
        "The steps are: {found}; they are watch, alert, or watch and then alert.",
        "请改正 [[step]]。",
        "Mend the [[step]] tables.",
    ),
    "level.until": _S(
        "{reached} 时到达，却到 {until} 才离开，在更危险的一侧。",
        "Reached at {reached}, it would be held until {until}, on the side away from calm.",
        "请使 until 在 at 的平稳一侧。",
        "Let until be on the calm side of at.",
    ),
    "level.order": _S(
        "{reached} 不比前一级的 {before} 更远。",
        "{reached} is not farther from calm than {before} of the step before.",
        "请调整 at。",
        "Change at.",
    ),
    "level.times": _S(
        "{stale} 秒无读数即未知，不长于防抖的 {debounce} 秒。",
        "It would be unknown after {stale} s, no longer than it must be steady ({debounce} s).",
        "请使 stale_after_s 大于 debounce_s，且都不为负。",
        "Let stale_after_s be more than debounce_s, and neither below zero.",
    ),
    "level.unknown-source": _S(
        "没有设备类型或数据接入“{name}”。",
        "There is no type of devices or feed '{name}'.",
        "{hint_zh}请改正，或先声明它。",
        "{hint_en} Mend the name, or declare it first.",
    ),
    "level.unknown-quantity": _S(
        "“{name}”没有量“{quantity}”。",
        "'{name}' has no quantity '{quantity}'.",
        "{hint_zh}请写它声明的量。",
        "{hint_en} Name one that it declares.",
    ),
}
CODES = DEVICE | LEVEL
