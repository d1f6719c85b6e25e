// Keeps what pages are made of, and one page for when the site cannot be reached. Never a person's page.
// VERSION stands before this line: the server puts it there.

const STORE = `qimma-${VERSION}`;

addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const store = await caches.open(STORE);
      const page = await fetch("/offline", { credentials: "same-origin" });
      if (!page.ok) throw new Error("no page to keep");
      const html = await page.clone().text();
      await store.put("/offline", page);
      await store.addAll([...html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1].replaceAll("&amp;", "&")));
      await skipWaiting();
    })(),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== STORE) await caches.delete(name);
      // The page is asked for while this worker still starts.
      await registration.navigationPreload?.enable();
      await clients.claim();
    })(),
  );
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (request.method === "GET" && address.pathname.startsWith("/static/") && address.searchParams.has("v")) event.respondWith(file(request));
});

async function page(event) {
  try {
    return (await event.preloadResponse) || (await fetch(event.request));
  } catch {
    return (await caches.match("/offline")) ?? Response.error();
  }
}

async function file(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && request.url.includes(`v=${VERSION}`)) (await caches.open(STORE)).put(request, response.clone());
  return response;
}
