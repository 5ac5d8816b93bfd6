"""The nations of China by their number on the resident card, in the two letters of GB/T 3304-1991."""

from collections.abc import Mapping

_IN_ORDER = (
    "HA", "MG", "HU", "ZA", "UG", "MH", "YI", "ZH",
    "BY", "CS", "MA", "DO", "YA", "BA", "TJ", "HN",
    "KZ", "DA", "LI", "LS", "VA", "SH", "GS", "LH",
    "SU", "DX", "NX", "JP", "KG", "TU", "DU", "ML",
    "QI", "BL", "SL", "MN", "GL", "XB", "AC", "PM",
    "TA", "NU", "UZ", "RS", "EW", "DE", "BN", "YG",
    "GI", "TT", "DR", "OR", "HZ", "MB", "LB", "JN",
)  # fmt: skip
LETTERS: Mapping[str, str] = {
    f"{number:02}": letters for number, letters in enumerate(_IN_ORDER, 1)
}
