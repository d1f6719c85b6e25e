// Anki compares what was typed with one spelling. This says so where it is another form that counts as right; the
// rules are those of questions/normalise.py.
(function () {
  var card = document.querySelector(".qimma.back.typed:not([data-judged])");
  var code = document.getElementById("typeans");
  if (!card || !code || code.nodeName !== "CODE" || !code.querySelector(".typeBad, .typeMissed")) return;
  card.setAttribute("data-judged", "1");

  var LETTERS = { "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ڤ": "ف", "پ": "ب", "چ": "ج", "گ": "ك", "ک": "ك", "ھ": "ه", "ہ": "ه" };

  function bare(text) {
    return text
      .normalize("NFKC")
      .toLowerCase()
      .replace(/(\S)['’`ʼ]s(?=\W|$)/g, "$1")
      .normalize("NFKD")
      .replace(/[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "")
      .replace(/['’‘`ʼʾʿـ]/g, "")
      .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, function (digit) { return String(digit.charCodeAt(0) & 15); })
      .replace(/[ٱىیةڤپچگکھہ]/g, function (letter) { return LETTERS[letter]; })
      .replace(/[\s!-/:-@[-`{-~\u00ab\u00bb\u060c\u061b\u061f\u2026\u2010-\u2015\u201c-\u201f\u00b7]+/g, " ")
      .trim()
      .replace(/(\S\S)ء+(?=\s|$)/g, "$1");
  }

  // The first line is what was typed; a dash in it stands for a letter that was not.
  var typed = "";
  for (var node = code.firstChild; node && node.nodeName !== "BR"; node = node.nextSibling) {
    if (node.className !== "typeMissed") typed += node.textContent;
  }
  typed = bare(typed);

  var house = card.querySelector(":scope > .key .house");
  var verdict = typed && house && bare(house.textContent) === typed ? "full" : "";
  var forms = card.querySelectorAll(":scope > .also bdi");
  for (var i = 0; i < forms.length && !verdict; i++) {
    // A share of the mark stands in brackets behind its form.
    var partial = forms[i + 1] && /^\(\d+%\)$/.test(forms[i + 1].textContent);
    if (typed && bare(forms[i].textContent) === typed) verdict = partial ? "part" : "full";
  }
  if (!verdict) return;
  var line = document.createElement("p");
  line.className = "mark";
  line.textContent = card.querySelector(":scope > .typing").getAttribute("data-" + verdict);
  card.insertBefore(line, card.querySelector(":scope > .key"));
})();
