# SPDX-License-Identifier: Apache-2.0
"""Feed words: what every reason of a feed and of a row means, in both languages, for the wall and the desk."""

from collections.abc import Mapping

from fourleaf.engines.sensing.declares.words import Words


def _w(zh: str, en: str) -> Words:
    return Words(zh=zh, en=en)


STATES: Mapping[str, Words] = {
    "awaited": _w("等待首次数据", "Awaited"),
    "fresh": _w("正常", "Fresh"),
    "late": _w("迟到", "Late"),
    "broken": _w("中断", "Broken"),
    "suspicious": _w("可疑", "Suspicious"),
    "ended": _w("授权到期", "Grant ended"),
}
# What is done about each state.
NEXT: Mapping[str, Words] = {
    "late": _w("联系提供单位；其间可人工上传", "Call the owner; send a table by hand meanwhile"),
    "broken": _w("到数据接入页看原因，联系提供单位", "See why on the feeds page, and call the owner"),
    "suspicious": _w("核对数据后再用", "Check the values before relying on them"),
}
REASONS: Mapping[str, Words] = {
    # how it stands
    "awaited": _w("尚未收到首次数据", "nothing came yet"),
    "never-came": _w("从未收到数据", "nothing ever came"),
    "late": _w("当时最新数据已是 {times} 分钟前", "the newest value was {times} min old"),
    "grant-ended": _w("授权已于 {about} 到期", "the grant ended on {about}"),
    "grant-not-begun": _w("授权自 {about} 起", "the grant begins on {about}"),
    # a delivery that cannot be used
    "empty": _w("文件是空的", "the delivery is empty"),
    "oversize": _w("过大：{about}", "too large: {about}"),
    "binary": _w("不是文字", "not a text"),
    "other-format": _w("格式不符：{about}", "another format: {about}"),
    "damaged": _w("文件损坏，无法读取", "damaged, it cannot be read"),
    "too-many-rows": _w("行数过多：{about}", "too many rows: {about}"),
    "no-rows": _w("没有数据行", "no rows"),
    "columns": _w("缺少列：{about}", "columns are missing: {about}"),
    "column-twice": _w("列“{about}”出现两次", "the column {about} stands twice"),
    "key-twice": _w("键“{about}”出现两次", "the key {about} stands twice"),
    "too-deep": _w("嵌套过深", "nested too deep"),
    "not-json": _w("不是 JSON", "not JSON"),
    "all-refused": _w("所有行都被拒收", "every row was refused"),
    # a way that brings nothing
    "unreachable": _w("对方服务器无应答", "the server does not answer"),
    "timeout": _w("对方服务器应答超时", "the server is too slow"),
    "http-status": _w("对方服务器返回 {about}", "the server says {about}"),
    "redirected": _w("被引向别处：{about}", "led elsewhere: {about}"),
    "host-not-allowed": _w("主机 {about} 未列入许可", "the host {about} is not allowed"),
    "private-address": _w("主机 {about} 在内网，未列入许可", "the host {about} is private and not allowed"),
    "packed": _w("内容被压缩：{about}", "packed: {about}"),
    # what is suspicious
    "not-signed": _w("不是签名文件", "not a signed file"),
    "bad-signature": _w("签名不符", "the signature does not fit"),
    "other-feed": _w("是另一数据接入的文件：{about}", "a file of another feed: {about}"),
    "replayed": _w("旧文件重放：计数 {about}", "an old file again: counter {about}"),
    "gap": _w("缺少 {times} 个文件：{about}", "{times} files never came: {about}"),
    "rows-refused": _w("拒收 {times} 行，多为：{what}", "{times} rows refused, mostly: {what}"),
    "jump": _w("{times} 处突变：{about}", "{times} jumps: {about}"),
    "stuck": _w("{times} 个数值长时间不变：{about}", "{times} values do not move: {about}"),
    "missing": _w("{times} 处没有数据：{about}", "{times} things are missing: {about}"),
    "unknown-columns": _w("多出 {times} 列：{about}", "{times} unknown columns: {about}"),
}
# What is wrong with a row.
ROW: Mapping[str, Words] = {
    "unknown-thing": _w("没有声明的事物", "a thing that is not declared"),
    "not-moment": _w("不是时刻", "not a moment"),
    "ahead": _w("时间超前", "a time ahead of now"),
    "behind": _w("时间过早", "a time too long ago"),
    "before-grant": _w("早于授权起始", "from before the grant"),
    "required": _w("必填而为空", "empty, and required"),
    "not-number": _w("不是数", "not a number"),
    "implausible": _w("超出合理范围", "beyond what is plausible"),
    "formula": _w("是公式", "a formula"),
    "sheet-error": _w("表格中的错误值", "an error of the spreadsheet"),
    "merged": _w("合并单元格", "a merged cell"),
    "row-twice": _w("与另一行重复", "the same as another row"),
    "too-fine": _w("比提供单位允许的更细，未保存", "finer than its owner allows; not kept"),
    "no-group-size": _w("没有写明汇总了多少", "does not say how many it sums up"),
}


def reason(code: str, times: int, about: str) -> dict[str, str]:
    """Why a feed stands as it does. Shape: language -> sentence."""
    said, what = REASONS.get(code), ROW.get(about)
    if said is None:
        return {"zh": f"{code} {about}".strip(), "en": f"{code} {about}".strip()}
    return {
        "zh": said.zh.format(times=times, about=about, what=what.zh if what else about),
        "en": said.en.format(times=times, about=about, what=what.en if what else about),
    }
