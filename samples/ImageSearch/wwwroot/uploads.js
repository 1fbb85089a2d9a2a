/** Pictures to search by, kept in this browser alone, so that Back and a reload find them again. The newest 20 stay. */
const KEPT = 20;

const open = () => new Promise((resolve, reject) => {
  const request = indexedDB.open("image-search", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("uploads", { autoIncrement: true });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** Keeps a file; gives the number that it is found by, or null where the browser keeps nothing. */
export async function keep(file) {
  try {
    const store = (await open()).transaction("uploads", "readwrite").objectStore("uploads");
    const id = await done(store.add(file));
    store.delete(IDBKeyRange.upperBound(id - KEPT));
    return id;
  } catch {
    return null;
  }
}

/** The file of a number; null if it is kept no more. */
export async function kept(id) {
  try {
    return (await done((await open()).transaction("uploads").objectStore("uploads").get(id))) ?? null;
  } catch {
    return null;
  }
}
