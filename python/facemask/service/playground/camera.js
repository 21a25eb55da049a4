// View transforms. A view is a rectangle in the photo: center, size and rotation. Interpolation between the original and
// the upright view animates the rotation.

/** The whole photo. */
export const originalView = ({ width, height }) => ({ x: width / 2, y: height / 2, width, height, rotation: 0 });

/** The crop box. `crop_from_image` is a rotation and a translation, so its inverse is its transpose. */
export function uprightView({ crop_from_image: [a, b, c, d, e, f], size: [width, height] }) {
  const [x, y] = [width / 2 - c, height / 2 - f];
  return { x: a * x + d * y, y: b * x + e * y, width, height, rotation: Math.atan2(b, a) };
}

/** The inverse of `crop_from_image` as an SVG transform. */
export function imageFromCrop({ crop_from_image: [a, b, c, d, e, f] }) {
  return `matrix(${a} ${b} ${d} ${e} ${-(a * c + d * f)} ${-(b * c + e * f)})`;
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
