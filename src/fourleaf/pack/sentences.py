# SPDX-License-Identifier: Apache-2.0
"""Sentences: every mistake a pack can have, by code, with the sentence that mends it."""

import msgspec


class Sentences(msgspec.Struct, frozen=True):
    """zh, en: what is wrong. mend_zh, mend_en: what to do. Blanks in braces are filled per mistake."""

    zh: str
    en: str
    mend_zh: str
    mend_en: str


_S = Sentences

CODES: dict[str, Sentences] = {
    # files
    "pack.no-folder": _S("没有这个届次包文件夹。", "There is no such pack folder.", "请检查路径。", "Check the path."),
    "pack.no-edition": _S(
        "{folder} 里没有 edition.toml，这不是届次包。",
        "There is no edition.toml in {folder}: this is no edition pack.",
        "请给出 edition.toml 所在的文件夹。",
        "Name the folder that edition.toml stands in.",
    ),
    "pack.missing-file": _S("缺少文件 {name}。", "The file {name} is missing.", "请补上该文件。", "Add the file."),
    "pack.unknown-file": _S(
        "不认识文件 {name}。",
        "The file {name} is not known.",
        "{hint_zh}请改名或移走。",
        "{hint_en} Rename or remove it.",
    ),
    "pack.empty-file": _S("文件是空的。", "The file is empty.", "请填写内容或移走该文件。", "Fill it in or remove it."),
    "pack.not-a-file": _S(
        "这不是普通文件。", "This is not an ordinary file.", "请换成普通文件。", "Put an ordinary file in its place."
    ),
    "pack.unreadable": _S(
        "无法读取文件：{why_zh}。", "The file cannot be read: {why_en}.", "请检查权限。", "Check its permissions."
    ),
    "pack.link-outside": _S(
        "链接指向届次包之外。", "The link leaves the pack folder.", "请改为复制文件。", "Copy the file instead."
    ),
    "pack.too-large": _S(
        "文件过大：{size} 字节，上限 {limit}。",
        "The file is too large: {size} bytes, at most {limit}.",
        "请拆分或精简文件。",
        "Split or trim the file.",
    ),
    "pack.too-many-files": _S(
        "文件过多，上限 {limit} 个。", "There are too many files, at most {limit}.", "请移走多余文件。", "Remove files."
    ),
    "pack.not-utf8": _S("文件不是 UTF-8 编码。", "The file is not UTF-8.", "请存为 UTF-8。", "Save it as UTF-8."),
    "pack.more": _S(
        "此文件另有 {count} 处错误未列出。",
        "The file has {count} more mistakes, not listed.",
        "请先改正已列出的。",
        "Mend the listed ones first.",
    ),
    # syntax
    "toml.syntax": _S("TOML 语法有误：{why_zh}。", "The TOML is wrong: {why_en}.", "请改正此行。", "Mend this line."),
    "json.syntax": _S("JSON 语法有误：{why_zh}。", "The JSON is wrong: {why_en}.", "请改正此行。", "Mend this line."),
    "json.duplicate-key": _S(
        "键“{key}”写了两次。", "The key '{key}' stands twice.", "请只留一个。", "Keep one of them."
    ),
    "csv.syntax": _S(
        "CSV 有误：{why_zh}。", "The CSV is wrong: {why_en}.", "请检查引号与逗号。", "Check quotes and commas."
    ),
    "csv.columns": _S(
        "表头应含 {wanted}，而非 {found}。",
        "The header should hold {wanted}, not {found}.",
        "{hint_zh}请改正表头。",
        "{hint_en} Mend the header.",
    ),
    "csv.row-length": _S(
        "此行 {found} 列，应为 {wanted} 列。",
        "The row has {found} fields, not {wanted}.",
        "请检查逗号与引号。",
        "Check commas and quotes.",
    ),
    "pack.too-deep": _S("嵌套过深。", "The nesting is too deep.", "请减少嵌套。", "Nest less."),
    "pack.unfit-value": _S(
        "“{value}”无法保存：不是有限数、整数过大或含无效字符。",
        "'{value}' cannot be kept: not finite, too large a number, or a bad character.",
        "请换成普通的数或文字。",
        "Write an ordinary number or text.",
    ),
    # fields
    "pack.missing-key": _S("缺少“{key}”。", "'{key}' is missing.", "请补上“{key}”。", "Add '{key}'."),
    "pack.unknown-key": _S(
        "不认识“{key}”。", "'{key}' is not known.", "{hint_zh}请改正或删去。", "{hint_en} Mend or remove it."
    ),
    "pack.wrong-type": _S(
        "“{key}”应为{wanted_zh}，而非“{value}”。",
        "'{key}' should be {wanted_en}, not '{value}'.",
        "请按此写法填写。",
        "Write it that way.",
    ),
    "pack.untranslated": _S(
        "“{key}”缺少{language_zh}。",
        "'{key}' has no {language_en}.",
        "请补上 {key}.{language}。",
        "Add {key}.{language}.",
    ),
    "pack.not-one-of": _S(
        "“{key}”不能是“{value}”，只能是 {known}。",
        "'{key}' cannot be '{value}', only {known}.",
        "{hint_zh}请选其一。",
        "{hint_en} Choose one of them.",
    ),
    "pack.unknown-reference": _S(
        "“{key}”指向的{kind}“{value}”不存在。",
        "'{key}' names the {kind} '{value}', which does not exist.",
        "{hint_zh}请改正，或补上该{kind}。",
        "{hint_en} Mend it, or add that {kind}.",
    ),
    "pack.duplicate-id": _S(
        "编号“{id}”重复，首次出现于 {first}。",
        "The id '{id}' stands twice, first at {first}.",
        "请改其中一个。",
        "Rename one of them.",
    ),
    "pack.mismatch": _S(
        "“{key}”是“{value}”，而{via} 属于“{wanted}”。",
        "'{key}' is '{value}', but {via} belongs to '{wanted}'.",
        "请使两处一致。",
        "Make the two agree.",
    ),
    "pack.bad-id": _S(
        "编号“{id}”应为 1 至 64 个字母、数字、点或连字符。",
        "The id '{id}' should be 1 to 64 letters, digits, dots or hyphens.",
        "请改编号。",
        "Change the id.",
    ),
    "pack.no-tag": _S(
        "尺寸“{key}”没有来源标记。",
        "The size '{key}' has no tag of where it comes from.",
        "请补上“{key}_tag”：source:…、carried-over:… 或 assumed。",
        "Add '{key}_tag': source:…, carried-over:… or assumed.",
    ),
    "pack.bad-tag": _S(
        "“{key}”不能是“{value}”。",
        "'{key}' cannot be '{value}'.",
        "请写 source:…、carried-over:… 或 assumed。",
        "Write source:…, carried-over:… or assumed.",
    ),
    "pack.not-declarable": _S(
        "没有引擎接受“{word}”类声明。",
        "No engine takes declarations of kind '{word}'.",
        "{hint_zh}请改正文件夹名。",
        "{hint_en} Mend the folder's name.",
    ),
    "pack.declaration": _S(
        "{kind}“{key}”的声明不符：{why_zh}。",
        "The {kind} '{key}' is not as declared: {why_en}.",
        "请按引擎的类型填写。",
        "Write it as the engine's type says.",
    ),
    # edition
    "edition.bad-calling-code": _S(
        "“{value}”不是国家电话区号。",
        "'{value}' is no calling code.",
        "请写 1 至 3 位数字，不带加号，如 86。",
        "Write one to three digits without a plus, such as 86.",
    ),
    "edition.unknown-zone": _S(
        "没有时区“{value}”。",
        "There is no zone '{value}'.",
        "{hint_zh}请用 IANA 时区名。",
        "{hint_en} Use an IANA name.",
    ),
    "edition.no-days": _S("没有任何展期日。", "There is no day.", "请补上 [[day]]。", "Add a [[day]]."),
    "edition.duplicate-day": _S(
        "日期 {value} 重复，首次出现于 {first}。",
        "The date {value} stands twice, first at {first}.",
        "请删去一个。",
        "Remove one of them.",
    ),
    "edition.hours": _S(
        "{earlier}（{first}）应早于 {later}（{second}）。",
        "{earlier} ({first}) should be before {later} ({second}).",
        "请改正时间。",
        "Mend the hours.",
    ),
    "edition.half-hours": _S(
        "写了开放时间就要写全：缺 {key}。",
        "Opening hours should be whole: {key} is missing.",
        "请补上，或全部删去。",
        "Add it, or remove them all.",
    ),
    "edition.phase-order": _S(
        "阶段的结束 {second} 早于开始 {first}。",
        "The phase ends on {second}, before it begins on {first}.",
        "请改正日期。",
        "Mend the dates.",
    ),
    "edition.thresholds": _S(
        "阈值 {value} 应大于 0 且递增。",
        "The thresholds {value} should be above 0 and rise.",
        "请先小后大，至少 1 人。",
        "Write the smaller one first, of one person at least.",
    ),
    "edition.thresholds-and-area": _S(
        "面积 {area} 平方米，阈值 {value} 不合理：警戒至少 {low} 人，关注至多 {high} 人。",
        "The thresholds {value} do not suit {area} m²: alert is at least {low} persons there, watch at most {high}.",
        "请核对阈值与面积。",
        "Check the thresholds and the area.",
    ),
    "edition.own-previous": _S(
        "“{value}”就是本届，不能列为往届。",
        "'{value}' is this very edition and cannot be an earlier one.",
        "请从 previous 中删去。",
        "Remove it from previous.",
    ),
    "history.figure-twice": _S(
        "数字“{key}”写了两次，口径、届次、时点都相同，首次出现于 {first}。",
        "The figure '{key}' stands twice with the same scope, edition and as_of, first at {first}.",
        "请删去一个，或写明不同的 scope、edition 或 as_of。",
        "Remove one of them, or say how their scope, edition or as_of differ.",
    ),
    "history.unknown-unit": _S(
        "没有单位“{value}”。已有：{known}。",
        "There is no unit '{value}'. There are: {known}.",
        "{hint_zh}请改正，或在 words/zh.toml 与 words/en.toml 的 [unit] 中补上。",
        "{hint_en} Mend it, or add it under [unit] of words/zh.toml and words/en.toml.",
    ),
    "history.below-zero": _S(
        "{value} 小于 0，而单位“{unit}”只能计数。",
        "{value} is below 0, and '{unit}' can only be counted.",
        "请改正数值或单位。",
        "Mend the value or the unit.",
    ),
    "exhibitor.unsourced": _S(
        "没有写明展商是真实的还是虚构的。",
        "It is not said whether the exhibitor is real or made up.",
        "请写 source：来源，或 synthetic。",
        "Write its source, or synthetic.",
    ),
    # people
    "people.bad-label": _S(
        "“{label}”不是标签。",
        "'{label}' is not a label.",
        "请写 public、office、group:组别、agency:机构、person:… 或 protected:…，组别可写 {{group}}。",
        "Write public, office, group:…, agency:…, person:… or protected:…; {{group}} stands for the post's group.",
    ),
    "people.no-group": _S(
        "标签“{label}”要用到组别，但该角色不属于任何组。",
        "The label '{label}' needs a group, but the role is not held in one.",
        "请加 in_group = true，或写明组别。",
        "Add in_group = true, or name the group.",
    ),
    "people.bad-login": _S(
        "登录名“{login}”不合要求。",
        "'{login}' cannot be a login name.",
        "请用 2 至 64 个小写字母、数字、点、横线或下划线。",
        "Use 2 to 64 small letters, digits, dots, hyphens or underscores.",
    ),
    "people.not-synthetic": _S(
        "演示账号“{login}”没有标明是虚构的。",
        "The demo account '{login}' is not marked as made up.",
        "请写 synthetic = true；真实账号在系统内开立。",
        "Write synthetic = true; real accounts are opened in the system.",
    ),
    "people.post-and-group": _S(
        "岗位“{post}”与角色不符：属于组的角色须写“角色@组别”，其他角色不写组别。",
        "The post '{post}' does not suit its role: a role held in a group is written role@group, any other without.",
        "请改正岗位。",
        "Mend the post.",
    ),
}
