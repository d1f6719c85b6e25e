// Keys, and a page change without a flash. Every page works without this file.

const main = () => document.querySelector("main");
let busy = false; // a page is on its way

/** Put the page at a response in place of this one; the address follows. */
async function swap(response) {
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.querySelector("main");
  if (!next) throw new Error("not a page");
  document.title = page.title;
  document.body.className = page.body.className;
  document.querySelector(".site").replaceWith(page.querySelector(".site"));
  main().replaceWith(next);
  if (response.url !== location.href) {
    history.pushState(null, "", response.url);
    scrollTo(0, 0);
  }
  arrive(main());
}

/** Fetch and swap; when that fails, the browser's own way, so that nothing that was answered is lost. */
async function go(address, options, otherwise) {
  if (busy) return; // a double click, or a key held down
  busy = true;
  try {
    await swap(await fetch(address, { ...options, headers: { Accept: "text/html" }, signal: AbortSignal.timeout(8000) }));
  } catch {
    otherwise();
  } finally {
    busy = false;
  }
}

/** Focus where one goes on: Next, the field to type in, or the question. `fallback` after a swap only. */
function arrive(fallback) {
  const fine = matchMedia("(hover: hover) and (pointer: fine)").matches;
  // On a phone, focus would open the keyboard over the question.
  const typed = fine ? main().querySelector("input.typed") : null;
  const target = typed ?? main().querySelector("[data-focus]") ?? fallback;
  target?.focus({ preventScroll: target === main() });
  if (!fine) return;
  for (const button of main().querySelectorAll("[data-keys]")) button.hidden = false;
  const hint = main().querySelector(".hint");
  if (hint && !kept("hint")) {
    hint.hidden = false;
    keep("hint", "seen");
  }
}

// What this browser remembers; nothing where storage is forbidden.
function kept(name) {
  try {
    return localStorage.getItem(`qimma-${name}`);
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(`qimma-${name}`, value);
  } catch {}
}

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "keys") keep("keys", event.submitter.value);
  if (!form.matches("[data-swap]")) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new URLSearchParams(new FormData(form, button));
  go(form.action, { method: "POST", body }, () => {
    if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    HTMLFormElement.prototype.submit.call(form);
  });
});

addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys]")) return main().querySelector("dialog").showModal();
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  // Next stands where Answer stood: the second half of a double click is not meant for it.
  if (event.detail < 2) go(link.href, {}, () => location.assign(link.href));
});

addEventListener("popstate", () => location.reload());

addEventListener("keydown", (event) => {
  const on = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !main().querySelector(".question")) return;
  const entered = event.code === "Enter" || event.code === "NumpadEnter" || event.code === "Space";
  // In a text field every key writes, and Enter sends the form by itself. Held down, it sends once.
  if (on.matches("textarea, select, dialog *, input:not([type=radio], [type=checkbox])")) return;
  if (event.repeat && entered) return event.preventDefault();
  if (kept("keys") === "off") return;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (digit && !event.shiftKey) {
    const option = main().querySelectorAll("form .options input")[digit[1] - 1];
    if (!option) return;
    event.preventDefault();
    option.focus();
    option.click();
  } else if (entered) {
    // A button or a link under the focus keeps its own meaning; space on an option chooses it.
    if (on.matches("button, summary, a:not([data-key])")) return;
    if (event.code === "Space" && on.matches("input:not(:checked), [type=checkbox]")) return;
    press("Enter", event);
  } else if (event.key === "?" || event.key === "؟") {
    press("?", event);
  } else if (event.code === "KeyG") {
    press("KeyG", event);
  }
});

function press(key, event) {
  const button = main().querySelector(`[data-key="${key}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

arrive();
