"""A run that is cut off and goes on: nothing lost but the time since the checkpoint."""

import io
import json
import random

import numpy as np
import pytest

from nstlib.backend import tf
from nstlib.errors import CheckpointError, FileError
from nstlib.images import save_image
from nstlib.interruption import Interruption
from nstlib.methods import stylize
from nstlib.runs import checkpoint as module
from nstlib.runs.checkpoint import Checkpoint

SMALL = {
    "size": 48,
    "steps": 12,
    "precision": "float32",
    "style_layers": ("block1_conv1", "block2_conv1"),
    "content_layers": ("block2_conv2",),
    "coarse_to_fine": False,
}
SCALES = {**SMALL, "coarse_to_fine": True, "smallest": 16, "steps": 15}


@pytest.fixture(scope="module")
def content(make_picture):
    return make_picture(36, 48, 0)


@pytest.fixture(scope="module")
def style(make_picture):
    return make_picture(40, 32, 1)


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "run.npz"


def cut_off(content, style, kept, at, **options):
    """A run that ends after some evaluations."""
    return stylize(
        content,
        style,
        checkpoint=kept,
        callback=lambda step: step.evaluation == at,
        **options,
    )


def equal(one, other):
    assert one.history == other.history and one.losses == other.losses
    assert one.image.tobytes() == other.image.tobytes()
    assert (one.evaluations, one.stop_reason) == (other.evaluations, other.stop_reason)


# --- to the last bit


@pytest.mark.parametrize(
    "options",
    [
        SMALL,
        {**SMALL, "history": 3},
        {**SMALL, "restart_every": 5},
        {**SMALL, "init": "noise", "seed": 3, "margin": 0, "colors": "content"},
        SCALES,
        {**SMALL, "optimizer": "adam"},
        {**SMALL, "optimizer": "adam", "learning_rate": 60.0, "decay": 0.5},
        {**SCALES, "optimizer": "rmsprop"},
        {**SCALES, "optimizer": "sgd", "clamp": True},
    ],
    ids=str,
)
def test_a_resumed_run_is_the_whole_run(content, style, kept, options):
    whole = stylize(content, style, **options)
    for at in (3, 6, 11) if options is SMALL else (11, 6):
        first = cut_off(content, style, kept, at, **options)
        assert first.evaluations == at and first.resumed == []
        again = stylize(content, style, checkpoint=kept, resume=True, **options)
        equal(again, whole)
        assert len(again.resumed) == 1 and 0 < again.resumed[0] <= at


def test_a_checkpoint_changes_nothing(content, style, kept):
    for options in (SCALES, {**SMALL, "optimizer": "adam"}):
        watched = stylize(content, style, checkpoint=Checkpoint(kept, 1e-9), **options)
        equal(watched, stylize(content, style, **options))


def test_cut_off_again_and_again(content, style, kept):
    whole = stylize(content, style, **SCALES)
    cut_off(content, style, kept, 3, **SCALES)
    for at in (6, 7, 11):
        cut_off(content, style, kept, at, resume=True, **SCALES)
    again = stylize(content, style, checkpoint=kept, resume=True, **SCALES)
    equal(again, whole)
    assert len(again.resumed) == 4 and again.resumed == sorted(again.resumed)
    assert again.seconds > whole.seconds / 10
    path = again.save(kept.with_name("a.png"))
    facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert facts["resumed"] == again.resumed


def test_a_keras_optimizer_of_ones_own(content, style, kept):
    from keras import optimizers

    options = {**SMALL, "optimizer": optimizers.Nadam(4.0)}
    cut_off(content, style, kept, 7, **options)
    again = stylize(content, style, checkpoint=kept, resume=True, **options)
    equal(again, stylize(content, style, **options))


def test_the_average_begins_anew(content, style, kept):
    options = {**SMALL, "optimizer": "adam", "average": 0.5}
    cut_off(content, style, kept, 5, **options)
    again = stylize(content, style, checkpoint=kept, resume=True, **options)
    whole = stylize(content, style, **options)
    assert again.history == whole.history
    assert np.abs(again.image - whole.image).max() < 1  # 0.5⁷ of the past is left


