# SPDX-License-Identifier: Apache-2.0
"""Sentences about credentials: what can be wrong with the declaration of a zone, a category or an organization."""

from fourleaf.pack.sentences import Sentences

_S = Sentences

CODES: dict[str, Sentences] = {
    "credential.number": _S(
        "数值为 {found}，应在 {least} 至 {most} 之间。",
        "The number is {found}; it lies between {least} and {most}.",
        "请改正该数值。",
        "Mend the number.",
    ),
    "credential.number-twice": _S(
        "编号 {number} 已用于“{other}”。",
        "The number {number} is that of '{other}' already.",
        "请换一个未用过的编号；已发证件的编号不可改。",
        "Take one that was never used; a number that stands on credentials cannot change.",
    ),
    "credential.no-gate": _S(
        "该区域没有任何入口。",
        "Nothing leads into this zone.",
        "请至少写一个 [[gate]]。",
        "Name at least one [[gate]].",
    ),
    "credential.twice": _S(
        "“{key}”出现了两次。", "'{key}' stands there twice.", "请改名或删去一个。", "Rename or remove one of them."
    ),
    "credential.none-or-twice": _S(
        "“{key}”为空或有重复。",
        "'{key}' is empty, or names something twice.",
        "请至少写一项，且不重复。",
        "Name at least one, each once.",
    ),
    "credential.no-days": _S(
        "没有说明哪些日子有效。",
        "Nothing says on which days it is good.",
        "请写 phases 或 dates。",
        "Name phases or dates.",
    ),
    "credential.not-in-edition": _S(
        "{date} 不在本届的日程和阶段内。",
        "{date} is no day of the edition, nor of its phases.",
        "请改正日期。",
        "Mend the date.",
    ),
    "credential.hours-turned": _S(
        "结束时刻 {closes} 不晚于开始时刻 {opens}。",
        "It closes at {closes}, not after it opens at {opens}.",
        "请改正时刻。",
        "Mend the hours.",
    ),
    "credential.fee": _S(
        "证件不收费，fee_free 不可为 false。",
        "Credentials are free of charge: fee_free cannot be false.",
        "请删去 fee_free，或写 true。",
        "Remove fee_free, or say true.",
    ),
    "credential.weekdays": _S(
        "办公日不对：1 为星期一，7 为星期日。",
        "The weekdays are not right: 1 is Monday, 7 is Sunday.",
        "请至少写一天，取 1 至 7。",
        "Name at least one, from 1 to 7.",
    ),
    "credential.plate": _S(
        "车牌（plate）只用于车辆证件，车辆证件必须有车牌。",
        "A plate belongs to credentials of vehicles, and these need one.",
        "请同时改正 carriers 和 of。",
        "Let carriers and of agree.",
    ),
    "credential.same-day": _S(
        "当日有效的证件只能在手机上出示。",
        "A credential of one day is shown on a phone only.",
        '请写 carriers = ["phone"]。',
        'Say carriers = ["phone"].',
    ),
    "credential.reuse": _S(
        "没有实体证件，无从复用。",
        "Without a badge there is nothing to reuse.",
        "请在 carriers 中加 badge，或删去 reuse。",
        "Add badge to carriers, or remove reuse.",
    ),
    "credential.bad-key": _S(
        "“{key}”不可作名称。",
        "'{key}' cannot be a key.",
        "请用 1 至 40 个小写字母、数字和连字符，字母开头。",
        "Use 1 to 40 small letters, digits and hyphens, a letter first.",
    ),
    "credential.bad-id": _S(
        "“{id}”不可作单位编号。",
        "'{id}' cannot be the id of an organization.",
        "请用 1 至 40 个字母、数字和连字符。",
        "Use 1 to 40 letters, digits and hyphens.",
    ),
    "credential.no-decision": _S(
        "审核没有以“决定”（decision）结束。",
        "The vetting does not end with a decision.",
        '请把 kind = "decision" 的 [[stage]] 放在最后。',
        'Let the last [[stage]] be of kind = "decision".',
    ),
    "credential.stage-order": _S(
        "阶段“{kind}”的次序不对，或出现了两次。",
        "The stage of kind '{kind}' is out of order, or there twice.",
        "次序为 completeness、organization、background、decision，各至多一次。",
        "The order is completeness, organization, background, decision, each at most once.",
    ),
    "credential.no-organization": _S(
        "该文件没有单位，或没有可申请的类别。",
        "The file has no organization, or no category to apply for.",
        "请写 types 和至少一个 [[organization]]。",
        "Say types and at least one [[organization]].",
    ),
    "credential.no-purpose": _S(
        "没有说明用途。",
        "The purpose is missing.",
        "请写 purpose：每次读取个人信息都会记录它。",
        "Say purpose: it stands in the record of every read.",
    ),
}
