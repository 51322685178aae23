"""Too little memory is one sentence from Python, too, whoever runs out of it."""

import numpy as np
import pytest
import tensorflow as tf

import nstlib
from nstlib.errors import NstError, OutOfMemoryError
from nstlib.fast.training import train_transformer
from nstlib.limits import about_memory

SHORTAGES = [
    MemoryError(),
    tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor"),
    tf.errors.AbortedError(
        None,
        None,
        "{{function_node __inference_<lambda>_269}} Operation received an exception:"
        "Status: 1, message: could not create a primitive, in file "
        "tensorflow/core/kernels/mkl/mkl_conv_ops.cc:1112",
    ),
]


@pytest.fixture(params=SHORTAGES, ids=lambda error: type(error).__name__)
def short(request):
    def allocate(*_, **__):
        raise request.param

    return allocate


@pytest.fixture
def pictures(make_picture):
    return make_picture(40, 60), make_picture(32, 32, 5)


@pytest.mark.parametrize(
    "options, told",
    [
        ({"size": 64, "network": "mini"}, "64 pixels with network mini .* size of 32"),
        ({"size": 48, "method": "adain"}, "48 pixels with adain .* size of 24"),
    ],
)
def test_of_a_picture(pictures, options, told, short):
    with pytest.raises(OutOfMemoryError, match=rf"^{told}\.$"):
        nstlib.stylize(*pictures, callback=short, **options)
    with pytest.raises(OutOfMemoryError, match=rf"^{told}\.$"):
        nstlib.Stylizer(**options)(*pictures, callback=short)
    with pytest.raises(OutOfMemoryError, match=told):
        nstlib.vary(*pictures, {"colors": ["style"]}, callback=short, **options)


def test_of_a_network_that_is_trained(pictures, short):
    photos, style = [np.uint8(pictures[0])], pictures[1]
    told = (
        r"^2 crops of 32 pixels need more memory than there is: try a smaller side\.$"
    )
    with pytest.raises(OutOfMemoryError, match=told):
        train_transformer(style, photos, steps=2, side=32, batch=2, callback=short)


def test_of_the_measures_of_a_picture(pictures, short, monkeypatch):
    monkeypatch.setattr("nstlib.metrics.load_network", short)
    with pytest.raises(OutOfMemoryError, match=r"measures of 60×40 .* other programs"):
        nstlib.report(pictures[0], *pictures)


def test_it_is_input_for_us_and_memory_for_python():
    assert {NstError, MemoryError} <= {*OutOfMemoryError.__mro__}
    told = pytest.raises(OutOfMemoryError, match="inner")
    with told, about_memory("outer"), about_memory("inner"):
        raise MemoryError
    with pytest.raises(tf.errors.AbortedError), about_memory("other errors"):
        raise tf.errors.AbortedError(None, None, "exception:Status: 2, message: …")
