"""config/…/kiosk.toml -> frozen struct."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from devices.camera.settings import Camera, check_camera
from devices.catalogue import COUNTER_KINDS
from devices.settings import NAME, NAMED, Device, check_devices
from kiosk.words import check_words, languages
from program import pin, settings_file
from program.address import Address
from program.settings_file import Section, SettingsError

Seconds = Annotated[float, Meta(ge=1, le=3600)]  # nobody reads faster
MOST_PX = 16_384  # what drivers draw
Pad = Literal["keys", "numbers"]  # what the customer has under the hand: kiosk/speech/pad.py


class Kiosk(Section, frozen=True):
    """`name` is the one in branch.toml. `language` is what a new customer sees first. `outline`: a file that always says
    what is on the screen and where, for programs that use the kiosk as people do; empty for none. `data` is the folder
    for what must outlive a power cut, run/NAME where nothing is said: a disk of the kiosk's own, never shared or
    copied."""

    name: Annotated[str, Meta(pattern=rf"^(?!\.+\Z){NAMED}", description=NAME)]
    bank: Annotated[Mapping[str, Annotated[str, Meta(pattern=r"\S")]], Meta(min_length=1)]
    language: str = "zh-Hans"
    outline: str = ""
    data: str = ""

    @property
    def folder(self) -> Path:
        return Path(self.data or f"run/{self.name}")


class Branch(Section, frozen=True):
    """Where the edge agent answers, and this kiosk's token."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?\Z",
            description="http://HOST:PORT or https://HOST:PORT",
        ),
    ]
    token: Annotated[str, Meta(pattern=r"^[!-~]{8,}$")]


class Screen(Section, frozen=True):
    """Size in pixels; the diagonal of the panel makes millimetres of them."""

    width_px: Annotated[int, Meta(ge=300, le=MOST_PX)] = 1080
    height_px: Annotated[int, Meta(ge=480, le=MOST_PX)] = 1920
    diagonal_inch: Annotated[float, Meta(gt=5, lt=100)] = 21.5
    fullscreen: bool = False
    theme: Literal["standard", "contrast", "dark"] = "standard"


class Times(Section, frozen=True):
    """Seconds after which a screen left alone asks whether more time is needed (`idle_s`; `slow_idle_s` for customers
    with large letters or speech), for so many seconds (`warning_s`), before it goes back to the start. `face_s`: for all
    that is asked of a face in one try; twice that for customers with large letters or speech."""

    idle_s: Seconds = 60
    slow_idle_s: Seconds = 120
    warning_s: Annotated[float, Meta(ge=20, le=3600)] = 30
    ticket_s: Seconds = 15
    ticket_without_paper_s: Seconds = 60
    face_s: Annotated[float, Meta(ge=10, le=60)] = 15


class Issuer(Section, frozen=True):
    """Cards whose number begins so belong to customers of this segment."""

    prefix: Annotated[str, Meta(pattern=r"^\d{4,6}$")]
    segment: Literal["ordinary", "vip", "care"]
    first: list[str] = []  # services that these customers see first


class Cards(Section, frozen=True):
    """`key` makes the cards' pseudonyms; the same on all kiosks of a branch, known to nobody else."""

    key: Annotated[str, Meta(min_length=16)]
    issuers: list[Issuer] = []


class Speech(Section, frozen=True):
    """The kiosk without sight; off where the section is missing. `clips`: a folder of recordings (kiosk/speech/clips.py).
    `cantonese`: how traditional Chinese is said. `volume`: in per cent, for each new customer."""

    pad: Pad = "keys"
    clips: str = ""
    volume: Annotated[int, Meta(ge=0, le=100)] = 60
    cantonese: bool = False


class Maintenance(Section, frozen=True):
    """What staff may do at the kiosk itself, behind a PIN: without this section it is not offered. `export_to` is the
    folder of the stick that takes the log."""

    pin: Annotated[
        str, Meta(pattern=pin.SEALED, description="what python -m program.pin has printed")
    ]
    export_to: str | None = None


