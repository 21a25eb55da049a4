"""GeoJSON and TopoJSON as GDAL (by geopandas) and the package topojson read them."""

import json
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
import topojson
from facemask import FaceMask


def read(folder: Path, name: str, document: dict[str, Any]) -> geopandas.GeoDataFrame:
    path = folder / name
    path.write_text(json.dumps(document))
    return geopandas.read_file(path)


def upwards(geometry: shapely.Geometry, height: int) -> shapely.Geometry:
    return shapely.transform(geometry, lambda points: points * (1, -1) + (0, height))


def test_pixels_downwards_are_taken_for_degrees_until_told_otherwise(face: FaceMask, folder: Path) -> None:
    found = read(folder, "face.geojson", face.to_geojson())
    assert found.crs == "EPSG:4326"
    found = found.set_crs(None, allow_override=True)
    assert found.crs is None
    assert found.geometry.is_valid.all()
    assert found.area.tolist() == pytest.approx([region["area"] for region in face.regions], rel=1e-3, abs=0.1)


def test_pixels_upwards_have_a_coordinate_system_of_their_own(face: FaceMask, folder: Path) -> None:
    down = read(folder, "down.geojson", face.to_geojson()).set_crs(None, allow_override=True)
    up = read(folder, "up.geojson", face.to_geojson(y_up=True))
    assert up.crs.is_engineering
    assert [(axis.name, axis.direction, axis.unit_name) for axis in up.crs.axis_info] == [
        ("X", "east", "pixel"),
        ("Y", "north", "pixel"),
    ]
    for one, other in zip(down.geometry, up.geometry, strict=True):
        assert shapely.equals_exact(upwards(one, face.size[1]), other, tolerance=1e-9, normalize=True)
        for part in other.geoms:
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)


@pytest.mark.parametrize("y_up", [False, True])
def test_topojson_is_read_as_the_same_shapes_and_without_degrees(face: FaceMask, folder: Path, y_up: bool) -> None:
    expected = read(folder, "face.geojson", face.to_geojson(y_up=y_up))
    found = read(folder, "face.topojson", face.to_topojson(y_up=y_up))
    assert found.crs is None
    assert found["name"].tolist() == [region["name"] for region in face.regions]
    for one, other in zip(expected.geometry, found.geometry, strict=True):
        assert shapely.equals_exact(one, other, tolerance=1e-9, normalize=True)


def test_the_package_topojson_finds_no_more_to_share(face: FaceMask, folder: Path) -> None:
    shapes = read(folder, "face.geojson", face.to_geojson())
    theirs = topojson.Topology(shapes, prequantize=False, shared_coords=True).to_dict()
    # It cuts a ring that two regions have alone at its first point too.
    assert len(face.to_topojson()["arcs"]) <= len(theirs["arcs"])
