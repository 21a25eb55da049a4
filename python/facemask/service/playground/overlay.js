// The overlay of a result as SVG elements. Built once per result; afterwards only classes and attributes change.

import { area, count, percent, readableName } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
let overlayCount = 0;

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Returns the SVG of a result as text. */
export function svgText(result) {
  const bytes = Uint8Array.from(atob(result.svg), (c) => c.codePointAt(0));
  return new TextDecoder().decode(bytes);
}

/**
 * Parses a result's SVG: path data and color of each region by id, the silhouette of all regions, and the transform of
 * the paths into the crop frame. Exact outlines are in the label map's frame.
 */
export function readDrawing(result) {
  const parsed = new DOMParser().parseFromString(svgText(result), "image/svg+xml");
  const shapes = new Map();
  for (const path of parsed.querySelectorAll("path.region")) {
    const color = path.getAttribute("fill") ?? path.getAttribute("stroke");
    shapes.set(path.dataset.region, { d: path.getAttribute("d"), color });
  }
  const silhouette = parsed.querySelector("clipPath > path")?.getAttribute("d") ?? "";
  const transform = parsed.querySelector("g[transform]")?.getAttribute("transform") ?? "matrix(1,0,0,1,0,0)";
  return { shapes, silhouette, transform };
}

/**
 * Builds the overlay in the crop frame: fills as one layer, lines, numbers, and on top the hit areas for pointer and
 * focus. Returns the group and the elements of each region by id.
 */
export function buildOverlay(result, drawing) {
  overlayCount += 1;
  const prefix = `drawing${overlayCount}`;
  const [width, height] = result.size;
  const lineWidth = Math.max(width, height) / 400;
  const { transform } = drawing;
  const layers = {
    defs: svg("defs"),
    under: svg("g", { class: "under", "stroke-width": (3 * Math.max(1, lineWidth)) / scaleOf(transform) }),
    fills: svg("g", { class: "fills" }),
    lines: svg("g", { class: "lines" }),
    numbers: svg("g", { class: "numbers", "font-size": 10 * lineWidth, "stroke-width": 2 * lineWidth, "aria-hidden": "true" }),
    hits: svg("g", { class: "hits", role: "listbox", "aria-label": "Regions in the picture" }),
  };
  layers.lines.style.setProperty("--pixel", `${1 / scaleOf(transform)}px`);
  const sheet = svg("g", { class: "sheet" }, layers.under, layers.fills);
  if (drawing.silhouette) {
    layers.defs.append(svg("clipPath", { id: `${prefix}-face` }, svg("path", { d: drawing.silhouette, transform })));
    sheet.setAttribute("clip-path", `url(#${prefix}-face)`);
  }
  const parts = new Map();
  for (const region of result.regions) {
    const id = String(region.id);
    const shape = drawing.shapes.get(id);
    if (shape) parts.set(id, addRegion(region, { ...shape, transform }, layers, `${prefix}-${id}`, width * height));
  }
  sheet.setAttribute("aria-hidden", "true");
  layers.lines.setAttribute("aria-hidden", "true");
  const group = svg("g", { class: "overlay" }, layers.defs, sheet, layers.lines, layers.numbers, layers.hits);
  return { group, parts, hits: layers.hits };
}

/** Returns the scale factor of a transform. */
function scaleOf(transform) {
  const { a, b, c, d } = new DOMMatrixReadOnly(transform);
  return Math.sqrt(Math.abs(a * d - b * c));
}

function addRegion(region, { d, color, transform }, layers, name, cropArea) {
  layers.defs.append(svg("path", { id: name, d, transform, "fill-rule": "evenodd" }));
  const use = (attributes = {}) => svg("use", { href: `#${name}`, ...attributes });
  const [x, y] = region.label_point;
  const under = use({ stroke: color });
  const fill = use({ fill: color });
  const line = use({ stroke: color });
  const number = svg("text", { x, y, dy: ".35em" }, String(region.id));
  const label = `${readableName(region.name)}, ${area(region.area)}, ${percent(region.area / cropArea)} of the crop, ${count(region.parts, "part")}`;
  const hit = svg("path", { d, transform, "fill-rule": "evenodd", role: "option", tabindex: "-1", "data-region": region.id });
  hit.setAttribute("aria-label", label);
  hit.setAttribute("aria-selected", "false");
  layers.under.append(under);
  layers.fills.append(fill);
  layers.lines.append(line);
  layers.numbers.append(number);
  layers.hits.append(hit);
  return { region, d, transform, color, hit, painted: [under, fill, line], shown: [under, fill, line, number, hit] };
}

/** Returns the points as dots of one element. */
export function buildPoints(points) {
  const d = points.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
  return svg("path", { class: "points", d, "aria-hidden": "true" });
}
