// The same job as code: a curl command and a Python program.

import { curlTarget, sampleFolder } from "./api.js";

const PYTHON_LACKS = new Set([
  "detect", "landmarks_frame", "cache", "format", "label_palette", "embed_image",
  "crop_image", "segmentation", "classes", "inset", "y_up",
]);

/** Quotes a word for a POSIX shell. */
const shellQuote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Returns a form field with a file for curl; quotes keep `;` and `,` literal. */
const curlFile = (name, file) => shellQuote(/[^\w./ -]/.test(file) ? `${name}=@"${file.replaceAll(/(["\\])/g, "\\$1")}"` : `${name}=@${file}`);

/** Returns the command that downloads files of the sample. */
const fetchCommand = (names) => `curl -sSO ${shellQuote(`${sampleFolder}{${names.join(",")}}`)}`;

/** Returns a curl command for submitted files and options; `sample` names files to download first. */
export function curl({ files, options, key }, sample) {
  const lines = [`curl -sS ${shellQuote(curlTarget)}`];
  if (key) lines.push('-H "Authorization: Bearer $FACEMASK_KEY"');
  for (const [name, file] of Object.entries(files)) if (file) lines.push(`-F ${curlFile(name, file.name)}`);
  if (Object.keys(options).length > 0) lines.push(`-F ${shellQuote(`options=${JSON.stringify(options)}`)}`);
  const command = lines.join(" \\\n     ");
  return sample.length > 0 ? `${fetchCommand(sample)}\n${command}` : command;
}

/** Returns a value as a Python literal. */
function pythonLiteral(value) {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${pythonLiteral(v)}`).join(", ")}}`;
  return JSON.stringify(value);
}

export function python({ files, options }, sample) {
  const name = (file) => JSON.stringify(file.name);
  const palette = options.label_palette ? `, palette=${pythonLiteral(options.label_palette)}` : "";
  const isJson = Boolean(files.landmarks) && /\.json$/i.test(files.landmarks.name);
  const lines = [
    ...(sample.length > 0 ? [`# The files: ${fetchCommand(sample)}`] : []),
    ...(isJson ? ["import json"] : []),
    "import facemask",
    ...(files.landmarks && !isJson ? ["from facemask.landmark_file import decode_landmark_file"] : []),
    "",
    `photo = open(${name(files.image)}, "rb").read()`,
  ];
  if (files.segmentation_map) lines.push(`labels = facemask.decode_label_map(open(${name(files.segmentation_map)}, "rb").read()${palette})`);
  if (isJson) lines.push(`landmarks = json.load(open(${name(files.landmarks)}))`);
  else if (files.landmarks) lines.push(`landmarks = decode_landmark_file(open(${name(files.landmarks)}, "rb").read())`);
  const keywords = Object.entries(options).filter(([option]) => !PYTHON_LACKS.has(option));
  if (options.embed_image) keywords.push(["embed_image", options.embed_image]);
  const rest = keywords.map(([option, value]) => `, ${option}=${pythonLiteral(value)}`).join("");
  const inputs = files.segmentation_map ? `labels, ${files.landmarks ? "landmarks" : "None"}` : "landmarks=landmarks";
  const call = options.detect ? "trace_photo(photo" : `trace_face(${inputs}, image=photo`;
  lines.push("", `mask = facemask.${call}${rest})`);
  lines.push('open("face.svg", "w").write(mask.svg)');
  if (options.landmarks_frame === "raw") {
    lines.push("# Arrays have no EXIF: turn labels and landmarks as the photo's orientation says, or use the command line.");
  }
  return lines.join("\n");
}
