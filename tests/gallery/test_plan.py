"""The plan of a gallery: which pictures, in which settings, and what is refused."""

import shutil

import pytest
from PIL import Image

from nstlib.errors import NstError
from nstlib.gallery.plan import choices, parse_vary, plan_jobs
from nstlib.gallery.plan_files import read_plan
from nstlib.gallery.sources import find_pictures


def names(found):
    return [one.path.name for one in found]


def test_folders_patterns_files_and_lists(pictures):
    assert names(find_pictures("photos", "content")) == [
        "photo0.png", "photo1.png", "photo2.png",
    ]  # fmt: skip
    assert names(find_pictures("p*s/p*1.png", "content")) == [
        "painting1.png", "photo1.png",
    ]  # fmt: skip
    both = find_pictures("photos/photo2.png, great_wave", "style")
    assert [one.name for one in both] == ["photo2", "great_wave"]
    assert (both[0].height, both[0].width) == (24, 32)
    again = find_pictures(["photos", "photos/photo0.png"], "content")
    assert len(again) == 3  # each once


def test_a_turned_photo_has_its_sides_exchanged(pictures):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 20)).save("photos/turned.jpg", exif=exif)
    (turned,) = find_pictures("photos/turned.jpg", "content")
    assert (turned.height, turned.width) == (60, 20)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nowhere", "does not exist"),
        ("empty", "there are no pictures in the folder empty"),
        ("texts", "but only other files"),
        ("photos/*.webp", "there are no pictures that match photos/*.webp"),
        ("https://host/a.jpg", "is an address, but a gallery needs files"),
        ("great_wave:2", "does not mix paintings, so leave out the weight"),
        ("", "is empty"),
    ],
)
def test_what_is_no_picture_is_refused(pictures, text, told):
    (pictures / "empty").mkdir()
    (pictures / "texts").mkdir()
    (pictures / "texts" / "a.txt").write_text("a")
    with pytest.raises(NstError) as caught:
        find_pictures(text, "style")
    assert told in str(caught.value)


def test_a_broken_picture_stays_among_the_good_ones(pictures):
    (pictures / "photos" / "photo1.png").write_bytes(b"no picture at all")
    found = find_pictures("photos", "content")
    assert [bool(one.error) for one in found] == [False, True, False]
    assert "photo1.png" in found[1].error


def test_each_photo_in_each_style_with_each_choice(pictures):
    photos, styles = (
        find_pictures("photos", "content"),
        find_pictures("paintings", "style"),
    )
    every = choices({"size": 64}, {"style_weight": [100, 250], "seed": [1, 2]})
    jobs = plan_jobs(photos, styles, every)
    assert len(jobs) == 3 * 2 * 4
    assert len({job.name for job in jobs}) == len({job.key for job in jobs}) == 24
    assert jobs[1].label == "style_weight 100, seed 2"
    assert jobs[1].name == "photo0-painting0-style_weight_100-seed_2"
    assert jobs[1].command == (
        "nst stylize photos/photo0.png paintings/painting0.png --size 64 "
        "--set style_weight=100 --seed 2"
    )


def test_a_key_changes_with_pixels_and_settings_only(pictures):
    def key(**chosen):
        photos = find_pictures("photos/photo0.png", "content")
        styles = find_pictures("paintings/painting0.png", "style")
        return plan_jobs(photos, styles, [chosen])[0].key

    first = key(size=64)
    assert key(size=64) == first == key(size=64, progress_every=5)
    assert key(size=65) != first
    shutil.copy("photos/photo1.png", "photos/photo0.png")
    assert key(size=64) != first


def test_pictures_of_the_same_name_are_told_apart(pictures):
    (pictures / "more").mkdir()
    shutil.copy("photos/photo1.png", "more/PHOTO0.png")
    photos = find_pictures("photos/photo0.png,more", "content")
    jobs = plan_jobs(photos, find_pictures("paintings/painting0.png", "style"))
    one, other = (job.photo.name for job in jobs)
    assert one == "photo0" and other.startswith("PHOTO0-")
    assert len({job.name.casefold() for job in jobs}) == 2


def test_long_names_in_any_script_fit_into_the_name_of_a_file(pictures):
    shutil.copy("photos/photo0.png", f"photos/{'写' * 80}.png")
    photos = find_pictures("photos/写*", "content")
    every = [{"size": 64, "seed": n, "tv_weight": n / 7} for n in (1, 2)]
    jobs = plan_jobs(photos, find_pictures("paintings/painting0.png", "style"), every)
    assert max(len(f"{job.name}.json".encode()) for job in jobs) < 255
    assert len({job.name for job in jobs}) == 2


