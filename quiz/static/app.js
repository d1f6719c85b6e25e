// Keys, and a page change without a flash. Every page works without this file.

const main = () => document.querySelector("main");

/** Put the page at a response in place of this one; the address follows. */
async function swap(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.querySelector("main");
  if (!next) throw new Error("not a page");
  document.title = page.title;
  document.body.className = page.body.className;
  document.querySelector(".site").replaceWith(page.querySelector(".site"));
  main().replaceWith(next);
  if (response.url !== location.href) history.pushState({ swapped: true }, "", response.url);
  scrollTo(0, 0);
  arrive();
}

/** Focus where reading goes on: the verdict, the typed answer, or the top of the content. */
function arrive() {
  const target = main().querySelector("[data-focus]") ?? main();
  target.focus({ preventScroll: target === main() });
}

addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-swap]") === false) return;
  event.preventDefault();
  if (form.dataset.sent) return; // a double click
  form.dataset.sent = "yes";
  const body = new URLSearchParams(new FormData(form, event.submitter));
  try {
    await swap(await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }));
  } catch {
    // The line is down, or the answer was no page: the browser's own way shows what there is to see.
    delete form.dataset.sent;
    HTMLFormElement.prototype.submit.call(withButton(form, event.submitter));
  }
});

function withButton(form, button) {
  if (button?.name) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
    form.append(field);
  }
  return form;
}

addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  try {
    await swap(await fetch(link.href, { headers: { Accept: "text/html" } }));
  } catch {
    location.assign(link.href);
  }
});

addEventListener("popstate", () => location.reload());

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const on = event.target;
  const writing = on.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  if (writing) return; // Enter in a text field sends its form by itself
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (digit) {
    const option = main().querySelectorAll("form.question .options input")[digit[1] - 1];
    if (!option) return;
    event.preventDefault();
    option.type === "checkbox" ? option.click() : (option.checked = true);
    option.focus();
    return;
  }
  if (event.code === "Enter" || event.code === "Space") {
    // A button or a link under the focus keeps its own meaning; space on an option chooses it.
    if (on.matches("button, a, summary") || (event.code === "Space" && on.matches("input:not(:checked), input[type=checkbox]"))) return;
    press("Enter", event);
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
