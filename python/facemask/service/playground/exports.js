// Downloads: the SVG and the JSON as the service returned them, the PNG as the page shows it.

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
 * Saves the upright crop in its own size: the photo and the regions, as far as they are shown. `appearance` has
 * `opacity`, `style`, `numbers` and `photo` (a file, or null).
 */
export async function savePng(result, parts, appearance, stem) {
  const [width, height] = result.size;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (appearance.photo) await drawPhoto(context, appearance.photo, result.crop_from_image);
  const shown = parts.filter((part) => !part.hit.hasAttribute("hidden"));
  const shapes = shown.map((part) => ({ ...part, path: pathInCrop(part) }));
  const lineWidth = Math.max(width, height) / 400;
  if (appearance.style !== "outline") drawFills(context, shapes, appearance.opacity, width, height);
  if (appearance.style !== "solid") drawLines(context, shapes, appearance.style === "outline", lineWidth);
  if (appearance.numbers) drawNumbers(context, shapes, lineWidth);
  save(await canvas.convertToBlob({ type: "image/png" }), `${stem}.png`);
}

/** Returns a region's path in the crop frame. */
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

function drawLines(context, shapes, hasColors, lineWidth) {
  context.lineWidth = lineWidth;
  context.lineJoin = "round";
  context.setLineDash(hasColors ? [] : [3 * lineWidth, 2 * lineWidth]);
  for (const { path, color } of shapes) {
    context.strokeStyle = hasColors ? color : "#fff";
    context.stroke(path);
  }
}

function drawNumbers(context, shapes, lineWidth) {
  context.setLineDash([]);
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
