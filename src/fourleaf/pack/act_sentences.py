# SPDX-License-Identifier: Apache-2.0
"""Sentences about acts: what can be wrong with what a register lets be done by numbers."""

from fourleaf.pack.sentences import Sentences

_S = Sentences

ACTS: dict[str, Sentences] = {
    "register.acts": _S(
        "有 {found} 种办理，上限 {limit}。",
        "There are {found} acts, at most {limit}.",
        "请删减 [[act]]。",
        "Remove some [[act]].",
    ),
    "register.bad-act-key": _S(
        "办理名“{key}”不可用。",
        "The act cannot be called '{key}'.",
        "请用 1 至 40 个小写字母、数字、下划线，字母开头。",
        "Use 1 to 40 small letters, digits, underscores, a letter first.",
    ),
    "register.act-twice": _S(
        "办理“{key}”写了两次。", "The act '{key}' stands twice.", "请改其中一个。", "Rename one of them."
    ),
    "register.act-nothing": _S(
        "办理“{key}”不改变任何数。",
        "The act '{key}' changes no number.",
        '请写 add = ["字段"] 或 take = ["字段"]。',
        'Write add = ["field"] or take = ["field"].',
    ),
    "register.act-field": _S(
        "办理“{key}”指向“{field}”，它不是本登记簿的整数字段。",
        "The act '{key}' names '{field}', which is no integer field of this register.",
        '{hint_zh}请改用 type = "integer" 的字段。',
        '{hint_en} Name a field of type = "integer".',
    ),
    "register.act-turned": _S(
        "办理“{key}”既加又减“{field}”，或以它限制自身。",
        "The act '{key}' both adds to and takes from '{field}', or holds it within itself.",
        "请在 add、take、within 中只写一次。",
        "Name it once in add, take and within.",
    ),
    "register.act-within": _S(
        "办理“{key}”写了 within 而没有 add。",
        "The act '{key}' has within and no add.",
        "within 限制 add 的字段；请补上 add 或删去 within。",
        "within limits the fields of add: name them, or remove within.",
    ),
}
