"""Feature maps against convolutions by hand, and against Keras."""

import numpy as np
import pytest

from nstlib import vgg
from nstlib.backend import tf
from nstlib.data import known_facts
from nstlib.errors import NetworkError
from nstlib.preprocessing import preprocess
from nstlib.vgg import (
    BORDERS,
    POOLINGS,
    PRECISIONS,
    FeatureExtractor,
    feature_maps,
    load_network,
    random_parameters,
)
from nstlib.vgg_plan import (
    CONVOLUTIONS,
    MINI_WIDTHS,
    full_name,
    layer_names,
    receptive_field,
    stride,
    used_layers,
)
from nstlib.vgg_weights import known_picture

VGG19 = layer_names("vgg19")


def convolve(x, kernel, bias, border="zero"):
    """A 3×3 convolution with ReLU of x (H, W, in), in NumPy."""
    x = np.pad(
        x,
        [(1, 1), (1, 1), (0, 0)],
        mode={"zero": "constant", "replicate": "edge", "reflect": "reflect"}[border],
    )
    height, width = x.shape[0] - 2, x.shape[1] - 2
    total = np.zeros((height, width, kernel.shape[3])) + bias
    for dy in range(3):
        for dx in range(3):
            total += x[dy : dy + height, dx : dx + width] @ kernel[dy, dx]
    return np.maximum(total, 0)


def pool(x, kind):
    height, width = x.shape[0] // 2, x.shape[1] // 2  # a last odd row is dropped
    cells = x[: 2 * height, : 2 * width].reshape(height, 2, width, 2, -1)
    return cells.max(axis=(1, 3)) if kind == "max" else cells.mean(axis=(1, 3))


def by_hand(parameters, x, layers, pooling="max", border="zero"):
    found, block = {}, "1"
    for name in layers:
        if name[5] != block:
            x, block = pool(x, pooling), name[5]
        kernel, bias = parameters[f"{name}/kernel"], parameters[f"{name}/bias"]
        x = convolve(x, kernel.astype(float), bias, border)
        found[name], border = x, "zero"
    return found


def relative_error(found, wanted):
    found, wanted = np.asarray(found), np.asarray(wanted)
    return np.abs(found - wanted).max() / np.abs(wanted).max()


# --- the convolutions


@pytest.mark.parametrize("size", [(7, 9), (8, 5)], ids=str)
@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("border", BORDERS)
def test_three_layers_by_hand(narrow_parameters, make_picture, size, pooling, border):
    parameters = narrow_parameters()
    layers = VGG19[:3]
    tensor = preprocess(make_picture(*size))
    maps = feature_maps(parameters, tensor, layers, pooling, border=border)
    wanted = by_hand(parameters, tensor[0].astype(float), layers, pooling, border)
    assert list(maps) == layers
    for name in layers:
        assert maps[name].dtype == tf.float32
        assert maps[name].shape == (1, *wanted[name].shape)
        assert relative_error(maps[name][0], wanted[name]) < 1e-5
        assert (wanted[name] == 0).any() and (wanted[name] > 0).any()


def test_a_batch_is_several_pictures(narrow, make_picture):
    pictures = [preprocess(make_picture(32, 48, seed)) for seed in (0, 1)]
    extractor = narrow(layers=["conv1_2", "conv5_1"])
    together = extractor(np.concatenate(pictures))
    for i, picture in enumerate(pictures):
        for name, maps in extractor(picture).items():
            assert relative_error(together[name][i], maps[0]) < 1e-5


@pytest.fixture(scope="module")
def keras_vgg19():
    """VGG19 of Keras, without top; random weights, and biases that are not zero."""
    from keras import Model
    from keras.applications import VGG19 as Vgg19

    model = Vgg19(weights=None, include_top=False)
    rng = np.random.default_rng(0)
    parameters = {}
    for layer in model.layers:
        if layer.name in VGG19:
            kernel, bias = layer.get_weights()
            bias = rng.normal(0, 5, bias.shape).astype(np.float32)
            layer.set_weights([kernel, bias])
            parameters[f"{layer.name}/kernel"] = kernel
            parameters[f"{layer.name}/bias"] = bias
    outputs = {name: model.get_layer(name).output for name in VGG19}
    return Model(model.inputs, outputs), parameters


def test_all_sixteen_layers_like_keras(keras_vgg19, make_picture):
    model, parameters = keras_vgg19
    tensor = preprocess(make_picture(35, 50))
    wanted = model([tensor])
    maps = FeatureExtractor("vgg19", parameters)(tensor)
    assert list(maps) == VGG19 and len(maps) == 16
    for name in VGG19:
        assert maps[name].shape == wanted[name].shape
        assert relative_error(maps[name], wanted[name]) < 1e-4


