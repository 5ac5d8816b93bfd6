"""What the customer sees of a check: keys of the words, an icon, how far they are."""

from dataclasses import dataclass

from kiosk.identity.session import READY, WAIT, Phase, Session
from kiosk.look import icons

ICONS = {
    "face.no_face": icons.PERSON,
    "face.several_people": icons.PEOPLE,
    "face.move_to_middle": icons.MIDDLE,
    "face.come_closer": icons.CLOSER,
    "face.step_back": icons.FARTHER,
    "face.too_dark": icons.LAMP,
    "face.too_bright": icons.BRIGHTER,
    "face.light_from_one_side": icons.CONTRAST,
    "face.look_straight": icons.EYE,
    "face.hold_head_upright": icons.UPRIGHT,
    "face.hold_still": icons.STILL,
    "face.turn_left": icons.BACK,
    "face.turn_right": icons.RIGHT,
    "face.turn_front": icons.EYE,
    READY: icons.STILL,
    WAIT: icons.WAIT,
}


SAYS = {
    Phase.CONSENT: ("face.consent", "face.consent_why"),
    Phase.BEGINNING: ("face.opening",),
    Phase.OPENING: ("face.opening",),
    Phase.MATCHING: (WAIT,),
    Phase.ENDING: (WAIT,),
    Phase.AGAIN: ("face.again",),
}
LEADS_ON = {Phase.CONSENT: "face.agree", Phase.AGAIN: "face.again_yes"}
ANOTHER_WAY = "face.another_way"


@dataclass(frozen=True, slots=True)
class Shown:
    """Keys of the words, `icon` of the first. `leads_on` and `another_way` are of the same size; nothing once the session has
    ended. `progress` from 0 to 1. `preview`: the customer sees themselves, as in a mirror."""

    says: tuple[str, ...]
    icon: str
    leads_on: str
    another_way: str
    progress: float
    preview: bool


def shown(session: Session) -> Shown:
    phase = session.phase
    says = SAYS.get(phase, (session.says,) if session.says else ())
    return Shown(
        says=says,
        icon=ICONS.get(says[0], "") if says else "",
        leads_on=LEADS_ON.get(phase, ""),
        another_way="" if phase is Phase.ENDED else ANOTHER_WAY,
        progress=session.progress,
        preview=phase in (Phase.LOOKING, Phase.TURNING),
    )
