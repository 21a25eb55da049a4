// Decodes files for display: small previews of photos and label maps, and points from JSON.

const PREVIEW_SIDE = 1800; // longer side: sharp on a large screen, and 12 megapixels become 2.4
const COLORS = ["#212529", "#e9c46a", "#4c6ef5", "#12b886", "#fa5252", "#7950f2", "#fd7e14", "#22b8cf", "#e64980"]
  .concat(["#82c91e", "#be4bdb", "#5c940d", "#228be6", "#f783ac", "#0b7285", "#c92a2a", "#a9834f"]);

/**
 * Returns a photo's size after EXIF rotation and the object URL of a smaller copy, and draws its thumbnail. Returns null
 * when the browser cannot decode it.
 */
export async function readPhoto(file, thumb) {
  let full;
  try {
    full = await createImageBitmap(file);
  } catch {
    return null;
  }
  const { width, height } = full;
  const scale = Math.min(1, PREVIEW_SIDE / Math.max(width, height));
  const size = { resizeWidth: Math.max(1, Math.round(width * scale)), resizeHeight: Math.max(1, Math.round(height * scale)) };
  const small = await createImageBitmap(full, { ...size, resizeQuality: "high" });
  full.close();
  drawCovering(thumb, small);
  const canvas = new OffscreenCanvas(small.width, small.height);
  canvas.getContext("2d").drawImage(small, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
  return { width, height, bitmap: small, url: URL.createObjectURL(blob) };
}

export function releasePhoto(photo) {
  if (!photo) return;
  URL.revokeObjectURL(photo.url);
  photo.bitmap.close();
}

/** Draws a label map's thumbnail and returns its size, or null. Ids are nearly black as grays, so they get colors. */
export async function readMap(file, thumb) {
  let full;
  try {
    full = await createImageBitmap(file);
  } catch {
    return null;
  }
  const { width, height } = full;
  const context = drawCovering(thumb, full, false);
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

/** Fills a canvas with the center square of an image. */
function drawCovering(canvas, image, smooth = true) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const side = Math.min(image.width, image.height);
  const [x, y] = [(image.width - side) / 2, (image.height - side) / 2];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, x, y, side, side, 0, 0, canvas.width, canvas.height);
  return context;
}

/**
 * Returns the points of a landmark file in any accepted shape as [x, y] in photo pixels, or null. For display only: the
 * service validates the file itself.
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

/** Whether a text is a JSON object, or a list of them. */
export function isJsonObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof (Array.isArray(value) ? value[0] : value) === "object" && value !== null;
  } catch {
    return false;
  }
}

const pairs = (flat) => Array.from({ length: flat.length >> 1 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);

/** Draws a thumbnail of the points, to scale. */
export function drawPointThumbnail(canvas, points) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!points) return;
  const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
  const minimum = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
  const maximum = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
  const [left, top] = [minimum(xs), minimum(ys)];
  const span = Math.max(maximum(xs) - left, maximum(ys) - top) || 1;
  const scale = (canvas.width * 0.8) / span;
  const [dx, dy] = [(canvas.width - (maximum(xs) - left) * scale) / 2, (canvas.height - (maximum(ys) - top) * scale) / 2];
  context.fillStyle = getComputedStyle(canvas).color;
  for (const [x, y] of points) context.fillRect((x - left) * scale + dx - 1, (y - top) * scale + dy - 1, 2, 2);
}
