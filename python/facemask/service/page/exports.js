// What can be taken away as a file: the SVG and the JSON as the service answered, the PNG as the page shows it.

import { documentOf } from "./overlay.js";

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function saveSvg(answer, stem) {
  save(new Blob([documentOf(answer)], { type: "image/svg+xml" }), `${stem}.svg`);
}

/** The whole answer but the drawing, which has a file of its own. */
export function saveJson(answer, stem) {
  save(new Blob([JSON.stringify({ ...answer, svg: undefined }, null, 2)], { type: "application/json" }), `${stem}.json`);
}

/**
 * The upright crop in its own size: the photo if it is shown, then the regions that are shown. `look` has
 * `opacity`, `style`, `numbers` and `photo` (a file, or null).
 */
export async function savePng(answer, parts, look, stem) {
  const [width, height] = answer.size;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (look.photo) await drawPhoto(context, look.photo, answer.crop_from_image);
  const shown = parts.filter((part) => !part.hit.hasAttribute("hidden"));
  const shapes = shown.map((part) => ({ ...part, path: inCrop(part) }));
  const thin = Math.max(width, height) / 400;
  if (look.style !== "outline") drawSheet(context, shapes, look.opacity, width, height);
  if (look.style !== "solid") drawLines(context, shapes, look.style === "outline", thin);
  if (look.numbers) drawNumbers(context, shapes, thin);
  save(await canvas.convertToBlob({ type: "image/png" }), `${stem}.png`);
}

/** A region's path in the crop frame. */
function inCrop({ d, transform }) {
  const path = new Path2D();
  path.addPath(new Path2D(d), new DOMMatrixReadOnly(transform));
  return path;
}

/** The photo's own pixels, not those of the preview. A file that the browser cannot read is left out. */
async function drawPhoto(context, file, [a, b, c, d, e, f]) {
  const photo = await createImageBitmap(file).catch(() => null);
  if (!photo) return;
  context.save();
  context.setTransform(a, d, b, e, c, f);
  context.drawImage(photo, 0, 0);
  context.restore();
  photo.close();
}

/** Fills are one sheet: opaque among themselves, translucent as a whole. */
function drawSheet(context, shapes, opacity, width, height) {
  const sheet = new OffscreenCanvas(width, height);
  const paint = sheet.getContext("2d");
  for (const { path, color } of shapes) {
    paint.fillStyle = color;
    paint.fill(path, "evenodd");
  }
  context.globalAlpha = opacity;
  context.drawImage(sheet, 0, 0);
  context.globalAlpha = 1;
}

function drawLines(context, shapes, colored, thin) {
  context.lineWidth = thin;
  context.lineJoin = "round";
  context.setLineDash(colored ? [] : [3 * thin, 2 * thin]);
  for (const { path, color } of shapes) {
    context.strokeStyle = colored ? color : "#fff";
    context.stroke(path);
  }
}

function drawNumbers(context, shapes, thin) {
  context.setLineDash([]);
  context.font = `${10 * thin}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 2 * thin;
  context.strokeStyle = "#fff";
  context.fillStyle = "#111";
  for (const { region } of shapes) {
    context.strokeText(region.id, ...region.label_point);
    context.fillText(region.id, ...region.label_point);
  }
}
