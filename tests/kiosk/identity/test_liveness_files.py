"""What `python -m kiosk.identity liveness FILE...` says of files: which it can judge, and of the others why not."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from kiosk.identity import liveness_files
from kiosk.identity.engine import Engine
from kiosk.identity.evaluate_liveness import held
from kiosk.identity.liveness import Judgement
from kiosk.identity.liveness_files import FEWEST, judge
from kiosk.identity.sequences import frames, is_cut_short
from kiosk.identity.staged import Held
from tests.conftest import ROOT
from tests.kiosk.identity.portraits import collins, hopper, side_by_side
from tests.kiosk.identity.test_liveness import out_of_focus_on_the_way, photos, turning

NOT_READ = [("unsure", ["unreadable"])]
MJPEG, MPEG4 = "MJPG", "mp4v"


@cache
def head_that_turns(opencv: Engine):
    return [image for _, image in turning(photos(opencv)[1], 35, steps=14)]


def looking_straight(opencv: Engine, count: int):
    """Alive, for the noise of the camera."""
    return [image for _, image in held(photos(opencv)[1], [Held()] * count, Random(1))]


def film(file: Path, images, code: str = MJPEG) -> Path:
    height, width = images[0].shape[:2]
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*code), 12, (width, height))
    for image in images:
        writer.write(image)
    writer.release()
    return file


def folder(file: Path, images) -> Path:
    file.mkdir()
    for n, image in enumerate(images):
        cv2.imwrite(str(file / f"{n}.jpg"), image)
    return file


def cut(file: Path, share: float) -> Path:
    content = file.read_bytes()
    part = file.with_name(f"cut_{file.name}")
    part.write_bytes(content[: int(share * len(content))])
    return part


def answers(files, engine: Engine, capsys) -> tuple[list[tuple[str, list[str]]], list[str], int]:
    """Outcomes with reasons, lines on standard error, status."""
    status = liveness_files.run([str(file) for file in files], engine)
    said = capsys.readouterr()
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["file"] for line in lines] == [str(file) for file in files]
    return [(line["outcome"], line["reasons"]) for line in lines], said.err.splitlines(), status


def command(*files: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "kiosk.identity", "liveness", *files]
    return subprocess.run(
        words,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


# --- what can be judged -------------------------------------------------------------------------


def test_a_folder_a_video_and_a_picture(opencv: Engine, tmp_path, capsys) -> None:
    pictures = folder(tmp_path / "pictures", head_that_turns(opencv))
    video, still = film(tmp_path / "video.avi", head_that_turns(opencv)), tmp_path / "one.png"
    cv2.imwrite(str(still), collins())
    files = [str(pictures), str(video), str(still)]
    assert liveness_files.run(files, opencv) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == files
    assert [line["outcome"] for line in lines] == ["live", "live", "unsure"]
    assert [set(line) for line in lines] == [{"file", "outcome", "reasons", "ms"}] * 3


def test_pictures_come_in_the_order_of_their_numbers(tmp_path) -> None:
    for number in (1, 2, 10, 9):
        cv2.imwrite(str(tmp_path / f"f{number}.png"), np.full((4, 4, 3), number, np.uint8))
    for given in (str(tmp_path), f"{tmp_path}/f*.png"):
        shown = [(at, image[0, 0, 0]) for at, image in frames(given)]
        assert shown == [(n / 15, number) for n, number in enumerate((1, 2, 9, 10))]


@pytest.mark.parametrize(
    ("name", "code"),
    [("a.avi", MJPEG), ("a.mp4", MPEG4), ("a.mov", MPEG4), ("a.mkv", MJPEG), ("a.ts", "MPG2"),
     ("a.webm", "VP80"), ("a.flv", "FLV1"), ("a.wmv", "WMV2")],
)  # fmt: skip
def test_a_whole_film_is_read_whatever_its_name(tmp_path, name: str, code: str) -> None:
    images = [np.full((64, 64, 3), 10 * n, np.uint8) for n in range(20)]
    unnamed = film(tmp_path / name, images, code).rename(tmp_path / "film")
    assert len(list(frames(str(unnamed)))) == 20


def test_a_picture_is_read_whatever_its_name(opencv: Engine, tmp_path, capsys) -> None:
    cv2.imwrite(str(tmp_path / "one.tif"), collins())
    cv2.imwrite(str(tmp_path / "one.png"), collins())
    files = [tmp_path / "one.tif", (tmp_path / "one.png").rename(tmp_path / "one")]
    assert answers(files, opencv, capsys) == ([("unsure", ["too_short"])] * 2, [], 0)


# --- reasons ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, FEWEST - 1])
def test_a_straight_face_in_too_few_pictures_is_too_short(opencv: Engine, count: int) -> None:
    few = enumerate(looking_straight(opencv, count))
    assert judge(((n / 15, image) for n, image in few), opencv).reasons == ("too_short",)


def test_what_ends_before_the_face_could_have_turned_is_too_short(opencv: Engine) -> None:
    """However long nobody was there before."""
    wall = np.full((480, 640, 3), 128, np.uint8)
    images = [*[wall] * 20, *looking_straight(opencv, 5)]
    timed = [(n / 15, image) for n, image in enumerate(images)]
    assert judge(iter(timed), opencv) == Judgement("unsure", ("too_short",))


def test_who_had_the_time_to_turn_and_did_not_is_told_so(opencv: Engine) -> None:
    timed = [(n / 15, image) for n, image in enumerate(looking_straight(opencv, FEWEST))]
    assert judge(iter(timed), opencv) == Judgement("unsure", ("no_turn",))


@pytest.mark.parametrize("degrees", [35, -35])
def test_of_an_unclear_turn_to_either_side_the_reason_is_told(
    opencv: Engine, degrees: float
) -> None:
    unsharp = out_of_focus_on_the_way(list(turning(photos(opencv)[1], degrees)))
    assert judge(iter(unsharp), opencv) == Judgement("unsure", ("blurred",))


def test_a_face_that_never_looks_straight_is_not_too_short(opencv: Engine) -> None:
    aside = head_that_turns(opencv)[-1]
    assert judge(iter([(0.0, aside)]), opencv) == Judgement("unsure", ("no_front",))


def test_two_people_side_by_side_are_said_to_be_several(opencv: Engine, tmp_path, capsys) -> None:
    two = side_by_side(collins(), hopper())
    cv2.imwrite(str(tmp_path / "two.png"), two)
    files = [film(tmp_path / "two.avi", [two] * 12), tmp_path / "two.png"]
    assert answers(files, opencv, capsys) == ([("unsure", ["several_people"])] * 2, [], 0)


@pytest.mark.parametrize("which", [0, 1])
def test_a_person_who_stands_on_their_head_is_no_attack(opencv: Engine, which: int) -> None:
    """Such a film was stored without word of how the camera was held."""
    upright = list(turning(photos(opencv)[which], 35))
    over = [(at, np.ascontiguousarray(image[::-1, ::-1])) for at, image in upright]
    assert judge(iter(over), opencv) == Judgement("unsure", ("upside_down",))
    assert judge(iter(upright), opencv).outcome == "live"


# --- what cannot be read ------------------------------------------------------------------------


def test_what_cannot_be_read_is_unsure_and_said(opencv: Engine, tmp_path, capsys) -> None:
    nothing, text = tmp_path / "nothing", tmp_path / "no.mp4"
    nothing.mkdir()
    text.write_text("no video")
    for name in ("empty.avi", "empty.jpg"):
        (tmp_path / name).touch()
    files = [nothing, tmp_path / "f*.jpg", text, tmp_path / "empty.avi", tmp_path / "empty.jpg"]
    told, said, status = answers(files, opencv, capsys)
    assert (told, status) == (NOT_READ * 5, 2)
    wanted = "give a whole MP4, AVI, JPEG, PNG or a folder of pictures"
    assert said == [
        f"{tmp_path}/nothing holds no picture: give JPEG or PNG files",
        f"{tmp_path}/f*.jpg fits no picture: give JPEG or PNG files",
        f"{tmp_path}/no.mp4 is no video and no picture, or damaged: {wanted}",
        f"{tmp_path}/empty.avi is empty: {wanted}",
        f"{tmp_path}/empty.jpg cannot be read as a picture: it is empty; give a JPEG or PNG file",
    ]


def test_what_is_missing_is_said(opencv: Engine, tmp_path, capsys) -> None:
    files = [tmp_path / "none.mp4", tmp_path / "none.jpg", tmp_path / "none"]
    told, said, status = answers(files, opencv, capsys)
    assert (told, status) == (NOT_READ * 3, 2)
    assert said == [
        f"{file} cannot be read: No such file or directory; name a file that is there and that you may read"
        for file in files
    ]


def test_a_broken_picture_of_a_folder_counts_wherever_it_stands(
    opencv: Engine, tmp_path, capsys
) -> None:
    """Also after the turn has been seen."""
    images = head_that_turns(opencv)
    first, last = folder(tmp_path / "first", images), folder(tmp_path / "last", images)
    (first / "0.jpg").write_text("no picture")
    (last / "99.jpg").write_text("no picture")
    told, said, status = answers([first, last], opencv, capsys)
    assert (told, status) == (NOT_READ * 2, 2)
    assert said == [
        f"{file} cannot be read as a picture: give a JPEG or PNG file"
        for file in (first / "0.jpg", last / "99.jpg")
    ]


def test_a_picture_of_one_pixel_shows_no_face(opencv: Engine, tmp_path, capsys) -> None:
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((1, 1, 3), np.uint8))
    told = answers([tmp_path / "dot.png"], opencv, capsys)
    assert told == ([("unsure", ["no_face"])], [], 0)


def test_a_text_is_no_film_nor_is_a_list_of_films(opencv: Engine, tmp_path) -> None:
    """FFmpeg draws the first as a terminal would, and plays what the others name; what it says itself is kept from the reader."""
    film(tmp_path / "whole.avi", head_that_turns(opencv))
    texts = {
        "long.txt": "a line of text\n" * 200,
        "list.ffconcat": "ffconcat version 1.0\nfile whole.avi\n",
        "list.m3u8": f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/whole.avi\n#EXT-X-ENDLIST\n",
    }
    for name, content in texts.items():
        (tmp_path / name).write_text(content)
    told = command(*texts, "whole.avi", cwd=tmp_path)
    outcomes = [json.loads(line)["outcome"] for line in told.stdout.splitlines()]
    assert (outcomes, told.returncode) == (["unsure"] * 3 + ["live"], 2)
    assert told.stderr.splitlines() == [
        f"{name} is no video and no picture, or damaged: give a whole MP4, AVI, JPEG, PNG or a folder of pictures"
        for name in texts
    ]


def test_a_file_is_named_as_it_was_given(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "x.png"), np.zeros((9, 9, 3), np.uint8))
    given = ["./in/x.png", "in//x.png", "in/../in/./x.png", "in/", "https://bank.example//x.mp4"]
    told = command(*given, cwd=tmp_path)
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["file"] for line in lines] == given
    assert [line["reasons"] for line in lines] == [["no_face"]] * 4 + [["unreadable"]]


def test_a_name_may_be_in_any_alphabet_and_in_none(tmp_path, opencv: Engine) -> None:
    whole = film(tmp_path / "whole.avi", head_that_turns(opencv))
    given = ["人.avi", "\udcff.avi", "concat:whole.avi", "\udcff.jpg"]
    for name in given[:3]:
        (tmp_path / name).write_bytes(whole.read_bytes())
    told = command(*given, cwd=tmp_path)
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["file"] for line in lines] == given
    assert [line["outcome"] for line in lines] == ["live"] * 3 + ["unsure"]


# --- damaged films ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.avi", "a.mkv"])
def test_a_film_that_was_cut_is_not_judged(opencv: Engine, tmp_path, capsys, name: str) -> None:
    """Also when the turn is in what is left."""
    whole = film(tmp_path / name, [*head_that_turns(opencv), *looking_straight(opencv, 20)])
    told, said, status = answers([whole, cut(whole, 0.65)], opencv, capsys)
    assert (told, status) == ([("live", []), *NOT_READ], 2)
    (line,) = said
    assert line.startswith(f"{tmp_path}/cut_{name} is damaged: 2")
    assert line.endswith(" of 40 frames could be read; give the whole file")


def test_a_film_whose_index_was_cut_off_cannot_be_read(opencv: Engine, tmp_path, capsys) -> None:
    whole = film(tmp_path / "a.mp4", head_that_turns(opencv), MPEG4)
    told, said, status = answers([whole, cut(whole, 0.6)], opencv, capsys)
    assert (told, status) == ([("live", []), *NOT_READ], 2)
    assert "or damaged" in said[0]


@pytest.mark.parametrize(
    ("read", "promised", "seconds", "promised_s", "damaged"),
    [
        (100, 100, 9.9, 10.0, False),
        (99, 100, 9.8, 10.0, False),  # the duration was rounded up
        (50, 100, 9.9, 10.0, False),  # the camera slowed down in the dark, and the count is a guess
        (90, 100, 8.9, 10.0, False),  # shortened on a phone
        (2, 3, 0.1, 0.3, False),
        (60, 100, 5.9, 10.0, True),
        (0, 100, 0.0, 10.0, True),
        (100, 0, 9.9, 0.0, False),  # it does not say
    ],
)
def test_a_count_that_may_be_a_guess_condemns_no_film(
    read, promised, seconds, promised_s, damaged
) -> None:
    assert is_cut_short(read, promised, seconds, promised_s) is damaged
