/** A picture of the results, large, with its name and folder, and the way to the next. */
const $ = (id) => document.getElementById(id);
let pictures = [];
let at = 0;
let likeThis = () => {};

/** Shows one of the results. `pictures` is the page's own list, which grows as more are loaded; `onLike` searches for others like one. */
export function view(list, index, onLike) {
  pictures = list;
  likeThis = onLike;
  go(index);
  if (!$("viewer").open) $("viewer").showModal();
}

function go(index) {
  at = index;
  const { id, url, score } = pictures[at];
  const parts = id.split("/");
  $("large").src = url;
  $("large").alt = parts.at(-1);
  $("large-name").textContent = parts.at(-1);
  $("large-folder").textContent = parts.slice(0, -1).join("/") || "the folder itself";
  $("large-score").textContent = score == null ? "" : `score ${score.toFixed(3)}`;
  $("copied").textContent = "";
  $("previous").disabled = at === 0;
  $("next").disabled = at === pictures.length - 1;
}

async function copyPath() {
  const { id } = pictures[at];
  try {
    await navigator.clipboard.writeText(id);
  } catch {
    // Without https, and not on this machine, there is no clipboard: the path is selected instead.
    $("copied").textContent = id;
    getSelection().selectAllChildren($("copied"));
    return;
  }
  $("copied").textContent = "Copied.";
}

$("previous").addEventListener("click", () => go(at - 1));
$("next").addEventListener("click", () => go(at + 1));
$("copy").addEventListener("click", copyPath);
$("close").addEventListener("click", () => $("viewer").close());
$("like").addEventListener("click", () => {
  $("viewer").close();
  likeThis(pictures[at]);
});
$("viewer").addEventListener("click", (event) => {
  // Beside the picture, on the ground.
  if (event.target === $("viewer")) $("viewer").close();
});
$("viewer").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft" && at > 0) go(at - 1);
  if (event.key === "ArrowRight" && at < pictures.length - 1) go(at + 1);
});
