"""The studio as people use it: in Chromium, by hand and by keyboard."""

import base64
import json
import time
from pathlib import Path

import pytest
from chromium import Chromium
from visitors import encoded

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
RULES = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
FINISHED = "document.querySelector('.work')?.dataset.state"


class Page:
    """What a person does on a page."""

    def __init__(self, browser, server):
        self.browser, self.address = browser, server.address.rstrip("/")
        self.ask = browser.ask

    def open(self, path="/"):
        self.browser.open(self.address + path, "document.readyState == 'complete'")

    def until(self, condition, seconds=300):
        ends = time.monotonic() + seconds
        while not self.ask(condition):
            assert time.monotonic() < ends, condition
            time.sleep(0.1)

    def set(self, **values):
        for name, value in values.items():
            at = f"document.getElementById({f'f-{name}'!r})"
            self.ask(f"{at}.value = {str(value)!r}; {at}.dispatchEvent(new Event("
                     "'change', {bubbles: true}))")  # fmt: skip

    def click(self, selector):
        assert self.ask(f"!!document.querySelector({selector!r})"), selector
        self.ask(f"document.querySelector({selector!r}).click()")

    def text(self, selector):
        return self.ask(f"document.querySelector({selector!r})?.textContent.trim()")

    def drop(self, selector, data, name="dropped.jpg"):
        """Drop a file on an element."""
        bytes_ = base64.b64encode(data).decode()
        self.ask(f"""(() => {{
          const bytes = Uint8Array.from(atob({bytes_!r}), c => c.charCodeAt(0));
          const moved = new DataTransfer();
          moved.items.add(new File([bytes], {name!r}, {{type: 'image/jpeg'}}));
          document.querySelector({selector!r}).dispatchEvent(new DragEvent('drop',
            {{dataTransfer: moved, bubbles: true, cancelable: true}}));
        }})()""")

    def drag(self, *places):
        """Move the pressed mouse over places."""
        call, kinds = self.browser.call, ["mousePressed", *["mouseMoved"] * 9]
        for kind, (x, y) in zip(kinds, places, strict=False):
            call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left",
                 buttons=1, clickCount=1)  # fmt: skip
        x, y = places[-1]
        call("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left")

    def press(self, key, code=0, text=""):
        more = {"key": key, "windowsVirtualKeyCode": code}
        down = "keyDown" if text else "rawKeyDown"
        extra = {"text": text} if text else {}
        self.browser.call("Input.dispatchKeyEvent", type=down, **more, **extra)
        self.browser.call("Input.dispatchKeyEvent", type="keyUp", **more)

    def begin(self, **values):
        """Start a run; small if nothing else is said."""
        values = {"size": 64, "steps": 6, "margin": 0} | values
        self.click("#way-normal")
        self.set(**values)
        self.click("#run")
        self.until("location.pathname.startsWith('/jobs/')")

    def faults(self):
        """What the console complains about, and requests to anywhere else."""
        elsewhere = [
            url
            for url in self.browser.requests()
            if not url.startswith((self.address, "blob:", "about:"))
        ]
        return elsewhere + self.browser.complaints()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chromium") / "profile"
    found = Chromium(folder, rules=RULES, flags=CAMERA)
    yield found
    found.close()


@pytest.fixture
def page(browser, server):
    found = Page(browser, server)
    size = {"width": 1280, "height": 900, "deviceScaleFactor": 1}
    browser.call("Emulation.setDeviceMetricsOverride", mobile=False, **size)
    found.open()
    yield found
    assert found.faults() == []


def test_the_whole_flow(page):
    page.drop("#photos", encoded(size=(120, 90)), "holiday.jpg")
    first = "document.querySelectorAll('#photos .pick')[0]"
    page.until(f"{first}.checked && {first}.value[0] == 'u'")
    assert page.text("#photos .drop + input + label span") == "holiday"
    page.until("document.querySelector('#wall img').src.startsWith('blob:')")
    assert "rough preview" in page.text("#wall .hint")
    page.click("#way-adain")
    page.until("!document.querySelector('#wall .hint').textContent.includes('rough')")
    page.begin(steps=40)
    page.until("document.querySelector('#now')?.src.includes('now.jpg?')"
               f"|| {FINISHED} == 'done'")  # fmt: skip
    page.until(f"{FINISHED} == 'done'")
    # Before and after, by keyboard.
    page.until("!!document.querySelector('#before')")
    at = "getComputedStyle(document.querySelector('.lap')).getPropertyValue('--at')"
    page.ask("document.querySelector('#before').focus()")
    before = page.ask(at)
    for _ in range(3):
        page.press("ArrowRight", 39)
    assert (before, page.ask(at)) == ("0%", "3%")
    # The stages.
    page.ask("document.querySelector('#stage').focus()")
    last = page.text("#stages output")
    page.press("Home", 36)
    page.until(f"document.querySelector('#stages output').textContent != {last!r}")
    assert page.text("#stages output") == "After 1 evaluation"
    links = "[...document.querySelectorAll('a.button')].map(a => a.textContent)"
    assert {"Download PNG", "Download JPEG", "Use as photo"} <= set(page.ask(links))


def test_stop_and_reload_in_the_middle(page):
    page.begin(steps=100000)
    moving = "Number(document.querySelector('#progress')?.value) > 3"
    page.until(moving)
    address = page.ask("location.href")
    page.open()
    page.browser.open(address)
    page.until(moving)  # it went on
    assert page.ask("document.querySelector('#line').points.length") > 2
    page.click("#stop")
    page.until(f"{FINISHED} == 'stopped'")
    assert "You stopped the run after" in page.text(".label")
    page.until("document.querySelector('.lap img')?.naturalWidth == 64")


