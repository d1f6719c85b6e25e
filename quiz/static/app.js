// Keys, a page change without a flash, and answers that wait for the line. Every page works without this file.

const main = () => document.querySelector("main");
const root = document.documentElement;
/** The script's own words stand in the page, in the reader's language. */
const words = () => document.querySelector("#words")?.dataset ?? {};
const fine = () => matchMedia("(hover: hover) and (pointer: fine)").matches;
/** Another module of ours, under the version that this one came with. */
const load = (name) => import(new URL(name + new URL(import.meta.url).search, import.meta.url));

// ---------------------------------------------------------------- a page in place of another

let busy = false; // a page is on its way
let skew = 0; // how far the server's clock is before this one, in ms

/** Ask for a page. The header makes the server answer with the page itself, where it would send elsewhere. */
function ask(address, options = {}) {
  const headers = { Accept: "text/html", "X-Swap": document.querySelector("#kit") ? "bare" : "kit" };
  return fetch(address, { ...options, headers, signal: AbortSignal.timeout(8000) });
}

/** Put the page at a response in place of this one; the address follows. */
async function swap(response) {
  if (response.status >= 500) throw new Error(response.statusText); // it may still have been done: send it again
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.querySelector("main");
  if (!next) throw new Error("not a page");
  document.title = page.title;
  document.body.className = page.body.className;
  document.body.dataset.who = page.body.dataset.who ?? "";
  document.querySelector(".site").replaceWith(page.querySelector(".site"));
  main().replaceWith(next);
  const kit = page.querySelector("#kit");
  if (kit) document.body.append(kit);
  skew = new Date(response.headers.get("Date") ?? Date.now()) - Date.now();
  const address = new URL(response.headers.get("Content-Location") ?? response.url, location);
  if (response.ok && address.href !== location.href) {
    history.pushState(null, "", address);
    scrollTo(0, 0);
  }
  arrive(main());
}

/** Ask and swap; when that fails, `otherwise`, so that nothing that was answered is lost. */
async function go(address, options, otherwise) {
  if (busy) return; // a double click, or a key held down
  busy = true;
  try {
    await swap(await ask(address, options));
  } catch {
    await otherwise();
  } finally {
    busy = false;
  }
}

/** Whenever a page has come. Focus where one goes on: Next, the field to type in, or the question. */
function arrive(fallback) {
  // On a phone, focus would open the keyboard over the question.
  const typed = fine() ? main().querySelector("input.typed") : null;
  const target = typed ?? main().querySelector("[data-focus]") ?? fallback;
  target?.focus({ preventScroll: target === main() });
  for (const field of main().querySelectorAll("[data-zone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (main().querySelector("form .rows")) load("rows.js").then((rows) => rows.begin(main(), words(), tell));
  if (typed && main().querySelector(".stem [lang=ar]")) load("keyboard.js").then((board) => board.offer(typed, words()));
  count();
  send();
  install();
  if (!fine()) return;
  for (const button of main().querySelectorAll("[data-keys]")) button.hidden = false;
  const hint = main().querySelector(".hint");
  if (hint && !kept("hint")) {
    hint.hidden = false;
    keep("hint", "seen");
  }
}

/** Say something to whoever listens rather than looks. */
function tell(text) {
  document.querySelector("#live").textContent = text;
}

/** A sentence above the page, seen and heard. */
function note(...parts) {
  const line = main().querySelector(".line") ?? Object.assign(document.createElement("p"), { className: "note line" });
  line.replaceChildren(...parts);
  main().prepend(line);
  tell(line.textContent);
}

// ---------------------------------------------------------------- what this browser remembers

const memory = {}; // where storage is forbidden: until the page is left

function kept(name) {
  try {
    return localStorage.getItem(`qimma-${name}`);
  } catch {
    return memory[name] ?? null;
  }
}

function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(`qimma-${name}`);
    else localStorage.setItem(`qimma-${name}`, value);
  } catch {
    memory[name] = value;
  }
}

// ---------------------------------------------------------------- answers that wait for the line

const ANSWER = /\/attempts\/\d+(?=\/answer$)/;
const who = () => document.body.dataset.who;
const waiting = () => JSON.parse(kept("answers") ?? "{}"); // by the question's address
let sending = false;
let again = 0;

function wait(address, answer) {
  const all = waiting();
  delete all[address];
  if (answer) all[address] = answer;
  keep("answers", Object.keys(all).length ? JSON.stringify(all) : null);
}

/** A form could not be sent: an answer is kept, and sent when the line is back; another form keeps its page. */
async function unsent(form, button, body) {
  const asked = ANSWER.exec(form.action)?.[0];
  if (asked) {
    body.delete("csrf_token"); // it is the browser's, not the answer's: the page that sends has its own
    wait(asked, { who: who(), body: String(body), said: words().sent });
  }
  if (await reached()) {
    // The line is there, only this way is barred: the browser's own.
    if (button?.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    return HTMLFormElement.prototype.submit.call(form);
  }
  if (!words().kept) return HTMLFormElement.prototype.submit.call(form);
  note(asked ? words().kept : words().unsent);
  if (asked) form.inert = true;
  later();
}

const reached = () => fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) }).then((answer) => answer.ok, () => false);

