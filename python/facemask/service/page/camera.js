// Where the page looks from. A look is a rectangle in the photo: its middle, its size, how far it is turned. Between the
// original and the upright look lie all others, so the picture turns upright before one's eyes.

/** The whole photo. */
export const originalLook = ({ width, height }) => ({ x: width / 2, y: height / 2, width, height, turn: 0 });

/** The crop box. `crop_from_image` only turns and moves, so its inverse is its transpose. */
export function uprightLook({ crop_from_image: [a, b, c, d, e, f], size: [width, height] }) {
  const [x, y] = [width / 2 - c, height / 2 - f];
  return { x: a * x + d * y, y: b * x + e * y, width, height, turn: Math.atan2(b, a) };
}

/** The inverse of `crop_from_image` as SVG writes it. */
export function imageFromCrop({ crop_from_image: [a, b, c, d, e, f] }) {
  return `matrix(${a} ${b} ${d} ${e} ${-(a * c + d * f)} ${-(b * c + e * f)})`;
}

export function between(from, to, t) {
  const mix = (key) => from[key] + (to[key] - from[key]) * t;
  return { x: mix("x"), y: mix("y"), width: mix("width"), height: mix("height"), turn: mix("turn") };
}

/** Screen pixels per pixel of the photo when the look just fits. */
export const fitScale = (look, box) => Math.min(box.width / look.width, box.height / look.height);

/** The transform from the photo to the screen; `pan` is in screen pixels. */
export function sceneTransform(look, box, zoom, pan) {
  const scale = fitScale(look, box) * zoom;
  const middle = `translate(${box.width / 2 + pan.x} ${box.height / 2 + pan.y})`;
  return `${middle} scale(${scale}) rotate(${(-look.turn * 180) / Math.PI}) translate(${-look.x} ${-look.y})`;
}

/** The look's rectangle on the screen. */
export function frameOnScreen(look, box, zoom, pan) {
  const scale = fitScale(look, box) * zoom;
  const [width, height] = [look.width * scale, look.height * scale];
  return { x: (box.width - width) / 2 + pan.x, y: (box.height - height) / 2 + pan.y, width, height };
}

/** Keeps a picture that is larger than the box from leaving its edges, and a smaller one in the middle. */
export function heldPan(look, box, zoom, pan) {
  const scale = fitScale(look, box) * zoom;
  const slack = (size, room) => Math.max(0, (size * scale - room) / 2);
  const [sx, sy] = [slack(look.width, box.width), slack(look.height, box.height)];
  return { x: Math.min(sx, Math.max(-sx, pan.x)), y: Math.min(sy, Math.max(-sy, pan.y)) };
}
