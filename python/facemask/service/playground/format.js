// Text formatting: numbers, region names, and advice for error codes.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const hundredth = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

export const area = (px2) => `${(px2 < 100 ? tenth : whole).format(px2)}\u00A0px²`;
export const pixels = (px) => `${whole.format(px)} px`;
export const milliseconds = (ms) => `${(ms < 10 ? hundredth : ms < 100 ? tenth : whole).format(ms)} ms`;
export const degrees = (value) => `${hundredth.format(Math.abs(value))}°`;
export const percent = (ratio) => `${(ratio < 0.1 ? tenth : whole).format(ratio * 100)}\u00A0%`;
export const count = (n, one, many = `${one}s`) => `${whole.format(n)} ${n === 1 ? one : many}`;

/** Factors of x and y: `4 times`, or `4 × 2.5 times`. */
export const times = ([x, y]) => `${[...new Set([x, y].map((factor) => hundredth.format(factor)))].join(" × ")} times`;

/** What `size` and measures of a result are of. */
export const pictureName = ({ frame }) => (frame === "image" ? "photo" : "crop");

export function bytes(n) {
  if (n < 1000) return `${n} bytes`;
  return n < 1e6 ? `${tenth.format(n / 1e3)} kB` : `${tenth.format(n / 1e6)} MB`;
}

/** `under_eye_r` -> `under eye, right`: the subject's right, as everywhere. */
export function readableName(name) {
  const side = { _r: ", right", _l: ", left" }[name.slice(-2)];
  return (side ? name.slice(0, -2) + side : name).replaceAll("_", " ");
}

/** The mean color of a region, where it was measured: L*, a* and b*. */
export function labColor(color) {
  if (!color) return "";
  const [l, a, b] = color.lab_mean.map((value) => tenth.format(value));
  return `; L* ${l}, a* ${a}, b* ${b} on average`;
}

export function sentence(text) {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const first = trimmed[0].toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

// What to do about an error, where the service's own sentence does not imply it.
const ADVICE = {
  image_unsupported: "Choose a PNG, JPEG or WebP photo.",
  image_corrupt: "Save or download the photo again.",
  image_too_large: "Scale the photo down, and landmarks in pixels with it.",
  map_unsupported: "Save the label map as PNG.",
  map_corrupt: "Save or download the label map again.",
  map_too_large: "Scale the label map down without smoothing.",
  map_not_lossless: "If this is the photo, the two are swapped.",
  map_invalid: "A label map has a region's number in each pixel. If this is the photo, the two are swapped.",
  map_aspect_mismatch: "Advanced has “Label map of the photo”, and “EXIF turn” for a map that was made before that turn.",
  map_required: "Add the label map, or landmarks of 68 points or more.",
  map_too_complex: "Clean the map, with a median filter for example.",
  landmarks_implausible: "“Points” above the picture shows where they lie; Advanced has the schemes.",
  landmarks_invalid: "Expected: a list of points, such as [{\"x\": 10, \"y\": 20}, …].",
  no_face: "Add landmarks, or name the label scheme under Advanced.",
  face_ambiguous: "Write its number under Advanced, at “Face of several”.",
  face_uncertain: "Add landmarks or a label map.",
  crop_empty: "“Points” above the picture shows where they lie beside the face.",
  queue_full: "The service has too much to do.",
  unauthorized: "Write it here; it stays in the memory of this page.",
  malformed_body: "Check the text with a JSON tool, or remove the file.",
};

export const advice = (code) => ADVICE[code] ?? "";

export const FIELDS = {
  image: "the photo",
  segmentation_map: "the label map",
  landmarks: "the landmarks",
  authorization: "the API key",
};
