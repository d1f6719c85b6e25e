// Puts the list in a new order, the same on both sides. The front draws it and leaves it for the back; where
// nothing can be left (private storage off), both work out one order from the card and the day.
(function () {
  var card = document.querySelector(".qimma[data-card]");
  if (!card || card.getAttribute("data-ordered")) return;
  card.setAttribute("data-ordered", "1");
  var name = card.getAttribute("data-card");
  var front = card.className.indexOf("front") >= 0;

  function ofTheDay() {
    var sum = Math.floor(Date.now() / 864e5);
    for (var i = 0; i < name.length; i++) sum = (sum * 31 + name.charCodeAt(i)) % 2147483647;
    return sum;
  }

  function stored() {
    try {
      var left = (sessionStorage.getItem("qimma") || "").split("|");
      return left[0] === name ? Number(left[1]) : 0;
    } catch (e) {
      return 0;
    }
  }

  function draw() {
    try {
      sessionStorage.setItem("qimma", name + "|" + (1 + Math.floor(Math.random() * 2147483645)));
    } catch (e) {}
    return stored();
  }

  var seed = (front ? draw() : stored()) || ofTheDay() || 1;
  var lists = card.querySelectorAll(".shuffle");
  for (var l = 0; l < lists.length; l++) {
    var state = seed;
    for (var left = lists[l].children.length; left > 0; left--) {
      state = (state * 16807) % 2147483647;
      lists[l].appendChild(lists[l].children[state % left]);
    }
  }
})();
