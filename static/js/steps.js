// On a narrow screen, one question at a time; without it, or on a wide one, the whole form.
(function () {
  "use strict";
  var form = document.querySelector("form.writing");
  var narrow = window.matchMedia && window.matchMedia("(max-width: 30em)");
  if (!form || !narrow || !narrow.matches) return;
  var steps = Array.prototype.slice.call(form.querySelectorAll("[data-step]"));
  var last = form.querySelector("[data-last]");
  var send = last && last.querySelector("[type=submit]");
  var wrong = form.querySelector(".is-invalid, .invalid-feedback");
  // What comes back without a fault has only to be sent again.
  if (steps.length < 2 || !send || (form.hasAttribute("data-typed") && !wrong)) return;

  var at = 0;
  var heading = document.createElement("h2");
  var moves = document.createElement("p");
  var back = button("Revenir", "btn");
  var on = button("Continuer", "btn btn-primary");
  var whole = button("Tout le formulaire", "btn btn-link");
  heading.tabIndex = -1;
  moves.className = "buttons";
  [on, back, whole].forEach(function (one) { moves.appendChild(one); });
  form.insertBefore(heading, form.querySelector("fieldset"));
  legends("sr-only"); // the heading says where one is

  function legends(look) {
    Array.prototype.forEach.call(form.querySelectorAll("form > fieldset > legend"), function (one) {
      one.className = look;
    });
  }
  function button(words, look) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = look;
    made.textContent = words;
    return made;
  }
  function show(step) {
    at = step;
    heading.textContent = at + 1 + " sur " + steps.length + "\u00a0: " + steps[at].getAttribute("data-step");
    steps.forEach(function (one, rank) { one.hidden = rank !== at; });
    Array.prototype.forEach.call(form.querySelectorAll("form > fieldset"), function (set) {
      set.hidden = !set.contains(steps[at]);
    });
    last.hidden = at < steps.length - 1;
    if (last.hidden) last.parentNode.insertBefore(moves, last);
    else send.parentNode.insertBefore(moves, send.nextSibling);
    toggle(back, at > 0);
    toggle(on, at < steps.length - 1);
  }
  // Buttons are shown and hidden by being there: the style of .btn would win over [hidden].
  function toggle(one, shown) {
    if (!shown && one.parentNode) moves.removeChild(one);
    else if (shown && !one.parentNode) moves.insertBefore(one, one === on ? moves.firstChild : whole);
  }
  function go(step) {
    show(step);
    heading.focus();
    heading.scrollIntoView();
  }
  function all() {
    steps.concat(last, Array.prototype.slice.call(form.querySelectorAll("fieldset"))).forEach(function (one) {
      one.hidden = false;
    });
    heading.hidden = moves.hidden = true;
    legends("");
    steps = [];
  }
  function stepOf(field) {
    return steps.findIndex(function (one) { return field && one.contains(field); });
  }

  on.addEventListener("click", function () { go(at + 1); });
  back.addEventListener("click", function () { go(at - 1); });
  whole.addEventListener("click", function () {
    var first = steps[0].querySelector("input");
    all();
    if (first) first.focus();
  });
  form.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || !steps.length || at === steps.length - 1) return;
    event.preventDefault();
    go(at + 1);
  });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest('a[href^="#id_"]');
    var field = link && document.getElementById(link.getAttribute("href").slice(1));
    var step = stepOf(field);
    if (step < 0) return;
    event.preventDefault();
    show(step);
    field.focus();
  });
  narrow.addListener(function () { if (!narrow.matches && steps.length) all(); });
  show(Math.max(0, stepOf(wrong)));
})();
