# SPDX-License-Identifier: Apache-2.0
"""Sentences about admission: what can be wrong with the rules of gates."""

from fourleaf.pack.sentences import Sentences

_S = Sentences

CODES: dict[str, Sentences] = {
    "admission.seconds": _S(
        "秒数为 {found}，应在 {least} 至 {most} 之间。",
        "{found} seconds; it lies between {least} and {most}.",
        "请改正该数值。",
        "Mend the number.",
    ),
    "admission.no-carriers": _S(
        "该通道不认任何载体。",
        "The lane takes nothing at all.",
        "请在 carriers 中写 badge、phone 或 plate。",
        "Name badge, phone or plate in carriers.",
    ),
    "admission.no-categories": _S(
        "“{class}”类通道没有说明谁可以走。",
        "A lane of the class '{class}' does not say who may use it.",
        "请写 categories。",
        "Name the categories.",
    ),
    "admission.one-file": _S(
        "入场规则只写一个文件，不能另叫“{key}”。",
        "The rules of gates stand in one file, not in another called '{key}'.",
        "请都写入 admission_rules/venue.toml。",
        "Write all of them into admission_rules/venue.toml.",
    ),
}