class Templates(Section, frozen=True):
    """Where the bank enrols faces or fingers at the branch; nothing is kept where the section is missing. `keys`: a file
    of keys (kiosk/identity/keys.py), or credential:NAME from systemd. `file`: templates.sqlite in the kiosk's folder
    where nothing is said. `keep_days`: then a template is used no more, and taken out."""

    keys: Annotated[str, Meta(min_length=1)]
    file: str = ""
    keep_days: Annotated[int, Meta(ge=1, le=3650)] = 365


class Identity(Section, frozen=True):
    """Whether a customer is the card's owner, at services that branch.toml marks with `identity`; not asked where the
    section is missing. By face with a [camera], by finger with a fingerprint module and [templates]. `consent`: the
    version of the text that customers agree to. `records`: where the bank gives a picture of the owner, by the card's
    pseudonym (docs/identity.md), with this `token`. `chip`: a program and its words that makes a picture of an ID
    card's photo, from standard input to standard output; without it the bank's record is used for ID cards too. `finger`: one that makes a template of the fingerprint module (512 bytes) of an
    ID card's fingerprints; without it, and for other cards, [templates]. `blink`: customers are also asked to blink."""

    consent: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,32}\Z")]
    records: Annotated[str, Meta(pattern="^(https?://.*)?$")] = ""
    token: Annotated[str, Meta(pattern=r"^[!-~]*$")] = ""
    chip: list[str] = []
    finger: list[str] = []
    blink: bool = True
    engine: Literal["opencv", "face_recognition"] = "opencv"


class Settings(Section, frozen=True):
    kiosk: Kiosk
    branch: Branch
    cards: Cards
    screen: Screen = Screen()
    times: Times = Times()
    speech: Speech | None = None
    identity: Identity | None = None
    camera: Camera | None = None
    templates: Templates | None = None
    devices: list[Device] = []
    maintenance: Maintenance | None = None


def load(path: Path) -> Settings:
    """Raises SettingsError."""
    settings = settings_file.load(path, Settings)
    with settings_file.of_file(path):
        check_devices(settings.devices)
        _check_kinds(settings.devices)
        _check_language(settings.kiosk.language)
        check_words()
        _check_address(settings.branch.url)
        _refuse_demo_pin(settings)
        _check_camera(settings)
        _check_identity(settings)
    return settings


def _check_language(language: str) -> None:
    if language not in languages():
        raise SettingsError(
            f"section [kiosk]: key 'language': there is no '{language}'; expected one of {', '.join(languages())}"
        )


def _check_address(url: str) -> None:
    try:
        known = urlsplit(url)
        usable = bool(known.hostname) and known.port != 0  # looked at: one above 65535 raises
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            f"section [branch]: key 'url': '{url}'; expected http://HOST:PORT or https://HOST:PORT"
        )


def _check_camera(settings: Settings) -> None:
    if settings.camera is None:
        return
    check_camera(settings.camera)
    if settings.camera.name in {device.name for device in settings.devices}:
        raise SettingsError(
            f"section [camera]: key 'name': {settings.camera.name} is a device; expected another name"
        )


def _check_identity(settings: Settings) -> None:
    asked = settings.identity
    if asked is None:
        return
    finger = any(device.kind == "fingerprint" for device in settings.devices)
    by_finger = finger and settings.templates is not None
    if settings.camera is None and not by_finger:
        raise SettingsError(
            "section [identity]: nobody can be checked; expected a [camera], or a fingerprint module with [templates]"
        )
    if settings.camera is not None and not (asked.records or asked.chip):
        raise SettingsError(
            "section [identity]: key 'records': with a [camera] there is nothing to compare with; "
            "expected the address of the bank's pictures, or key 'chip'"
        )


def _check_kinds(devices: list[Device]) -> None:
    for device in devices:
        if device.kind in COUNTER_KINDS:
            raise SettingsError(
                f"section [devices]: key 'kind': {device.name} is a {device.kind}, which stands at the counters; "
                "expected it in branch.toml"
            )


def _refuse_demo_pin(settings: Settings) -> None:
    here = Address(urlsplit(settings.branch.url).hostname or "", 0).loopback
    if settings.maintenance and not here and pin.fits(pin.DEMO, settings.maintenance.pin):
        raise SettingsError(
            "section [maintenance]: key 'pin': known to everybody from the demo. Expected one of your own, "
            f"from python -m program.pin, or a branch on 127.0.0.1 (now {settings.branch.url})"
        )