function later() {
  clearTimeout(again);
  again = setTimeout(() => (document.hidden ? later() : send()), 5000);
}

/** Send what waits. The server counts an answer once however often it comes; another person's is never sent. */
async function send() {
  if (sending || !who()) return;
  sending = true;
  try {
    for (const [address, answer] of Object.entries(waiting())) {
      const here = location.pathname === address;
      if (answer.who !== who() || (here && main().querySelector(".answered"))) {
        wait(address);
        continue;
      }
      const body = new URLSearchParams(answer.body);
      body.set("csrf_token", document.querySelector("[name=csrf_token]").value);
      const response = await ask(`${address}/answer`, { method: "POST", body });
      if (response.status === 400) return; // this page's token is out of date: the next page sends it
      if (response.status >= 500 || response.status === 429) throw new Error(response.statusText);
      wait(address);
      if (location.pathname === address) await swap(response);
      else if (response.ok) note(Object.assign(document.createElement("a"), { href: address, textContent: answer.said }));
    }
  } catch {
    if (main().querySelector("form.question") && waiting()[location.pathname]) {
      note(words().kept);
      main().querySelector("form.question").inert = true;
    }
    later();
  } finally {
    sending = false;
  }
}

addEventListener("online", () => (document.body.matches(".offline") ? location.reload() : send()));

// ---------------------------------------------------------------- time left

let ticking = 0;

/** Show the time that is left; at its end go where the server says, sending nothing. */
function count() {
  clearInterval(ticking);
  const clock = main().querySelector("[data-closes]");
  if (!clock) return;
  const digits = /[٠-٩]/.test(clock.textContent) ? "arab" : "latn";
  const show = (number, unit) => new Intl.NumberFormat(`${root.lang}-u-nu-${digits}`, { style: "unit", unit, unitDisplay: "long" }).format(number);
  let before = 0;
  const tick = () => {
    const left = Math.ceil((new Date(clock.dataset.closes) - Date.now() - skew) / 1000);
    const text = left > 60 ? show(Math.ceil((left - 1) / 60), "minute") /* the server's clock is known to the second */ : show(Math.max(left, 0), "second");
    if (clock.textContent !== text) clock.textContent = text;
    if (left <= 60 && before > 60) tell(words().minute);
    // The clock here may be fast: then the question comes again, and with it the server's time.
    if (left <= 0 && (before > 0 || left % 10 === 0) && !waiting()[location.pathname]) go(location.href, {}, () => {});
    before = left;
  };
  tick();
  ticking = setInterval(tick, 1000);
}

// ---------------------------------------------------------------- forms, links and keys

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "keys") keep("keys", event.submitter.value);
  if (/\/(sign-out|start-afresh)$/.test(form.action)) keep("answers", null);
  if (!form.matches("[data-swap]")) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new URLSearchParams(new FormData(form, button));
  if (form.matches(".star")) return star(form, body);
  go(form.action, { method: "POST", body }, () => unsent(form, button, body));
});

/** The star alone changes: what was chosen or typed stays. */
async function star(form, body) {
  try {
    const response = await ask(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const focused = form.contains(document.activeElement);
    const changed = page.querySelector(".star");
    form.replaceWith(changed);
    if (focused) changed.querySelector("button").focus();
  } catch {
    note(words().unsent);
  }
}

addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys]")) return document.querySelector("dialog").showModal();
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  // Next stands where Answer stood: the second half of a double click is not meant for it.
  if (event.detail < 2) go(link.href, {}, () => location.assign(link.href));
});

addEventListener("popstate", () => location.reload());

addEventListener("keydown", (event) => {
  const on = event.target;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!main().querySelector(".question, [data-key]")) return;
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
    if (on.matches("button, summary, a:not([data-key=Enter])")) return;
    if (event.code === "Space" && on.matches("input:not(:checked), [type=checkbox]")) return;
    press("Enter", event);
  } else if (event.key === "?" || event.key === "؟") {
    press("?", event);
  } else if (!(on.matches("input") && event.code.startsWith("Arrow"))) {
    press(event.code, event); // arrows go from option to option
  }
});

/** By place, not by letter: the same keys on an Arabic keyboard. */
function press(key, event) {
  const button = main().querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  (button.querySelector("summary") ?? button).click();
}

// ---------------------------------------------------------------- kept as an app

let asked = false;

/** For whoever has begun, once the page has come to rest: a first visit fetches nothing more. */
function install() {
  if (asked || !who() || !navigator.serviceWorker) return;
  asked = true;
  setTimeout(() => navigator.serviceWorker.register("/service-worker.js").catch(() => {}), 4000);
}

arrive();
