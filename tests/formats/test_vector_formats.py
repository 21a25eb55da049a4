"""GeoJSON and TopoJSON hold the shapes of the outlines."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import facemask
import numpy as np
import pytest
import shapely
from facemask import FaceMask
from facemask.formats.protocol import group_rings
from facemask.formats.vector.arcs import cut_rings
from hypothesis import given
from numpy.typing import NDArray
from support.export_faces import FACE, LEVEL, MASKS, refused, rings
from support.label_maps import checkerboard, four_label_crosses, label_maps

MANY_LABELS = facemask.trace_face(four_label_crosses(48, 6), LEVEL, crop="none", label_scheme="custom")
CHECKERS = facemask.trace_face(checkerboard(40, 48, 4) + 1, LEVEL, crop="none", tolerance=0, label_scheme="custom")
ALL = MASKS | {"crosses": MANY_LABELS, "checkers": CHECKERS}


def to_multipolygon(mask: FaceMask, region: Mapping[str, Any]) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(part[0], part[1:]) for part in group_rings(rings(mask, region))])


def turn_up(geometry: shapely.Geometry, height: int) -> shapely.Geometry:
    return shapely.transform(geometry, lambda points: np.round(points * (1, -1) + (0, height), 2))


# GeoJSON


@pytest.mark.parametrize("y_up", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_geojson_holds_every_part_and_hole(name: str, y_up: bool) -> None:
    mask = ALL[name]
    document = json.loads(json.dumps(mask.to_geojson(y_up=y_up)))
    assert document["facemask"]["size"] == list(mask.size)
    assert document["facemask"]["units"] == ("pixels, y up" if y_up else "pixels, y down")
    assert [feature["id"] for feature in document["features"]] == [region["id"] for region in mask.regions]
    for feature, region in zip(document["features"], mask.regions, strict=True):
        found = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert found.geom_type == "MultiPolygon"
        expected = to_multipolygon(mask, region)
        assert shapely.equals_exact(
            found, turn_up(expected, mask.size[1]) if y_up else expected, tolerance=1e-9, normalize=True
        )
        assert found.area == pytest.approx(region["area"], rel=1e-3, abs=0.1)
        assert feature["properties"]["name"] == region["name"]
        assert feature["bbox"] == pytest.approx(found.bounds, abs=0.011)
        # The label point lies in the region, whichever way y grows.
        assert found.buffer(0.01).covers(shapely.Point(feature["properties"]["label_point"]))
        for polygon in feature["geometry"]["coordinates"]:
            assert all(ring[0] == ring[-1] for ring in polygon)
            turns = [shapely.LinearRing(ring).is_ccw for ring in polygon]
            assert turns == [True] + [False] * (len(polygon) - 1)


def test_only_pixels_upwards_name_a_coordinate_system() -> None:
    assert "crs" not in FACE.to_geojson()
    name = FACE.to_geojson(y_up=True)["crs"]["properties"]["name"]
    assert name.startswith('ENGCRS["facemask crop"')
    refused("option_invalid", "y_up", FACE.to_geojson, y_up="yes")
    refused("option_invalid", "y_up", FACE.to_topojson, y_up=1)


def test_the_regions_of_the_face_itself_stay_as_they_are() -> None:
    before = json.dumps(FACE.regions)
    FACE.to_geojson(y_up=True)
    FACE.to_topojson(y_up=True)
    assert json.dumps(FACE.regions) == before


# TopoJSON


def decode_arcs(topology: Mapping[str, Any]) -> list[NDArray[np.float64]]:
    """Decode arcs as the specification says: sums of the deltas, times the scale, plus the translation."""
    scale, translate = topology["transform"]["scale"], topology["transform"]["translate"]
    return [np.cumsum(arc, axis=0) * scale + translate for arc in topology["arcs"]]


def join_arcs(arcs: list[NDArray[np.float64]], indices: list[int]) -> NDArray[np.float64]:
    """Join arcs to a closed ring; the end of each is the start of the next."""
    parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
    for one, other in zip(parts, [*parts[1:], parts[0]], strict=True):
        assert (one[-1] == other[0]).all()
    return np.concatenate([part[:-1] for part in parts] + [parts[0][:1]])


def decode_topology(topology: Mapping[str, Any]) -> dict[int, shapely.MultiPolygon]:
    arcs = decode_arcs(topology)
    return {
        geometry["id"]: shapely.MultiPolygon(
            [
                (joined[0], joined[1:])
                for joined in ([join_arcs(arcs, ring) for ring in polygon] for polygon in geometry["arcs"])
            ]
        )
        for geometry in topology["objects"]["regions"]["geometries"]
    }


@pytest.mark.parametrize("y_up", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_topojson_gives_the_very_rings_back(name: str, y_up: bool) -> None:
    mask = ALL[name]
    topology = json.loads(json.dumps(mask.to_topojson(y_up=y_up)))
    found = decode_topology(topology)
    geojson = {feature["id"]: feature["geometry"] for feature in mask.to_geojson(y_up=y_up)["features"]}
    assert found.keys() == geojson.keys()
    for region, shape in found.items():
        expected = shapely.from_geojson(json.dumps(geojson[region]))
        assert shapely.equals_exact(shape, expected, tolerance=1e-9, normalize=True)
        # In the same order and direction too: outer rings counterclockwise where y is up.
        assert all(part.exterior.is_ccw for part in shape.geoms)


@pytest.mark.parametrize("name", ALL)
def test_each_border_is_there_once(name: str) -> None:
    mask = ALL[name]
    topology = mask.to_topojson()
    steps = Counter(
        tuple(sorted(pair))
        for arc in decode_arcs(topology)
        for pair in zip(map(tuple, arc[:-1].round(2).tolist()), map(tuple, arc[1:].round(2).tolist()), strict=True)
    )
    assert set(steps.values()) == {1}
    used = Counter(
        index if index >= 0 else ~index
        for geometry in topology["objects"]["regions"]["geometries"]
        for polygon in geometry["arcs"]
        for ring in polygon
        for index in ring
    )
    assert set(used) == set(range(len(topology["arcs"])))
    assert max(used.values()) <= 2
    assert 2 in used.values(), "no border is shared"


def test_an_eye_in_the_skin_is_one_arc_in_two_directions() -> None:
    by_name = {
        geometry["properties"]["name"]: geometry["arcs"]
        for geometry in FACE.to_topojson()["objects"]["regions"]["geometries"]
    }
    ((outer,),) = by_name["eye_r"]
    (arc,) = outer
    assert [~arc] in [ring for polygon in by_name["skin"] for ring in polygon[1:]]


def test_topojson_is_smaller_than_geojson() -> None:
    sizes = [len(json.dumps(document, separators=(",", ":"))) for document in (FACE.to_topojson(), FACE.to_geojson())]
    assert sizes[0] < 0.6 * sizes[1]


@given(label_maps())
def test_rings_of_any_map_are_cut_and_joined_again(labels: NDArray[np.uint8]) -> None:
    contours = facemask.find_contours(labels, background=True).values()
    originals = [ring for contour in contours for ring in contour.rings()]
    table, indices = cut_rings([ring.tolist() for ring in originals])
    arcs = [arc / 100 for arc in table.arcs]
    for ring, cut in zip(originals, indices, strict=True):
        joined = join_arcs(arcs, cut)[:-1]
        start = int(np.flatnonzero((ring == joined[0]).all(axis=1))[0])
        assert (np.roll(ring, -start, axis=0) == joined).all()
    # With the background every arc inside the map belongs to two rings, and one along its edge to one.
    used = Counter(index if index >= 0 else ~index for cut in indices for index in cut)
    height, width = labels.shape
    for number, arc in enumerate(arcs):
        steps = np.stack([arc[:-1], arc[1:]], axis=1)
        on_edge = ((steps == 0) | (steps == (width, height))).all(axis=1).any(axis=1)
        assert used[number] == (1 if on_edge.all() else 2)


def test_nothing_to_cut() -> None:
    table, indices = cut_rings([])
    assert (table.arcs, indices) == ([], [])
