# SPDX-License-Identifier: Apache-2.0
"""Reasons: what parsers of others say is wrong, in plain words of both languages."""

import errno
import re
from collections.abc import Mapping, Sequence
from typing import Any

# The blanks why_zh and why_en of a sentence.
Why = Mapping[str, Any]
# What a parser says, and the same in zh and en; {0}, {1} are its groups.
_Rules = Sequence[tuple[str, str, str]]

_TOML: _Rules = (
    (
        r"Cannot overwrite a value|Cannot declare .* twice|Duplicate inline table key .*",
        "同一个键写了两次",
        "a key stands twice",
    ),
    (r"Cannot (?:mutate|redefine|declare) .*", "这个表已在别处写完，不能再添", "the table was finished elsewhere"),
    (r"Expected '=' after a key in a key/value pair", "键后缺少 =", "an = is missing after the key"),
    (r"Expected '\]+' at the end of .*", "表头缺少 ]", "a ] is missing at the end of the header"),
    (
        r"Expected newline or end of document after a statement",
        "值后面有多余的内容",
        "something stands behind the value",
    ),
    (r"Expected (.*)", "缺少 {0}", "{0} is missing"),
    (r"Unclosed array", "列表缺少 ]", "a list has no ]"),
    (r"Unclosed inline table", "行内表缺少 }}", "a table has no }}"),
    (r"Unterminated string", "引号没有闭合", "a quote is not closed"),
    (r"Unescaped '\\' in a string", "双引号内的 \\ 须写成 \\\\", "a \\ in double quotes is written \\\\"),
    (r"Escaped character is not .*|Invalid hex value", "\\u 后的字符编码有误", "the code behind \\u is no character"),
    (
        r"Invalid date or datetime|.*(?:month|day|hour|minute|second) .*",
        "日期或时刻不存在",
        "there is no such date or time",
    ),
    (r"Invalid initial character for a key part", "键名的开头不可用", "a key cannot begin like this"),
    (r"Invalid statement", "此行不是 键 = 值", "the line is not key = value"),
    (r"Invalid value", "值的写法不对，文字要加引号", "the value is not written rightly; a text needs quotes"),
    (r"(?:Found invalid|Illegal) character (.*)", "不能有字符 {0}", "the character {0} cannot stand here"),
    (r"Exceeds the limit .*", "数字过长", "the number is too long"),
)
_JSON: _Rules = (
    (r"Expecting ',' delimiter", "缺少逗号或右括号", "a comma or a closing bracket is missing"),
    (r"Expecting ':' delimiter", "键后缺少冒号", "a colon is missing after the key"),
    (r"Expecting property name .*", "键应写在双引号内", "a key in double quotes should stand here"),
    (r"Illegal trailing comma .*", "逗号多余", "a comma is one too many"),
    (r"Expecting value.*", "缺少值", "a value is missing"),
    (r"Unterminated string .*", "引号没有闭合", "a quote is not closed"),
    (r"Invalid control character .*", "文字里有换行或控制字符", "a text holds a line break or a control character"),
    (r"Invalid \\.*", "\\ 后的字符编码有误", "what stands behind \\ is no character"),
    (r"Extra data", "末尾有多余的内容", "something stands behind the end"),
    (r"Unexpected UTF-8 BOM.*", "开头有多余的 BOM", "a BOM stands at the beginning"),
)
_CSV: _Rules = (
    (r"unexpected end of data", "引号没有闭合", "a quote is not closed"),
    (r"'.*' expected after '.*'", "引号后应为逗号", "a comma should stand behind the closing quote"),
    (
        r"field larger than field limit .*",
        "某一格过长，或引号没有闭合",
        "a field is too long, or a quote is not closed",
    ),
    (r"new-line character .*", "行尾写法不对", "the ends of lines are not written rightly"),
    (r"line contains NUL", "含有零字符", "a zero character stands in the row"),
)
_TYPE: _Rules = (
    (r"Object missing required field `(.*)`", "缺少“{0}”", "'{0}' is missing"),
    (r"Object contains unknown field `(.*)`", "不认识“{0}”", "'{0}' is not known"),
    (r"Invalid enum value (.*)", "不能是 {0}", "it cannot be {0}"),
    (r"Expected `([^`]*)` (>=?|<=?) (\S+)", "应为 {1} {2} 的{0}", "it should be {0} {1} {2}"),
    (r"Expected `([^`]*)`, got `([^`]*)`", "应为{0}，而非{1}", "it should be {0}, not {1}"),
    (r"Expected `([^`]*)`.*", "应为合适的{0}", "it should be {0} that fits"),
    (
        r"Invalid (?:RFC3339|ISO8601) encoded (?:date|datetime|time)|Invalid (?:date|datetime|time)",
        "日期或时刻的写法不对",
        "it is no date or time",
    ),
    (r"Invalid decimal string", "不是小数", "it is no decimal number"),
    (r".*out of range.*", "数过大或过小", "the number is out of range"),
)
_TYPES: Mapping[str, tuple[str, str]] = {
    "int": ("整数", "a whole number"),
    "float": ("数", "a number"),
    "decimal": ("小数", "a decimal number"),
    "str": ("文字", "text"),
    "bool": (" true 或 false ", "true or false"),
    "array": ("列表", "a list"),
    "object": ("表", "a table"),
    "null": ("空", "nothing"),
    "date": ("日期", "a date"),
    "time": ("时刻", "a time"),
    "datetime": ("日期加时刻", "a date with a time"),
}
_PATH = re.compile(r" - at `(?:key` in `)?\$?\.?([^`]*)`$")
_ERRORS: Mapping[int | None, tuple[str, str]] = {
    errno.EACCES: ("没有权限", "it may not be read"),
    errno.EPERM: ("没有权限", "it may not be read"),
    errno.ENOENT: ("链接所指的文件不存在", "the link leads nowhere"),
    errno.ELOOP: ("链接指向自己", "the link leads to itself"),
    errno.ENAMETOOLONG: ("文件名过长", "its name is too long"),
    errno.EIO: ("磁盘读取出错", "the disk fails"),
}


