# SPDX-License-Identifier: Apache-2.0
"""Sentences about feeds: what can be wrong with the declaration of one."""

from fourleaf.pack.sentences import Sentences

_S = Sentences

CODES: dict[str, Sentences] = {
    "feed.bad-name": _S(
        "数据接入名“{key}”不可用。",
        "The feed cannot be called '{key}'.",
        "请用 1 至 40 个小写字母、数字和连字符作文件名，字母开头。",
        "Name the file with 1 to 40 small letters, digits and hyphens, a letter first.",
    ),
    "feed.interval": _S(
        "间隔为 {found} 秒，至少 1 秒。",
        "The interval is {found} s; it is at least 1 s.",
        "请改正 interval_s。",
        "Mend interval_s.",
    ),
    "feed.late-before-due": _S(
        "{late} 秒算迟到，但每 {interval} 秒才应到一次。",
        "It would be late after {late} s, but is due every {interval} s only.",
        "请使 late_after_s 大于 interval_s。",
        "Let late_after_s be more than interval_s.",
    ),
    "feed.grant-turned": _S(
        "授权截止 {until} 早于起始 {from}。",
        "The grant ends on {until}, before it begins on {from}.",
        "请改正日期。",
        "Mend the days.",
    ),
    "feed.negative": _S(
        "“{key}”为 {found}，不得小于 0。",
        "'{key}' is {found} and cannot be below 0.",
        "请改正。",
        "Mend it.",
    ),
    "feed.url": _S(
        "方式为 {way}，url 不对：pull 须写 url，其他方式不可写。",
        "The url does not fit the way '{way}': a pull needs one, no other way has one.",
        "请补上或删去 url。",
        "Add or remove url.",
    ),
    "feed.bad-url": _S(
        "网址“{url}”不可用。",
        "The address '{url}' cannot be used.",
        "请写 https 网址（本机可用 http），不带用户名和 # 部分。",
        "Write an https address (http for this machine only), without a user and without a # part.",
    ),
    "feed.key": _S(
        "方式为 {way}，public_key 不对：one-way 须写 public_key，其他方式不可写。",
        "The public_key does not fit the way '{way}': a one-way feed needs one, no other way has one.",
        "请补上或删去 public_key。",
        "Add or remove public_key.",
    ),
    "feed.bad-key": _S(
        "public_key 不是 Ed25519 公钥。",
        "The public_key is no Ed25519 public key.",
        "请写 fourleaf feed-sign --new-key 打印的公钥。",
        "Write the public key that 'fourleaf feed-sign --new-key' prints.",
    ),
    "feed.hand-format": _S(
        "人工上传的是表格，format 只能是 csv。",
        "What is sent by hand is a table: its format can only be csv.",
        '请写 format = "csv"；XLSX 同样接受。',
        'Write format = "csv"; XLSX is taken as well.',
    ),
    "feed.rows": _S(
        "只有 json 才写 rows。",
        "Only json has rows.",
        '请删去 rows，或写 format = "json"。',
        'Remove rows, or write format = "json".',
    ),
    "feed.things": _S(
        "有 {found} 个事物，应为 1 至 {limit} 个。",
        "There are {found} things, not 1 to {limit}.",
        "请增减 [[thing]]。",
        "Add or remove a [[thing]].",
    ),
    "feed.which-thing": _S(
        "有 {found} 个事物，却没有写哪一列说明是哪个。",
        "There are {found} things, but no column says which.",
        "请写 schema.thing。",
        "Write schema.thing.",
    ),
    "feed.bad-thing": _S(
        "事物“{key}”的编号不可用。",
        "The thing cannot be called '{key}'.",
        "请用 1 至 64 个字母、数字、点、下划线或连字符。",
        "Use 1 to 64 letters, digits, dots, underscores or hyphens.",
    ),
    "feed.thing-twice": _S(
        "事物“{key}”写了两次。", "The thing '{key}' stands twice.", "请删去其中一个。", "Remove one of them."
    ),
    "feed.quantities": _S(
        "有 {found} 个量，应为 1 至 {limit} 个。",
        "There are {found} quantities, not 1 to {limit}.",
        "请增减 [[quantity]]。",
        "Add or remove a [[quantity]].",
    ),
    "feed.bad-quantity": _S(
        "量“{key}”的名称不可用。",
        "The quantity cannot be called '{key}'.",
        "请用 1 至 40 个小写字母、数字、下划线，字母开头。",
        "Use 1 to 40 small letters, digits, underscores, a letter first.",
    ),
    "feed.quantity-twice": _S(
        "量“{key}”写了两次。", "The quantity '{key}' stands twice.", "请改其中一个。", "Rename one of them."
    ),
    "feed.no-unit": _S(
        "量“{key}”没有单位。",
        "The quantity '{key}' has no unit.",
        "请写 unit；没有单位的比值写 1。",
        "Write its unit; of a bare ratio, 1.",
    ),
    "feed.limits-turned": _S(
        "量“{key}”的 min 大于 max。",
        "The min of '{key}' is above its max.",
        "请使 min 不大于 max。",
        "Let min be at most max.",
    ),
    "feed.jump": _S("量“{key}”的 jump 应大于 0。", "The jump of '{key}' should be above 0.", "请改正。", "Mend it."),
    "feed.stuck": _S(
        "量“{key}”的 stuck_after_s 不得小于 0。",
        "stuck_after_s of '{key}' cannot be below 0.",
        "请改正，0 表示不查。",
        "Mend it; 0 asks for no check.",
    ),
    "feed.smallest": _S(
        "汇总的最小组为 {found}，至少 2。",
        "The smallest group of the aggregates is {found}; it is at least 2.",
        "请改正 smallest，或删去 [aggregates]。",
        "Mend smallest, or remove [aggregates].",
    ),
    "feed.column-twice": _S(
        "列“{columns}”用了两次。", "The column '{columns}' is used twice.", "请改其中一个。", "Change one of them."
    ),
    "feed.unknown-place": _S(
        "场馆里没有“{value}”。",
        "There is no '{value}' in the venue.",
        "{hint_zh}请改正 at，或删去。",
        "{hint_en} Mend at, or remove it.",
    ),
}
