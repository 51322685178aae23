"""Wrong answers that students of lesson 15 give, each with the hint that it gets."""

import numpy as np
import pytest

from nstlib import check
from nstlib.film.flow import warp


def wrong(answer, hint):
    return pytest.param(answer, hint, id=hint)


def by_index(picture, flow, sign=1, edge="clip", order=(0, 1)):
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    columns = columns + sign * flow[..., order[0]]
    rows = rows + sign * flow[..., order[1]]
    if edge == "wrap":
        return picture[rows % height, columns % width]
    return picture[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]


def pushed(picture, flow):
    height, width = picture.shape[:2]
    made = np.zeros_like(picture)
    for y in range(height):
        for x in range(width):
            to_x = np.clip(x + flow[y, x, 0], 0, width - 1)
            made[np.clip(y + flow[y, x, 1], 0, height - 1), to_x] = picture[y, x]
    return made


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p, f: by_index(p, f, sign=-1), "the sign of the flow is wrong"),
        wrong(lambda p, f: by_index(p, f, order=(1, 0)), "right and down are exchan"),
        wrong(lambda p, f: by_index(p, f, edge="wrap"), "go on at the other side"),
        wrong(pushed, "you pushed each pixel"),
        wrong(lambda p, f: by_index(p, f * [1, 0]), "you only moved to the right"),
        wrong(lambda p, f: by_index(p, f * [0, 1]), "you only moved down"),
        wrong(lambda p, f: p.copy(), "nothing was moved"),
        wrong(lambda p, f: p[f[..., 1] + 99, f[..., 0]], "IndexError"),
        wrong(lambda p, f: by_index(p, f)[..., 0], "the shape should be"),
    ],
)
def test_fetched(answer, hint):
    assert hint in check.fetched.verdict(answer)


def test_warping_by_the_package_is_right_too():
    assert check.fetched.verdict(warp).startswith("✓")


def filled(pictures, masks, order=1):
    result, found = np.zeros_like(pictures[0]), np.zeros_like(masks[0])
    for picture, mask in list(zip(pictures, masks, strict=True))[::order]:
        new = mask * (1 - found)
        result, found = result + new * picture, found + new
    return result, found


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda p, m: filled(p, m, -1), "the farthest frame wins"),
        wrong(lambda p, m: filled(p, [1 - x for x in m]), "the masks are turned"),
        wrong(
            lambda p, m: (sum(x * y for x, y in zip(p, m, strict=True)), sum(m)),
            "frames are added where several",
        ),
        wrong(
            lambda p, m: (
                sum(x * y for x, y in zip(p, m, strict=True)) / np.maximum(sum(m), 1),
                np.minimum(sum(m), 1),
            ),
            "you took the mean of all frames",
        ),
        wrong(
            lambda p, m: (p[0] * np.prod(m, 0), np.prod(m, 0)),
            "visible in all frames",
        ),
        wrong(lambda p, m: (p[0] * m[0], m[0]), "only looked at the nearest"),
        wrong(lambda p, m: filled(p, m)[0], "return both"),
    ],
)
def test_nearest_seen(answer, hint):
    assert hint in check.nearest_seen.verdict(answer)


def calmed(frames, flows, masks, share=0.65, sign=1, masked=True):
    film = [frames[0]]
    for frame, flow, mask in zip(frames[1:], flows, masks, strict=True):
        part = share * (mask if masked else 1)
        film.append(part * warp(film[-1], sign * flow) + (1 - part) * frame)
    return film


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        wrong(lambda *case: case[0], "nothing was changed"),
        wrong(lambda *case: calmed(*case)[:-1], "return as many frames as you get"),
        wrong(lambda *case: calmed(*case, masked=False), "which leaves ghosts"),
        wrong(lambda *case: calmed(*case, share=0.3), "did not fall to half"),
        wrong(lambda *case: calmed(*case, sign=-1), "flickers more than before"),
        wrong(lambda *case: calmed(*case, share=1.0), "the light has changed"),
        wrong(lambda *case: [case[0][0]] * len(case[0]), "hidden pixels were changed"),
        wrong(lambda *case: [x[:, :5] for x in case[0]], "each of the same shape"),
        wrong(lambda *case: np.mean(case[0]), "return as many frames as you get"),
    ],
)
def test_smoothed(answer, hint):
    assert hint in check.smoothed.verdict(answer)


@pytest.mark.parametrize("share", [0.55, 0.65, 0.8])
def test_there_are_many_ways_to_calm_a_film(share):
    said = check.smoothed.verdict(lambda *case: calmed(*case, share=share))
    assert said.startswith("✓")


def test_a_running_mean_along_the_flow_will_do_as_well():
    def mean_of_three(frames, flows, masks):
        film = []
        for t, frame in enumerate(frames):
            total, count = frame.copy(), np.ones((*frame.shape[:2], 1))
            place, seen, way = frame, np.ones_like(count), None
            for back in range(1, min(t, 4) + 1):
                flow = flows[t - back]
                step = flow if way is None else way + warp(flow, way)
                hidden = warp(masks[t - back], way * 1.0) if way is not None else None
                seen = seen * (masks[t - back] if hidden is None else hidden)
                seen = np.where(masks[t - 1] == 0, 0, seen)
                place, way = warp(frames[t - back], step), step
                total, count = total + seen * place, count + seen
            film.append(total / count)
        return film

    assert check.smoothed.verdict(mean_of_three).startswith("✓")
