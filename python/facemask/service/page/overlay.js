// The drawing of an answer as elements of the page. Built once per answer; afterwards only classes and attributes change.

import { area, count, percent, spoken } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
let drawings = 0;

export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** The document of an answer as text. */
export function documentOf(answer) {
  const bytes = Uint8Array.from(atob(answer.svg), (c) => c.codePointAt(0));
  return new TextDecoder().decode(bytes);
}

/**
 * What the service drew: path data and colour of each region, by id, the outline of all together, and how paths come into
 * the crop frame: outlines that follow the edges of pixels are in the label map's.
 */
export function readDrawing(answer) {
  const parsed = new DOMParser().parseFromString(documentOf(answer), "image/svg+xml");
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
 * Regions in the crop frame: fills as one sheet, lines, numbers, and on top the shapes that take the pointer and the
 * focus. Answers the group and its parts by region.
 */
export function buildOverlay(answer, drawing) {
  drawings += 1;
  const prefix = `drawing${drawings}`;
  const [width, height] = answer.size;
  const thin = Math.max(width, height) / 400;
  const { transform } = drawing;
  const layers = {
    defs: svg("defs"),
    under: svg("g", { class: "under", "stroke-width": (3 * Math.max(1, thin)) / scaleOf(transform) }),
    fills: svg("g", { class: "fills" }),
    lines: svg("g", { class: "lines" }),
    numbers: svg("g", { class: "numbers", "font-size": 10 * thin, "stroke-width": 2 * thin, "aria-hidden": "true" }),
    hits: svg("g", { class: "hits", role: "listbox", "aria-label": "Regions in the picture" }),
  };
  layers.lines.style.setProperty("--pixel", `${1 / scaleOf(transform)}px`);
  const sheet = svg("g", { class: "sheet" }, layers.under, layers.fills);
  if (drawing.silhouette) {
    layers.defs.append(svg("clipPath", { id: `${prefix}-face` }, svg("path", { d: drawing.silhouette, transform })));
    sheet.setAttribute("clip-path", `url(#${prefix}-face)`);
  }
  const parts = new Map();
  for (const region of answer.regions) {
    const id = String(region.id);
    const shape = drawing.shapes.get(id);
    if (shape) parts.set(id, layOut(region, { ...shape, transform }, layers, `${prefix}-${id}`, width * height));
  }
  sheet.setAttribute("aria-hidden", "true");
  layers.lines.setAttribute("aria-hidden", "true");
  const group = svg("g", { class: "overlay" }, layers.defs, sheet, layers.lines, layers.numbers, layers.hits);
  return { group, parts, hits: layers.hits };
}

/** By how much a transform makes things longer. */
function scaleOf(transform) {
  const { a, b, c, d } = new DOMMatrixReadOnly(transform);
  return Math.sqrt(Math.abs(a * d - b * c));
}

function layOut(region, { d, color, transform }, layers, name, canvas) {
  layers.defs.append(svg("path", { id: name, d, transform, "fill-rule": "evenodd" }));
  const use = (attributes = {}) => svg("use", { href: `#${name}`, ...attributes });
  const [x, y] = region.label_point;
  const under = use({ stroke: color });
  const fill = use({ fill: color });
  const line = use({ stroke: color });
  const number = svg("text", { x, y, dy: ".35em" }, String(region.id));
  const label = `${spoken(region.name)}, ${area(region.area)}, ${percent(region.area / canvas)} of the crop, ${count(region.parts, "part")}`;
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

/** The points as dots, one element for all. */
export function buildPoints(points) {
  const d = points.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
  return svg("path", { class: "points", d, "aria-hidden": "true" });
}
