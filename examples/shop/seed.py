"""The shop's first stock, customers and orders: the same for the same day and seed."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from .database import Shop

SAMPLES = {letter: f"c10{place:02d}" for place, letter in enumerate("ABCDEFGHIJ", 1)}
"""The ten sample customers by letter. Each has at least one order of every kind."""

PRODUCTS = (
    ("kettle", "electric kettle", "电热水壶", 39.9, 24),
    ("headphones", "wireless headphones", "无线耳机", 89.0, 24),
    ("lamp", "desk lamp", "台灯", 29.5, 24),
    ("vacuum", "robot vacuum", "扫地机器人", 249.0, 36),
    ("speaker", "bluetooth speaker", "蓝牙音箱", 59.0, 24),
    ("toaster", "toaster", "烤面包机", 34.9, 24),
    ("keyboard", "mechanical keyboard", "机械键盘", 79.0, 24),
    ("mouse", "wireless mouse", "无线鼠标", 24.9, 24),
    ("airfryer", "air fryer", "空气炸锅", 119.0, 24),
    ("fan", "desk fan", "桌面风扇", 32.0, 12),
    ("powerbank", "power bank", "充电宝", 35.0, 12),
    ("charger", "phone charger", "手机充电器", 19.9, 12),
    ("ricecooker", "rice cooker", "电饭煲", 69.0, 24),
    ("blender", "blender", "榨汁机", 54.0, 24),
    ("hairdryer", "hair dryer", "吹风机", 45.0, 24),
    ("watch", "smart watch", "智能手表", 159.0, 24),
    ("camera", "security camera", "监控摄像头", 65.0, 24),
    ("humidifier", "humidifier", "加湿器", 42.0, 12),
    ("coffee", "coffee maker", "咖啡机", 139.0, 24),
    ("scale", "kitchen scale", "厨房秤", 18.5, 12),
)
COLOURS = (
    ("black", "黑色"), ("white", "白色"), ("blue", "蓝色"), ("grey", "灰色"),
    ("red", "红色"), ("green", "绿色"), ("pink", "粉色"), ("silver", "银色"),
)  # fmt: skip
PEOPLE = (
    ("Alice Warren", "en", "12 Mill Lane, Bristol BS1 4QA"),
    ("Bernard Okoro", "en", "48 Harbour Road, Leith EH6 6NF"),
    ("陈思雨", "zh", "上海市徐汇区漕溪北路88号1203室"),
    ("Dana Levin", "en", "7 Orchard Close, York YO10 3LP"),
    ("Ewan Pryce", "en", "231 Castle Street, Cardiff CF10 1BS"),
    ("方志强", "zh", "广州市天河区体育西路101号802室"),
    ("Grace Holm", "en", "5 Quay Walk, Exeter EX2 4AN"),
    ("何雨桐", "zh", "杭州市西湖区文三路259号5栋301室"),
    ("Imran Shah", "en", "90 Northgate, Leeds LS2 7PA"),
    ("江若兰", "zh", "成都市武侯区科华北路62号2单元902室"),
)
PLACES = (("the sorting centre", "分拣中心"), ("the regional depot", "区域转运中心"))


def seed(shop: Shop, *, today: date, seed: int = 7, strangers: int = 30) -> None:
    """Fill an empty shop: products, the ten sample customers, and strangers around them."""
    random = Random(seed)
    with shop.transaction():
        for sku, english, chinese, price, months in PRODUCTS:
            shop.run(
                "INSERT INTO products (sku, name_en, name_zh, price, warranty_months)"
                " VALUES (?, ?, ?, ?, ?)",
                sku, english, chinese, price, months,
            )  # fmt: skip
            for colour, colour_zh in COLOURS:
                stock = random.choice((0, 4, 9, 15, 30))
                shop.run("INSERT INTO variants VALUES (?, ?, ?, ?)", sku, colour, colour_zh, stock)
        numbers = random.sample(range(100_000, 999_999), 1_000)
        for place, (name, language, address) in enumerate(PEOPLE, 1):
            _customer(shop, random, f"c10{place:02d}", name, language, address, today, numbers)
        for place in range(strangers):
            name, language, address = random.choice(PEOPLE)
            _customer(
                shop, random, f"c20{place:02d}", f"{name} {place}", language, address, today,
                numbers,
            )  # fmt: skip


def _customer(
    shop: Shop,
    random: Random,
    customer_id: str,
    name: str,
    language: str,
    address: str,
    today: date,
    numbers: list[int],
) -> None:
    phone = f"1{random.choice('3578')}{random.randrange(10**9):09d}"
    shop.run(
        "INSERT INTO customers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        customer_id, name, language, f"{customer_id}@example.com", phone, address,
        random.choice(("basic", "basic", "plus", "gold")),
        str(today - timedelta(days=random.randint(250, 1500))), round(random.uniform(45, 70), 2),
    )  # fmt: skip
    ages = {
        "shipped": (random.randint(2, 4), random.randint(0, 1)),
        "paid": (random.randint(0, 1), None),
        "delivered": (random.randint(8, 14), random.randint(3, 9)),
        "old": (random.randint(70, 200), random.randint(60, 68)),
    }
    for kind, (placed_days, event_days) in ages.items():
        order(shop, random, customer_id, address, kind, placed_days, event_days, today, numbers)
    codes = {
        "WELCOME": (10.0, 30.0, 30), "SUMMER": (15.0, 30.0, -12), "BIGBUY": (25.0, 150.0, 45),
    }  # fmt: skip
    for word, (off, minimum, days) in codes.items():
        shop.run(
            "INSERT INTO coupons VALUES (?, ?, ?, ?, ?, 0)",
            f"{word}-{numbers.pop() % 10_000:04d}{customer_id[-2:]}", customer_id, off, minimum,
            str(today + timedelta(days=days)),
        )  # fmt: skip


def order(
    shop: Shop,
    random: Random,
    customer_id: str,
    address: str,
    kind: str,
    placed_days: int,
    event_days: int | None,
    today: date,
    numbers: list[int],
) -> str:
    """Let a customer have bought two products, and return the order's number.

    Parameters
    ----------
    kind : paid, shipped, delivered, or old (delivered too long ago to be returned).
    placed_days, event_days : how long ago it was ordered, and shipped on or delivered.
    numbers : numbers to take the order's from, the last first.
    """
    order_id = f"ST-{numbers.pop()}"
    status = "delivered" if kind == "old" else kind
    placed = today - timedelta(days=placed_days)
    delivered = None if status != "delivered" else today - timedelta(days=event_days or 0)
    shipped = None if status == "paid" else placed + timedelta(days=1)
    bought = random.sample(PRODUCTS, 2)
    total = round(sum(product[3] for product in bought), 2)
    shop.run(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
        order_id, customer_id, status, str(placed), None if shipped is None else str(shipped),
        None if delivered is None else str(delivered), address,
        random.choice(("card", "wallet")), total,
    )  # fmt: skip
    for line, product in enumerate(bought, 1):
        shop.run(
            "INSERT INTO lines (order_id, line, sku, variant, price) VALUES (?, ?, ?, ?, ?)",
            order_id, line, product[0], random.choice(COLOURS)[0], product[3],
        )  # fmt: skip
    if shipped is not None:
        place = ("your door", "您的地址") if delivered else random.choice(PLACES)
        updated = delivered or today - timedelta(days=event_days or 0)
        shop.run(
            "INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?, ?)",
            order_id, random.choice(("Swift Post", "Northline")),
            f"SP{random.randrange(10**10):010d}",
            *place, str(updated), str(today + timedelta(days=random.randint(1, 3))),
        )  # fmt: skip
    return order_id
