// View transforms. A view is a rectangle in the photo: center, size and rotation. Interpolation between the original and
// the upright view animates the rotation.

/** The whole photo. */
export const originalView = ({ width, height }) => ({ x: width / 2, y: height / 2, width, height, rotation: 0 });

// An affine is [a, b, c, d, e, f], as in the API: x' = a x + b y + c, y' = d x + e y + f.

const IDENTITY = [1, 0, 0, 0, 1, 0];

/** Whether outlines, measures and `size` of a result are in pixels of the photo, not of the crop. */
export const isInPhoto = (result) => result.frame === "image";

/** The affine from the photo to the frame of the result. */
export const resultFromImage = (result) => (isInPhoto(result) ? IDENTITY : result.crop_from_image);

/** The affine from the frame of the result to the photo. `crop_size` and templates scale, so no transpose inverts it. */
export const imageFromResult = (result) => inverse(resultFromImage(result));

function inverse([a, b, c, d, e, f]) {
  const determinant = a * e - b * d;
  const linear = [e, -b, -d, a].map((value) => value / determinant);
  return [linear[0], linear[1], -(linear[0] * c + linear[1] * f), linear[2], linear[3], -(linear[2] * c + linear[3] * f)];
}

export const transformPoint = ([a, b, c, d, e, f], [x, y]) => [a * x + b * y + c, d * x + e * y + f];

/** An affine as an SVG transform. */
export const svgTransform = ([a, b, c, d, e, f]) => `matrix(${a} ${d} ${b} ${e} ${c} ${f})`;

/** Lengths in the frame of the result per pixel of the photo. */
export function resultScale(result) {
  const [a, , , d] = resultFromImage(result);
  return Math.hypot(a, d);
}

/** The crop box, or in the photo's own frame the whole photo turned upright: that result does not tell the box. */
export function uprightView(result) {
  const [a, b] = result.crop_from_image;
  const rotation = Math.atan2(b, a);
  const [x, y] = transformPoint(imageFromResult(result), result.size.map((side) => side / 2));
  const [width, height] = result.size;
  if (isInPhoto(result)) {
    const [cos, sin] = [Math.abs(Math.cos(rotation)), Math.abs(Math.sin(rotation))];
    return { x, y, width: width * cos + height * sin, height: width * sin + height * cos, rotation };
  }
  const scale = resultScale(result);
  return { x, y, width: width / scale, height: height / scale, rotation };
}

export function interpolate(from, to, t) {
  const mix = (key) => from[key] + (to[key] - from[key]) * t;
  return { x: mix("x"), y: mix("y"), width: mix("width"), height: mix("height"), rotation: mix("rotation") };
}

/** Screen pixels per photo pixel at which the view fits the box. */
export const fitScale = (view, box) => Math.min(box.width / view.width, box.height / view.height);

/** The transform from the photo to the screen; `pan` is in screen pixels. */
export function sceneTransform(view, box, zoom, pan) {
  const scale = fitScale(view, box) * zoom;
  const center = `translate(${box.width / 2 + pan.x} ${box.height / 2 + pan.y})`;
  return `${center} scale(${scale}) rotate(${(-view.rotation * 180) / Math.PI}) translate(${-view.x} ${-view.y})`;
}

/** The view's rectangle in screen pixels. */
export function frameOnScreen(view, box, zoom, pan) {
  const scale = fitScale(view, box) * zoom;
  const [width, height] = [view.width * scale, view.height * scale];
  return { x: (box.width - width) / 2 + pan.x, y: (box.height - height) / 2 + pan.y, width, height };
}

/** Clamps the pan so that a larger picture covers the box and a smaller one stays centered. */
export function clampPan(view, box, zoom, pan) {
  const scale = fitScale(view, box) * zoom;
  const slack = (size, boxSize) => Math.max(0, (size * scale - boxSize) / 2);
  const [sx, sy] = [slack(view.width, box.width), slack(view.height, box.height)];
  return { x: Math.min(sx, Math.max(-sx, pan.x)), y: Math.min(sy, Math.max(-sy, pan.y)) };
}