def test_a_setting_of_one_method_is_left_out_for_others():
    every = choices(
        {"size": 64}, {"method": ["optimize", "adain"], "style_weight": [100, 600]}
    )
    assert every == [
        {"size": 64, "method": "optimize", "style_weight": 100},
        {"size": 64, "method": "optimize", "style_weight": 600},
        {"size": 64, "method": "adain"},
    ]


def test_a_trained_network_takes_the_place_of_a_painting(pictures):
    photos = find_pictures("photos/photo0.png", "content")
    styles = find_pictures("great_wave", "style")
    every = choices({"size": 64}, {"method": ["adain", "feedforward"]})
    adain, trained = plan_jobs(photos, styles, every)
    assert not adain.style.network and trained.style.network
    assert adain.style.name == trained.style.name == "great_wave"
    mine = find_pictures("paintings/painting0.png", "style")
    (refused,) = plan_jobs(photos, mine, [{"method": "feedforward"}])
    assert refused.error


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["seed"], "has no values"),
        (["seed=,"], "has no values"),
        (["seeds=1,2"], "did you mean seed?"),
        (["seed=1", "seed=2"], "seed varies twice"),
    ],
)
def test_what_cannot_vary(texts, told):
    with pytest.raises(NstError) as caught:
        parse_vary(texts)
    assert told in str(caught.value)


def test_wrong_values_and_settings_given_twice():
    with pytest.raises(NstError, match="style_weight"):
        choices({}, parse_vary(["style_weight=100,much"]))
    with pytest.raises(NstError, match="seed cannot both vary"):
        choices({"seed": 1}, {"seed": [1, 2]})


def test_a_table(pictures):
    (pictures / "plan.csv").write_text(
        "photo,style,style_weight,size\n"
        "photos/photo0.png,paintings/painting0.png,100,\n"
        "\n"
        "photos,paintings/painting1.png,,96\n"
    )
    jobs = read_plan("plan.csv", {"size": 64})
    assert [job.settings.size for job in jobs] == [64, 96, 96, 96]
    assert [job.settings.style_weight for job in jobs] == [100, 300, 300, 300]


def test_a_plan_in_toml_beside_its_pictures(pictures, monkeypatch, tmp_path_factory):
    pytest.importorskip("tomllib", reason="Python 3.11")
    (pictures / "plan.toml").write_text(
        'photos = "photos"\nstyles = ["paintings/painting0.png", "great_wave"]\n'
        "[settings]\nsize = 64\n[vary]\nseed = [1, 2]\n"
        '[[picture]]\nphoto = "photos/photo0.png"\nstyle = "great_wave"\nsteps = 9\n'
    )
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    jobs = read_plan(pictures / "plan.toml", {})
    assert len(jobs) == 3 * 2 * 2 + 1
    assert jobs[-1].settings.steps == 9 and jobs[-1].settings.size == 64


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "photo\nx", "has no column 'style'"),
        ("a.csv", "photo,style,sise\n", "did you mean size?"),
        ("a.csv", "photo,style\n", "there is nothing to paint"),
        (
            "a.csv",
            "photo,style,size\ncat,great_wave,64\ncat,great_wave,1",
            "row 3: size",
        ),
        ("a.csv", "photo,style\ncat,great_wave,3", "row 2: it has 3 cells"),
        ("a.csv", "photo,style\nnowhere.png,great_wave", "row 2: nowhere.png does not"),
        ("a.csv", "photo,style\n,great_wave", "row 2: it has no photo: name one"),
        ("a.toml", "photos = ", "is not valid TOML"),
        ("a.toml", 'photo = "a"', "did you mean photos?"),
        ("a.toml", 'photos = "photos"', "both photos and styles"),
        ("a.toml", "[settings]\nsise = 3", "did you mean size?"),
        ("a.toml", "[[picture]]\nstyle = 3", "picture 1: it has no photo: name one"),
        ("a.txt", "photo,style", "name a file that ends in .csv or .toml"),
        ("missing.csv", None, "there is no plan missing.csv"),
    ],
)
def test_plans_that_make_no_sense(pictures, name, text, told):
    if name.endswith("toml"):
        pytest.importorskip("tomllib", reason="Python 3.11")
    if text is not None:
        (pictures / name).write_text(text)
    with pytest.raises(NstError) as caught:
        read_plan(name, {})
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
