# SPDX-License-Identifier: Apache-2.0
"""Things: what stands in the registers, made up from a seed and the amounts of amounts.toml."""

from collections.abc import Iterator

from editions.making.ground import Ground, Registers, Row
from editions.making.parameters import Parameters

DIETS = ("清真 Halal", "素食 Vegetarian", "无麸质 Gluten-free", "儿童餐 For children", "低糖 Low sugar")
SYSTEMS = ("booths", "building")
SCENES = ("eat", "stay", "move", "tour", "shop", "play", "medical")
LOANS = (
    ("快速充电宝", "Power bank"), ("轮椅", "Wheelchair"), ("婴儿车", "Pushchair"), ("雨伞", "Umbrella"), ("应急药箱", "First-aid kit"),
    ("便捷工具箱", "Tool box"), ("老花镜", "Reading glasses"), ("翻译机", "Translator"), ("手推车", "Trolley"),
    ("打印复印", "Printing and copying"), ("暖手宝", "Hand warmer"), ("行李寄存牌", "Luggage tag"),
)  # fmt: skip
PRINTED = (
    ("导览手册", "Guide book", "zh-en", 0.45),
    ("场馆地图", "Map of the halls", "zh-en", 0.25),
    ("交通指南", "Getting there", "zh-en", 0.12),
    ("餐饮指南", "Where to eat", "zh-en", 0.1),
    ("支付指南", "How to pay", "several", 0.05),
    ("活动日程", "Program of events", "zh-en", 0.03),
)
# The standard by which a hotel is digital is not published.
DIGITAL_NORM = "SYN-2021"
COUNTERS = ("information", "visa", "customs", "legal", "payment", "lost", "smart")


def _lifts(ground: Ground, of: Parameters) -> Iterator[Row]:
    for kind, zh, en in (("escalator", "扶梯", "Escalator"), ("lift", "升降梯", "Lift")):
        for number in range(1, of.count(kind) + 1):
            yield {
                "id": f"{kind[0].upper()}{number:03}",
                "name_zh": f"{zh}{number:03}",
                "name_en": f"{en} {number:03}",
                "kind": kind,
                "serial": f"SYN-{kind[0].upper()}-{number:05}",
                "load_kg": ground.rng.choice((1000, 1600, 2000, 5000)) if kind == "lift" else "",
                "inspected": ground.day(2025),
                "post": f"P{number:03}",
                "state": ground.state(),
                **ground.inside(),
            }


def _cells(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("cell_5g") + 1):
        yield {
            "id": f"C{number:03}",
            "name_zh": f"5G小区{number:03}",
            "name_en": f"5G cell {number:03}",
            "cell": f"SYN-460-{number:05}",
            "operator": ground.rng.choice("abc"),
            "kind": "indoor" if number % 8 else "outdoor",
            "band_mhz": ground.rng.choice((700, 2100, 2600, 3500, 4900)),
            "state": ground.state(),
            **ground.inside(),
        }


def _fire_points(ground: Ground, of: Parameters) -> Iterator[Row]:
    names = {
        "hydrant": ("消火栓", "Hydrant"),
        "extinguisher": ("灭火器", "Extinguisher"),
        "call_point": ("手动报警", "Call point"),
        "detector": ("烟感", "Smoke detector"),
        "shutter": ("防火卷帘", "Fire shutter"),
    }
    for number in range(1, of.count("fire_point") + 1):
        kind = ground.rng.choice(list(names))
        zh, en = names[kind]
        yield {
            "id": f"F{number:05}",
            "name_zh": f"{zh}{number:05}",
            "name_en": f"{en} {number:05}",
            "kind": kind,
            "checked": ground.day(2024),
            "state": ground.state(),
            **ground.inside(),
        }


def _boxes(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("electric_box") + 1):
        capacity = ground.rng.choice((15, 30, 60, 125, 250))
        said = {
            "id": f"B{number:03}",
            "name_zh": f"配电箱{number:03}",
            "name_en": f"Electric box {number:03}",
            "capacity_kw": capacity,
            "approved_kw": round(capacity * ground.rng.uniform(0.2, 0.95), 1),
            "leak_ma": ground.rng.choice((30, 100, 300)),
            "state": ground.state(),
        }
        booth, where = ground.beside()
        yield {**said, "booth": booth, **where}


def _meals(ground: Ground, of: Parameters) -> Iterator[Row]:
    for point in ground.kinds["meal_point"]:
        said = point["properties"]
        yield {
            "id": point["id"],
            "name_zh": said["name"]["zh"],
            "name_en": said["name"]["en"],
            "point": point["id"],
            "hall": said.get("hall") or "",
            "kind": said["type"],
            "seats": ground.rng.randrange(40, 600, 20),
            "diets": ";".join(sorted(ground.rng.sample(DIETS, ground.rng.randrange(1, 4)))),
            "portions_h": ground.rng.randrange(100, 1500, 50),
            "place": point["id"],
        }


