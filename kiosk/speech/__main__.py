"""`python -m kiosk.speech`: hear what the kiosk would say, or list what is not recorded yet."""

import argparse
import sys
from pathlib import Path

from kiosk import settings as kiosk_settings, words
from kiosk.settings import Speech
from kiosk.speech.clips import Clips
from kiosk.speech.voice import Voice
from program import command_line

LONGEST_S = 120.0


def main() -> int:
    given = _parser().parse_args()
    settings = command_line.load_or_exit(lambda: kiosk_settings.load(given.config), check=False)
    command_line.start_log("speech")
    speech = settings.speech or Speech()
    clips = Clips(
        Path(speech.clips) if speech.clips else None,
        {language: words.load(language) for language in words.languages()},
    )
    if given.command == "say":
        return _say(Voice(clips, volume=speech.volume, cantonese=speech.cantonese), given)
    return _missing(clips, speech)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kiosk.speech", description=__doc__)
    parser.add_argument("--config", type=Path, default=Path("config/demo/kiosk.toml"))
    commands = parser.add_subparsers(dest="command", required=True)
    say = commands.add_parser("say", help="say a text")
    say.add_argument("language", metavar="LANGUAGE", choices=words.languages())
    say.add_argument("text", metavar="TEXT")
    commands.add_parser("words", help="list the recordings that are missing, and what they say")
    return parser


def _say(voice: Voice, given: argparse.Namespace) -> int:
    voice.start()
    try:
        voice.say([given.text], given.language, cut=False)
        return 0 if voice.wait(LONGEST_S) else 1
    except KeyboardInterrupt:
        return 130
    finally:
        voice.stop()


def _missing(clips: Clips, speech: Speech) -> int:
    if not speech.clips:
        sys.stderr.write("No folder of recordings is set: section [speech], key 'clips'.\n")
        return 1
    for path, text in clips.missing():
        sys.stdout.write(f"{path}\t{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
