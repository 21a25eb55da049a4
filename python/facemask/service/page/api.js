// The service: hand in a job, wait for it, erase it.

const API = new URL("api/v1/frontal/crop/", document.baseURI);
const UNFINISHED = new Set(["pending", "processing"]);

/** Why there is no answer: a stable code, a sentence, and the path of the field at fault ("" for none). */
export class Failure extends Error {
  constructor({ code, detail, field = "" }, status = 0) {
    super(detail);
    this.code = code;
    this.field = field;
    this.status = status;
  }
}

const authorization = (key) => (key ? { Authorization: `Bearer ${key}` } : {});

async function reach(url, request) {
  let response;
  try {
    response = await fetch(url, request);
  } catch {
    const detail = `The service at ${API.host} does not answer. If it is yours, start it with “facemask serve”`;
    throw new Failure({ code: "unreachable", detail });
  }
  if (response.ok) return response;
  throw await failureOf(response);
}

async function ask(path, { key, ...request }) {
  const response = await reach(new URL(path, API), { ...request, headers: authorization(key), cache: "no-store" });
  return response.json();
}

async function failureOf(response) {
  const problem = await response.json().catch(() => ({}));
  const { status } = response;
  const code = problem.code ?? "unexpected";
  const again = response.headers.get("Retry-After");
  const detail = (problem.detail ?? `The service answered with status ${status}`) + (again ? `; try again in ${again} s` : "");
  const field = status === 401 || status === 403 ? "authorization" : (problem.field ?? "");
  return new Failure({ code, detail, field }, status);
}

/**
 * Hands in a job and waits for its end. `onId` gets the job's id as soon as it is known. Answers the completed job and
 * how long it took there and back, milliseconds. Throws a `Failure`. It is not cut short when nobody wants the answer
 * any more: a job whose id the page never learns could not be erased.
 */
export async function submit(files, options, { key, onId }) {
  const body = new FormData();
  for (const [name, file] of Object.entries(files)) if (file) body.append(name, file);
  if (Object.keys(options).length > 0) body.append("options", JSON.stringify(options));
  const started = performance.now();
  let job = await ask("submit?wait=10", { method: "POST", body, key });
  onId(job.id);
  while (UNFINISHED.has(job.status)) {
    // oxlint-disable-next-line no-await-in-loop -- each question waits for the answer to the last one
    job = await ask(`status/${job.id}?wait=10`, { key });
  }
  if (job.status !== "completed") throw new Failure(job.error);
  return { answer: job, roundTrip: performance.now() - started };
}

/** Erases a job and its pictures; works while the page is being left. What cannot be erased expires by itself. */
export function erase(id, key) {
  const request = { method: "DELETE", headers: authorization(key), keepalive: true };
  fetch(new URL(id, API), request).catch(() => {});
}

export const curlTarget = new URL("submit?wait=10", API).href;
export const sampleFolder = new URL("playground/sample/", document.baseURI).href;

/** One of the sample's files. Throws a `Failure`. */
export async function sampleFile(name) {
  const response = await reach(new URL(name, sampleFolder));
  return new File([await response.blob()], name, { type: response.headers.get("Content-Type") });
}

/** What the page has to know of the service: version, names of schemes, limits. */
export async function about() {
  const response = await fetch(new URL("playground/about.json", document.baseURI));
  return response.json();
}
