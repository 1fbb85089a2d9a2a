import { keep, kept } from "./uploads.js";
import { view } from "./viewer.js";

const $ = (id) => document.getElementById(id);
const STEP = 24;
const MOST = 200;

let running = new AbortController();
let shown = null;
let maxUploadBytes = Infinity;
let leastScore = null;
/** What is on the page: the pictures, and what shows more of those that were found; null where all are shown. */
let results = [];
let more = null;

/** Asks the server once; the newest search wins. `query` says what is looked for, in words; `find` gives all results, of which some are shown at a time. */
async function search(query, find, { isText = false } = {}) {
  running.abort();
  const mine = (running = new AbortController());
  more = null;
  $("error").hidden = true;
  $("results").setAttribute("aria-busy", "true");
  $("status").textContent = query ? "Searching…" : "";
  try {
    const found = (await find(mine.signal)).results;
    if (mine.signal.aborted) return;
    results = [];
    $("results").replaceChildren();
    const showMore = () => {
      add(found.slice(results.length, results.length + STEP));
      say(query, isText);
      more = results.length < found.length ? showMore : null;
    };
    showMore();
    lookAtEnd();
  } catch (error) {
    if (!mine.signal.aborted) fail(error.message);
  }
}

async function ask(url, request) {
  let response;
  try {
    response = await fetch(url, request);
  } catch (error) {
    if (request?.signal?.aborted) throw error;
    throw new Error("The server can't be reached.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The server answered ${response.status}.`);
  return answer;
}

const get = (url) => (signal) => ask(`${url}${url.includes("?") ? "&" : "?"}top=${MOST}`, { signal });

function say(query, isText) {
  $("results").removeAttribute("aria-busy");
  const count = results.length === 1 ? "1 picture" : `${results.length} pictures`;
  const isWeak = isText && leastScore != null && results.length > 0 && results[0].score < leastScore;
  $("weak").hidden = !isWeak;
  if (query) $("status").textContent = results.length ? `${count} for ${query}, the best first. Choose one to see it large.` : `No pictures for ${query}.`;
  else $("status").textContent = results.length ? "Some of the pictures:" : "There are no pictures in the index yet.";
}

function add(found) {
  const best = Math.max(...[...results, ...found].map((result) => result.score ?? 0), 1e-6);
  for (const result of found) {
    results.push(result);
    $("results").append(card(result, results.length - 1, best));
  }
}

function card({ id, score, url, thumbnail }, index, best) {
  const item = $("result").content.cloneNode(true);
  const name = id.split("/").pop();
  const button = item.querySelector("button");
  button.title = id;
  button.setAttribute("aria-label", score == null ? `${name}. See it large` : `${name}, score ${score.toFixed(3)}. See it large`);
  button.addEventListener("click", () => view(results, index, searchSimilar));
  const image = item.querySelector("img");
  // Where the server makes no small copy, the picture itself.
  image.addEventListener("error", () => (image.src = url), { once: true });
  image.src = thumbnail;
  item.querySelector(".name").textContent = name;
  if (score == null) item.querySelector(".score").remove();
  else {
    item.querySelector(".number").textContent = score.toFixed(3);
    item.querySelector(".fill span").style.setProperty("--share", `${Math.max(0, score / best) * 100}%`);
  }
  return item;
}

function fail(message) {
  results = [];
  more = null;
  $("results").removeAttribute("aria-busy");
  $("status").textContent = "";
  $("weak").hidden = true;
  $("results").replaceChildren();
  $("error").textContent = message;
  $("error").hidden = false;
}

/** The address has every search: Back, a reload and a link find it again; a picture of one's own in this browser only. */
const address = (query) => history.pushState(null, "", query ? `?${new URLSearchParams(query)}` : "./");

function searchText(text) {
  address({ q: text });
  return showText(text);
}

function showText(text) {
  showQuery(null);
  $("text").value = text;
  return search(`“${text}”`, get(`api/search?q=${encodeURIComponent(text)}`), { isText: true });
}

async function searchPicture(file) {
  if (file.size > maxUploadBytes) {
    running.abort();
    $("text").value = "";
    showQuery(null);
    return fail(`The picture is larger than ${Math.round(maxUploadBytes / 1048576)} MB.`);
  }
  const id = await keep(file);
  address(id == null ? null : { upload: id });
  return showUpload(file);
}

function showUpload(file) {
  $("text").value = "";
  showQuery(file.name || "your picture", URL.createObjectURL(file));
  const request = { method: "POST", body: file, headers: { "Content-Type": file.type || "application/octet-stream" } };
  return search("your picture", (signal) => ask(`api/search?top=${MOST}`, { ...request, signal }));
}

async function searchSimilar({ id }) {
  address({ like: id });
  await showSimilar(id);
  // The button that was pressed is gone.
  document.querySelector(".card")?.focus();
}

function showSimilar(id) {
  const name = id.split("/").pop();
  $("text").value = "";
  showQuery(name, `picture?id=${encodeURIComponent(id)}`);
  return search(name, get(`api/similar?id=${encodeURIComponent(id)}`));
}

/** Shows what the address says. */
async function open() {
  const asked = new URLSearchParams(location.search);
  if (asked.get("q")) return showText(asked.get("q"));
  if (asked.get("like")) return showSimilar(asked.get("like"));
  if (asked.get("upload")) {
    const file = await kept(Number(asked.get("upload")));
    if (file) return showUpload(file);
    return fail("That picture isn't kept in this browser. Choose it again.");
  }
  $("text").value = "";
  showQuery(null);
  return search(null, get("api/pictures"));
}

function showQuery(name, url) {
  if (shown?.startsWith("blob:")) URL.revokeObjectURL(shown);
  shown = url ?? null;
  $("query").hidden = !name;
  if (!name) return $("query-picture").removeAttribute("src");
  $("query-picture").src = url;
  $("query-name").textContent = name;
}

const picture = (transfer) => [...(transfer?.files ?? [])][0];
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text) searchText(text);
  else fail("Type what the picture shows, or choose a picture.");
});
$("file").addEventListener("change", () => {
  if ($("file").files[0]) searchPicture($("file").files[0]);
  $("file").value = "";
});
document.addEventListener("paste", (event) => {
  if (picture(event.clipboardData)) searchPicture(picture(event.clipboardData));
});
document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("dragging");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("dragging");
});
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dragging");
  if (!hasFiles(event)) return;
  event.preventDefault();
  searchPicture(picture(event.dataTransfer));
});
window.addEventListener("popstate", open);

