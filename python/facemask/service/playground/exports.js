// Downloads: the SVG and the JSON as the service returned them, the PNG as the page shows it.

import { resultFromImage } from "./camera.js";
import { svgText } from "./overlay.js";

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function saveSvg(result, stem) {
  save(new Blob([svgText(result)], { type: "image/svg+xml" }), `${stem}.svg`);
}

/** Saves the whole result without the SVG, which has a file of its own. */
export function saveJson(result, stem) {
  save(new Blob([JSON.stringify({ ...result, svg: undefined }, null, 2)], { type: "application/json" }), `${stem}.json`);
}

/**
 * Saves the picture of the result in its own size: the photo, the regions and the borders, as far as they are shown. `appearance`
 * has `opacity`, `style`, `numbers` and `photo` (a file, or null).
 */
export async function savePng(result, parts, borders, appearance, stem) {
  const [width, height] = result.size;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (appearance.photo) await drawPhoto(context, appearance.photo, resultFromImage(result));
  const shown = parts.filter((part) => !part.hit.hasAttribute("hidden"));
  const shapes = shown.map((part) => ({ ...part, path: pathInCrop(part) }));
  const lineWidth = Math.max(width, height) / 400;
  const hasColoredLines = ["outline", "cut"].includes(appearance.style);
  const lines = borders.map((border) => ({ ...border, path: pathInCrop(border) }));
  if (!hasColoredLines) drawFills(context, shapes, appearance.opacity, width, height);
  if (hasColoredLines) drawLines(context, lines, lineWidth, (line) => line.color);
  else if (appearance.style !== "solid") drawDashes(context, lines, lineWidth);
  if (appearance.numbers) drawNumbers(context, shapes, lineWidth);
  save(await canvas.convertToBlob({ type: "image/png" }), `${stem}.png`);
}

/** Returns the path of a region or a border in the frame of the result. */
function pathInCrop({ d, transform }) {
  const path = new Path2D();
  path.addPath(new Path2D(d), new DOMMatrixReadOnly(transform));
  return path;
}

/** Draws the photo's own pixels, not the preview. Skips a file that the browser cannot decode. */
async function drawPhoto(context, file, [a, b, c, d, e, f]) {
  const photo = await createImageBitmap(file).catch(() => null);
  if (!photo) return;
  context.save();
  context.imageSmoothingQuality = "high"; // the crop may be smaller than its part of the photo
  context.setTransform(a, d, b, e, c, f);
  context.drawImage(photo, 0, 0);
  context.restore();
  photo.close();
}

/** Draws all fills as one layer: opaque among themselves, translucent as a whole. */
function drawFills(context, shapes, opacity, width, height) {
  const layer = new OffscreenCanvas(width, height);
  const layerContext = layer.getContext("2d");
  for (const { path, color } of shapes) {
    layerContext.fillStyle = color;
    layerContext.fill(path, "evenodd");
  }
  context.globalAlpha = opacity;
  context.drawImage(layer, 0, 0);
  context.globalAlpha = 1;
}

function drawLines(context, lines, lineWidth, color) {
  context.lineWidth = lineWidth;
  context.lineJoin = "round";
  for (const line of lines) {
    context.strokeStyle = color(line);
    context.stroke(line.path);
  }
}

/** Draws light dashes upon dark lines, as the SVG does. */
function drawDashes(context, lines, lineWidth) {
  drawLines(context, lines, 0.75 * lineWidth, () => "#333");
  context.setLineDash([3 * lineWidth, 2 * lineWidth]);
  drawLines(context, lines, lineWidth, () => "#fff");
  context.setLineDash([]);
}

function drawNumbers(context, shapes, lineWidth) {
  context.font = `${10 * lineWidth}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 2 * lineWidth;
  context.strokeStyle = "#fff";
  context.fillStyle = "#111";
  for (const { region } of shapes) {
    context.strokeText(region.id, ...region.label_point);
    context.fillText(region.id, ...region.label_point);
  }
}
