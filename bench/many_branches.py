"""A bank of many branches, as its list and its agents tell of them. Invented; the same again for the same seed."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from edge_agent.messages import (
    Birth,
    CounterNow,
    DeviceHealth,
    EstimatedWait,
    Health,
    HelpWanted,
    QueueNow,
    Queues,
    Ratings,
)
from head_office.register import Place

EPOCH = "20260101T000000Z-00000000"
CITIES = (  # region, names, latitude, longitude
    ("North/Beijing", "北京", "Beijing", 39.9, 116.4),
    ("North/Tianjin", "天津", "Tianjin", 39.1, 117.2),
    ("North/Hebei", "石家庄", "Shijiazhuang", 38.0, 114.5),
    ("North/Shanxi", "太原", "Taiyuan", 37.9, 112.5),
    ("Northeast/Liaoning", "沈阳", "Shenyang", 41.8, 123.4),
    ("Northeast/Liaoning", "大连", "Dalian", 38.9, 121.6),
    ("Northeast/Jilin", "长春", "Changchun", 43.9, 125.3),
    ("Northeast/Heilongjiang", "哈尔滨", "Harbin", 45.8, 126.5),
    ("East/Shanghai", "上海", "Shanghai", 31.2, 121.5),
    ("East/Jiangsu", "南京", "Nanjing", 32.1, 118.8),
    ("East/Jiangsu", "苏州", "Suzhou", 31.3, 120.6),
    ("East/Zhejiang", "杭州", "Hangzhou", 30.3, 120.2),
    ("East/Zhejiang", "宁波", "Ningbo", 29.9, 121.5),
    ("East/Anhui", "合肥", "Hefei", 31.8, 117.2),
    ("East/Fujian", "厦门", "Xiamen", 24.5, 118.1),
    ("East/Shandong", "济南", "Jinan", 36.7, 117.0),
    ("East/Shandong", "青岛", "Qingdao", 36.1, 120.4),
    ("Central/Henan", "郑州", "Zhengzhou", 34.7, 113.7),
    ("Central/Hubei", "武汉", "Wuhan", 30.6, 114.3),
    ("Central/Hunan", "长沙", "Changsha", 28.2, 113.0),
    ("South/Guangdong", "广州", "Guangzhou", 23.1, 113.3),
    ("South/Guangdong", "深圳", "Shenzhen", 22.5, 114.1),
    ("South/Guangxi", "南宁", "Nanning", 22.8, 108.4),
    ("South/Hainan", "海口", "Haikou", 20.0, 110.3),
    ("Southwest/Chongqing", "重庆", "Chongqing", 29.6, 106.5),
    ("Southwest/Sichuan", "成都", "Chengdu", 30.7, 104.1),
    ("Southwest/Yunnan", "昆明", "Kunming", 25.0, 102.7),
    ("Southwest/Guizhou", "贵阳", "Guiyang", 26.6, 106.7),
    ("Northwest/Shaanxi", "西安", "Xi'an", 34.3, 108.9),
    ("Northwest/Gansu", "兰州", "Lanzhou", 36.1, 103.8),
    ("Northwest/Xinjiang", "乌鲁木齐", "Urumqi", 43.8, 87.6),
)
QUARTERS = (
    ("滨江", "Riverside"), ("人民路", "People's Road"), ("东门", "East Gate"), ("大学城", "University Town"),
    ("火车站", "Railway Station"), ("高新区", "High-tech Zone"), ("老城", "Old Town"), ("湖滨", "Lakeside"),
    ("中山路", "Zhongshan Road"), ("开发区", "Development Zone"), ("新街口", "New Crossing"), ("西湖", "West Lake"),
    ("体育场", "Stadium"), ("科技园", "Science Park"), ("市政", "City Hall"), ("南湖", "South Lake"),
    ("北站", "North Station"), ("建设路", "Construction Road"), ("解放路", "Liberation Road"), ("花园", "Garden"),
)  # fmt: skip
SERVICES = (
    ("cash", "现金业务", "Cash"),
    ("cards", "银行卡与账户", "Cards and accounts"),
    ("wealth", "理财与贷款", "Wealth and loans"),
    ("business", "对公业务", "Business banking"),
)
DOWN = (
    ("id", "id_card", "absent", "noDevice"),
    ("camera", "camera", "fault", "hardwareError"),
    ("card", "card_reader", "fault", "jammed"),
)
TARGETS_S = (600, 900, 1200)
LONGER = {"slow": (1.1, 2.5), "near": (0.82, 0.95)}  # of the target
AILMENTS = ("slow", "near", "down", "low", "clock", "help", "silent", "offline", "never")


@dataclass(frozen=True)
class Many:
    """`ill`: the share of branches that have something to see to; one in fifty has no place on the map."""

    count: int
    ill: float = 0.05
    seed: int = 1

    def places(self) -> Iterator[Place]:
        random = Random(self.seed)
        for number in range(self.count):
            region, zh, en, latitude, longitude = CITIES[random.randrange(len(CITIES))]
            quarter_zh, quarter_en = QUARTERS[random.randrange(len(QUARTERS))]
            somewhere = random.random() > 0.02
            yield Place(
                branch=f"b{number:05}",
                region=region,
                names={
                    "zh-Hans": f"{zh}{quarter_zh}支行",
                    "en": f"{en} {quarter_en}",
                },
                latitude=round(random.gauss(latitude, 0.5), 4) if somewhere else None,
                longitude=round(random.gauss(longitude, 0.5), 4) if somewhere else None,
                target_s=random.choice(TARGETS_S),
            )

    def write_list(self, into: Path) -> None:
        """The bank's list of them, as head office reads it."""
        with into.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(
                ("branch", "region", "name_zh-Hans", "name_en", "latitude", "longitude", "target_s")
            )
            for one in self.places():
                names = one.names
                place = (one.latitude, one.longitude)
                target = one.target_s
                lines.writerow(
                    (one.branch, one.region, names["zh-Hans"], names["en"], *place, target)
                )


