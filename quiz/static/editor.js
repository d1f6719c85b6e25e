// The editor: keeps a draft while one types, shows what students will see, and adds rows without leaving the page.
// Without this file the same buttons do the same by whole pages.

const form = () => document.querySelector("form[data-editor]");
const CHECK = 500; // ms after the last key
const KEEP = 3000; // ms that typing may go unsaved
let checking = 0;
let keeping = 0;
let leaving = false;
let dirty = false;
let asked = null; // the check under way

const fields = (button) => new URLSearchParams(new FormData(form(), button));
const name = () => `qimma-draft:${document.body.dataset.who}:${location.pathname}`;

function say(text) {
  const line = form()?.querySelector("[data-state]");
  if (line) line.textContent = text;
}

// ---------------------------------------------------------------- drafts

function touched() {
  dirty = true;
  keeping ||= setTimeout(keep, KEEP);
  clearTimeout(checking);
  checking = setTimeout(check, CHECK);
}

/** Send what is written; while there is no line, keep it in this browser. */
async function keep() {
  clearTimeout(keeping);
  keeping = 0;
  if (!dirty || leaving || !form()) return;
  const body = fields();
  dirty = false;
  try {
    const answer = await fetch(form().dataset.draft, { method: "POST", body, keepalive: String(body).length < 60000, signal: AbortSignal.timeout(8000) });
    if (!answer.ok) throw new Error(answer.statusText);
    store(null);
    say(form().dataset.kept.replace("{time}", new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })));
  } catch {
    dirty = true;
    body.delete("csrf_token");
    store(String(body));
    say(form()?.dataset.local ?? "");
    keeping ||= setTimeout(keep, 2 * KEEP);
  }
}

function store(text) {
  try {
    if (text === null) localStorage.removeItem(name());
    else localStorage.setItem(name(), text);
  } catch {
    // Storage is forbidden: the page itself still has it.
  }
}

/** What an earlier visit could not send becomes the draft that the page offers. */
async function recover() {
  let left = null;
  try {
    left = localStorage.getItem(name());
  } catch {
    return;
  }
  if (!left) return;
  const body = new URLSearchParams(left);
  body.set("csrf_token", form().querySelector("[name=csrf_token]").value);
  const answer = await fetch(form().dataset.draft, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return;
  store(null);
  if (!dirty) location.assign(`${location.pathname}?draft=1`);
}

// ---------------------------------------------------------------- the preview, and remarks beside the fields

async function check() {
  if (!form()?.dataset.check) return;
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(form().dataset.check, { method: "POST", body: fields(), signal: asked.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = page.querySelector("[data-preview]");
    if (shown.querySelector(".preview")) document.querySelector("[data-preview]").replaceChildren(...shown.childNodes);
    for (const place of document.querySelectorAll("[data-beside]")) {
      const found = page.querySelector(`[data-beside="${CSS.escape(place.dataset.beside)}"]`);
      place.replaceChildren(...(found?.childNodes ?? []));
    }
    // A fault that is mended is not said any longer; new ones are said when one saves.
    for (const line of form().querySelectorAll("p[data-fault]")) {
      if (![...page.querySelectorAll("[data-fault]")].some((one) => one.textContent === line.textContent)) line.remove();
    }
  } catch {
    // The line is gone or newer words are on their way: the next check shows them.
  }
}

// ---------------------------------------------------------------- rows that come and go

async function quietly(button) {
  const body = fields(button);
  try {
    const answer = await fetch(form().action, { method: "POST", body, headers: { Accept: "text/html" } });
    if (answer.status >= 500) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("form[data-editor]")) throw new Error("not the editor");
    const scroll = scrollY;
    for (const one of ["form[data-editor]", "[data-preview]"]) {
      const next = page.querySelector(one);
      if (next) document.querySelector(one).replaceWith(next);
    }
    scrollTo(0, scroll);
    const go = form().querySelector("[data-go]");
    (go ?? form().querySelector(`button[value^="add:${CSS.escape(button.value.split(":")[1])}"]`))?.focus();
    dirty = true;
    touched();
  } catch {
    HTMLFormElement.prototype.submit.call(withButton(button));
  }
}

function withButton(button) {
  form().append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
  leaving = true;
  return form();
}

addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  const button = event.submitter;
  if (button?.matches("[data-quiet]")) {
    event.preventDefault();
    return quietly(button);
  }
  leaving = true; // what is saved is no draft
  clearTimeout(keeping);
  store(null);
});
addEventListener("input", (event) => event.target.closest?.("form[data-editor]") && touched());
addEventListener("visibilitychange", () => document.hidden && keep());
addEventListener("pagehide", keep);
addEventListener("pageshow", () => (leaving = false));
addEventListener("online", keep);
addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyS" && form()) {
    event.preventDefault();
    form().requestSubmit(form().querySelector("button.main"));
  }
});

if (form()) recover();