def test_real_vgg19(exact_vgg19, keras_vgg19, make_picture):
    layers = VGG19[:8]
    extractor = load_network("vgg19", layers, precision="float32", weights=exact_vgg19)
    assert extractor.available == layers
    tensor = preprocess(make_picture(12, 16))
    maps = extractor(tensor)
    with np.load(exact_vgg19) as file:
        parameters = {key: file[key] for key in file.files}
    wanted = by_hand(parameters, tensor[0].astype(float), layers)
    for name in layers:
        assert relative_error(maps[name][0], wanted[name]) < 1e-4

    model, before = keras_vgg19
    names = [f"{layer}/{kind}" for layer in layers for kind in ("kernel", "bias")]
    try:
        for layer in layers:
            weights = [parameters[f"{layer}/{kind}"] for kind in ("kernel", "bias")]
            model.get_layer(layer).set_weights(weights)
        theirs = model([preprocess(make_picture(33, 47))])
        maps = extractor(preprocess(make_picture(33, 47)))
        for name in layers:
            assert relative_error(maps[name], theirs[name]) < 1e-4
    finally:
        for key in names:
            layer, kind = key.split("/")
            if kind == "kernel":
                model.get_layer(layer).set_weights(
                    [before[key], before[f"{layer}/bias"]]
                )


def test_bfloat16_is_close(make_picture):
    tensor = preprocess(make_picture(64, 80))
    exact = load_network("mini", precision="float32")(tensor)
    short = load_network("mini", precision="bfloat16")(tensor)
    differs = False
    for name, wanted in exact.items():
        assert short[name].dtype == tf.float32
        error = np.sqrt(np.mean((short[name] - wanted) ** 2) / np.mean(wanted**2))
        assert error < 0.02, name
        differs |= error > 1e-5
    assert differs


def test_no_frame_on_a_plain_picture_but_with_zeros():
    gray = preprocess(np.full((32, 32, 3), 200.0))
    first = {
        border: load_network("mini", ["conv1_1"], border=border, precision="float32")
        for border in BORDERS
    }
    spread = {
        border: float(np.ptp(network(gray)["block1_conv1"][0], axis=(0, 1)).max())
        for border, network in first.items()
    }
    assert spread["replicate"] < 1e-3 and spread["reflect"] < 1e-3
    assert spread["zero"] > 1


def test_a_row_of_pixels_has_nothing_to_reflect():
    network = load_network("mini", ["conv1_1"], border="reflect")
    with pytest.raises(NetworkError, match="at least 2 each way"):
        network(np.zeros((1, 1, 8, 3), np.float32))


