"""VTK's SurfaceNets2D: all labels in one pass, smoothed within half a pixel, and its lines put together into rings.

The filter gives single lines with the labels on both their sides, shared by neighbours: it is the nearest relative of
what facemask does. Nothing in VTK joins them into a ring for each label; `rings` does, and its time counts.
"""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import VTK_UNSIGNED_CHAR, vtkSMPTools
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkFiltersCore import vtkSurfaceNets2D

from rivals.document import document

NAME = "VTK SurfaceNets2D, stitched"
vtkSMPTools.Initialize(1)


def lines(labels: NDArray[np.uint8]) -> tuple[NDArray, NDArray, NDArray]:
    """Points (n, 2), lines (m, 2) of point numbers, and the labels (m, 2) on both sides of each."""
    padded = np.pad(labels, 1)
    image = vtkImageData()
    image.SetDimensions(padded.shape[1], padded.shape[0], 1)
    image.GetPointData().SetScalars(numpy_to_vtk(padded.ravel(), array_type=VTK_UNSIGNED_CHAR))
    nets = vtkSurfaceNets2D()
    nets.SetInputData(image)
    found = np.flatnonzero(np.bincount(labels.ravel(), minlength=256))[1:]
    for index, label in enumerate(found):
        nets.SetLabel(index, float(label))
    nets.SetBackgroundLabel(0)
    nets.SmoothingOn()
    nets.GetSmoother().SetConstraintDistance(0.5)
    nets.GetSmoother().SetConstraintStrategyToConstraintDistance()
    nets.Update()
    net = nets.GetOutput()
    points = vtk_to_numpy(net.GetPoints().GetData())[:, :2].astype(np.float64)
    ends = vtk_to_numpy(net.GetLines().GetConnectivityArray()).reshape(-1, 2)
    sides = vtk_to_numpy(net.GetCellData().GetScalars()).astype(np.int64).reshape(-1, 2)
    return points, ends, sides


def rings(points: NDArray, ends: NDArray) -> list[NDArray]:
    """Join lines into rings, from each point along the next line that was not used."""
    order = np.argsort(ends.ravel(), kind="stable")
    starts = np.searchsorted(ends.ravel()[order], np.arange(len(points) + 1)).tolist()
    around, pairs = (order // 2).tolist(), ends.tolist()
    used, found = bytearray(len(pairs)), []
    for first in range(len(pairs)):
        if used[first]:
            continue
        used[first] = 1
        ring, at = [pairs[first][0]], pairs[first][1]
        while at != ring[0]:
            ring.append(at)
            line = next((k for k in around[starts[at] : starts[at + 1]] if not used[k]), None)
            if line is None:
                break
            used[line] = 1
            a, b = pairs[line]
            at = b if a == at else a
        found.append(points[ring])
    return found


def svg(labels: NDArray[np.uint8]) -> str:
    """Draw all labels, two decimals."""
    points, ends, sides = lines(labels)
    points = np.round(points - 0.5, 2)
    found = {}
    for label in np.unique(sides):
        if label > 0:
            mine = ends[(sides == label).any(axis=1)]
            numbers, local = np.unique(mine, return_inverse=True)
            found[int(label)] = rings(points[numbers], local.reshape(-1, 2))
    return document(labels.shape, found)
