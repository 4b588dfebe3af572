# SPDX-License-Identifier: Apache-2.0
"""Groups: 21 support groups and 31 working groups. Their numbers and six of the names are published, the rest is assumed."""

from typing import NamedTuple

Words = tuple[str, str]


class Group(NamedTuple):
    """A support group; source says where its name comes from."""

    id: str
    name: Words
    duty: Words
    source: str
    subgroups: tuple[tuple[str, Words], ...]


def _group(id_: str, zh: str, en: str, duty: Words, *subgroups: tuple[str, str, str], source: str = "assumed") -> Group:
    return Group(id_, (zh, en), duty, source, tuple((sub, (sub_zh, sub_en)) for sub, sub_zh, sub_en in subgroups))


GROUPS = (
    _group("general-coordination", "综合协调组", "General coordination", ("统筹任务、值班和信息", "Tasks, duty and information"),
           ("task-book", "任务推进小组", "Task book"), ("duty-desk", "值班信息小组", "Duty desk"), source="source:000"),
    _group("security", "安全保卫组", "Security", ("场馆和社会面安全", "Security of the venue and the city"),
           ("venue-security", "场馆安保小组", "Venue security"), ("fire-safety", "消防安全小组", "Fire safety"),
           ("credentials", "证件管理小组", "Credentials"), source="source:000"),
    _group("traffic", "交通保障组", "Traffic", ("到达、离场和停车", "Arrival, departure and parking"),
           ("metro-and-bus", "轨道公交小组", "Metro and bus"), ("parking", "停车管理小组", "Parking"),
           ("road-traffic", "道路交通小组", "Road traffic"), source="source:000"),
    _group("lodging", "住宿保障组", "Lodging", ("住宿房源和预订", "Rooms and booking"),
           ("hotels", "酒店服务小组", "Hotels"), source="source:000"),
    _group("catering", "餐饮保障组", "Catering", ("馆内外供餐", "Meals in and around the halls"),
           ("meal-supply", "供餐保障小组", "Meal supply"), ("food-safety", "食品安全小组", "Food safety"), source="source:000"),
    _group("legal-services", "法律服务保障组", "Legal services", ("法律咨询、调解和仲裁", "Legal advice, mediation and arbitration"),
           ("legal-advice", "法律咨询小组", "Legal advice"), source="source:003"),
    _group("reception", "接待组", "Reception", ("嘉宾接待和礼宾", "Guests and protocol"),
           ("guests", "嘉宾服务小组", "Guest services"), ("protocol", "礼宾小组", "Protocol")),
    _group("forum", "论坛保障组", "Forum", ("论坛会务", "Running of the forum"), ("forum-sessions", "会务小组", "Sessions")),
    _group("trade-delegation", "交易组织组", "Trade delegations", ("组织采购商", "Bringing buyers to the fair"),
           ("buyers", "采购商小组", "Buyers"), ("matching", "供需对接小组", "Matchmaking")),
    _group("investment", "投资促进组", "Investment promotion", ("投资推介和溢出效应", "Investment and spillover"),
           ("investment-events", "推介活动小组", "Promotion events")),
    _group("media", "新闻宣传组", "Media", ("新闻发布和媒体服务", "News and media services"),
           ("press", "新闻发布小组", "Press"), ("city-image", "城市宣传小组", "City image")),
    _group("customs", "通关保障组", "Customs clearance", ("展品通关和监管", "Clearance and control of exhibits"),
           ("clearance", "展品通关小组", "Clearance")),
    _group("entry-exit", "出入境服务组", "Entry and exit", ("签证和停居留服务", "Visas and stay permits"),
           ("visa-counter", "签证服务小组", "Visa counter")),
    _group("health", "医疗卫生组", "Health", ("医疗急救和公共卫生", "Medical care and public health"),
           ("first-aid", "医疗急救小组", "First aid"), ("disease-control", "疾病防控小组", "Disease control")),
    _group("market-regulation", "市场监管组", "Market regulation", ("市场秩序和特种设备", "Market order and special equipment"),
           ("special-equipment", "特种设备小组", "Special equipment")),
    _group("utilities", "能源通信保障组", "Utilities and telecom", ("水电气和通信", "Water, power, gas and telecom"),
           ("power", "电力保障小组", "Power"), ("telecom", "通信保障小组", "Telecom")),
    _group("city-environment", "市容环境组", "City environment", ("市容、绿化和保洁", "Streets, greenery and cleaning"),
           ("cleaning", "保洁小组", "Cleaning")),
    _group("weather", "气象保障组", "Weather", ("气象监测预报", "Observation and forecast"),
           ("forecast", "监测预报小组", "Forecast")),
    _group("volunteers", "志愿者组", "Volunteers", ("志愿者招募、培训和上岗", "Recruiting, training and posting volunteers"),
           ("volunteer-posts", "志愿者上岗小组", "Volunteer posts")),
    _group("payment", "支付便利化组", "Payment services", ("外卡和移动支付", "Foreign cards and mobile payment")),
    _group("digital", "数字化保障组", "Digital services", ("一张图和数据", "The one map and its data"),
           ("one-map", "一张图小组", "One map")),
)  # fmt: skip