def _medical(ground: Ground, of: Parameters) -> Iterator[Row]:
    sorts = (
        ("station", "医疗站点", "Medical station"),
        ("observation", "观察处置点", "Observation point"),
        ("hospital", "定点医院", "Hospital"),
    )
    for (kind, zh, en), amount in zip(sorts, ("medical_station", "observation_point", "hospital"), strict=True):
        for number in range(1, of.count(amount) + 1):
            hospital = kind == "hospital"
            yield {
                "id": f"{kind[0].upper()}{number:02}",
                "name_zh": f"合成{zh}{number:02}",
                "name_en": f"Synthetic {en.lower()} {number:02}",
                "kind": kind,
                "beds": ground.rng.randrange(200, 1800, 50) if hospital else ground.rng.randrange(1, 8),
                "staff": ground.rng.randrange(2, 12),
                "ambulance_min": ground.rng.randrange(8, 45) if hospital else "",
                "open_24h": "true" if hospital else "false",
                **({"place": ground.outside(0.2)} if hospital else ground.inside()),
            }


def _hotels(ground: Ground, of: Parameters) -> Iterator[Row]:
    total = of.count("hotel")
    digital = set(ground.rng.sample(range(1, total + 1), of.count("digital_hotel")))
    for number in range(1, total + 1):
        yield {
            "id": f"H{number:03}",
            "name_zh": f"合成酒店{number:03}",
            "name_en": f"Synthetic Hotel {number:03}",
            "district": f"d{ground.rng.randrange(1, 17)}",
            "rooms": ground.rng.randrange(60, 420, 4),
            "stars": ground.rng.randrange(2, 6),
            "digital": "true" if number in digital else "false",
            "self_check_in": "true" if number in digital and number % 3 else "false",
            "digital_level": 1 + number % 3 if number in digital else "",
            "digital_norm": DIGITAL_NORM if number in digital else "",
            "distance_km": f"{ground.rng.uniform(0.5, 45):.1f}",
            "place": ground.outside(0.3),
        }


def _counters(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("counter") + 1):
        yield {
            "id": f"D{number:02}",
            "name_zh": f"服务柜台{number:02}",
            "name_en": f"Service counter {number:02}",
            "kind": COUNTERS[number % len(COUNTERS)],
            "seats": ground.rng.randrange(1, 7),
            "languages": ";".join(
                ["中文", "English", *ground.rng.sample(("Français", "Español", "日本語", "Русский", "العربية"), 2)]
            ),
            "opens": "08:30-16:30",
            **ground.inside(),
        }


def _terminals(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("payment_terminal") + 1):
        yield {
            "id": f"T{number:04}",
            "name_zh": f"终端{number:04}",
            "name_en": f"Terminal {number:04}",
            "serial": f"SYN-POS-{number:06}",
            "scene": ground.rng.choice(SCENES),
            "foreign_card": "true" if number % 10 else "false",
            "mobile": "true",
            "ecny": "true",
            "cash": "true" if number % 4 == 0 else "false",
            "state": ground.state(),
            **ground.inside(),
        }


def _signs(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("sign") + 1):
        kind, zh, en = ground.rng.choice(
            (("guide", "展馆", "Halls"), ("notice", "请勿吸烟", "No smoking"), ("safety", "安全出口", "Exit"))
        )
        yield {
            "id": f"G{number:04}",
            "name_zh": f"标识{number:04}",
            "name_en": f"Sign {number:04}",
            "kind": kind,
            "text_zh": zh,
            "text_en": en,
            "print_version": ground.rng.randrange(1, 4),
            **ground.inside(),
        }


def _screens(ground: Ground, of: Parameters) -> Iterator[Row]:
    for kind, zh, en, amount in (
        ("newspaper", "电子阅报栏", "Newspaper screen", "newspaper_screen"),
        ("hall", "馆内大屏", "Hall screen", "hall_screen"),
    ):
        for number in range(1, of.count(amount) + 1):
            yield {
                "id": f"{kind[0].upper()}{number:02}",
                "name_zh": f"{zh}{number:02}",
                "name_en": f"{en} {number:02}",
                "kind": kind,
                "size_in": 55 if kind == "newspaper" else 220,
                "content": "newspapers" if kind == "newspaper" else "guide",
                "state": ground.state(),
                **ground.inside(),
            }


