// Details of a result: roll, schemes, cache, timings.

import { svg } from "./overlay.js";
import { count, degrees, milliseconds, percent, pictureName, pixels, readableName, times } from "./format.js";

const CACHE = { miss: "traced anew", exact: "the same input as before", similar: "like an earlier input" };
const STAGES = { queue: "waiting", request: "reading", cache: "cache", decode: "decoding", trace: "tracing", rest: "on the way" };

export function showResultDetails(result, roundTrip, photo) {
  document.querySelector("#result-card").hidden = !result;
  if (!result) return;
  const { schemes } = result;
  const rows = [
    ["Roll", ...roll(result)],
    ["Landmarks", ...schemeText(schemes.landmarks, schemes.landmarks_confidence, "none given")],
    ["Labels", ...schemeText(schemes.labels, schemes.labels_confidence, "unknown, so numbered")],
    ["Native map", ...nativeMap(result)],
    ["Size", ...size(result, photo)],
    ["Symmetry", ...symmetry(result)],
    ["Outlines", ...outlines(result)],
    ["Cache", result.cache, CACHE[result.cache]],
    ["Time", milliseconds(result.timings_ms.total), `${milliseconds(roundTrip)} there and back`],
  ];
  const list = document.querySelector("#result-details");
  list.replaceChildren();
  for (const [name, value, note] of rows) if (value) list.append(...detailRow(name, value, note));
  showTimings(result.timings_ms, roundTrip);
}

function detailRow(name, value, note) {
  const [term, definition, rest] = ["dt", "dd", "span"].map((tag) => document.createElement(tag));
  term.textContent = name;
  rest.textContent = note;
  definition.append(value, ...(note ? [" ", rest] : []));
  return [term, definition];
}

function roll({ roll_degrees: value, roll_from: from, roll_confidence: confidence, mirrored }) {
  const side = Math.abs(value) < 0.005 ? "" : value > 0 ? " clockwise" : " anticlockwise";
  const source = from === "labels" ? `from the label map, ${percent(confidence)} sure` : "from the landmarks";
  return [degrees(value) + side, source + (mirrored ? ", mirrored" : "")];
}

function schemeText(name, confidence, fallback) {
  return name ? [name, `fits ${percent(confidence)}`] : ["none", fallback];
}

/** Returns the size in which an enlarged label map was traced. */
function nativeMap({ native_resolution: native }) {
  if (!native) return [""];
  const note = `The label map was enlarged ${times(native.factor)} from this size, and is traced in it.`;
  return [`${native.size.join(" × ")} px`, note];
}

function size(result, photo) {
  const whole = photo ? ` of ${photo.width} × ${photo.height}` : "";
  return [`${result.size.join(" × ")} px`, pictureName(result) === "photo" ? "the whole photo" : `the crop${whole}`];
}

/** Returns the area ratios of left and right regions, the smaller divided by the larger. */
function symmetry({ symmetry: pairs }) {
  const ratios = pairs.map(({ pair: [one], area_ratio: ratio }) => `${readableName(one.slice(0, -2))} ${percent(ratio)}`);
  return [ratios.join(", "), "smaller side by larger"];
}

function outlines({ mask_contours: contours, regions }) {
  let points = 0;
  let length = 0;
  for (const rings of Object.values(contours)) for (const ring of rings) points += ring.length;
  for (const region of regions) length += region.perimeter;
  return [count(points, "point"), `on ${pixels(length)} of outline`];
}

/** Shows the timings as a stacked bar with a legend. */
function showTimings(timings, roundTrip) {
  const stages = Object.keys(STAGES).filter((stage) => timings[stage] > 0);
  const parts = stages.map((stage) => [stage, timings[stage]]);
  parts.push(["rest", Math.max(0, roundTrip - parts.reduce((sum, [, ms]) => sum + ms, 0))]);
  const total = parts.reduce((sum, [, ms]) => sum + ms, 0) || 1;
  const [bar, legend] = [document.querySelector("#times"), document.querySelector("#times-legend")];
  bar.replaceChildren();
  legend.replaceChildren();
  let x = 0;
  for (const [stage, ms] of parts) {
    const width = (100 * ms) / total;
    bar.append(svg("rect", { class: `stage-${stage}`, x, y: 0, width, height: 1 }));
    x += width;
    if (width < 1) continue;
    const item = document.createElement("li");
    item.className = `stage-${stage}`;
    item.textContent = `${STAGES[stage]} ${milliseconds(ms)}`;
    legend.append(item);
  }
  bar.setAttribute("aria-label", `Times: ${parts.map(([stage, ms]) => `${STAGES[stage]} ${milliseconds(ms)}`).join(", ")}`);
}
