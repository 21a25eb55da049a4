// How an answer came about: roll, schemes, cache, times.

import { svg } from "./overlay.js";
import { count, degrees, milliseconds, percent, pixels, spoken } from "./words.js";

const CACHE = { miss: "traced anew", exact: "the same input as before", similar: "like an earlier input" };
const STAGES = { queue: "waiting", request: "reading", cache: "cache", decode: "decoding", trace: "tracing", rest: "on the way" };

export function showFacts(answer, roundTrip, photo) {
  document.querySelector("#facts-card").hidden = !answer;
  if (!answer) return;
  const { schemes } = answer;
  const rows = [
    ["Roll", ...roll(answer)],
    ["Landmarks", ...scheme(schemes.landmarks, schemes.landmarks_confidence, "none given")],
    ["Labels", ...scheme(schemes.labels, schemes.labels_confidence, "unknown, so numbered")],
    ["Crop", `${answer.size.join(" × ")} px`, photo ? `of ${photo.width} × ${photo.height}` : ""],
    ["Symmetry", ...symmetry(answer)],
    ["Outlines", ...outlines(answer)],
    ["Cache", answer.cache, CACHE[answer.cache]],
    ["Time", milliseconds(answer.timings_ms.total), `${milliseconds(roundTrip)} there and back`],
  ];
  const list = document.querySelector("#facts");
  list.replaceChildren();
  for (const [name, value, note] of rows) if (value) list.append(...pair(name, value, note));
  showTimes(answer.timings_ms, roundTrip);
}

function pair(name, value, note) {
  const [term, definition, rest] = ["dt", "dd", "span"].map((tag) => document.createElement(tag));
  term.textContent = name;
  rest.textContent = note;
  definition.append(value, ...(note ? [" ", rest] : []));
  return [term, definition];
}

function roll({ roll_degrees: value, roll_from: from, mirrored }) {
  const side = Math.abs(value) < 0.005 ? "" : value > 0 ? " clockwise" : " anticlockwise";
  const source = from === "labels" ? "from the label map" : "from the landmarks";
  return [degrees(value) + side, source + (mirrored ? ", mirrored" : "")];
}

function scheme(name, confidence, none) {
  return name ? [name, `fits ${percent(confidence)}`] : ["none", none];
}

/** Areas of left and right, the smaller by the larger. */
function symmetry({ symmetry: pairs }) {
  const ratios = pairs.map(({ pair: [one], area_ratio: ratio }) => `${spoken(one.slice(0, -2))} ${percent(ratio)}`);
  return [ratios.join(", "), "smaller side by larger"];
}

function outlines({ mask_contours: contours, regions }) {
  let points = 0;
  let length = 0;
  for (const rings of Object.values(contours)) for (const ring of rings) points += ring.length;
  for (const region of regions) length += region.perimeter;
  return [count(points, "point"), `on ${pixels(length)} of outline`];
}

/** A bar of the times, to scale, with its key. */
function showTimes(timings, roundTrip) {
  const known = Object.keys(STAGES).filter((stage) => timings[stage] > 0);
  const parts = known.map((stage) => [stage, timings[stage]]);
  parts.push(["rest", Math.max(0, roundTrip - parts.reduce((sum, [, ms]) => sum + ms, 0))]);
  const whole = parts.reduce((sum, [, ms]) => sum + ms, 0) || 1;
  const [bar, key] = [document.querySelector("#times"), document.querySelector("#times-key")];
  bar.replaceChildren();
  key.replaceChildren();
  let x = 0;
  for (const [stage, ms] of parts) {
    const width = (100 * ms) / whole;
    bar.append(svg("rect", { class: `stage-${stage}`, x, y: 0, width, height: 1 }));
    x += width;
    if (width < 1) continue;
    const item = document.createElement("li");
    item.className = `stage-${stage}`;
    item.textContent = `${STAGES[stage]} ${milliseconds(ms)}`;
    key.append(item);
  }
  bar.setAttribute("aria-label", `Times: ${parts.map(([stage, ms]) => `${STAGES[stage]} ${milliseconds(ms)}`).join(", ")}`);
}
