// Files into pictures: previews that are small however large the photo is, and points out of JSON.

const PREVIEW = 1800; // the longer side; sharp enough for a large screen, and 12 megapixels become 2.4
const COLORS = ["#212529", "#e9c46a", "#4c6ef5", "#12b886", "#fa5252", "#7950f2", "#fd7e14", "#22b8cf", "#e64980"]
  .concat(["#82c91e", "#be4bdb", "#5c940d", "#228be6", "#f783ac", "#0b7285", "#c92a2a", "#a9834f"]);

/**
 * A photo as the page shows it: its full size after the EXIF turn, a thumbnail, and the address of a smaller copy.
 * Null when the browser cannot read it.
 */
export async function readPhoto(file, thumb) {
  let full;
  try {
    full = await createImageBitmap(file);
  } catch {
    return null;
  }
  const { width, height } = full;
  const scale = Math.min(1, PREVIEW / Math.max(width, height));
  const size = { resizeWidth: Math.max(1, Math.round(width * scale)), resizeHeight: Math.max(1, Math.round(height * scale)) };
  const small = await createImageBitmap(full, { ...size, resizeQuality: "high" });
  full.close();
  cover(thumb, small);
  const canvas = new OffscreenCanvas(small.width, small.height);
  canvas.getContext("2d").drawImage(small, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  return { width, height, bitmap: small, url: URL.createObjectURL(blob) };
}

export function forgetPhoto(photo) {
  if (!photo) return;
  URL.revokeObjectURL(photo.url);
  photo.bitmap.close();
}

/** Draws a label map's thumbnail. Ids are nearly black as greys, so they get colours. Answers its size, or null. */
export async function readMap(file, thumb) {
  let full;
  try {
    full = await createImageBitmap(file);
  } catch {
    return null;
  }
  const { width, height } = full;
  const context = cover(thumb, full, false);
  full.close();
  const pixels = context.getImageData(0, 0, thumb.width, thumb.height);
  if (pixels.data.every((value, i) => i % 4 === 3 || value < 64)) {
    for (let i = 0; i < pixels.data.length; i += 4) {
      const id = pixels.data[i];
      const color = COLORS[id === 0 ? 0 : ((id - 1) % 16) + 1];
      for (let c = 0; c < 3; c += 1) pixels.data[i + c] = Number.parseInt(color.slice(1 + 2 * c, 3 + 2 * c), 16);
    }
    context.putImageData(pixels, 0, 0);
  }
  return { width, height };
}

/** Fills a canvas with the middle of a picture. */
function cover(canvas, picture, smooth = true) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const side = Math.min(picture.width, picture.height);
  const [x, y] = [(picture.width - side) / 2, (picture.height - side) / 2];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, x, y, side, side, 0, 0, canvas.width, canvas.height);
  return context;
}

/**
 * Points out of a landmark file in any accepted shape, as [x, y] in pixels of a photo. Only to show them: the service
 * reads the file itself and says what is wrong with it. Null when there is nothing to show.
 */
export function readPoints(text, width, height, units) {
  let list;
  try {
    list = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(list) || list.length === 0) return null;
  if (Array.isArray(list[0]) && typeof list[0][0] === "object") [list] = list;
  if (typeof list[0] === "number") list = pairs(list);
  const points = list.map((p) => (Array.isArray(p) ? [p[0], p[1]] : [p?.x, p?.y]));
  if (!points.every((p) => p.every(Number.isFinite))) return null;
  const ratios = units === "auto" ? points.every((p) => p.every((v) => Math.abs(v) <= 2)) : units === "normalized";
  return ratios ? points.map(([x, y]) => [x * width, y * height]) : points;
}

const pairs = (flat) => Array.from({ length: flat.length >> 1 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

/** Draws the points' thumbnail: where they lie, to scale. */
export function sketchPoints(canvas, points) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!points) return;
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [left, top] = [least(xs), least(ys)];
  const span = Math.max(most(xs) - left, most(ys) - top) || 1;
  const scale = (canvas.width * 0.8) / span;
  const [dx, dy] = [(canvas.width - (most(xs) - left) * scale) / 2, (canvas.height - (most(ys) - top) * scale) / 2];
  context.fillStyle = getComputedStyle(canvas).color;
  for (const [x, y] of points) context.fillRect((x - left) * scale + dx - 1, (y - top) * scale + dy - 1, 2, 2);
}
