# SPDX-License-Identifier: Apache-2.0
"""Sentences about registers: what can be wrong with a declaration, and with one cell of a table or a form."""

from collections.abc import Mapping
from typing import Any

from fourleaf.pack.act_sentences import ACTS
from fourleaf.pack.names import kind_name
from fourleaf.pack.sentences import Sentences

_S = Sentences

DECLARATION: dict[str, Sentences] = {
    "register.personal": _S(
        "登记簿含个人信息，而保险库尚未接入。",
        "The register holds personal data, and the vault is not wired yet.",
        "请去掉个人信息字段，写 personal = false。",
        "Leave personal fields out and write personal = false.",
    ),
    "register.fields": _S(
        "有 {found} 个字段，应为 1 至 {limit} 个。",
        "There are {found} fields, not 1 to {limit}.",
        "请增减 [[field]]。",
        "Add or remove a [[field]].",
    ),
    "register.no-label": _S(
        "没有任何字段是名称。",
        "No field says what a thing is called.",
        "请给一个文字字段写 label = true。",
        "Write label = true at one text field.",
    ),
    "register.no-place": _S(
        "有图层而没有位置字段。",
        "There is a layer, but no field of type place.",
        '请加 type = "place" 的字段，或删去 [layer]。',
        'Add a field of type = "place", or remove [layer].',
    ),
    "register.nobody": _S(
        "“{key}”是空的，没有人可以。", "'{key}' is empty: nobody may.", "请写标签。", "Name a label."
    ),
    "register.bad-label": _S(
        "“{label}”不是标签。",
        "'{label}' is not a label.",
        "请写 public、office、group:组别、agency:机构、person:… 或 protected:…。",
        "Write public, office, group:…, agency:…, person:… or protected:….",
    ),
    "register.field-twice": _S(
        "字段“{key}”写了两次。", "The field '{key}' stands twice.", "请改其中一个。", "Rename one of them."
    ),
    "register.bad-field-key": _S(
        "字段名“{key}”不可用。",
        "The field cannot be called '{key}'.",
        "请用 1 至 40 个小写字母、数字、下划线，字母开头；id、q、sort、page 等已有他用。",
        "Use 1 to 40 small letters, digits, underscores, a letter first; id, q, sort, page and the like are taken.",
    ),
    "register.bad-name": _S(
        "登记簿名“{key}”不可用。",
        "The register cannot be called '{key}'.",
        "请用小写字母、数字和连字符作文件名，字母开头。",
        "Name the file with small letters, digits and hyphens, a letter first.",
    ),
    "register.choices": _S(
        "字段“{key}”（{type}）的选项不对：choice 须有选项，其他类型不可有。",
        "The choices of '{key}' ({type}) do not fit: a choice needs them, no other type has them.",
        "请补上或删去 choices。",
        "Add or remove choices.",
    ),
    "register.choice-twice": _S(
        "字段“{key}”的选项有重复的 key。",
        "Two choices of '{key}' have the same key.",
        "请改其中一个。",
        "Rename one of them.",
    ),
    "register.of": _S(
        "字段“{key}”（{type}）的 of 不对：reference 须写 of，texts 可写，其他类型不可写。",
        "The 'of' of '{key}' ({type}) does not fit: a reference needs it, texts may have it, no other type has it.",
        "请补上或删去 of。",
        "Add or remove of.",
    ),
    "register.unknown-of": _S(
        "字段“{field}”指向“{of}”，没有这个登记簿、场馆类别或声明类别。",
        "The field '{field}' refers to '{of}', which is no register and no kind of venue thing or declaration.",
        "{hint_zh}请改正 of。",
        "{hint_en} Mend of.",
    ),
    "register.label-not-text": _S(
        "字段“{key}”是 {type}，不能作名称。",
        "The field '{key}' is {type} and cannot be a label.",
        "请选文字字段。",
        "Choose a text field.",
    ),
    "register.cannot-be-unique": _S(
        "{type} 字段“{key}”不能要求唯一。",
        "The {type} field '{key}' cannot be unique.",
        "请删去 unique。",
        "Remove unique.",
    ),
    "register.limits": _S(
        "{type} 字段“{key}”不能有这种限制。",
        "The {type} field '{key}' cannot have such a limit.",
        "数用 min、max，文字和列表用 most。",
        "Use min and max for numbers, most for texts and lists.",
    ),
    "register.limits-turned": _S(
        "字段“{key}”的限制颠倒了。",
        "The limits of '{key}' are turned round.",
        "请使 min 不大于 max，most 至少为 1。",
        "Let min be at most max, and most at least 1.",
    ),
    "register.of-numbers": _S(
        "字段“{key}”（{type}）的 unit/plain 不对：只有数可写，plain 须指向本登记簿的字段。",
        "The 'unit/plain' of '{key}' ({type}) does not fit: only numbers have it, and plain names fields of this register.",
        "请改正或删去。",
        "Mend or remove it.",
    ),
    "register.no-declaration": _S(
        "此表旁边没有登记簿声明 {name}。",
        "There is no declaration {name} beside this table.",
        "请补上 {name}，或移走此表。",
        "Add {name}, or remove the table.",
    ),
}
CELL: dict[str, Sentences] = {
    "cell.required": _S("“{field}”不能为空。", "'{field}' must not be empty.", "请填写。", "Fill it in."),
    "cell.unknown-field": _S(
        "没有字段“{value}”。", "There is no field '{value}'.", "请改正列名或删去此列。", "Mend or remove the column."
    ),
    "cell.bad-sign": _S(
        "“{field}”含有无法显示的字符。",
        "'{field}' holds signs that cannot be shown.",
        "请重新键入。",
        "Type it again.",
    ),
    "cell.too-long": _S(
        "“{field}”过长，上限 {limit} 字。", "'{field}' is too long, at most {limit} signs.", "请缩短。", "Shorten it."
    ),
    "cell.too-many": _S(
        "“{field}”条目过多，上限 {limit}。",
        "'{field}' has too many entries, at most {limit}.",
        "请删减。",
        "Remove some.",
    ),
    "cell.not-integer": _S(
        "“{field}”应为整数，而非“{value}”。",
        "'{field}' should be a whole number, not '{value}'.",
        "请写成如 120。",
        "Write it like 120.",
    ),
    "cell.not-decimal": _S(
        "“{field}”应为数，而非“{value}”。",
        "'{field}' should be a number, not '{value}'.",
        "请写成如 12.5，不带单位。",
        "Write it like 12.5, without a unit.",
    ),
    "cell.too-small": _S(
        "“{field}”为 {value}，不得小于 {limit}。",
        "'{field}' is {value}, and cannot be below {limit}.",
        "请核对。",
        "Check it.",
    ),
    "cell.too-large": _S(
        "“{field}”为 {value}，不得大于 {limit}。",
        "'{field}' is {value}, and cannot be above {limit}.",
        "请核对。",
        "Check it.",
    ),
    "cell.not-boolean": _S(
        "“{field}”应为是或否，而非“{value}”。",
        "'{field}' should be yes or no, not '{value}'.",
        "请写“是”或“否”。",
        "Write yes or no.",
    ),
    "cell.not-choice": _S(
        "“{field}”不能是“{value}”，只能是：{known}。",
        "'{field}' cannot be '{value}', only: {known}.",
        "请选其一。",
        "Choose one of them.",
    ),
    "cell.not-date": _S(
        "“{field}”应为日期，而非“{value}”。",
        "'{field}' should be a day, not '{value}'.",
        "请写成如 2024-11-05。",
        "Write it like 2024-11-05.",
    ),
    "cell.not-moment": _S(
        "“{field}”应为时刻，而非“{value}”。",
        "'{field}' should be a moment, not '{value}'.",
        "请写成如 2024-11-05 09:30。",
        "Write it like 2024-11-05 09:30.",
    ),
    "cell.not-place": _S(
        "“{field}”应为位置，而非“{value}”。",
        "'{field}' should be a place, not '{value}'.",
        "请写成“L1 121.2998 31.1926”（楼层 经度 纬度），或场馆内事物的编号。",
        "Write 'L1 121.2998 31.1926' (level, longitude, latitude), or the id of a thing of the venue.",
    ),
    "cell.bad-id": _S(
        "“{field}”应为编号，而非“{value}”。",
        "'{field}' should be an id, not '{value}'.",
        "请用 1 至 64 个字母、数字、点或连字符。",
        "Use 1 to 64 letters, digits, dots or hyphens.",
    ),
    "cell.unknown-reference": _S(
        "“{field}”指向的{of}“{value}”不存在。",
        "'{field}' names the {of} '{value}', which does not exist.",
        "请改正编号，或先登记它。",
        "Mend the id, or register it first.",
    ),
    "cell.formula": _S(
        "“{field}”是公式，本系统不计算公式。",
        "'{field}' is a formula, and formulas are not computed.",
        "请复制后“选择性粘贴为数值”。",
        "Copy it and paste it as a value.",
    ),
    "cell.sheet-error": _S(
        "“{field}”在表格里就是错误值。",
        "'{field}' is an error in the spreadsheet itself.",
        "请在表格中改正。",
        "Mend it in the spreadsheet.",
    ),
    "cell.merged": _S(
        "“{field}”是合并单元格的一部分，看不出每行的值。",
        "'{field}' is part of a merged cell, which does not say what each line holds.",
        "请取消合并，并逐行填写。",
        "Split the cell and fill in each line.",
    ),
    "cell.id-twice": _S(
        "编号“{value}”在第 {line} 行已有。",
        "The id '{value}' stands in line {line} already.",
        "请删去其中一行。",
        "Remove one of the lines.",
    ),
    "cell.value-twice": _S(
        "“{field}”的“{value}”与第 {line} 行相同，而它必须唯一。",
        "The '{value}' of '{field}' stands in line {line} too, and only one may say so.",
        "请改其中一个。",
        "Change one of them.",
    ),
    "cell.not-unique": _S(
        "“{field}”的“{value}”已被占用：{first}。",
        "The '{value}' of '{field}' is taken already: {first}.",
        "请改其中一个。",
        "Change one of them.",
    ),
}
FILE: dict[str, Sentences] = {
    "cell.not-file": _S(
        "“{value}”不是文件。", "'{value}' is no file.", "请在页面上添加文件。", "Add the file on the page."
    ),
    "cell.no-such-file": _S(
        "本场次没有文件“{value}”。", "The run has no file '{value}'.", "请在页面上添加。", "Add it on the page."
    ),
}
ACCOUNT: dict[str, Sentences] = {
    "cell.bad-login": _S(
        "“{value}”不能作登录名。",
        "'{value}' cannot be a login name.",
        "请用 2 至 64 个小写字母、数字、点、连字符或下划线。",
        "Use 2 to 64 small letters, digits, dots, hyphens or underscores.",
    ),
    "cell.login-taken": _S(
        "登录名“{value}”已被占用。",
        "The login name '{value}' is taken.",
        "请换一个；已有账号的角色请在其页面上更改。",
        "Choose another one; change the roles of an account on its page.",
    ),
    "cell.wrong-group": _S(
        "“{value}”不在该组任职。",
        "'{value}' is not held in that group.",
        "角色需要组别的请填写组别，不需要的请留空。",
        "Name a group where the role asks for one, and none where it does not.",
    ),
    "cell.not-yours": _S(
        "您不能授予“{value}”。",
        "You may not give '{value}'.",
        "请由拥有其全部权限、能看到其全部内容的人授予。",
        "Ask somebody who may do and see all that it may.",
    ),
}
CODES = DECLARATION | ACTS | CELL | FILE | ACCOUNT


def told(code: str, blanks: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What is wrong with a cell and how to mend it. Shape: what, mend -> language -> sentence.

    blanks: a value of {zh, en} is said in the language of the sentence.
    """
    said = CODES[code]
    zh, en = ({name: _in(lang, name, value) for name, value in blanks.items()} for lang in ("zh", "en"))
    return {
        "what": {"zh": said.zh.format_map(zh), "en": said.en.format_map(en)},
        "mend": {"zh": said.mend_zh.format_map(zh), "en": said.mend_en.format_map(en)},
    }


def _in(lang: str, name: str, value: Any) -> Any:
    said = kind_name(value)._asdict() if name == "of" and isinstance(value, str) else value
    return said[lang] if isinstance(said, dict) and lang in said else said
