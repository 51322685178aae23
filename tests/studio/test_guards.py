"""Who may ask for what: hosts, other sites, tokens, other browsers, and sizes."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from visitors import LONG, SMALL, Visitor, encoded, form

from nstlib.studio import guards, jobs, networks

JSON = {"Accept": "application/json"}
PAGES = ["/", "/history", "/webcam", "/jobs/none", "/nothing", "/static/studio.css"]
POSTS = ["/", "/uploads", "/preview", "/webcam/frame", "/jobs/x/stop", "/jobs/x/delete"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_headers_that_protect(visitor, path):
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert not headers.get("Server")


def test_no_page_names_another_site(visitor):
    for path in ("/", "/history", "/webcam", "/static/studio.css", "/static/home.js"):
        text = visitor.get(path).text
        found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text)
        assert found == []
        assert "style=" not in text  # the policy would ignore it
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "http://["]
)
def test_a_post_from_another_site_is_refused(visitor, path, origin):
    visitor.origin = origin
    answer = visitor.post(path, {"photo": "course:cat", **SMALL})
    assert answer.status == 403 and "another site" in answer.told


def test_a_post_that_the_browser_calls_cross_site_is_refused(visitor):
    answer = visitor.post("/", SMALL, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403


def test_a_referer_stands_in_for_the_origin(visitor):
    visitor.origin = None
    answer = visitor.post("/", SMALL, headers={"Referer": f"{visitor.address}/"})
    assert answer.status == 422  # it was read


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[", "::"])
def test_a_name_that_points_here_is_refused(visitor, host):
    answer = visitor.get("/", headers={"Host": host})
    assert answer.status == 403 and "the address that it printed" in answer.told


def test_localhost_is_this_computer_too(visitor):
    port = visitor.address.rpartition(":")[2]
    assert visitor.get("/", headers={"Host": f"localhost:{port}"}).status == 200


# --- the token


def test_without_the_token_nobody_sees_anything(app):
    client = app(host="0.0.0.0", token="a-long-token").test_client()
    for path in ("/", "/history", "/pictures/course/cat", "/jobs/a", "/jobs/a/state"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.location) == (302, "/enter")
        assert client.get(path, headers=JSON).status_code == 401
    own = {"Origin": "http://localhost"}
    assert client.post("/", headers={**own, **JSON}).status_code == 401
    assert client.get("/health").json == {"ok": True}


@pytest.mark.parametrize("given", ["", "a-long-toke", "A-long-token", "é" * 300])
def test_a_wrong_token(app, given):
    client = app(host="0.0.0.0", token="a-long-token").test_client()
    own = {"Origin": "http://localhost"}
    answer = client.post("/enter", data={"token": given}, headers=own)
    assert answer.status_code == 403 and b"not the token" in answer.data
    assert client.get("/", query_string={"token": given}).location == "/enter"
    client.set_cookie(guards.KEY, given)
    assert client.get("/").status_code == 302


def test_the_token_opens_by_address_and_by_form(app):
    made = app(host="0.0.0.0", token="a-long-token")
    for way in ("address", "form"):
        client = made.test_client()
        if way == "address":
            answer = client.get("/?token=a-long-token")
        else:
            own = {"Origin": "http://localhost"}
            answer = client.post("/enter", data={"token": "a-long-token"}, headers=own)
        assert (answer.status_code, answer.location) == (302, "/")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "a-long-token" not in cookie
        assert client.get("/").status_code == 200


def test_nobody_tries_many_tokens(app, monkeypatch):
    client = app(host="0.0.0.0", token="a-long-token").test_client()
    told = [client.get(f"/?token=wrong{n}").status_code for n in range(12)]
    assert told == [302] * guards.WRONG + [429] * 2
    assert client.get("/?token=a-long-token").status_code == 429  # not even the right
    monkeypatch.setattr(guards, "WITHIN", 0.0)
    assert client.get("/?token=a-long-token").status_code == 302


# --- other browsers


def test_two_browsers_do_not_see_each_other(server):
    one, two = server.visitor(), server.visitor()
    job = one.run(LONG)
    ref = one.upload(encoded()).json["ref"]
    picture = "/pictures/" + ref.replace(":", "/")
    assert one.get(picture).status == one.get(job).status == 200
    parts = ("", "/state", "/now.jpg", "/result.png")
    assert {two.get(f"{job}{part}").status for part in parts} == {404}
    assert two.get(picture).status == two.get(f"{picture}?small").status == 404
    assert two.get(f"/pictures/job{job[5:]}/photo").status == 404
    for act in ("stop", "delete", "again"):
        assert two.post(f"{job}/{act}").status == 404
    assert job not in two.get("/history").text
    answer = two.post("/", {"photo": ref, "style": ref, **SMALL})
    assert answer.status == 422 and "Choose a photo" in answer.told
    assert one.state(job)["state"] in ("waiting", "running")
    assert one.post(f"{job}/stop").status == 303
    assert one.until(job)["state"] in ("stopped", "canceled")


@pytest.mark.parametrize(
    "cookie", ["", "x", "../../etc", "A" * 32, "0" * 31, "0" * 5000]
)
def test_a_made_up_owner_gets_a_new_one(visitor, cookie):
    visitor.cookies = {guards.OWNER: cookie}
    assert visitor.get("/").status == 200
    assert re.fullmatch("[0-9a-f]{32}", visitor.cookies[guards.OWNER])
    assert visitor.cookies[guards.OWNER] != cookie


# --- many browsers of one network

FORM = {"photo": "course:cat", "style": "course:tapestry", **SMALL}
OWN = {"Origin": "http://localhost"}


@pytest.fixture
def crowd(app, monkeypatch):
    """Makes visitors of a studio in which nobody paints, from any address."""
    monkeypatch.setattr(jobs.Jobs, "_work", lambda self: None)
    made = app(host="0.0.0.0", token="a-long-token", newcomers=5, queued_network=3)

    def visit(address, client=None):
        client = client or made.test_client()
        near = {"REMOTE_ADDR": address}
        client.get("/?token=a-long-token", environ_overrides=near)
        return client, client.post("/", data=FORM, headers=OWN, environ_overrides=near)

    return visit


def test_a_class_behind_one_router_is_not_one_client(crowd):
    told = [crowd("192.0.2.7")[1].status_code for _ in range(3)]
    assert told == [303] * 3  # and each has further places of its own


def test_dropping_cookies_lifts_no_limit(crowd):
    student, answer = crowd("192.0.2.7")
    assert answer.status_code == 303
    found = [crowd("192.0.2.7")[1] for _ in range(8)]  # each without a cookie
    assert [answer.status_code for answer in found] == [303] * 2 + [503] * 2 + [429] * 4
    assert "3 pictures from your network" in found[2].get_data(as_text=True)
    assert "allow cookies" in found[-1].get_data(as_text=True)
    assert crowd("192.0.2.7", student)[1].status_code == 503  # no newcomer
    assert crowd("192.0.2.8")[1].status_code == 303  # of another network


def test_made_up_cookies_are_new_visitors(crowd):
    client, _ = crowd("192.0.2.7")
    told = []
    for number in range(6):
        client.set_cookie(guards.OWNER, f"{number:032x}")
        told.append(crowd("192.0.2.7", client)[1].status_code)
    assert told == [303] * 2 + [503] * 2 + [429] * 2


def test_hosts_of_one_ipv6_network_are_near_and_this_computer_is_no_network(crowd):
    told = [crowd(f"2001:db8::{n}")[1].status_code for n in range(1, 5)]
    assert told == [303] * 3 + [503]
    assert crowd("2001:db8:0:1::1")[1].status_code == 303
    assert networks.network_of("::1") == networks.network_of("::ffff:127.0.0.1") == ""
    assert networks.network_of("::ffff:192.0.2.7") == "192.0.2.7"


def test_newcomers_are_forgotten_after_an_hour(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(networks.time, "monotonic", lambda: now[0])
    found = networks.Networks(1)
    assert found.admit("a", "192.0.2.7") and not found.admit("b", "192.0.2.7")
    now[0] = 3601
    assert found.admit("b", "192.0.2.7")
    assert found.neighbors("192.0.2.7") == {"b"}


# --- sizes, and nonsense


def test_too_large_a_request(visitor):
    body = b"x" * (33 * 2**20)
    answer = visitor.post("/uploads", {}, {"file": body}, headers=JSON)
    assert answer.status == 413 and "less than 34 MB" in answer.told


def test_a_length_that_lies(visitor):
    headers = {"Content-Length": str(2**40), "Content-Type": "image/jpeg"}
    assert visitor.ask("POST", "/uploads", b"x", headers).status == 413


def test_too_many_fields_and_too_long_ones(visitor):
    many = {f"field{n}": "1" for n in range(200)}
    assert visitor.post("/", many, {"photo_file": encoded()}).status == 413
    long = {"photo": "x" * 300_000}
    assert visitor.post("/", long, {"photo_file": encoded()}).status == 413
    assert visitor.post("/", long).status == 413


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
        ("application/x-www-form-urlencoded", b"%zz=%ff&photo=%00&style=%ed%a0%80"),
        ("application/json", b"{"),
        ("", b"\xff\xfe"),
    ],
)
def test_bodies_that_make_no_sense(visitor, kind, body):
    for path in ("/", "/uploads", "/preview"):
        answer = visitor.ask("POST", path, body, {"Content-Type": kind})
        assert answer.status in (400, 413, 422), (path, answer.status)
        assert answer.told


TRICKS = [
    "/pictures/course/..%2f..%2fetc%2fpasswd",
    "/pictures/course/../../../etc/passwd",
    "/pictures/upload/..",
    "/pictures/job/x/..%2f..%2fhistory.sqlite",
    "/pictures/file/etc/passwd",
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/jobs/..%2f..%2fhistory.sqlite",
    "/jobs/x/..%2fresult.json",
    "/jobs/%00/now.jpg",
    "/?from=../../x",
    "/?photo=job:../x/photo",
    "/?style=course:../../x",
    "/compare?job=a&job=../b",
]


@pytest.mark.parametrize("path", TRICKS)
def test_paths_that_lead_elsewhere(server, visitor, path):
    answer = visitor.get(path)
    assert answer.status in (200, 400, 404) and b"root:" not in answer.body
    if answer.status == 200:  # the form, with nothing strange in it
        assert "passwd" not in answer.text and 'value="job:..' not in answer.text


def test_files_of_a_job_that_are_no_pictures_stay_here(server, visitor):
    job = visitor.run()
    visitor.until(job)
    assert visitor.get(f"{job}/result.png").status == 200
    for name in ("result.json", "checkpoint.npz", "photo.jpg", "stage1.png", ".."):
        assert visitor.get(f"{job}/{name}").status in (404, 308)


def test_no_answer_tells_where_or_what_this_computer_is(server, visitor):
    import getpass
    import platform
    import socket

    secrets = [str(server.folder), str(server.folder.parent), socket.gethostname()]
    secrets += [platform.release(), "Traceback", "site-packages", "/home/"]
    if len(getpass.getuser()) > 4:
        secrets.append(getpass.getuser())
    body, kind = form([("way", "x")], [("photo_file", b"no picture")])
    answers = [visitor.get(path) for path in [*PAGES, *TRICKS]]
    answers += [visitor.ask("POST", "/", body, {"Content-Type": kind})]
    answers += [visitor.upload(b"GIF89a broken", name="../../x/y.gif")]
    for answer in answers:
        text = answer.text + str(answer.headers)
        assert [secret for secret in secrets if secret in text] == []


def test_two_hundred_requests_at_once(server):
    visitors = [server.visitor() for _ in range(4)]

    def ask(number):
        visitor = Visitor(server.address)
        visitor.cookies = dict(visitors[number % 4].cookies)
        kind = number % 5
        if kind == 0:
            return visitor.get("/history").status
        if kind == 1:
            return visitor.get("/pictures/course/cat?small").status
        if kind == 2:
            return visitor.get("/").status
        if kind == 3:
            return visitor.upload(encoded(color=(number, 9, 9))).status
        answer = visitor.post("/", [("photo", "course:cat"), *SMALL.items()])
        return answer.status

    with ThreadPoolExecutor(60) as pool:
        found = list(pool.map(ask, range(200)))
    assert set(found) <= {200, 422, 503}
    assert found.count(200) > 120
    assert visitors[0].get("/").status == 200
