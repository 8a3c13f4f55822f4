// Suggests the communes of the region while one types; without it the form works all the same.
(function () {
  "use strict";
  var field = document.querySelector("[data-communes]");
  if (!field || !window.fetch || !("list" in field)) return;
  var list = document.createElement("datalist");
  list.id = "communes";
  field.after(list);
  field.setAttribute("list", list.id);
  var timer;
  field.addEventListener("input", function () {
    clearTimeout(timer);
    var typed = field.value.trim();
    if (typed.length < 2) return;
    timer = setTimeout(function () {
      fetch("/communes.json?q=" + encodeURIComponent(typed))
        .then(function (answer) { return answer.json(); })
        .then(function (found) {
          list.replaceChildren.apply(list, found.communes.map(function (name) { return new Option(name, name); }));
        })
        .catch(function () {});
    }, 200);
  });
})();