def test_three_paintings_and_a_mask_by_hand_and_by_keys(page):
    for name in ("great_wave", "tapestry"):
        page.click(f"[id='style-course:{name}']")
    page.ask("document.getElementById('f-weight.course:great_wave').value = '2'")
    page.click("[id='style-course:great_wave'] ~ .share button")
    page.until("document.querySelector('#mask').open")
    box = json.loads(page.ask(
        "JSON.stringify(document.querySelector('#mask canvas').getBoundingClientRect())"
    ))  # fmt: skip
    x, y = box["left"], box["top"]
    page.drag((x + 20, y + 20), (x + 90, y + 60), (x + 150, y + 120))
    painted = """(() => {
      const {width, height} = document.querySelector('#mask canvas');
      const brush = document.querySelector('#mask canvas').getContext('2d');
      const all = brush.getImageData(0, 0, width, height);
      return all.data.filter((v, i) => i % 4 == 3 && v).length;
    })()"""
    by_hand = page.ask(painted)
    assert by_hand > 500
    page.ask("document.querySelector('#mask canvas').focus()")
    page.press(" ", 32, " ")
    for _ in range(8):
        page.press("ArrowLeft", 37)
    page.press(" ", 32, " ")
    by_keys = page.ask(painted)
    assert by_keys > by_hand
    page.click("#mask-undo")
    assert page.ask(painted) == by_hand
    page.click("#mask-done")
    page.until("!document.querySelector('#mask').open")
    assert page.text("[id='style-course:great_wave'] ~ .share button") == (
        "Draw a new mask ✓"
    )
    page.begin()
    page.until(f"{FINISHED} == 'done'")
    assert (
        page.text("h1") == "Cat in the style of Great wave, Starry night and Tapestry"
    )


def test_wrong_values_are_told_beside_their_fields(page):
    page.set(size="abc")
    page.click("#run")
    page.until("!!document.querySelector('.alert')")
    assert page.ask("document.activeElement && location.pathname") == "/"
    field = "document.querySelector('#f-size')"
    assert page.ask(f"{field}.value") == "abc"
    assert page.ask(f"{field}.getAttribute('aria-invalid')") == "true"
    page.drop("#photos", b"<html>no picture</html>")
    page.until(
        "/web page/.test(document.querySelector('#photos > .error')?.textContent)"
    )
    page.browser.events = [  # Chromium notes each refusal
        event for event in page.browser.events if event["method"] != "Log.entryAdded"
    ]


def test_the_camera_is_painted(page):
    page.open("/webcam")
    page.click("#cam-start")
    speed = "document.querySelector('#cam-speed').textContent"
    page.until(f"/frames a second, [0-9]+ ms/.test({speed})")
    colors = """(() => {
      const {width, height} = document.querySelector('#painted');
      const brush = document.querySelector('#painted').getContext('2d');
      const all = brush.getImageData(0, 0, width, height);
      return new Set(all.data).size;
    })()"""
    assert page.ask(colors) > 50
    assert page.ask("document.querySelector('#painted').width") == 320
    page.click("#cam-shot")
    assert page.ask("document.querySelectorAll('#shots img').length") == 1
    page.click("#cam-start")
    page.until(
        "document.querySelector('#cam-told').textContent == 'The camera is off.'"
    )


def axe():
    import axe_core_python

    file = Path(axe_core_python.__file__).parent / "axe.min.js"
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def result(browser, server):
    """The address of a finished picture of this browser."""
    page = Page(browser, server)
    page.open()
    page.begin(steps=40)
    page.until(f"{FINISHED} == 'done'")
    return page.ask("location.pathname")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("path", ["/", "job", "/history", "/webcam", "/nothing", "bad"])
def test_axe_finds_nothing_and_phones_need_no_sideways_scrolling(
    browser, server, result, path, width, scheme
):
    pytest.importorskip("axe_core_python", reason="extra test")
    page = Page(browser, server)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1}
    browser.call("Emulation.setDeviceMetricsOverride", mobile=False, **size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.call("Emulation.setEmulatedMedia", features=[feature])
    page.open({"job": result, "bad": "/"}.get(path, path))
    if path == "bad":
        page.set(size="abc", tv_weight="-1")
        page.click("#run")
        page.until("!!document.querySelector('.alert')")
    if path in ("/", "bad"):
        page.ask("document.querySelector('.experts').open = true")
    browser.ask(axe())
    found = browser.call(
        "Runtime.evaluate",
        expression="axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, "
        "v.nodes.map(n => n.html.slice(0, 160) + n.failureSummary)])))",
        awaitPromise=True,
        returnByValue=True,
    )["result"]["value"]
    assert json.loads(found) == []
    root = "document.documentElement"
    assert page.ask(f"{root}.scrollWidth - {root}.clientWidth") <= 0


def test_by_keyboard_alone(page):
    """Tab reaches photo, painting, method, knobs and the button, in this order."""
    seen = []
    for _ in range(60):
        page.press("Tab", 9)
        what = page.ask("document.activeElement.name || document.activeElement.id")
        if what and (not seen or seen[-1] != what):
            seen.append(what)
        if what == "run":
            break
    order = [seen.index(name) for name in ("photo_file", "photo", "style", "way")]
    assert order == sorted(order) and seen[-1] == "run"
    assert "size" in seen and "colors" in seen
    page.set(size=64, steps=4)
    page.press("Enter", 13, "\r")
    page.until("location.pathname.startsWith('/jobs/')")
    page.until(f"{FINISHED} == 'done'")
