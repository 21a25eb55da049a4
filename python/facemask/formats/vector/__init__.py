"""Formats of geographic tools: GeoJSON, and TopoJSON with shared arcs."""