def test_gradient_reaches_the_picture_alone(narrow, make_picture):
    extractor = narrow(layers=["conv2_1"])
    x = tf.constant(preprocess(make_picture(32, 32)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(extractor(x)["block2_conv1"])
    assert np.abs(tape.gradient(total, x)).max() > 0
    assert not any(isinstance(p, tf.Variable) for p in extractor.parameters.values())


# --- names and geometry


def test_layer_names():
    assert layer_names() == VGG19 and len(VGG19) == 16
    assert VGG19[:3] == ["block1_conv1", "block1_conv2", "block2_conv1"]
    assert len(layer_names("vgg16")) == 13
    assert layer_names("mini") == VGG19[:13] == layer_names("random")
    with pytest.raises(NetworkError, match=r"'vgg11'.*mini, random, vgg16, vgg19"):
        layer_names("vgg11")


def test_layer_names_like_keras(keras_vgg19):
    from keras.applications import VGG16

    assert [n for n in keras_vgg19[0].output if "conv" in n] == VGG19
    names = [layer.name for layer in VGG16(weights=None, include_top=False).layers]
    assert [n for n in names if "conv" in n] == layer_names("vgg16")


@pytest.mark.parametrize("name", ["conv4_2", "relu4_2", "block4_conv2"])
def test_full_name(name):
    assert full_name(name) == "block4_conv2"


def test_stride_is_what_pooling_leaves(narrow):
    height, width = 61, 83  # odd on the way down
    maps = narrow()(np.zeros((1, height, width, 3), np.float32))
    for name, values in maps.items():
        assert values.shape[1:3] == (height // stride(name), width // stride(name))
    assert [stride(f"conv{b}_1") for b in range(1, 6)] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("network", ["vgg19", "vgg16"])
def test_receptive_field_is_where_the_gradient_lives(network):
    # Filters of ones, so that no path is cut off by a ReLU; mean pooling, so that none
    # is cut off by a maximum.
    parameters, channels = {}, 3
    for name in layer_names(network):
        parameters[f"{name}/kernel"] = np.ones((3, 3, channels, 1), np.float32)
        parameters[f"{name}/bias"] = np.zeros(1, np.float32)
        channels = 1
    x = tf.ones((1, 320, 320, 3))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        maps = feature_maps(parameters, x, layer_names(network), "avg")
        middle = {n: m[0, m.shape[1] // 2, m.shape[2] // 2, 0] for n, m in maps.items()}
    for name, value in middle.items():
        seen = tape.gradient(value, x).numpy()[0].sum(axis=-1) != 0
        rows, columns = seen.any(axis=1).sum(), seen.any(axis=0).sum()
        assert rows == columns == receptive_field(name, network), name


def test_receptive_field_of_first_layers():
    wanted = {"conv1_1": 3, "conv1_2": 5, "conv2_1": 10, "conv2_2": 14, "conv3_1": 24}
    assert {name: receptive_field(name) for name in wanted} == wanted
    with pytest.raises(NetworkError, match="mini has no layer 'block5_conv2'"):
        receptive_field("block5_conv2", "mini")


# --- the extractor


def test_layers_come_back_in_the_order_asked_for(narrow):
    extractor = narrow(layers=["relu5_1", "block1_conv1", "conv3_2"])
    wanted = ["block5_conv1", "block1_conv1", "block3_conv2"]
    assert extractor.layers == wanted
    assert list(extractor(np.zeros((1, 32, 32, 3)))) == wanted


def test_only_as_deep_as_needed(narrow):
    # Two pixels would not survive the first pooling.
    maps = narrow(layers=["conv1_2"])(np.zeros((1, 1, 1, 3)))
    assert maps["block1_conv2"].shape == (1, 1, 1, 4)


def test_missing_layers_are_named_with_those_there_are(narrow):
    with pytest.raises(
        NetworkError, match="no layer block9_conv1, block4_conv7; it has"
    ):
        narrow(layers=["conv9_1", "conv4_7", "conv1_1"])
    with pytest.raises(NetworkError, match=r"'mini' has no layer block5_conv2"):
        load_network("mini", ["conv5_2"])


def test_too_small_a_picture_is_named_with_the_layer_that_needs_more(narrow):
    extractor = narrow(layers=["conv5_1", "conv1_1"])
    with pytest.raises(
        NetworkError, match=r"40 × 15 pixels.*block5_conv1.*at least 16"
    ):
        extractor(np.zeros((1, 15, 40, 3)))
    assert extractor(np.zeros((1, 16, 40, 3)))["block5_conv1"].shape == (1, 1, 2, 12)


@pytest.mark.parametrize("shape", [(32, 32, 3), (1, 32, 32, 1), (1, 32, 32)], ids=str)
def test_what_is_no_tensor_is_refused(narrow, shape):
    with pytest.raises(NetworkError, match="preprocess"):
        narrow()(np.zeros(shape))


def test_an_unknown_size_may_be_compiled(narrow, make_picture):
    extractor = narrow(layers=["conv3_1"])
    signature = [tf.TensorSpec((1, None, None, 3))]
    compiled = tf.function(lambda x: extractor(x), input_signature=signature)
    for size in ((32, 40), (45, 37)):
        tensor = preprocess(make_picture(*size))
        found, wanted = compiled(tensor), extractor(tensor)
        assert relative_error(found["block3_conv1"], wanted["block3_conv1"]) < 1e-5


# --- loading


@pytest.mark.parametrize("network", ["mini", "random"])
def test_networks_that_need_no_download(network):
    extractor = load_network(network)
    assert extractor.available == extractor.layers == layer_names(network)
    assert extractor.precision in ("float32", "bfloat16")
    maps = extractor(preprocess(known_picture()))
    for name, values in maps.items():
        assert np.isfinite(values).all() and np.max(values) > 0
        # A trial network has no recorded activations, and may have other widths.
        if network == "random" or "mean_activations" in known_facts("mini"):
            assert values.shape[-1] == MINI_WIDTHS[int(name[5]) - 1]


def test_random_filters_are_always_the_same():
    one, other = random_parameters(), random_parameters()
    assert all(np.array_equal(one[key], other[key]) for key in one)
    assert not np.array_equal(
        one["block1_conv1/kernel"], random_parameters(seed=1)["block1_conv1/kernel"]
    )
    for key, values in one.items():
        if key.endswith("bias"):
            assert not values.any()
        elif values.size > 10_000:
            he = np.sqrt(2 / (9 * values.shape[2]))
            assert values.std() == pytest.approx(he, rel=0.05)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"name": "vgg11"}, ["network", *CONVOLUTIONS, "vgg11"]),
        ({"pooling": "mean"}, ["pooling", *POOLINGS, "'mean'"]),
        ({"precision": "float16"}, ["precision", *PRECISIONS, "'float16'"]),
        ({"border": "mirror"}, ["border", *BORDERS, "'mirror'"]),
    ],
)
def test_unknown_options_are_refused_with_the_choices(options, words):
    with pytest.raises(NetworkError) as caught:
        load_network(**options)
    assert all(word in str(caught.value) for word in words)


def test_auto_precision_follows_the_hardware(monkeypatch):
    for native, precision in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(vgg, "has_native_bfloat16", lambda native=native: native)
        assert load_network("random").precision == precision


@pytest.mark.parametrize("network", ["random", "mini", "vgg16", "vgg19"])
def test_layers_down_to_the_deepest(network):
    names = layer_names(network)
    assert list(used_layers(network, ["block3_conv2", names[1]])) == names[:6]
