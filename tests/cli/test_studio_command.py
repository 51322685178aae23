"""``nst studio`` as it is typed: what is refused, and in which words."""

import importlib.util
import re
import socket

import pytest


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--host", "0.0.0.0"), "others can reach 0.0.0.0: give a token of 8"),
        (("--host", "0.0.0.0", "--token", "short"), "this token is too short"),
        (("--token", ""), "this token is too short"),
        (("--port", "70000"), "--port must be a number from 0 to 65535"),
        (("--port", "x"), "invalid int value"),
        (("--largest", "9"), "--largest must be from 16 to 16384"),
        (("--minutes", "0"), "--minutes must be a number above 0"),
        (("--disk", "nan"), "--disk must be a number above 0"),
        (
            ("--host", "198.51.100.7", "--token", "long-enough"),
            "not an address of this",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(nst, tmp_path, words, told, monkeypatch):
    pytest.importorskip("flask", reason="extra studio")
    monkeypatch.delenv("NST_STUDIO_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    status, _, error = nst("studio", "--no-browser", "--port", "0", *words)
    assert status == 2 and told in error
    assert list(tmp_path.iterdir()) == []


def test_the_suggested_token_is_new_each_time(nst, monkeypatch):
    monkeypatch.delenv("NST_STUDIO_TOKEN", raising=False)
    tokens = {
        re.search(r"--token (\w{12})", nst("studio", "--host", "0.0.0.0")[2])[1]
        for _ in range(3)
    }
    assert len(tokens) == 3


def test_a_port_that_is_taken(nst, tmp_path, monkeypatch):
    pytest.importorskip("flask", reason="extra studio")
    monkeypatch.chdir(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, _, error = nst("studio", "--no-browser", "--port", port)
    assert status == 2
    assert f"port {port} is taken" in error and "--port" in error


@pytest.mark.parametrize("missing", ["flask", "waitress"])
def test_without_its_libraries_it_says_what_to_install(nst, monkeypatch, missing):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *a: None if n == missing else find(n, *a)
    )
    status, _, error = nst("studio", "--no-browser")
    assert status == 2 and 'pip install "nstlib[studio]"' in error
