// Client of the HTTP API: submits a job, polls it, erases it.

const API = new URL("api/v1/frontal/crop/", document.baseURI);
const UNFINISHED = new Set(["pending", "processing"]);

/** Why there is no result: a stable code, a sentence, and the path of the invalid field ("" for none). */
export class ApiError extends Error {
  constructor({ code, detail, field = "" }, status = 0) {
    super(detail);
    this.code = code;
    this.field = field;
    this.status = status;
  }
}

const authorization = (key) => (key ? { Authorization: `Bearer ${key}` } : {});

async function fetchOk(url, request) {
  let response;
  try {
    response = await fetch(url, request);
  } catch {
    const detail = `The service at ${API.host} does not answer. If it is yours, start it with “facemask serve”`;
    throw new ApiError({ code: "unreachable", detail });
  }
  if (response.ok) return response;
  throw await errorFrom(response);
}

async function requestJson(path, { key, ...request }) {
  const response = await fetchOk(new URL(path, API), { ...request, headers: authorization(key), cache: "no-store" });
  return response.json();
}

async function errorFrom(response) {
  const problem = await response.json().catch(() => ({}));
  const { status } = response;
  const code = problem.code ?? "unexpected";
  const retryAfter = response.headers.get("Retry-After");
  const detail = (problem.detail ?? `The service answered with status ${status}`) + (retryAfter ? `; try again in ${retryAfter} s` : "");
  const field = status === 401 || status === 403 ? "authorization" : (problem.field ?? "");
  return new ApiError({ code, detail, field }, status);
}

/**
 * Submits a job and waits for its end. `onId` is called with the job's id as soon as it is known. Returns the completed
 * job and the round-trip time in milliseconds. Throws an `ApiError`. It is never aborted: a job whose id the page does
 * not know could not be erased.
 */
export async function submit(files, options, { key, onId }) {
  const body = new FormData();
  for (const [name, file] of Object.entries(files)) if (file) body.append(name, file);
  if (Object.keys(options).length > 0) body.append("options", JSON.stringify(options));
  const started = performance.now();
  let job = await requestJson("submit?wait=10", { method: "POST", body, key });
  onId(job.id);
  while (UNFINISHED.has(job.status)) {
    // oxlint-disable-next-line no-await-in-loop -- each request waits for the response to the last one
    job = await requestJson(`status/${job.id}?wait=10`, { key });
  }
  if (job.status !== "completed") throw new ApiError(job.error);
  return { result: job, roundTrip: performance.now() - started };
}

/** Erases a job and its pictures, also while the page unloads. A job that cannot be erased expires. */
export function erase(id, key) {
  const request = { method: "DELETE", headers: authorization(key), keepalive: true };
  fetch(new URL(id, API), request).catch(() => {});
}

export const curlTarget = new URL("submit?wait=10", API).href;
export const sampleFolder = new URL("playground/sample/", document.baseURI).href;

/** Returns one of the sample's files. Throws an `ApiError`. */
export async function fetchSampleFile(name) {
  const response = await fetchOk(new URL(name, sampleFolder));
  return new File([await response.blob()], name, { type: response.headers.get("Content-Type") });
}

/** Returns the service's version, scheme names and limits. */
export async function fetchServiceInfo() {
  const response = await fetch(new URL("playground/about.json", document.baseURI));
  return response.json();
}
