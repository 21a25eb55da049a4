"""Any input gives a result or a FacemaskError with a known code."""

import contextlib
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.landmarks import landmark_array, read_landmarks
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from support.synthetic_face import Face

FACE = Face(scale=0.5, size=(90, 80))
LABELS = FACE.labels

NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([1e308, -1e308, 1e6, 1.0000001e6, 10**400, -(2**63), 2**64, -0.0, 5e-324]),
    st.integers(),
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=8),
    st.binary(max_size=8),
    NUMBERS,
    st.complex_numbers(),
    st.just(object()),
    st.just("\ud800"),
)
NESTED = st.recursive(
    ODD | st.fixed_dictionaries({}, optional={"x": ODD, "y": ODD, "z": ODD}),
    lambda inner: st.lists(inner, max_size=6) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=12,
)
ARRAYS = hnp.arrays(
    dtype=st.one_of(
        hnp.integer_dtypes(),
        hnp.unsigned_integer_dtypes(),
        hnp.floating_dtypes(),
        hnp.boolean_dtypes(),
        hnp.complex_number_dtypes(),
        hnp.unicode_string_dtypes(),
        hnp.datetime64_dtypes(),
    ),
    shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
)


@contextlib.contextmanager
def only_facemask_errors():
    try:
        yield
    except facemask.FacemaskError as error:
        refused = error
    else:
        return
    assert refused.code in facemask.ERROR_CODES
    assert refused.code != "internal_error", refused
    assert str(refused) == f"{refused.field}: {refused.detail}"
    assert "\n" not in refused.detail
    assert len(refused.detail) < 2000


@given(st.one_of(NESTED, ARRAYS, st.lists(st.lists(NUMBERS, min_size=1, max_size=4), max_size=8)))
def test_any_landmarks(landmarks: Any):
    with only_facemask_errors():
        array = landmark_array(landmarks)
        assert array is None or (array.dtype == np.float64 and array.shape[1] == 2)
    with only_facemask_errors():
        facemask.trace_face(LABELS, landmarks)


# Keys by which dicts of detectors are recognized, with any values behind them.
KEYS = st.sampled_from(
    [
        "x",
        "y",
        "x_0",
        "y_0",
        "x_1",
        "y_1",
        "X_0",
        "Z_0",
        "landmark",
        "landmarks",
        "keypoints",
        "facial_area",
        "face_kpts",
        "faceLandmarks",
        "multi_face_landmarks",
        "detections",
        "annotations",
        "shapes",
        "points",
        "label",
        "shape_type",
        "group_id",
        "num_keypoints",
        "image_id",
        "data",
        "result",
        "faces",
        "face_1",
        "face_2",
        "kps",
        "landmark_3d_68",
        "chin",
        "top_lip",
        "left_eye",
        "right_eye",
        "nose",
        "nose_tip",
        "mouth_left",
        "mouth_right",
        "box",
        "score",
    ]
)
FORMS = st.recursive(
    ODD | st.lists(NUMBERS, max_size=15),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=24,
)


@given(FORMS | st.dictionaries(KEYS, ARRAYS, max_size=4) | st.tuples(ODD | ARRAYS, ODD | ARRAYS) | st.lists(ARRAYS))
def test_any_form_of_landmarks(landmarks: Any):
    with only_facemask_errors():
        faces = read_landmarks(landmarks)
        for points in faces.points:
            assert points.dtype == np.float64
            assert points.shape == (len(points), 2)
            assert points.flags.c_contiguous
    with only_facemask_errors():
        facemask.trace_face(LABELS, landmarks)


@given(hnp.arrays(np.float64, st.sampled_from([(5, 2), (6, 2), (19, 2), (29, 3)]), elements=st.floats(width=64)))
def test_any_numbers_where_a_face_is_expected(points: Any):
    with only_facemask_errors():
        facemask.trace_face(LABELS, points)