def _loans(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number, (zh, en) in enumerate(LOANS[: of.count("loan_kind")], 1):
        stock = ground.rng.randrange(20, 400, 10)
        yield {
            "id": f"L{number:02}",
            "name_zh": zh,
            "name_en": en,
            "stock": stock,
            "lent": 0,
            "deposit": ground.rng.choice((0, 0, 50, 100)),
            "counter": f"D{number:02}",
        }


def _printed(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number, (zh, en, language, share) in enumerate(PRINTED, 1):
        handed_out = round(of.count("printed") * share)
        yield {
            "id": f"P{number:02}",
            "name_zh": zh,
            "name_en": en,
            "language": language,
            "stock": round(handed_out * 0.08),
            "handed_out": handed_out,
        }


def _protected(ground: Ground, of: Parameters) -> Iterator[Row]:
    first = {"id": "S00", "name_zh": "主会场", "name_en": "Main venue", "kind": "venue", "duty": 1}
    yield first | {"plan": "SYN-PLAN-00", "place": "venue"}
    for number in range(1, of.count("protected_hotel") + 1):
        yield {
            "id": f"S{number:02}",
            "name_zh": f"酒店住地{number:02}",
            "name_en": f"Lodging {number:02}",
            "kind": "hotel",
            "hotel": f"H{number:03}",
            "duty": 2 if number < 9 else 3,
            "plan": f"SYN-PLAN-{number:02}",
        }


def _cameras(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("camera") + 1):
        yield {"id": f"V{number:04}", "code": f"SYN-CAM-{number:04}", "state": ground.state(), **ground.inside()}


def _standby(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number in range(1, of.count("standby_power") + 1):
        kind, zh, en = ("vehicle", "发电车", "Power vehicle") if number % 2 else ("generator", "发电机组", "Generator")
        yield {
            "id": f"Y{number:02}",
            "name_zh": f"{zh}{number:02}",
            "name_en": f"{en} {number:02}",
            "kind": kind,
            "power_kw": ground.rng.choice((400, 630, 800, 1000)),
            "ready_min": ground.rng.randrange(5, 20),
            "state": ground.state(),
            "place": ground.outside(0.004),
        }
    for number in range(1, of.count("repair_crew") + 1):
        yield {
            "id": f"R{number:02}",
            "name_zh": f"抢修队{number:02}",
            "name_en": f"Repair crew {number:02}",
            "kind": "crew",
            "people": ground.rng.randrange(3, 9),
            "ready_min": ground.rng.randrange(3, 15),
            "state": "ready",
            "place": ground.outside(0.004),
        }


def _drones(ground: Ground, of: Parameters) -> Iterator[Row]:
    for kind, zh, en, amount in (
        ("fixed", "固定阵地", "Fixed position", "drone_position"),
        ("vehicle", "反制车", "Vehicle", "drone_vehicle"),
    ):
        for number in range(1, of.count(amount) + 1):
            yield {
                "id": f"{kind[0].upper()}{number}",
                "name_zh": f"{zh}{number}",
                "name_en": f"{en} {number}",
                "kind": kind,
                "range_m": 3000,
                "permission": f"SYN-{number:03}",
                "state": "ready",
                "place": ground.outside(0.004),
            }


def _in_halls(ground: Ground, sign: str, zh: str, en: str, each: int) -> Iterator[Row]:
    """So many of a kind in each hall."""
    for hall in ground.halls:
        for number in range(1, each + 1):
            yield {
                "id": f"{sign}-{hall}-{number}",
                "name_zh": f"{hall}馆{zh}{number}",
                "name_en": f"Hall {hall}, {en} {number}",
                **ground.inside(hall),
            }


def _meters(ground: Ground, of: Parameters) -> Iterator[Row]:
    for number, meter in enumerate(_in_halls(ground, "M", "计量表", "meter", of.count("meter_a_hall"))):
        yield meter | {"system": SYSTEMS[number % len(SYSTEMS)]}


def _buttons(ground: Ground, of: Parameters) -> Iterator[Row]:
    return _in_halls(ground, "A", "报警按钮", "alarm button", of.count("button_a_hall"))


REGISTERS: Registers = (
    ("market-regulation", "lift", _lifts),
    ("utilities", "cell-5g", _cells),
    ("security", "fire-point", _fire_points),
    ("utilities", "electric-box", _boxes),
    ("catering", "meal", _meals),
    ("health", "medical-point", _medical),
    ("lodging", "hotel", _hotels),
    ("general-coordination", "counter", _counters),
    ("payment", "terminal", _terminals),
    ("city-environment", "sign", _signs),
    ("media", "screen", _screens),
    ("volunteers", "loan-item", _loans),
    ("media", "printed", _printed),
    ("security", "protected-site", _protected),
    ("security", "camera", _cameras),
    ("utilities", "standby", _standby),
    ("security", "counter-drone", _drones),
    ("utilities", "meter", _meters),
    ("security", "button", _buttons),
)
