// Keeps what one writes on this device until the receipt, and says so; without it the form works all the same.
// The key of the form is kept with it: sent again after a cut, it gives the same receipt. The e-mail address is not.
(function () {
  "use strict";
  var form = document.querySelector("[data-draft]");
  var receipt = document.querySelector("[data-sent]");
  var OLD = 30 * 24 * 3600 * 1000;
  var NEVER = { csrfmiddlewaretoken: 1, email: 1, precisions: 1, submission_key: 1 };
  var store;
  try {
    store = window.localStorage;
    store.getItem("brouillon");
  } catch (refused) {
    return;
  }
  function read(name) {
    try {
      var kept = JSON.parse(store.getItem(name));
      return kept && kept.fields && Date.now() - kept.at < OLD ? kept : null;
    } catch (unreadable) {
      return null;
    }
  }
  if (receipt) {
    Object.keys(store).forEach(function (name) {
      var kept = name.indexOf("brouillon:") === 0 && read(name);
      if (kept && kept.key.replace(/-/g, "") === receipt.getAttribute("data-sent")) store.removeItem(name);
    });
  }
  if (!form || !form.elements.submission_key) return;

  var name = "brouillon:" + form.getAttribute("data-draft");
  var key = form.elements.submission_key;
  var note = document.createElement("div");
  var words = document.createElement("p");
  var erase = document.createElement("button");
  note.className = "small";
  words.setAttribute("role", "status");
  erase.type = "button";
  erase.className = "btn";
  erase.textContent = "Effacer";
  note.appendChild(words);
  note.appendChild(erase);
  // Where one writes; on top when there is something to find again.
  var body = document.getElementById("div_id_body");
  if (body) body.appendChild(note);
  else form.insertBefore(note, form.firstChild);

  function say(more) {
    words.textContent =
      more +
      "Ce que vous écrivez est gardé sur cet appareil jusqu’à l’envoi, sauf votre adresse électronique. " +
      "Si d’autres s’en servent, effacez-le avant de partir.";
  }
  function each(work) {
    Array.prototype.forEach.call(form.elements, function (field) {
      if (field.name && !NEVER[field.name] && field.type !== "submit" && field.type !== "button") work(field);
    });
  }
  function ticks(field) {
    return field.type === "radio" || field.type === "checkbox";
  }
  function save() {
    var fields = {};
    each(function (field) {
      if (!ticks(field)) fields[field.name] = field.value;
      else if (field.checked) fields[field.name] = (fields[field.name] || []).concat(field.value);
    });
    try {
      store.setItem(name, JSON.stringify({ at: Date.now(), key: key.value, fields: fields }));
    } catch (full) {
      words.textContent = "Cet appareil n’a plus de place pour garder ce que vous écrivez.";
    }
  }
  function restore(kept) {
    each(function (field) {
      var value = kept.fields[field.name];
      if (ticks(field)) field.checked = Array.isArray(value) && value.indexOf(field.value) > -1;
      else if (typeof value === "string") field.value = value;
    });
    key.value = kept.key;
  }
  function freshKey() {
    var signs = Array.prototype.map.call(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    });
    key.value = signs.join("");
  }

  var timer;
  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, 300);
  }
  var kept = read(name);
  if (form.hasAttribute("data-typed")) {
    save(); // the page that came back holds the latest words
    say("");
  } else if (kept) {
    restore(kept);
    form.insertBefore(note, form.firstChild);
    say("Voici ce que vous aviez commencé le " + new Date(kept.at).toLocaleDateString("fr-FR") + ". ");
  } else {
    say("");
  }
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  window.addEventListener("pagehide", function () {
    if (!timer) return;
    clearTimeout(timer);
    save();
  });
  erase.addEventListener("click", function () {
    if (!window.confirm("Effacer tout ce que vous avez écrit ici ?")) return;
    clearTimeout(timer);
    timer = 0;
    store.removeItem(name);
    window.location.assign(form.action);
  });
  // Sent, or erased, from another tab: what is written here from now on is another contribution.
  window.addEventListener("storage", function (event) {
    if (event.key === name && event.newValue === null) freshKey();
  });
  form.addEventListener("submit", function (event) {
    clearTimeout(timer);
    save();
    if (navigator.onLine !== false) return;
    event.preventDefault();
    words.textContent =
      "Pas de connexion : rien n’est parti. Ce que vous avez écrit est gardé ici, envoyez-le quand elle reviendra.";
    var sending = form.querySelector("[data-last]");
    if (sending) sending.insertBefore(note, sending.firstChild);
    note.scrollIntoView();
  });
})();
