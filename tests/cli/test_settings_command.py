"""``nst settings``, and what the help of other commands takes from the schema."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nstlib.cli import main as cli
from nstlib.cli.options import SETTINGS, option_of
from nstlib.cli.settings import WIDEST
from nstlib.fast.training import DEFAULTS, train_transformer
from nstlib.settings import SCHEMA, make_settings, parse_settings

ROOT = Path(__file__).resolve().parents[2]
METHODS = SCHEMA["method"].choices


@pytest.fixture
def nst(capsys, monkeypatch):
    """Runs ``nst`` in a terminal of some width: its exit status, output, errors."""

    def run(*args, columns=80):
        monkeypatch.setenv("COLUMNS", str(columns))
        status = cli.main([str(arg) for arg in args])
        return status, *capsys.readouterr()

    return run


def in_one_line(text):
    return " ".join(text.split())


def names_in(table):
    """What stands in the first column."""
    rows = [line.split()[0] for line in table.splitlines() if line[:1].isalnum()]
    return [name for name in rows if name in SCHEMA]


# --- the table


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 300])
def test_the_table_names_every_setting_and_fits(nst, columns):
    status, out, err = nst("settings", columns=columns)
    assert status == 0 and err == ""
    assert sorted(names_in(out)) == sorted(SCHEMA)
    longest = max(map(len, out.splitlines()))
    assert longest <= min(columns, WIDEST)
    assert longest > 0.9 * min(columns, WIDEST)  # the room is used


def test_the_table_says_everything(nst):
    text = in_one_line(nst("settings", columns=300)[1])
    for field in SCHEMA.values():
        # Long defaults stand beside the text, so the words are looked for one by one.
        for word in [*field.meaning.split(), *field.choices]:
            assert word in text, (field.name, word)
    assert "A whole number of pixels from 16 to 16384. Used by every method." in text
    assert "None means 5 for adam, 20 for adagrad" in text


def test_beginners_come_first(nst):
    out = nst("settings")[1]
    head, first, rest = out.partition("FOR EVERYONE\n")
    assert first and "--set NAME=VALUE" in head and "nst settings NAME" in head
    everyone = [name for name, f in SCHEMA.items() if f.level == "everyone"]
    assert names_in(rest)[: len(everyone)] == everyone


@pytest.mark.parametrize("method", METHODS)
def test_only_what_a_method_uses(nst, method):
    wanted = sorted(f.name for f in SCHEMA.values() if method in f.methods)
    status, out, _ = nst("settings", "--method", method)
    assert status == 0 and sorted(names_in(out)) == wanted
    assert f"method {method} uses" in in_one_line(out) and "Used by" not in out
    found = json.loads(nst("settings", "--method", method, "--json")[1])
    assert sorted(entry["name"] for entry in found) == wanted


# --- one setting


def test_one_setting_is_explained(nst):
    status, out, _ = nst("settings", "tv_weight")
    assert status == 0 and len(out.splitlines()) <= 10
    field = SCHEMA["tv_weight"]
    text = in_one_line(out)
    assert text.startswith(f"tv_weight: {field.meaning}")
    for part in (
        "default 1.5",
        "values a number from 0 upwards",
        "used by optimize",
        "level for everyone",
        "nst stylize --set tv_weight=3",
        "nstlib.stylize(photo, painting, tv_weight=3)",
    ):
        assert part in text


@pytest.mark.parametrize("name", SCHEMA)
def test_what_it_says_to_type_is_accepted(nst, name):
    status, out, _ = nst("settings", name, columns=WIDEST)
    lines = [line.split() for line in out.splitlines() if "nst stylize" in line]
    assert status == 0 and lines
    for _, *words in lines:
        typed = words[2:]  # after nst stylize
        options = dict(zip(typed[::2], typed[1::2], strict=True))
        pairs = [word for word in typed if "=" in word]
        overrides = parse_settings(pairs)
        for option, value in options.items():
            if option != "--set":
                overrides |= parse_settings([f"{option[2:].replace('-', '_')}={value}"])
        made = make_settings(**overrides)
        assert getattr(made, name) != getattr(make_settings(), name)
    assert (len(lines) == 2) == (name in SETTINGS)
    call = out.partition("nstlib.stylize(photo, painting, ")[2]
    overrides = eval(f"dict({in_one_line(call)}")
    assert getattr(make_settings(**overrides), name) == getattr(made, name)


def test_several_settings_are_explained(nst):
    out = nst("settings", "size", "steps")[1]
    assert out.startswith("size: ") and "\n\nsteps: " in out


@pytest.mark.parametrize(
    "args, text",
    [
        (["tv_wait"], "there is no setting 'tv_wait': did you mean tv_weight?"),
        (["colo" + "urs"], "there is no setting 'colo" + "urs': did you mean colors?"),
        (["size", "xyzzy"], "there is no setting 'xyzzy': choose from size, steps, "),
        (["--method", "gan"], "invalid choice: 'gan'"),
        (["--method", "adain", "tv_weight"], "method adain has no use for tv_weight."),
        (["--json", "--markdown"], "not allowed with"),
    ],
)
def test_what_makes_no_sense_gets_one_sentence(nst, args, text):
    status, out, err = nst("settings", *args)
    assert status == 2 and out == "" and err.count("\n") == 1 and text in err


# --- for tools


def test_json_has_all_facts(nst):
    status, out, _ = nst("settings", "--json")
    found = {entry["name"]: entry for entry in json.loads(out)}
    assert status == 0 and sorted(found) == sorted(SCHEMA)
    keys = {"name", "default", "meaning", "unit", "range", "choices", "methods"}
    assert all(entry.keys() >= keys | {"level", "type"} for entry in found.values())
    defaults = json.loads(make_settings().to_json())
    for name, entry in found.items():
        if entry["type"] != "layers":
            assert entry["default"] == defaults[name]
        assert make_settings(**{name: entry["default"]}) == make_settings()
    assert found["size"]["range"] == [16, 16384] and found["size"]["unit"] == "pixels"
    assert found["tv_weight"]["range"] == [0, None]
    assert found["colors"]["choices"][0] == "style" and not found["size"]["choices"]
    assert [e["name"] for e in json.loads(nst("settings", "size", "--json")[1])] == [
        "size"
    ]


def test_the_page_in_docs_is_what_the_schema_says(nst):
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == nst("settings", "--markdown")[1], (
        "the page has drifted: nst settings --markdown > docs/settings.md"
    )
    assert page.isascii()  # so that any console can write it
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(docs/settings.md)" in readme


def test_every_row_of_the_page_has_five_cells(nst):
    rows = [r for r in nst("settings", "--markdown")[1].splitlines() if r[:1] == "|"]
    assert {row.count("|") for row in rows} == {6}
    assert sum(row.startswith("| `") for row in rows) == len(SCHEMA)


# --- the help of other commands


def help_of(nst, command, option):
    text = in_one_line(nst(command, "--help")[1]).partition(" options: ")[2]
    return text.partition(f" {option} ")[2].partition(" --")[0]


@pytest.mark.parametrize("command", ["stylize", "estimate"])
@pytest.mark.parametrize("name", SETTINGS)
def test_help_says_what_the_schema_says(nst, command, name, monkeypatch):
    if command == "estimate" and name not in ("steps", "network"):
        return
    old = SCHEMA[name]
    for field in (old, dataclasses.replace(old, meaning="100 % new.", default=0.25)):
        monkeypatch.setitem(SCHEMA, name, field)
        text = help_of(nst, command, option_of(name))
        assert field.meaning in text
        assert f"default {field.typed(field.default)}." in text
        assert field.values[1:] in text
    assert ("Only for" in text) == ("optimize" not in old.methods)


def test_estimate_and_train_name_their_own_defaults(nst, monkeypatch):
    assert "default 256, 512, 768," in help_of(nst, "estimate", "--size")
    text = in_one_line(nst("train", "--help")[1])
    for name, value in DEFAULTS.items():
        assert f"{name}={SCHEMA[name].typed(value)}" in text
    assert "default 30 minutes" in text
    monkeypatch.setitem(train_transformer.__kwdefaults__, "side", 320)
    monkeypatch.setitem(DEFAULTS, "tv_weight", 7.5)
    text = in_one_line(nst("train", "--help")[1])
    assert "default 320." in text and "tv_weight=7.5" in text


def test_help_of_a_checkpoint_names_the_seconds(nst):
    assert "default 30 seconds" in help_of(nst, "stylize", "--checkpoint")


@pytest.mark.parametrize(
    "args",
    [["settings"], ["settings", "size"], ["stylize", "--help"], ["train", "--help"]],
)
def test_it_is_instant_and_starts_no_tensorflow(args):
    code = (
        "import sys; from nstlib.cli.main import main; status = main(sys.argv[1:]);"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules or status)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    seconds = []
    for _ in range(3):  # the machine may be busy
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", code, *args], capture_output=True, env=environment
        )
        seconds.append(time.perf_counter() - began)
        assert (done.returncode, done.stderr) == (0, b"")
    assert min(seconds) < 2
