"""The form: made from the settings; every problem is told beside its field."""

import re

import pytest
from visitors import SMALL, encoded

from nstlib.recipes import RECIPES
from nstlib.settings import SCHEMA, make_settings
from nstlib.studio import forms, knobs
from nstlib.studio.knobs import preview_settings

LEFT_OUT = set(knobs.HIDDEN)


def test_seven_knobs_for_everyone_and_all_others_for_experts():
    labels = {knob.label for knob in knobs.everyones(1024)}
    assert len(labels) == 6  # the seventh is the method
    everything = set(knobs.offered(1024)) | LEFT_OUT
    assert everything == set(SCHEMA)


def test_each_knob_is_in_the_page_with_its_sentence(visitor):
    text = visitor.get("/").text
    for name, knob in knobs.offered(1024).items():
        assert f'id="f-{name}"' in text and f'for="f-{name}"' in text
        assert f'id="m-{name}"' in text
        words = re.sub(r"\W+", " ", knob.text)[:40]
        assert words in re.sub(r"\W+", " ", text.replace("&#39;", "'")), name


def test_no_field_names_a_file_of_the_server(visitor):
    assert "weights" not in knobs.offered(1024)
    answer = visitor.post("/preview", {"weights": "/etc/passwd", **SMALL})
    assert "weights" not in answer.text


WRONG = {
    "size": "abc",
    "style_weight": "-1",
    "tv_weight": "nan",
    "seed": "1.5",
    "beta_1": "7",
    "epsilon": "inf",
    "steps": "0",
    "content_layers": "block9_conv1",
    "optimizer": "magic",
    "steps_per_scale": "1,x",
    "clamp": "perhaps",
    "network": "vgg19",
}


def errors_of(answer):
    return dict(re.findall(r'class="error" id="e-([^"]+)">(.*?)</p>', answer.text))


def test_all_problems_are_told_at_once_and_beside_their_fields(visitor):
    fields = [("photo", "course:cat"), ("style", "course:tapestry")]
    fields += [("weight.course:tapestry", "much"), ("way", "normal"), *WRONG.items()]
    answer = visitor.post("/", fields)
    errors = errors_of(answer)
    assert answer.status == 422
    assert set(errors) == {*WRONG, "weight.course:tapestry"}
    assert "from 16 to 1024" in errors["size"]
    assert "from 0 upwards" in errors["style_weight"]
    for name, text in WRONG.items():  # nothing is lost
        field = re.search(rf'id="f-{name}"[^>]*aria-invalid="true"', answer.text)
        assert field and f"e-{name}" in field[0]
        assert f'value="{text}"' in answer.text or f"<option selected>{text}" in (
            answer.text
        )
    assert 'value="course:tapestry" id="style-course:tapestry"' in answer.text
    assert re.search(r'value="course:tapestry"[^>]*checked', answer.text)
    assert 'value="much"' in answer.text


@pytest.mark.parametrize(
    "name, text, told",
    [
        ("steps_per_scale", "1,2,3,4,5", "Steps per scale has 5 entries, but the"),
        ("tile", "20", "or more. Raise Tile."),
        ("size", "16", "raise Size, or crop the photo."),
        ("beta_1", "7", "β1 must be a number from 0 to 1, not 7."),
        ("content_layers", "conv9_9", "Content layers: mini has no block9_conv9"),
        ("learning_rate", "x", "Learning rate must be a number from 0 upwards or none"),
    ],
)
def test_problems_are_told_with_the_labels_of_the_form(visitor, name, text, told):
    fields = {"photo": "course:cat", "style": "course:tapestry", "way": "normal"}
    errors = errors_of(visitor.post("/", fields | {name: text}))
    assert set(errors) == {name} and told in errors[name]


def test_two_weights_of_zero_are_told_with_their_labels(visitor):
    zero = {"style_weight": "0", "content_weight": "0"}
    told = errors_of(visitor.post("/", {**SMALL, **zero}))["content_weight"]
    assert told.startswith("Content weight and Style strength are both 0")


def test_what_was_typed_is_read_as_in_the_form():
    typed = {"style_weight": "800", "colors": "match", "clamp": "true", "alpha": "0"}
    assert knobs.as_read(knobs.WAYS["normal"], typed) == {
        "style_weight": ("Style strength", "800"),
        "colors": ("Colors", "the photo's (painting recolored, by mean and spread)"),
        "clamp": ("Clamp", "yes"),
    }
    assert set(knobs.as_read(knobs.WAYS["wct"], typed)) == {"colors", "alpha"}
    assert "clamp" in knobs.as_read(knobs.WAYS["wct"], {**typed, "refine": "9"})


def test_uploads_are_not_lost_when_a_field_is_wrong(visitor):
    files = {
        "photo_file": ("my <photo>.png", encoded("PNG")),
        "style_file": ("mine.jpg", encoded()),
    }
    answer = visitor.post("/", {**SMALL, "size": "x"}, files)
    assert answer.status == 422 and set(errors_of(answer)) == {"size"}
    chosen = re.findall(r'name="(\w+)" value="(upload:\w+)"[^>]*checked', answer.text)
    assert sorted(name for name, _ in chosen) == ["photo", "style"]
    assert "my &lt;photo&gt;" in answer.text and "<photo>" not in answer.text