@given(st.one_of(ARRAYS, NESTED))
def test_any_label_map(labels: Any):
    with only_facemask_errors():
        facemask.find_contours(labels)
    with only_facemask_errors():
        facemask.trace_face(labels, FACE.landmarks)
    with only_facemask_errors():
        facemask.trace_face(labels, FACE.landmarks, void=-1)


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)), st.randoms())
def test_any_small_map_of_any_size_beside_real_landmarks(labels: Any, random: Any):
    with only_facemask_errors():
        facemask.trace_face(labels, FACE.landmarks, image_size=(random.randint(1, 20), random.randint(1, 20)))


OPTIONS = [
    "landmark_scheme", "landmark_units", "label_scheme", "void", "crop", "curve", "style", "embed_image", "regions",
    "id_prefix",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(OPTIONS), ODD, min_size=1, max_size=3))
def test_any_value_of_a_named_option(options: dict[str, Any]):
    with only_facemask_errors():
        facemask.trace_face(LABELS, FACE.landmarks, **options)


@given(ODD)
def test_any_index_of_a_face(face: Any):
    with only_facemask_errors():
        facemask.trace_face(LABELS, [FACE.landmarks, FACE.landmarks / 2], face=face)


@given(st.fixed_dictionaries({}, optional={"tolerance": ODD, "min_area": ODD}))
def test_any_length(options: dict[str, Any]):
    with only_facemask_errors():
        facemask.trace_face(LABELS, FACE.landmarks, **options)
    with only_facemask_errors():
        facemask.find_contours(LABELS, **options)


@given(st.one_of(ODD, st.tuples(ODD, ODD), st.lists(NUMBERS, max_size=3)))
def test_any_image_size(image_size: Any):
    with only_facemask_errors():
        facemask.trace_face(LABELS, FACE.landmarks, image_size=image_size)


TABLES = st.one_of(ODD, st.dictionaries(ODD.filter(lambda key: not isinstance(key, np.ndarray)), ODD, max_size=3))


@given(TABLES, TABLES)
def test_any_names_and_colours(names: Any, colors: Any):
    with only_facemask_errors():
        facemask.trace_face(LABELS, FACE.landmarks, label_names=names)
    with only_facemask_errors():
        facemask.trace_face(LABELS, FACE.landmarks, colors=colors)


@given(st.one_of(ODD, ARRAYS))
def test_any_image(image: Any):
    with only_facemask_errors():
        facemask.trace_face(LABELS, FACE.landmarks, image=image, embed_image="crop")
    with only_facemask_errors():
        facemask.trace_face(LABELS, FACE.landmarks, image=image)


@given(st.one_of(ODD, st.binary(max_size=200)))
def test_any_file(data: Any):
    with only_facemask_errors():
        facemask.decode_image(data)
    with only_facemask_errors():
        facemask.decode_label_map(data)


@given(st.one_of(ODD, st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=300)))
def test_any_palette(palette: Any):
    with only_facemask_errors():
        facemask.decode_label_map(b"\x89PNG\r\n\x1a\n", palette=palette)


def test_numbers_too_long_to_print_and_lists_too_deep_to_walk():
    huge, deep = 10**5000, []
    for _ in range(100_000):
        deep = [deep]
    for landmarks in (
        [huge] * 10,
        [[huge, 1]] * 5,
        [{"x": 1, "y": huge}],
        deep,
        [deep, deep],
        [[1, deep]],
        {"x": deep},
    ):
        with pytest.raises(facemask.FacemaskError) as caught:
            facemask.trace_face(LABELS, landmarks)
        assert caught.value.code == "landmarks_invalid"
    for labels in (deep, [[huge]], [[1, 2], [3]]):
        with pytest.raises(facemask.FacemaskError) as caught:
            facemask.find_contours(labels)
        assert caught.value.code == "map_invalid"
    for options in ({"tolerance": huge}, {"image_size": (huge, 1)}, {"colors": {huge: "red"}}, {"crop": deep}):
        with pytest.raises(facemask.FacemaskError) as caught:
            facemask.trace_face(LABELS, FACE.landmarks, **options)
        assert caught.value.code == "option_invalid"
