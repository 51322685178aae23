"""``nst stylize``: what is typed, what is printed, what is left behind."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nstlib
from nstlib.cli import main as cli
from nstlib.cli import progress
from nstlib.course import pictures as sources
from nstlib.runs.provenance import fingerprint
from nstlib.runs.result import Result
from nstlib.settings import Settings, make_settings

SMALL = ["--size", "64", "--steps", "4"]
pytestmark = pytest.mark.usefixtures("folder")


def files(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def save_mask(path, left=True):
    gray = np.zeros((60, 90), np.uint8)
    gray[:, slice(0, 45) if left else slice(45, 90)] = 255
    Image.fromarray(gray).save(path)
    return gray


# --- masks ----------------------------------------------------------------------------


def test_masks_go_with_styles_in_their_order(folder, fake):
    left, right = save_mask("left.png"), save_mask("right.png", left=False)
    args = ["stylize", "cat.jpg", "wave.png:2", "great_wave", "--mask", "left.png"]
    assert cli.main([*args, "--mask", "right.png", "-o", "out.png"]) == 0
    (_, one, first), (_, two, second) = fake["style"]
    assert (one, two) == (2, 1)
    assert np.array_equal(first, left) and np.array_equal(second, right)
    sources = json.loads((folder / "out.json").read_text("utf-8"))["sources"]
    assert [mask["name"] for mask in sources["masks"]] == ["left.png", "right.png"]
    assert sources["masks"][1]["path"] == "right.png"
    assert sources["masks"][1]["sha256"] == fingerprint(right.astype(np.float32))
    # Options may stand between the styles.
    args = ["stylize", "cat.jpg", "wave.png", "--mask", "none", "great_wave"]
    assert cli.main([*args, "--mask", "right.png", "-o", "out.png"]) == 0
    (_, _, first), (_, _, second) = fake["style"]
    assert first is None and np.array_equal(second, right)
    sources = json.loads((folder / "out.json").read_text("utf-8"))["sources"]
    assert sources["masks"][0] is None and sources["masks"][1]["name"] == "right.png"


def test_without_masks_none_are_written_down(folder, fake):
    assert cli.main(["stylize", "cat.jpg", "wave.png", "-o", "out.png"]) == 0
    assert fake["style"][0][2] is None
    facts = json.loads((folder / "out.json").read_text("utf-8"))
    assert "masks" not in facts["sources"]


@pytest.mark.parametrize(
    "args, text",
    [
        (["--mask", "left.png"], "styles: 2, masks: 1. Give one --mask for each"),
        (["--mask", "left.png"] * 3, "styles: 2, masks: 3"),
        (["--mask", "none", "--mask", "gone.png"], "gone.png"),
        (["--mask", "none", "--mask", "black.png"], "black.png: a mask is all black"),
        (["--mask", "none", "--mask", "left.png", "-o", "left.png"], "left.png is a"),
    ],
)
def test_masks_that_make_no_sense(fake, args, text, capsys):
    save_mask("left.png")
    Image.fromarray(np.zeros((9, 9), np.uint8)).save("black.png")
    assert cli.main(["stylize", "cat.jpg", "wave.png", "great_wave", *args]) == 2
    assert text in capsys.readouterr().err and "style" not in fake


# --- what is printed without any work -------------------------------------------------


def test_help_names_the_defaults(capsys):
    cli.main(["stylize", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    from nstlib.settings import Settings

    for name in ("size", "steps", "network"):
        field = next(f for f in dataclasses.fields(Settings) if f.name == name)
        option = text.partition(f"--{name} ")[2] and text.split(f" --{name} ")[-1]
        assert f"default {field.default}" in option.split(" --")[0]


def test_recipes_are_listed(capsys):
    from nstlib.recipes import RECIPES

    assert cli.main(["stylize", "--recipe", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(RECIPES)


# --- bad input ------------------------------------------------------------------------

BAD = {
    "stylizes": "no command 'stylizes': did you mean stylize?",
    "--bogus": "--bogus",
    "stylize --size big": "--size",
    "stylize --sise 64": "--sise",
    "stylize --siz 64": "--siz",
    "stylize --network vgg": "--network",
    "stylize --method magic": "--method",
    "stylize --recipe gatis": "did you mean gatys?",
    "stylize missing.jpg wave.png": "missing.jpg does not exist",
    "stylize cat.jpg wave.jpg": "did you mean wave.png",
    "stylize cat.jgp": "did you mean cat.jpg",
    "stylize cat.jpg great_wav": "did you mean great_wave?",
    "stylize cat.jpg .": "is a folder",
    "stylize text.jpg wave.png": "text",
    "stylize cat.jpg wave.png text.jpg": "text",
    "stylize cat.jpg wave.png:0": "weight",
    "stylize cat.jpg wave.png:-2": "weight",
    "stylize cat.jpg ftp://host/a.jpg": "only http and https",
    "stylize cat.jpg wave.png -o result": "does not name a format",
    f"stylize cat.jpg wave.png -o {'x' * 300}.png": "is too long",
    "stylize cat.jpg wave.png -o result.xyz": "does not name a format",
    "stylize cat.jpg wave.png -o cat.jpg": "is a picture to read",
    "stylize cat.jpg wave.png -o course/../wave.png": "is a picture to read",
    "stylize cat.jpg wave.png -o text.jpg/a.png": "text.jpg",
    "stylize cat.jpg wave.png --size 0": "size must be a whole number from 16",
    "stylize cat.jpg wave.png --steps -1": "steps must be a whole number from 1",
    "stylize cat.jpg wave.png --size 0 --set tv_weight=-1": "; tv_weight",
    "stylize cat.jpg wave.png --set tv_wait=1": "did you mean tv_weight?",
    "stylize cat.jpg wave.png --set tv_weight": "key=value",
    "stylize cat.jpg wave.png --size 64 --set size=65": "given twice",
    "stylize cat.jpg wave.png --progress-every -1": "progress_every",
    "stylize cat.jpg wave.png --set steps_per_scale=1,2": "steps_per_scale has 2",
    "stylize cat.jpg wave.png --quick --best": "--best: not allowed with",
    "stylize cat.jpg wave.png --quality fast": "invalid choice: 'fast'",
    "stylize cat.jpg wave.png --quick --set quality=best": "given twice",
    "stylize cat.jpg wave.png --quick --method adain": "adain has no use for quality:",
    "stylize cat.jpg wave.png --quick --recipe gatys": "leave --quality out, or --rec",
    "stylize cat.jpg wave.png --network vgg16 --set weights=no.h5": "no.h5",
}


@pytest.mark.parametrize("line", BAD)
def test_bad_input_is_one_line(folder, capsys, line):
    Path("text.jpg").write_text("no picture at all", encoding="utf-8")
    before = files(folder)
    assert cli.main(line.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("nst: ") and error.count("\n") == 1
    assert BAD[line] in error
    assert files(folder) == before


def test_without_the_clone(folder, monkeypatch, capsys):
    monkeypatch.setattr(sources, "IMAGES", folder / "nowhere")
    assert cli.main(["stylize"]) == 2
    assert "was installed without the course" in capsys.readouterr().err
    assert cli.main(["stylize", "cat.jpg"]) == 2
    assert "name a photo and a painting" in capsys.readouterr().err


# --- which pictures -------------------------------------------------------------------


def test_defaults(fake, capsys):
    assert cli.main(["stylize"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Painting cat.jpg in the style of starry_night.jpg")
    assert Path("output/cat-starry_night.png").is_file()
    assert str(Path("output/cat-starry_night.png")) in out
    facts = json.loads(Path("output/cat-starry_night.json").read_text("utf-8"))
    known = facts["sources"]
    assert known["content"] == "cat.jpg" and known["styles"] == ["starry_night.jpg"]
    assert known["style_weights"] == [1.0] and len(known["files"]) == 2


def test_options_between_pictures_and_several_styles(fake):
    args = ["stylize", "cat.jpg", "--size", "64", "wave.png:3", "--seed", "5", "dog"]
    assert cli.main([*args, "--set", "clamp=no", "--set", "clamp=false"]) == 0
    assert [weight for _, weight, _ in fake["style"]] == [3, 1]
    assert (fake["settings"].size, fake["settings"].seed) == (64, 5)
    assert Path("output/cat-wave-dog.png").is_file()


@pytest.mark.parametrize("out", ["there/", "here", "here/x.jpg", "deep/er/x.png"])
def test_out(fake, out):
    Path("here").mkdir()
    assert cli.main(["stylize", "cat.jpg", "wave.png", "-o", out]) == 0
    expected = Path(out) if "." in out else Path(out) / "cat-wave.png"
    assert expected.is_file() and expected.with_suffix(".json").is_file()
    # An older result is replaced.
    assert cli.main(["stylize", "cat.jpg", "wave.png", "-o", out]) == 0


def test_large_pictures_are_scaled_down_on_loading(fake, monkeypatch):
    monkeypatch.setattr("nstlib.cli.stylize.LOADED_SIDE", 30)
    assert cli.main(["stylize", "cat.jpg", "wave.png", "--set", "size=20"]) == 0
    assert fake["content"].shape == (20, 30, 3)
    assert cli.main(["stylize", "cat.jpg", "wave.png", "--set", "size=60"]) == 0
    assert fake["content"].shape == (40, 60, 3)
    assert cli.main(["stylize", "cat.jpg", "wave.png", "--size", "75"]) == 0
    assert fake["content"].shape == (50, 75, 3)


# --- recipes --------------------------------------------------------------------------


def test_recipe_and_options_that_win(fake, capsys):
    args = ["stylize", "cat.jpg", "wave.png", "--recipe", "gatys"]
    assert cli.main(args) == 0
    from nstlib.recipes import settings_for

    overrides, notes = settings_for("gatys")
    assert notes and all(note in capsys.readouterr().out for note in notes[:1])
    assert fake["settings"].steps_per_scale == overrides["steps_per_scale"]
    options = ["--size", "64", "--steps", "7", "--set", "style_weight=2"]
    assert cli.main([*args, *options]) == 0
    used = fake["settings"]
    assert (used.size, used.steps, used.steps_per_scale) == (64, 7, None)
    assert (used.style_weight, used.network) == (2, "mini")
    assert used.style_convention == overrides["style_convention"]


# --- quality --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", [["--quick"], ["--quality", "quick"], ["--set", "quality=quick"]]
)
def test_a_quality_chooses_and_options_win(fake, typed, capsys):
    assert cli.main(["stylize", "cat.jpg", "wave.png", *typed]) == 0
    quick = make_settings(quality="quick")
    assert fake["settings"] == quick
    said = f"quick: {quick.steps} evaluations at "
    assert said in capsys.readouterr().out
    options = ["--size", "64", "--steps", "7", "--set", "history=3"]
    assert cli.main(["stylize", "cat.jpg", "wave.png", *typed, *options]) == 0
    assert fake["settings"] == Settings(quality="quick", size=64, steps=7, history=3)
    assert "quick: 7 evaluations at 1 size, 64×43 pixels" in capsys.readouterr().out


def test_best_is_typed_as_a_word_too(fake, capsys):
    assert cli.main(["stylize", "cat.jpg", "wave.png", "--best"]) == 0
    assert fake["settings"] == make_settings(quality="best")


def test_a_quick_picture_is_made_again(folder, capsys):
    args = ["stylize", "cat.jpg", "wave.png", "--quick", "--size", "64", "-o", "a.png"]
    assert cli.main([*args, "--steps", "9"]) == 0
    settings = json.loads((folder / "a.json").read_text("utf-8"))["settings"]
    assert (settings["quality"], settings["steps"]) == ("quick", 9)
    assert cli.main(["reproduce", "a.png"]) == 0
    assert "The same, bit for bit." in capsys.readouterr().out


# --- what comes back ------------------------------------------------------------------


def test_a_real_run(capsys):
    args = ["stylize", "cat.jpg", "wave.png", *SMALL, "--json", "--progress-every", "2"]
    assert cli.main([*args, "-o", "a.png"]) == 0
    printed = capsys.readouterr()
    facts = json.loads(printed.out)
    assert printed.out.count("\n") == 1 and "Painting" in printed.err
    assert facts["path"] == "a.png" and facts["size"] == [64, 43]
    assert facts["evaluations"] == 4 and facts["seconds"] > 0
    assert facts["stop_reason"] == "evaluations used up"
    assert facts["settings"]["size"] == 64
    assert facts["losses"]["last"]["style"] < facts["losses"]["first"]["style"]
    with Image.open("a.png") as image:
        assert image.size == (64, 43) and image.mode == "RGB"
    assert json.loads(Path("a.json").read_text("utf-8"))["evaluations"] == 4
    assert files(Path("a-progress")) == {"0002.png", "0004.png"}


def test_quiet(fake, capsys):
    assert cli.main(["stylize", "cat.jpg", "wave.png", "--quiet"]) == 0
    assert tuple(capsys.readouterr()) == ("", "")


def test_a_few_lines_where_there_is_no_terminal(fake, capsys):
    fake["evaluations"] = 40
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 0
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 11
    assert printed.err.startswith("1 of 40, 30×20 pixels, loss 1\n")
    assert "Style loss from 1 to 1, content loss from 1 to 1." in printed.out


def test_a_bar_in_a_terminal(fake, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 0
    assert "30×20 pixels" in sys.stderr.getvalue() and "/40" in sys.stderr.getvalue()


def test_transparency_comes_back(fake):
    pixels = np.full((60, 90, 4), 255, np.uint8)
    pixels[:, :45, 3] = 0
    Image.fromarray(pixels).save("cut.png")
    assert cli.main(["stylize", "cut.png", "wave.png", "-o", "out.png"]) == 0
    with Image.open("out.png") as image:
        alpha = np.asarray(image.getchannel("A"))
    assert alpha.shape == (20, 30)
    assert (alpha[:, :13] < 8).all() and (alpha[:, 17:] > 247).all()
    assert cli.main(["stylize", "cut.png", "wave.png", "-o", "out.jpg"]) == 0


def test_only_the_first_frame(fake, capsys):
    frames = [Image.new("RGB", (90, 60), color) for color in ("red", "blue")]
    frames[0].save("moves.gif", save_all=True, append_images=frames[1:])
    assert cli.main(["stylize", "moves.gif", "wave.png"]) == 0
    assert "nst: note: moves.gif holds several frames" in capsys.readouterr().err


def test_an_early_end_is_told(fake, capsys):
    fake["reason"] = "no progress"
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 0
    assert (
        "Stopped after 3 of 180 evaluations: no lower loss" in capsys.readouterr().out
    )


# --- when things go wrong -------------------------------------------------------------


def test_a_full_disk_does_not_cost_the_picture(fake, folder, monkeypatch, capsys):
    whole, spare = Result.save, folder / "spare"
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(spare))

    def save(self, path, **args):
        if spare not in Path(path).parents:
            raise nstlib.ImageError("the disk is full.")
        return whole(self, path, **args)

    monkeypatch.setattr(Result, "save", save)
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 2
    assert (spare / "nst-cat-wave.png").is_file()
    assert "the disk is full. It was saved as" in capsys.readouterr().err


def test_progress_pictures_that_fail_do_not_end_the_run(fake, capsys):
    Path("a-progress").write_bytes(b"a file, not a folder")
    args = ["stylize", "cat.jpg", "wave.png", "--progress-every", "1", "-o", "a.png"]
    assert cli.main(args) == 0
    assert capsys.readouterr().err.count("no more progress pictures") == 1
    assert Path("a.png").is_file()


# --- Ctrl-C ---------------------------------------------------------------------------


def test_interrupted_before_the_first_evaluation(fake, folder, capsys):
    fake.update(evaluations=0, reason="interrupted")
    before = files(folder)
    assert cli.main(["stylize", "cat.jpg", "wave.png"]) == 130
    assert "interrupted before there was anything to save" in capsys.readouterr().err
    assert files(folder) == before


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signals_end_the_run_and_keep_the_picture(monkeypatch, capsys, name):
    number = getattr(signal, name)
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]

    def show(self, step, *_):
        if step.evaluation == 2:
            signal.raise_signal(number)

    monkeypatch.setattr(progress.Progress, "show", show)
    whole = Result.save

    def save(self, *args, **named):
        signal.raise_signal(number)  # who presses twice does not lose the picture
        return whole(self, *args, **named)

    monkeypatch.setattr(Result, "save", save)
    assert cli.main(["stylize", "cat.jpg", "wave.png", *SMALL]) == 128 + number
    assert "Stopped after 2 of 4 evaluations: interrupted." in capsys.readouterr().out
    assert Path("output/cat-wave.png").is_file()
    after = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    assert after == before


def _default_signals():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell in the background ignores it


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is no signal to one process there")
def test_ctrl_c_leaves_a_picture(start):
    args = ["cat.jpg", "wave.png", "--size", "64", "--steps", "100000", "-o", "a.png"]
    process = start("stylize", *args, preexec_fn=_default_signals)
    assert process.stderr.readline().startswith("1 of 100000, ")
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert (out + error).count("interrupted") == 1 and "Saved a.png" in out
    assert "Traceback" not in error
    with Image.open("a.png") as image:
        assert image.size == (64, 43)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is no signal to one process there")
def test_ctrl_c_while_tensorflow_starts(start, folder):
    before = files(folder)
    process = start("stylize", "cat.jpg", "wave.png", preexec_fn=_default_signals)
    assert process.stdout.readline().startswith("Painting")
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert error.splitlines()[-1].startswith("nst: interrupted before")
    assert "Traceback" not in error
    assert files(folder) == before


def test_a_result_that_is_too_small_for_the_report(capsys):
    line = ["stylize", "cat", "great_wave", "--size", "20", "-o", "a.png", "--report"]
    assert cli.main(line) == 2
    error = capsys.readouterr().err
    assert "the result will have 20×13 pixels, and --report needs 16 each way" in error
    assert not Path("a.png").exists()
