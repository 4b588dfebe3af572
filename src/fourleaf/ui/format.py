# SPDX-License-Identifier: Apache-2.0
"""How a number, a bound and a moment read in Chinese and in English: the one formatter of the pages.

The browser has a twin, `static/kit/format.js`; a test holds both to the same table.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal
from zoneinfo import ZoneInfo

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")

WAN = Decimal(10_000)
YI = Decimal(100_000_000)
MINUS = "\N{MINUS SIGN}"

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_ZH = "一二三四五六日"

# What stands before and after a number that was published with a bound word.
BOUNDS: dict[str, dict[Lang, tuple[str, str]]] = {
    "exact": {"zh": ("", ""), "en": ("", "")},
    "over": {"zh": ("超", ""), "en": ("over ", "")},
    "nearly": {"zh": ("近", ""), "en": ("nearly ", "")},
    "about": {"zh": ("约", ""), "en": ("about ", "")},
    "odd": {"zh": ("", "余"), "en": ("", " odd")},
    "at_least": {"zh": ("至少", ""), "en": ("at least ", "")},
    "at_most": {"zh": ("至多", ""), "en": ("at most ", "")},
    "preliminary": {"zh": ("初步统计", ""), "en": ("preliminary ", "")},
}


def number(value: float | Decimal, *, digits: int = 0) -> str:
    """Write a number in full with thousands separators; the same in both languages."""
    rounded = _round(Decimal(str(value)), digits)
    return f"{rounded:,}".replace("-", MINUS)


def short(value: float | Decimal, lang: Lang) -> str:
    """Write a large number short: `85.2万`, `1.2亿` in Chinese, `852,000` in English.

    Chinese keeps full digits below ten thousand; English has no short form that the office uses.
    """
    amount = Decimal(str(value))
    if lang == "en" or abs(amount) < WAN:
        return number(amount)
    unit, word = (YI, "亿") if abs(amount) >= YI else (WAN, "万")
    return _trim(number(amount / unit, digits=2)) + word


def bounded(text: str, bound: str | None, lang: Lang) -> str:
    """Put the bound word of a published figure to its number.

    Raises: KeyError for a bound without a word, which must not pass for an exact number.
    """
    before, after = BOUNDS[bound or "exact"][lang]
    return f"{before}{text}{after}"


def day(moment: date | datetime, lang: Lang, zone: ZoneInfo | None = None) -> str:
    """`11月5日` or `5 Nov`, in the zone of the edition."""
    local = _local(moment, zone)
    return f"{local.month}月{local.day}日" if lang == "zh" else f"{local.day} {MONTHS[local.month - 1]}"


def dated(value: datetime, lang: Lang, zone: ZoneInfo) -> str:
    """`2024年11月5日` or `5 Nov 2024`: with its year, where other years stand beside it."""
    year = value.astimezone(zone).year
    return f"{year}年{day(value, lang, zone)}" if lang == "zh" else f"{day(value, lang, zone)} {year}"


def weekday(moment: date | datetime, lang: Lang, zone: ZoneInfo | None = None) -> str:
    """`周二` or `Tue`."""
    index = _local(moment, zone).weekday()
    return f"周{WEEKDAYS_ZH[index]}" if lang == "zh" else WEEKDAYS_EN[index]


def clock_time(moment: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """`09:00` or `09:00:00`, in the zone of the edition."""
    return moment.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(value: datetime, lang: Lang, zone: ZoneInfo) -> str:
    """`11月5日 09:00` or `5 Nov 09:00`."""
    return f"{day(value, lang, zone)} {clock_time(value, zone)}"


def _local(value: date | datetime, zone: ZoneInfo | None) -> date:
    return value.astimezone(zone) if isinstance(value, datetime) and zone else value


def _round(value: Decimal, digits: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def _trim(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
