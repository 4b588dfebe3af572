# SPDX-License-Identifier: Apache-2.0
"""Unwell: what /healthz says of a run that is not well, in words: what it means, and what to do."""

from typing import NamedTuple


class Unwell(NamedTuple):
    """logs stands for the folder of the logs."""

    zh: str
    en: str
    mend_zh: str
    mend_en: str


IN_WORDS = {
    "sources-silent": Unwell(
        "一半以上的闸口和展馆没有新数据",
        "half or more of its gates and halls send nothing",
        "先查网络和上报程序（演练则看 {logs}/rehearsal.log），再查单台设备",
        "Check the network and the program that reports (of a rehearsal: {logs}/rehearsal.log) before single devices",
    ),
    "watch-fallen": Unwell(
        "有一项例行检查反复出错；其他照常",
        "one of its watches falls again and again; all else goes on",
        "看 {logs}/worker.log 里的 watch fell；出错时每分钟重试",
        "See 'watch fell' in {logs}/worker.log; it is tried again every minute at least",
    ),
    "tail-lag": Unwell(
        "数据处理滞后",
        "its numbers lag behind the log",
        "看上面有没有事务拖住日志读取，再看 {logs}/worker.log",
        "See above whether a transaction holds back the readers of the log, then {logs}/worker.log",
    ),
    "worker-silent": Unwell(
        "没有 worker 在处理",
        "no worker works it",
        "它会自动重启；一分钟后仍如此，看 {logs}/worker.log",
        "It is started again by itself; after a minute see {logs}/worker.log",
    ),
    "rebuilding": Unwell("正在重建", "it is being rebuilt", "请等待重建结束", "Wait for the rebuild to end"),
    "database-away": Unwell(
        "网页服务读不到数据库",
        "the web server cannot read the database",
        "看 {logs}/web.log",
        "See {logs}/web.log",
    ),
}
