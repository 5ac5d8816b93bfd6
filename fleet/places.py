"""Where the simulated branches are: some cities of China in the bank's regions, each with districts of its own."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

TITLES = (
    "branch", "region", "name_zh-Hans", "name_zh-Hant", "name_en", "latitude", "longitude", "target_s",
)  # fmt: skip
# region, city in three writings, latitude and longitude in degrees
CITIES = (
    ("East", "上海", "上海", "Shanghai", 31.23, 121.47),
    ("East", "杭州", "杭州", "Hangzhou", 30.27, 120.15),
    ("East", "南京", "南京", "Nanjing", 32.06, 118.80),
    ("North", "北京", "北京", "Beijing", 39.90, 116.40),
    ("North", "天津", "天津", "Tianjin", 39.08, 117.20),
    ("South", "广州", "廣州", "Guangzhou", 23.13, 113.26),
    ("South", "深圳", "深圳", "Shenzhen", 22.54, 114.06),
    ("West", "成都", "成都", "Chengdu", 30.57, 104.07),
    ("West", "重庆", "重慶", "Chongqing", 29.56, 106.55),
    ("Centre", "武汉", "武漢", "Wuhan", 30.59, 114.30),
)
AROUND_DEG = 0.4  # how far a branch is from its city's middle, at most
TARGETS_S = (900, 1200, 1800)


@dataclass(frozen=True)
class Place:
    """One branch."""

    branch: str
    region: str
    names: dict[str, str]
    latitude: float
    longitude: float
    target_s: int


def branch_id(number: int) -> str:
    """Of the branch with this number, from 1."""
    return f"sim-{number:05d}"


def place(number: int, seed: int) -> Place:
    """The same for the same seed, however many branches there are."""
    chance = Random(f"{seed}-place-{number}")
    region, hans, hant, english, latitude, longitude = chance.choice(CITIES)
    names = {
        "zh-Hans": f"{hans}第{number}支行",
        "zh-Hant": f"{hant}第{number}支行",
        "en": f"{english} {number}",
    }
    return Place(
        branch_id(number),
        f"{region}/{english}",
        names,
        round(latitude + chance.uniform(-AROUND_DEG, AROUND_DEG), 4),
        round(longitude + chance.uniform(-AROUND_DEG, AROUND_DEG), 4),
        chance.choice(TARGETS_S),
    )


def write_list(file: Path, branches: int, seed: int) -> None:
    """The bank's list for head office (section [branches] of its file)."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(TITLES)
        writer.writerows(_rows(branches, seed))


def _rows(branches: int, seed: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, branches + 1):
        one = place(number, seed)
        yield one.branch, one.region, *one.names.values(), one.latitude, one.longitude, one.target_s