def _why(zh: str, en: str) -> Why:
    return {"why_zh": zh, "why_en": en}


COMMA_MISSING = _why("行末缺少逗号", "a comma is missing at the end of the line")
COMMA_TOO_MANY = _why("最后一行末尾多了逗号", "a comma is too many at the end of the last line")


def of_toml(said: str) -> Why:
    return _why(*_translated(_TOML, said, ("写法不合 TOML", said)))


def of_json(said: str) -> Why:
    return _why(*_translated(_JSON, said, ("写法不合 JSON", said)))


def of_csv(said: str) -> Why:
    return _why(*_translated(_CSV, said, ("引号或逗号不对", said)))


def of_type(said: str) -> Why:
    """Of a value that is not of its declared type, with the key it stands under."""
    match = _PATH.search(said)
    zh, en = _translated(_TYPE, _PATH.sub("", said), ("写法不是引擎所要的", said))
    if not match or not match[1]:
        return _why(zh, en)
    return _why(f"“{match[1]}”{zh}" if not zh.startswith("“") else f"“{match[1]}”：{zh}", f"at '{match[1]}', {en}")


def of_file(error: Exception) -> Why:
    """Of a file that cannot be opened."""
    if isinstance(error, OSError):
        number = error.errno
        return _why(*_ERRORS.get(number, (f"系统错误 {number}", (error.strerror or f"system error {number}").lower())))
    if isinstance(error, RuntimeError):  # older Pythons say so of a link that leads to itself
        return _why(*_ERRORS[errno.ELOOP])
    return _why("文件名不可用", "its name cannot be used")


def _translated(rules: _Rules, said: str, otherwise: tuple[str, str]) -> tuple[str, str]:
    for form, zh, en in rules:
        if match := re.fullmatch(form, said, re.DOTALL):
            groups = match.groups()
            return zh.format(*(_typed(one, 0) for one in groups)), en.format(*(_typed(one, 1) for one in groups))
    return otherwise


def _typed(said: str, language: int) -> str:
    """The names of types in words; anything else as it stands."""
    words = [_TYPES[one][language] for one in said.split(" | ") if one in _TYPES]
    return ("或", " or ")[language].join(words) if words else said