def test_the_best_point_may_lie_before_the_cut(content, style, kept):
    options = {**SMALL, "optimizer": "sgd", "learning_rate": 30.0, "steps": 6}
    whole = stylize(content, style, **options)
    totals = [losses["total"] for losses in whole.history]
    assert totals.index(min(totals)) < 4  # it diverges
    cut_off(content, style, kept, 5, **options)
    equal(stylize(content, style, checkpoint=kept, resume=True, **options), whole)


@pytest.mark.parametrize("when", [3, 9])
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_ctrl_c_writes_a_checkpoint(content, style, kept, optimizer, when):
    def impatient(step):
        if step.evaluation == when:
            raise KeyboardInterrupt

    options = {**SCALES, "optimizer": optimizer}
    whole = stylize(content, style, **options)
    with pytest.warns(Interruption):
        result = stylize(content, style, checkpoint=kept, callback=impatient, **options)
    assert result.stop_reason == "interrupted"
    equal(stylize(content, style, checkpoint=kept, resume=True, **options), whole)


def test_nothing_is_written_before_the_first_step(content, style, kept):
    cut_off(content, style, kept, 1, **SMALL)
    assert not kept.exists()


# --- large pictures: fewer pairs, rounded


@pytest.mark.parametrize("pairs", [0, 2, 5])
def test_where_there_is_no_room(content, style, kept, monkeypatch, pairs):
    size = 68 * 80 * 3  # with the margin
    monkeypatch.setattr(module, "ROOM", pairs * 4 * size)
    options = {**SMALL, "steps": 30}
    first = cut_off(content, style, kept, 15, **options)
    with np.load(kept, allow_pickle=False) as file:
        names = [name for name in file.files if name[0] == "s" and name[1:].isdigit()]
        assert len(names) == pairs and all(file[n].dtype == np.float16 for n in names)
    again = stylize(content, style, checkpoint=kept, resume=True, **options)
    assert again.evaluations == 30
    assert again.losses["total"] < first.losses["total"]
    whole = stylize(content, style, **options)
    assert again.losses["total"] == pytest.approx(whole.losses["total"], rel=0.2)


def test_half_precision_keeps_the_smallest_gradients(content, style, kept, monkeypatch):
    monkeypatch.setattr(module, "ROOM", 5 * 4 * 68 * 80 * 3)
    options = {**SMALL, "style_weight": 1e-9, "tv_weight": 1e-9, "content_weight": 1e-9}
    cut_off(content, style, kept, 8, **options)
    with np.load(kept) as file:
        assert np.count_nonzero(file["y0"]) > file["y0"].size / 2


# --- when it is written


