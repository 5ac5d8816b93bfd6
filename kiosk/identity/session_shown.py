"""What the customer sees of a check: keys of the words, an icon, how far they are."""

from kiosk.identity.audit import first
from kiosk.identity.session import BLINK, READY, SLOWLY, WAIT, Phase, Session
from kiosk.identity.told import Shown
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
    "face.open_eyes": icons.EYE,
    "face.show_eyes": icons.EYE,
    SLOWLY: icons.EYE,
    BLINK: icons.EYES_CLOSED,
    READY: icons.STILL,
    WAIT: icons.WAIT,
    "face.again": icons.TOLD,
}


SAYS = {
    Phase.CONSENT: "face.opening",
    Phase.BEGINNING: "face.opening",
    Phase.OPENING: "face.opening",
    Phase.MATCHING: WAIT,
    Phase.ENDING: WAIT,
    Phase.AGAIN: "face.again",
}
AGAIN = "identity.again"


def shown(session: Session) -> Shown:
    phase = session.phase
    says = SAYS.get(phase) or session.says or "face.no_face"
    seen = session.judgement
    attack = seen if seen is not None and seen.outcome == "attack" else None
    return Shown(
        says=says,
        icon=ICONS.get(says, ""),
        leads_on=AGAIN if phase is Phase.AGAIN else "",
        progress=session.progress,
        mirror=phase in (Phase.LOOKING, Phase.TURNING),
        tried=session.outcome is not None or attack is not None,
        reason=first(attack.reasons if attack else session.reasons),
    )