def test_what_the_method_has_no_use_for_is_left_alone(visitor):
    fields = {"photo": "course:cat", "style": "course:tapestry", "way": "adain"}
    fields |= {"size": "64", "style_weight": "9", "beta_1": "7", "alpha": "0.5"}
    answer = visitor.post("/", fields)
    assert answer.status == 303
    assert visitor.until(answer.headers["Location"])["state"] == "done"


def test_the_settings_of_one_pass_and_of_its_refinement_count():
    def settings_of(way, **values):
        form = forms.Form("course:cat", way=way, values=values)
        found = forms._settings(form, 1024)
        assert found is not None, form.errors
        return found

    wct = {"wct_map": "classic", "keep_edges": "0.25", "levels": "2"}
    assert settings_of("wct", **wct, spread="1") == {
        "method": "wct", "wct_map": "classic", "keep_edges": 0.25, "levels": 2,
    }  # fmt: skip
    assert settings_of("neighbors", **wct, spread="1") == {
        "method": "neighbors", "spread": 1,
    }  # fmt: skip
    refined = {"refine": "28", "tv_weight": "3", "optimizer": "adam", "steps": "9"}
    assert settings_of("adain", **refined) == {
        "method": "adain", "refine": 28, "tv_weight": 3, "optimizer": "adam",
    }  # fmt: skip
    assert settings_of("adain", **{**refined, "refine": "0"}) == {
        "method": "adain", "refine": 0,
    }  # fmt: skip
    form = forms.Form("course:cat", way="adain", values={"refine": "x", "steps": "y"})
    assert forms._settings(form, 1024) is None and set(form.errors) == {"refine"}


def test_a_refined_picture_is_painted_and_its_preview_is_not_refined(visitor):
    chosen = {"way": "adain", "size": "64", "refine": "4", "tv_weight": "3"}
    job = visitor.run(chosen | {"optimizer": "adam"})
    assert visitor.until(job)["state"] == "done"
    assert "After 4 evaluations" in visitor.get(job).text
    made = preview_settings({"method": "adain", "refine": 4, "tv_weight": 3})
    assert made == {"method": "adain", "refine": 0, "size": 256}
    made = preview_settings({"method": "feedforward", "grain": 5.0, "size": 900})
    assert made == {"method": "feedforward", "refine": 0, "grain": 5.0, "size": 512}


def test_the_trained_network_does_not_know_other_paintings(visitor):
    ref = visitor.upload(encoded(), "painting").json["ref"]
    fields = {"photo": "course:cat", "style": ref, "way": "feedforward"}
    answer = visitor.post("/", fields)
    assert "does not know picture" in errors_of(answer)["style"]


def test_at_most_three_paintings(visitor):
    names = ("tapestry", "great_wave", "rose_window", "starry_night")
    fields = [("photo", "course:cat"), *(("style", f"course:{n}") for n in names)]
    assert "at most 3" in errors_of(visitor.post("/", fields))["style"]


def test_a_photo_that_is_too_small_for_a_layer(visitor):
    ref = visitor.upload(encoded(size=(300, 9))).json["ref"]
    fields = {"photo": ref, "style": "course:tapestry", "way": "normal", "size": "32"}
    answer = visitor.post("/", fields)
    assert answer.status == 422 and "size" in errors_of(answer)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_fills_the_form_with_settings_that_are_accepted(app, name):
    client = app().test_client()
    own = {"Origin": "http://localhost"}
    fields = {"photo": "course:coffee", "style": "course:tapestry", "recipe": name}
    answer = client.post("/", data={**fields, "action": "recipe"}, headers=own)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200 and 'class="alert"' not in text
    form = forms.Form("course:coffee", [forms.Chosen("course:tapestry")])
    forms.take_recipe(form, name, 1024)
    assert form.notes and form.values
    settings = forms._settings(form, 1024)
    assert settings is not None, form.errors
    wanted = forms.settings_for(name, "mini", settings.get("size", 512))[0]
    made, meant = make_settings(**settings), make_settings(**wanted)
    for key in knobs.offered(1024):  # the form shows twelve digits
        show = SCHEMA[key].typed
        assert show(getattr(made, key)) == show(getattr(meant, key)), key


@pytest.mark.parametrize("way", ["quick", "adain", "wct", "feedforward"])
def test_every_method_gives_a_preview(visitor, way):
    fields = {"photo": "course:cat", "style": "course:tapestry", "way": way}
    answer = visitor.post("/preview", {**fields, "colors": "match"})
    assert answer.status == 200 and answer.body[:2] == b"\xff\xd8"
    assert float(answer.headers["X-Seconds"]) > 0


def test_a_preview_follows_strength_strokes_and_colors():
    weight = SCHEMA["style_weight"].default / 4
    chosen = {"quality": "quick", "style_weight": weight, "tv_weight": 3, "steps": 9}
    made = preview_settings({**chosen, "colors": "match", "style_scale": 2})
    assert made == {"method": "wct", "size": 256, "alpha": 0.5,
                    "colors": "match", "style_scale": 2}  # fmt: skip
    assert preview_settings({"style_weight": 1000})["alpha"] == 1


def test_the_form_survives_being_kept():
    paintings = [forms.Chosen("course:a", "2", "upload:x"), forms.Chosen("job:y/photo")]
    form = forms.Form("course:cat", paintings, "best", {"seed": "3"})
    assert forms.restored(form.plain()) == form