def test_time_between_checkpoints(monkeypatch, kept):
    clock, written = [0.0], []

    def write(*_):
        written.append(clock[0])
        clock[0] += 3.0

    monkeypatch.setattr(module.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(module, "write_checkpoint", write)
    keeper = Checkpoint(kept, 30.0)
    history = []
    keeper.open({}, False)
    keeper.begin(0, tf.zeros([1]), history)
    keeper.follow(tf.keras.optimizers.SGD(1.0))
    for _ in range(400):
        clock[0] += 1
        history.append({"total": 1.0})
        keeper.saw(tf.zeros([1]), 1.0)
    assert written == [30, 183, 336]  # 3 s are 2 % of 150 s


def test_a_full_disk_ends_the_checkpoints_not_the_run(
    content, style, kept, monkeypatch
):
    def write(*_):
        raise FileError("the disk is full.")

    monkeypatch.setattr(module, "write_checkpoint", write)
    with pytest.warns(UserWarning, match="no more checkpoints: the disk is full") as w:
        result = stylize(content, style, checkpoint=Checkpoint(kept, 1e-9), **SMALL)
    assert len(w) == 1 and result.evaluations == 12


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_seconds_that_make_no_sense(kept, seconds):
    with pytest.raises(CheckpointError, match="0 or more"):
        Checkpoint(kept, seconds)


def test_the_name_of_a_picture_is_refused(content, style):
    with pytest.raises(CheckpointError, match=r"a\.png: a checkpoint ends in \.npz"):
        stylize(content, style, checkpoint="a.png", **SMALL)


# --- what cannot be resumed


def refuse(content, style, kept, **options):
    with pytest.raises(CheckpointError) as error:
        stylize(content, style, checkpoint=kept, resume=True, **{**SMALL, **options})
    text = str(error.value)
    assert "\n" not in text and text.endswith(".")
    return text


def test_nothing_to_resume(content, style, kept):
    assert "nothing to resume" in refuse(content, style, kept)
    assert "name its checkpoint" in refuse(content, style, None)


def test_broken_files(content, style, kept):
    cut_off(content, style, kept, 5, **SMALL)
    whole, rng = kept.read_bytes(), random.Random(0)
    stylize(content, style, checkpoint=kept, resume=True, **SMALL)
    cases = [b"", b"nonsense", whole[:1000], whole[:-1], whole[len(whole) // 2 :]]
    for _ in range(20):  # a byte of an array or of its name
        spoilt = bytearray(whole)
        spoilt[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        cases.append(bytes(spoilt))
    buffer = io.BytesIO()
    np.savez(buffer, facts=np.array([{"an": "object"}]))
    cases.append(buffer.getvalue())
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    cases.append(buffer.getvalue())
    refused = 0
    for case in cases:
        kept.write_bytes(case)
        try:
            stylize(content, style, checkpoint=kept, resume=True, **SMALL)
        except CheckpointError as error:
            refused += "broken" in str(error) or "another" in str(error)
    # A few bytes of a zip file say nothing, such as the time of day.
    assert refused >= len(cases) - 5


def changed(kept, **facts):
    with np.load(kept) as file:
        arrays = {name: file[name] for name in file.files}
    text = json.loads(arrays["facts"].tobytes()) | facts
    arrays["facts"] = np.frombuffer(json.dumps(text).encode(), np.uint8)
    np.savez(kept, **arrays)


def test_another_version(content, style, kept):
    cut_off(content, style, kept, 5, **SMALL)
    changed(kept, format=99, nstlib="9.9")
    assert "written by nstlib 9.9" in refuse(content, style, kept)


def test_values_that_no_run_had(content, style, kept):
    cut_off(content, style, kept, 5, **SMALL)
    with np.load(kept) as file:
        state = json.loads(file["facts"].tobytes())["state"]
    for wrong in ({"done": 99}, {"done": -1}, {"scale": 7}, {"scale": "x"}):
        changed(kept, state=state | wrong)
        assert "is damaged" in refuse(content, style, kept)


def test_another_run(content, style, kept):
    cut_off(content, style, kept, 5, **SMALL)
    other = content.copy()
    other[0, 0, 0] += 1
    assert "another content picture" in refuse(other, style, kept)
    assert "another style 1 picture" in refuse(content, other, kept)
    assert "it had no style 2 picture" in refuse(content, [style, other], kept)
    assert "it had no start picture" in refuse(content, style, kept, start=other)
    assert "other style weights" in refuse(content, [(style, 2)], kept)
    save_image(content, kept.with_name("cat.png"))
    cut_off(str(kept.with_name("cat.png")), style, kept, 5, **SMALL)
    assert "another content picture than cat.png" in refuse(other, style, kept)
    cut_off(content, style, kept, 5, **SMALL)
    text = refuse(content, style, kept, seed=4, tv_weight=2)
    assert "tv_weight was 1.5, is 2" in text and "seed was 0, is 4" in text
    stylize(
        content, style, checkpoint=kept, resume=True, **SMALL, progress_every=5
    )  # without a say in the result


def test_another_mask(content, style, kept):
    def styles(mask):
        return [(style, 1.0, mask)]

    white = np.ones(content.shape[:2], bool)
    left = white.copy()
    left[:, left.shape[1] // 2 :] = False
    cut_off(content, styles(left), kept, 5, **SMALL)
    assert "another mask of style 1" in refuse(content, styles(~left), kept)
    text = refuse(content, style, kept)
    assert "belongs to another run (no mask of style 1): give what" in text
    path = kept.with_name("left.png")
    save_image(255.0 * left[..., None].repeat(3, axis=2), path)
    cut_off(content, styles(path), kept, 5, **SMALL)
    text = refuse(content, styles(~left), kept)
    assert "another mask of style 1 than left.png" in text
    stylize(content, styles(left), checkpoint=kept, resume=True, **SMALL)
    cut_off(content, style, kept, 5, **SMALL)
    assert "it had no mask of style 1" in refuse(content, styles(left), kept)