def ailment(random: Random, ill: float) -> str:
    """What one branch has; empty when all is well."""
    return random.choice(AILMENTS) if random.random() < ill else ""


def birth(place: Place, at: datetime, *, offline: bool = False) -> Birth:
    return Birth(
        branch=place.branch,
        name=place.names,
        version="1.4.2",
        epoch=EPOCH,
        session="s",
        status="offline" if offline else "online",
        at=at,
    )


def queues(place: Place, at: datetime, random: Random, ails: str = "") -> Queues:
    """Some wait; where it ails, longer than they should, or nobody answers a call for help, or the clock is wrong."""
    visits = random.randrange(20, 300)
    return Queues(
        branch=place.branch,
        name=place.names,
        at=at,
        business_day=at.date(),
        epoch=EPOCH,
        journal_seq=0,
        queues=[_queue(place, one, random, ails) for one in SERVICES],
        counters=[_counter(number, at, random) for number in range(1, 7)],
        calls=[],
        issued=visits + 12,
        served=visits,
        missed=3,
        clock_off_s=5400 if ails == "clock" else 0,
        help_wanted=[HelpWanted(kiosk="kiosk-1", screen="welcome", at=at - timedelta(minutes=5))]
        if ails == "help"
        else [],
        ratings=Ratings(visits=visits, rated=visits // 3, mean=round(random.uniform(3.4, 5), 2)),
    )


def health(at: datetime, random: Random, ails: str = "") -> Health:
    """One kiosk with its printer."""
    devices = [_device(at, "printer", "ticket_printer", "ready", "")]
    if ails == "low":
        devices[0] = _device(at, "printer", "ticket_printer", "degraded", "paperLow")
    if ails == "down":
        devices.append(_device(at, *random.choice(DOWN)))
    return Health(at=at, devices=[_device(at, "", "kiosk", "ready", ""), *devices])


def _queue(place: Place, service: tuple[str, str, str], random: Random, ails: str) -> QueueNow:
    code, zh, en = service
    waiting = random.randrange(0, 9)
    longest = int(place.target_s * random.uniform(0, 0.7)) if waiting else 0
    if code == "cash" and ails in LONGER:
        waiting, longest = waiting + 5, int(place.target_s * random.uniform(*LONGER[ails]))
    return QueueNow(
        service=code,
        names={"zh-Hans": zh, "en": en},
        waiting=waiting,
        longest_wait_s=longest,
        estimated_wait=EstimatedWait(low_s=120, likely_s=300, high_s=540),
    )


def _counter(number: int, at: datetime, random: Random) -> CounterNow:
    if number > 4:
        return CounterNow(counter=str(number), state="closed")
    if random.random() < 0.2:
        return CounterNow(counter=str(number), state="idle")
    since = at - timedelta(seconds=random.randrange(10, 600))
    label = f"A{random.randrange(1, 200):03}"
    return CounterNow(
        counter=str(number), state="serving", label=label, service="cash", since=since
    )


def _device(at: datetime, own: str, kind: str, state: str, detail: str) -> DeviceHealth:
    return DeviceHealth(
        device=f"kiosk-1/{own}" if own else "kiosk-1",
        kind=kind,
        state=state,  # type: ignore[arg-type]  # as the callers know it
        since=at - timedelta(minutes=7),
        detail=detail,
        tickets_left=40 if detail == "paperLow" else None,
    )
