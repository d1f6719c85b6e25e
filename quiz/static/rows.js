// Rows that are put in order by buttons, arrow keys, mouse or finger; and pairs that are made by two taps or by dragging.
// What is sent stands in each row's list of places, as without this file.

export function begin(page, words, tell) {
  for (const list of page.querySelectorAll("form .ordering")) movable(list, words, tell);
  for (const list of page.querySelectorAll("form .matching")) pairable(list, tell);
}

/** A tap on a row, a tap on what goes with it; the next row without a partner comes by itself. */
function pairable(list, tell) {
  const rows = [...list.children];
  const select = (row) => row.querySelector("select");
  const [none, ...rights] = select(rows[0]).options;
  const panel = Object.assign(document.createElement("div"), { className: "rights" });
  panel.setAttribute("role", "group");
  panel.setAttribute("aria-label", none.text);
  for (const { text, value } of rights) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: text, value, dir: "auto" });
    panel.append(button);
  }
  // Below the buttons of the form, which on a phone are fixed: nothing moves after the answer.
  list.closest("form").querySelector(".act").after(panel);
  let picked = rows[0];

  function show() {
    for (const row of rows) row.classList.toggle("picked", row === picked);
    for (const button of panel.children) {
      button.setAttribute("aria-pressed", String(rows.some((row) => select(row).value === button.value)));
    }
  }

  function pair(row, button) {
    for (const other of rows) if (select(other).value === button.value) select(other).value = "";
    select(row).value = button.value;
    tell(`${row.querySelector("label").textContent.trim()}: ${button.textContent}`);
    picked = rows.find((other) => !select(other).value) ?? row;
    show();
  }

  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) pair(picked, button);
  });

  let from = null; // where the button was taken up
  let target = null; // the row under it
  drag(panel, "button", {
    lift: (button, event) => (from = { x: event.clientX, y: event.clientY }),
    over(button, event) {
      button.style.translate = `${event.clientX - from.x}px ${event.clientY - from.y}px`;
      target = rows.find((row) => holds(row, event.clientX, event.clientY));
      for (const row of rows) row.classList.toggle("target", row === target);
    },
    drop(button) {
      button.style.translate = "";
      target?.classList.remove("target");
      if (target) pair(target, button);
      target = null;
    },
  });

  list.addEventListener("click", (event) => {
    const row = event.target.closest("li");
    if (!row || event.target.closest("select")) return;
    picked = row;
    show();
    event.preventDefault();
  });

  list.addEventListener("change", show);
  show();
}

function movable(list, words, tell) {
  const select = (row) => row.querySelector("select");
  list.classList.add("movable");
  for (const button of list.querySelectorAll("[data-move]")) button.hidden = false;

  /** Places that were chosen by number come first; then the rows are as they are to be. */
  function arrange() {
    const rows = [...list.children];
    const wanted = [...rows].sort((a, b) => (select(a).value || 99) - (select(b).value || 99));
    if (wanted.some((row, at) => row !== rows[at])) list.append(...wanted);
  }

  function number() {
    [...list.children].forEach((row, at) => (select(row).value = at + 1));
  }

  function say(row) {
    const rows = [...list.children];
    const name = row.querySelector("label").textContent.trim();
    const place = rows.indexOf(row);
    const text = (at) => select(row).options[at].text; // in the reader's digits
    tell(words.moved.replace("{item}", () => name).replace("{n}", text(place + 1)).replace("{total}", text(rows.length)));
  }

  function move(row, step) {
    const focused = document.activeElement;
    arrange();
    if (step < 0) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    number();
    focused.focus(); // what is moved in a page loses it
    say(row);
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (button) move(button.closest("li"), button.dataset.move === "up" ? -1 : 1);
  });

  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.code];
    if (!step || !event.target.matches("[data-move]")) return;
    event.preventDefault();
    move(event.target.closest("li"), step);
  });

  drag(list, "li", {
    lift: arrange,
    over(lifted, event) {
      const row = [...list.children].find((other) => holds(other, event.clientX, event.clientY));
      if (!row || row === lifted) return;
      // Only past its middle: rows of unlike height would change to and fro.
      const { top, bottom } = row.getBoundingClientRect();
      const after = row.compareDocumentPosition(lifted) & Node.DOCUMENT_POSITION_PRECEDING;
      if (after && event.clientY > (top + bottom) / 2) row.after(lifted);
      if (!after && event.clientY < (top + bottom) / 2) row.before(lifted);
    },
    drop(row) {
      number();
      say(row);
    },
  });
}

function holds(element, x, y) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return left <= x && x <= right && top <= y && y <= bottom;
}

/** Lets the items of a list be dragged: a mouse drags at once; a finger after a moment, so that it can still scroll. */
function drag(list, items, { lift, over, drop }) {
  let lifted = null;
  let start = null; // where it was touched
  let hold = 0;

  function take(event) {
    lifted = start.item;
    lift(lifted, event);
    lifted.classList.add("lifted");
  }

  list.addEventListener("pointerdown", (event) => {
    const item = event.target.closest(items);
    if (!item || event.button || event.target.closest("select, [data-move]")) return;
    start = { item, x: event.clientX, y: event.clientY, mouse: event.pointerType === "mouse" };
    if (!start.mouse) hold = setTimeout(() => take(event), 250);
  });

  function moved(event) {
    if (!start) return;
    if (!lifted && Math.hypot(event.clientX - start.x, event.clientY - start.y) > 6) {
      if (start.mouse) take(event);
      else release();
    }
    if (lifted) over(lifted, event);
  }

  function release() {
    clearTimeout(hold);
    start = null;
    if (!lifted) return;
    const item = lifted;
    lifted = null;
    item.classList.remove("lifted");
    drop(item);
    // The click that ends a drag is not meant for what is under it.
    addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", stop, { capture: true }));
  }

  const stop = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };

  // The page goes on when another takes its place: so do these, until the list has left it.
  const watch = (name, call) =>
    addEventListener(name, function heard(event) {
      if (list.isConnected) call(event);
      else removeEventListener(name, heard);
    });
  watch("pointermove", moved);
  watch("pointerup", release);
  watch("pointercancel", release);
  list.addEventListener("touchmove", (event) => lifted && event.preventDefault(), { passive: false });
  list.addEventListener("contextmenu", (event) => lifted && event.preventDefault()); // a long touch asks for it
}