/** More results when their end comes into sight. */
const end = new IntersectionObserver((entries) => {
  if (!entries.some((entry) => entry.isIntersecting) || !more) return;
  more();
  lookAtEnd();
}, { rootMargin: "400px" });

/** Whether the end is in sight is told anew: on a tall screen it may have stayed there. */
function lookAtEnd() {
  end.unobserve($("end"));
  end.observe($("end"));
}

/** Tells how far the index is, until it is done. */
async function watchIndex() {
  const status = await ask("api/status").catch(() => null);
  if (status) {
    const { index } = status;
    maxUploadBytes = status.maxUploadBytes;
    leastScore = status.leastScore;
    $("about").textContent = `${status.pictures.toLocaleString("en")} pictures · ${status.model}`;
    $("note").textContent = status.note ?? "";
    if (!$("examples").children.length) $("examples").replaceChildren(...status.examples.map(example));
    $("indexing").hidden = !index.isIndexing;
    $("indexed").textContent = index.total ? `${index.done} of ${index.total} pictures` : "";
    if (index.total) Object.assign($("progress"), { max: index.total, value: index.done });
    $("unreadable").hidden = index.failed === 0;
    $("unreadable").textContent = index.failed === 1 ? "1 file can't be read; the server's log says which." : `${index.failed} files can't be read; the server's log says which.`;
    if (index.error) fail(`The folder could not be indexed: ${index.error}`);
    if (!index.isIndexing) return;
  }
  setTimeout(watchIndex, 1000);
}

function example(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", () => searchText(text));
  return button;
}

await watchIndex();
await open();
