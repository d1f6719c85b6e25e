// An Arabic keyboard on the screen, for desktops without one. Keys lie where they do on a real one.

const ROWS = ["ضصثقفغعهخحجد", "شسيبلاتنمكطذ", "ئءؤرىةوزظ", "أإآ"];
let open = false; // it stays open from question to question

/** Put a button into the field that shows and hides the keyboard. */
export function offer(field, words) {
  if (!field.isConnected || field.parentElement.querySelector(".board")) return;
  const toggle = make("button", { type: "button", className: "board", textContent: "ض", title: words.board });
  toggle.setAttribute("aria-label", words.board);
  toggle.setAttribute("aria-controls", "board");
  const panel = make("div", { id: "board", dir: "ltr", lang: "ar" });
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", words.board);
  for (const letters of ROWS) panel.append(make("div", {}, ...[...letters].map((letter) => key(letter))));
  panel.lastChild.append(key(" ", words.space), key("⌫", words.erase));
  panel.querySelectorAll("button").forEach((one, at) => (one.tabIndex = at ? -1 : 0));
  field.after(toggle);
  // Below the buttons of the form: nothing moves when it comes and goes.
  field.form.querySelector(".act").after(panel);

  function show(on) {
    open = on;
    panel.hidden = !on;
    toggle.setAttribute("aria-expanded", String(on));
  }

  function write(letter) {
    const { selectionStart: from, selectionEnd: to, value } = field;
    if (letter === "⌫") field.setRangeText("", from === to ? Math.max(from - 1, 0) : from, to, "end");
    else if (value.length < field.maxLength) field.setRangeText(letter, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // The mouse leaves the focus where one writes.
  for (const part of [toggle, panel]) part.addEventListener("mousedown", (event) => event.preventDefault());
  toggle.addEventListener("click", () => show(!open));
  panel.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (pressed) write(pressed.value);
  });
  panel.addEventListener("keydown", (event) => {
    const to = beside(panel, event);
    if (!to) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
  for (const part of [field, toggle, panel]) {
    part.addEventListener("keydown", (event) => {
      if (event.code !== "Escape" || !open) return;
      show(false);
      field.focus();
    });
  }
  show(open);
}

function key(letter, name) {
  const button = make("button", { type: "button", value: letter, textContent: name && letter === " " ? name : letter });
  if (name) button.setAttribute("aria-label", name);
  return button;
}

/** The key that an arrow leads to. */
function beside(panel, event) {
  const row = event.target.parentElement;
  const at = [...row.children].indexOf(event.target);
  const inRow = (other) => other?.children[Math.min(at, other.children.length - 1)];
  switch (event.code) {
    case "ArrowLeft":
      return event.target.previousElementSibling;
    case "ArrowRight":
      return event.target.nextElementSibling;
    case "ArrowUp":
      return inRow(row.previousElementSibling);
    case "ArrowDown":
      return inRow(row.nextElementSibling);
  }
}

function make(name, own, ...children) {
  const element = Object.assign(document.createElement(name), own);
  element.append(...children);
  return element;
}
