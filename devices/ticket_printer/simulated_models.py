"""Makes of receipt printers: width of the paper, receive buffer, and what they do not know."""

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH_80_MM, WIDTH_58_MM = 576, 384  # dots: 48 and 32 columns of font A


@dataclass(frozen=True)
class Model:
    """`buffer` is bytes in all, free at XOFF, free at XON; `traits` are names of faults."""

    width_dots: int = WIDTH_80_MM
    buffer: tuple[int, int, int] = (4096, 128, 256)
    traits: frozenset[str] = frozenset()


MODELS: Mapping[str, Model] = {
    # TM-T88V-like: everything is answered, the process id too.
    "epson": Model(),
    # TM-T88III-like in 45-byte mode: GS r is the best it has.
    "clone": Model(
        buffer=(45, 16, 26), traits=frozenset({"no_process_id", "no_clear", "no_identity_text"})
    ),
    # A cheap one: DLE EOT 1 and 4 only, and it prints what it does not know.
    "clone58": Model(
        WIDTH_58_MM,
        traits=frozenset({"prints_garbage_on_gs_paren", "no_qr", "no_status", "no_queued_status"})
        | {"no_identity", "no_clear"},
    ),
    # Custom VKP80: a kiosk printer that sees whether the ticket was taken.
    "vkp80": Model(traits=frozenset({"presenter", "no_process_id", "no_clear"})),
}


def model_named(name: str) -> Model:
    if name not in MODELS:
        raise ValueError(f"unknown model {name!r}; allowed: {', '.join(MODELS)}")
    return MODELS[name]
