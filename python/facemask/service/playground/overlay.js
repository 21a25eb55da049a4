// The overlay of a result as SVG elements. Built once per result; afterwards only classes and attributes change.

import { resultScale } from "./camera.js";
import { area, count, percent, pictureName, readableName } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";
const IDENTITY = "matrix(1,0,0,1,0,0)";

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
 * Parses a result's SVG: path data and color of each region by id, the borders with the ids of the regions beside them,
 * the silhouette of all regions, and the transform of the paths into the frame of the result. Contours are in
 * that frame already. `shown` has the regions of the drawing before, by id: the style "cut" has no colors of regions.
 */
export function readDrawing(result, shown) {
  const parsed = new DOMParser().parseFromString(svgText(result), "image/svg+xml");
  const transform = parsed.querySelector("g[transform]")?.getAttribute("transform") ?? IDENTITY;
  const shapes = new Map();
  for (const path of parsed.querySelectorAll("path.region")) {
    const color = path.getAttribute("fill") ?? path.getAttribute("color");
    shapes.set(path.dataset.region, { d: path.getAttribute("d"), color, transform });
  }
  for (const [id, rings] of Object.entries(result.mask_contours)) {
    if (shapes.has(id)) continue; // all styles but "cut"
    shapes.set(id, { d: polygonPath(rings), color: shown.get(id)?.color ?? CUT_COLOR, transform: IDENTITY });
  }
  const borders = [...parsed.querySelectorAll(".borders [data-regions]")].map((border) => ({
    regions: border.dataset.regions.split(" "),
    d: border.getAttribute("d") ?? referencedPath(parsed, border).getAttribute("d"),
    color: border.getAttribute("stroke") ?? border.closest("[stroke]").getAttribute("stroke"),
    transform,
  }));
  const silhouette = parsed.querySelector("clipPath > path")?.getAttribute("d") ?? "";
  return { shapes, borders, silhouette, transform };
}

const CUT_COLOR = "#ff0000";

/** Returns the path of the region whose whole outline a border is. */
function referencedPath(parsed, border) {
  const id = border.querySelector("use").getAttribute("xlink:href").slice(1);
  return parsed.querySelector(`[id="${id}"] > path`);
}

const polygonPath = (rings) => rings.map((ring) => `M${ring.map((point) => point.join(" ")).join("L")}z`).join("");

/**
 * Builds the overlay in the frame of the result: fills as one layer, every border once as a dark line and its light dashes, the
 * outline of the active region, numbers, and on top the hit areas for pointer and focus. Returns the group, the elements
 * of each region by id, and the borders with their elements.
 */
export function buildOverlay(result, drawing) {
  const prefix = `job-${result.id}`;
  const [width, height] = result.size;
  const lineWidth = Math.max(width, height) / 400;
  const { transform } = drawing;
  const pixel = resultScale(result); // of the photo
  const layers = {
    defs: svg("defs"),
    under: svg("g", { class: "under", "stroke-width": (3 * Math.max(pixel, lineWidth)) / scaleOf(transform) }),
    fills: svg("g", { class: "fills" }),
    lines: svg("g", { id: `${prefix}-borders` }),
    marks: svg("g", { class: "marks" }),
    numbers: svg("g", { class: "numbers", "font-size": 10 * lineWidth, "stroke-width": 2 * lineWidth, "aria-hidden": "true" }),
    hits: svg("g", { class: "hits", role: "listbox", "aria-label": "Regions in the picture" }),
  };
  const sheet = svg("g", { class: "sheet" }, layers.under, layers.fills);
  if (drawing.silhouette) {
    layers.defs.append(svg("clipPath", { id: `${prefix}-face` }, svg("path", { d: drawing.silhouette, transform })));
    sheet.setAttribute("clip-path", `url(#${prefix}-face)`);
  }
  const parts = new Map();
  for (const region of result.regions) {
    const id = String(region.id);
    const shape = drawing.shapes.get(id);
    if (shape) parts.set(id, addRegion(region, shape, layers, `${prefix}-${id}`, result));
  }
  const borders = drawing.borders.map((border) => ({ ...border, line: borderLine(border) }));
  layers.lines.append(...borders.map(({ line }) => line));
  const dashes = svg("use", { class: "dashes", href: `#${layers.lines.id}` });
  const outlines = svg("g", { class: "outlines", "aria-hidden": "true" }, svg("g", { class: "lines" }, layers.lines), dashes, layers.marks);
  outlines.style.setProperty("--pixel", `${pixel / scaleOf(transform)}px`);
  sheet.setAttribute("aria-hidden", "true");
  const group = svg("g", { class: "overlay" }, layers.defs, sheet, outlines, layers.numbers, layers.hits);
  return { group, parts, borders, hits: layers.hits };
}

function borderLine({ d, transform, color, regions }) {
  const line = svg("path", { d, transform, "data-regions": regions.join(" ") });
  line.style.setProperty("--color", color);
  return line;
}

/** Returns the scale factor of a transform. */
function scaleOf(transform) {
  const { a, b, c, d } = new DOMMatrixReadOnly(transform);
  return Math.sqrt(Math.abs(a * d - b * c));
}

function addRegion(region, { d, color, transform }, layers, name, result) {
  layers.defs.append(svg("path", { id: name, d, transform, "fill-rule": "evenodd" }));
  const use = (attributes = {}) => svg("use", { href: `#${name}`, ...attributes });
  const [x, y] = region.label_point;
  const under = use({ stroke: color });
  const fill = use({ fill: color });
  const mark = use();
  const number = svg("text", { x, y, dy: ".35em" }, String(region.id));
  const label = `${readableName(region.name)}, ${area(region.area)}, ${percent(region.area / (result.size[0] * result.size[1]))} of the ${pictureName(result)}, ${count(region.parts, "part")}`;
  const hit = svg("path", { d, transform, "fill-rule": "evenodd", role: "option", tabindex: "-1", "data-region": region.id });
  hit.setAttribute("aria-label", label);
  hit.setAttribute("aria-selected", "false");
  layers.under.append(under);
  layers.fills.append(fill);
  layers.marks.append(mark);
  layers.numbers.append(number);
  layers.hits.append(hit);
  return { region, d, transform, color, hit, painted: [under, fill, mark], shown: [under, fill, mark, number, hit] };
}

/** Returns the points as dots of one element. */
export function buildPoints(points) {
  const d = points.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
  return svg("path", { class: "points", d, "aria-hidden": "true" });
}
