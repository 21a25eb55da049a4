// The same job by code: a command for a terminal, a program in Python.

import { curlTarget, sampleFolder } from "./api.js";

const PYTHON_LACKS = new Set(["landmarks_frame", "cache", "format", "label_palette", "embed_image"]);

/** As a word of a POSIX shell. */
const shell = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** As a file that curl reads; its own quotes keep `;` and `,` from meaning something. */
const upload = (name, file) => shell(/[^\w./ -]/.test(file) ? `${name}=@"${file.replaceAll(/(["\\])/g, "\\$1")}"` : `${name}=@${file}`);

/** What fetches files of the sample. */
const fetched = (names) => `curl -sSO ${shell(`${sampleFolder}{${names.join(",")}}`)}`;

/** `sent` is what was handed in: files, options, and whether there was a key; `sample` names files to fetch first. */
export function curl({ files, options, key }, sample) {
  const lines = [`curl -sS ${shell(curlTarget)}`];
  if (key) lines.push('-H "Authorization: Bearer $FACEMASK_KEY"');
  for (const [name, file] of Object.entries(files)) if (file) lines.push(`-F ${upload(name, file.name)}`);
  if (Object.keys(options).length > 0) lines.push(`-F ${shell(`options=${JSON.stringify(options)}`)}`);
  const command = lines.join(" \\\n     ");
  return sample.length > 0 ? `${fetched(sample)}\n${command}` : command;
}

/** A value as Python writes it; JSON's text is Python's too. */
function literal(value) {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}: ${literal(v)}`).join(", ")}}`;
  return JSON.stringify(value);
}

export function python({ files, options }, sample) {
  const name = (file) => JSON.stringify(file.name);
  const palette = options.label_palette ? `, palette=${literal(options.label_palette)}` : "";
  const lines = [
    ...(sample.length > 0 ? [`# The files: ${fetched(sample)}`] : []),
    ...(files.landmarks ? ["import json"] : []),
    "import facemask",
    "",
    `photo = open(${name(files.image)}, "rb").read()`,
    `labels = facemask.decode_label_map(open(${name(files.segmentation_map)}, "rb").read()${palette})`,
  ];
  if (files.landmarks) lines.push(`landmarks = json.load(open(${name(files.landmarks)}))`);
  const wanted = Object.entries(options).filter(([option]) => !PYTHON_LACKS.has(option));
  if (options.embed_image) wanted.push(["embed_image", options.embed_image]);
  const rest = wanted.map(([option, value]) => `, ${option}=${literal(value)}`).join("");
  lines.push("", `mask = facemask.trace_face(labels, ${files.landmarks ? "landmarks" : "None"}, image=photo${rest})`);
  lines.push('open("face.svg", "w").write(mask.svg)');
  if (options.landmarks_frame === "raw") {
    lines.push("# Arrays have no EXIF: turn labels and landmarks as the photo's orientation says, or use the command line.");
  }
  return lines.join("\n");
}
