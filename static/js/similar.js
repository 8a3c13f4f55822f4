// Once a title is written, shows what others have said about it; without it the receipt does.
(function () {
  "use strict";
  var place = document.querySelector("[data-similar]");
  var title = document.getElementById("id_title");
  if (!place || !title || !window.fetch) return;
  var asked = title.value;
  title.addEventListener("change", function () {
    var typed = title.value.trim();
    if (typed === asked) return;
    asked = typed;
    fetch(place.getAttribute("data-similar") + "?titre=" + encodeURIComponent(typed), { cache: "no-store" })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (found) { if (typed === asked) place.innerHTML = found; })
      .catch(function () {});
  });
})();
