const $ = (id) => document.getElementById(id);
let running = new AbortController();
let shown = null;
let maxUploadBytes = Infinity;

/** Asks the server; the newest search wins. `query` says what is looked for, in words. */
async function search(query, url, request = {}) {
  running.abort();
  const mine = (running = new AbortController());
  $("error").hidden = true;
  $("results").setAttribute("aria-busy", "true");
  $("status").textContent = "Searching…";
  try {
    const answer = await ask(url, { ...request, signal: mine.signal });
    if (!mine.signal.aborted) show(query, answer.results);
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

function show(query, results) {
  $("results").removeAttribute("aria-busy");
  const count = results.length === 1 ? "1 picture" : `${results.length} pictures`;
  $("status").textContent = results.length ? `${count} for ${query}, the best first. Choose one to find others like it.` : `No pictures for ${query}.`;
  const best = Math.max(...results.map((result) => result.score), 1e-6);
  $("results").replaceChildren(...results.map((result) => card(result, best)));
}

function card({ id, score, url }, best) {
  const item = $("result").content.cloneNode(true);
  const name = id.split("/").pop();
  const button = item.querySelector("button");
  button.title = id;
  button.setAttribute("aria-label", `${name}, score ${score.toFixed(3)}. Find pictures like this`);
  button.addEventListener("click", () => searchSimilar(id, name, url));
  item.querySelector("img").src = url;
  item.querySelector(".name").textContent = name;
  item.querySelector(".number").textContent = score.toFixed(3);
  item.querySelector(".fill span").style.setProperty("--share", `${Math.max(0, score / best) * 100}%`);
  return item;
}

function fail(message) {
  $("results").removeAttribute("aria-busy");
  $("status").textContent = "";
  $("results").replaceChildren();
  $("error").textContent = message;
  $("error").hidden = false;
}

function searchText(text) {
  showQuery(null);
  $("text").value = text;
  history.replaceState(null, "", `?q=${encodeURIComponent(text)}`);
  return search(`“${text}”`, `api/search?q=${encodeURIComponent(text)}`);
}

function searchPicture(file) {
  $("text").value = "";
  history.replaceState(null, "", "./");
  if (file.size > maxUploadBytes) {
    running.abort();
    showQuery(null);
    return fail(`The picture is larger than ${Math.round(maxUploadBytes / 1048576)} MB.`);
  }
  showQuery(file.name || "your picture", URL.createObjectURL(file));
  return search("your picture", "api/search", { method: "POST", body: file, headers: { "Content-Type": file.type || "application/octet-stream" } });
}

async function searchSimilar(id, name, url) {
  $("text").value = "";
  history.replaceState(null, "", "./");
  showQuery(name, url);
  await search(name, `api/similar?id=${encodeURIComponent(id)}`);
  // The button that was pressed is gone.
  document.querySelector(".card")?.focus();
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

/** Tells how far the index is, until it is done. */
async function watchIndex() {
  const status = await ask("api/status").catch(() => null);
  if (status) {
    const { index } = status;
    maxUploadBytes = status.maxUploadBytes;
    $("about").textContent = `${status.pictures.toLocaleString("en")} pictures · ${status.model}`;
    if (!$("examples").children.length) $("examples").replaceChildren(...status.examples.map(example));
    $("indexing").hidden = !index.isIndexing;
    $("indexed").textContent = index.total ? `${index.done} of ${index.total} pictures` : "";
    if (index.total) Object.assign($("progress"), { max: index.total, value: index.done });
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

watchIndex();
const asked = new URLSearchParams(location.search).get("q");
if (asked) searchText(asked);
