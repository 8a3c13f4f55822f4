// The table of a scribe: many short productions in a row, also through a cut of the network. Each one typed joins a
// line kept on this device and leaves in its turn, with its own key: sent twice, it is written once. Without this
// script the form works all the same, one page after the other.
(function () {
  "use strict";
  var form = document.querySelector("[data-table]");
  var store;
  try {
    store = window.localStorage;
    store.getItem("table");
  } catch (refused) {
    return;
  }
  if (!form || !window.fetch || !window.URLSearchParams || !window.DOMParser) return;

  var QUEUE = "table:" + form.getAttribute("data-table");
  var DRAFT = QUEUE + ":brouillon";
  var NEVER = { csrfmiddlewaretoken: 1, submission_key: 1 };
  var AGAIN = 15000; // milliseconds between two tries while the network is away
  var waiting = document.getElementById("attente");
  var list = waiting.querySelector("ul");
  var said = document.getElementById("dit");
  var sending = false;
  var timer;

  function read(name, nothing) {
    try {
      return JSON.parse(store.getItem(name)) || nothing;
    } catch (unreadable) {
      return nothing;
    }
  }
  function keep(name, value) {
    try {
      store.setItem(name, JSON.stringify(value));
      return true;
    } catch (full) {
      return false;
    }
  }
  function ticks(field) {
    return field.type === "checkbox" || field.type === "radio";
  }
  function each(work) {
    Array.prototype.forEach.call(form.elements, function (field) {
      if (field.name && field.type !== "submit") work(field);
    });
  }
  function typed() {
    var pairs = [];
    each(function (field) {
      if (field.name === "csrfmiddlewaretoken" || (ticks(field) && !field.checked)) return;
      pairs.push([field.name, field.value]);
    });
    return pairs;
  }
  function value(pairs, name) {
    var found = pairs.filter(function (pair) { return pair[0] === name; })[0];
    return found ? found[1] : "";
  }
  function fill(pairs) {
    each(function (field) {
      if (field.name === "csrfmiddlewaretoken") return;
      if (ticks(field)) {
        field.checked = pairs.some(function (pair) { return pair[0] === field.name && pair[1] === field.value; });
      } else if (pairs.some(function (pair) { return pair[0] === field.name; })) {
        field.value = value(pairs, field.name);
      }
    });
  }
  function freshKey() {
    form.elements.submission_key.value = Array.prototype.map
      .call(crypto.getRandomValues(new Uint8Array(16)), function (byte) { return ("0" + byte.toString(16)).slice(-2); })
      .join("");
  }
  function clear() {
    each(function (field) {
      if (NEVER[field.name] || field.name === "nature" || field.name === "theme") return;
      if (ticks(field)) field.checked = false;
      else field.value = "";
    });
    freshKey();
    store.removeItem(DRAFT);
    form.elements.title.focus();
  }
  function empty() {
    return !form.elements.title.value.trim() && !form.elements.body.value.trim();
  }

  function show() {
    var queue = read(QUEUE, []);
    waiting.hidden = !queue.length;
    list.textContent = "";
    queue.forEach(function (one) {
      var item = document.createElement("li");
      var title = document.createElement("p");
      title.className = "row-title";
      title.textContent = value(one.pairs, "title") || "(sans titre)";
      item.appendChild(title);
      if (one.why) {
        var why = document.createElement("p");
        var again = document.createElement("button");
        why.textContent = one.why;
        again.type = "button";
        again.className = "btn";
        again.textContent = "Reprendre";
        again.addEventListener("click", function () { takeBack(one); });
        item.appendChild(why);
        item.appendChild(again);
      }
      list.appendChild(item);
    });
  }
  function without(one) {
    var key = value(one.pairs, "submission_key");
    return read(QUEUE, []).filter(function (other) { return value(other.pairs, "submission_key") !== key; });
  }
  function takeBack(one) {
    var queue = without(one);
    if (!empty()) queue.push({ pairs: typed(), why: "Mise de côté pendant que vous en repreniez une autre." });
    keep(QUEUE, queue);
    fill(one.pairs);
    freshKey();
    draft();
    show();
    form.elements.title.focus();
  }
  function refused(one, why) {
    var queue = read(QUEUE, []);
    queue.forEach(function (other) {
      if (value(other.pairs, "submission_key") === value(one.pairs, "submission_key")) other.why = why;
    });
    keep(QUEUE, queue);
    said.textContent = "Une production n’a pas été enregistrée : " + why;
  }

  function send() {
    var next = read(QUEUE, []).filter(function (one) { return !one.why; })[0];
    clearTimeout(timer);
    show();
    if (sending || !next) return;
    sending = true;
    var body = new URLSearchParams(next.pairs);
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    fetch(form.action, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (answer) {
        if (answer.status >= 500 || answer.status === 429) throw new Error("later");
        return answer.text().then(function (html) {
          received(next, answer.ok, new DOMParser().parseFromString(html, "text/html"));
        });
      })
      .then(function () {
        sending = false;
        send();
      })
      .catch(function () {
        sending = false;
        timer = setTimeout(send, AGAIN);
      });
  }
  function received(one, written, page) {
    var fresh = page.getElementById("ecrites");
    if (written && fresh) {
      keep(QUEUE, without(one));
      document.getElementById("ecrites").innerHTML = fresh.innerHTML;
      said.textContent = "Enregistrée : " + value(one.pairs, "title");
      return;
    }
    var why = page.querySelector("#erreurs li, #refus") || page.querySelector("h1");
    refused(one, why ? why.textContent.replace(/\s+/g, " ").trim() : "Réponse illisible.");
  }

  function draft() {
    if (empty()) store.removeItem(DRAFT);
    else keep(DRAFT, typed());
  }

  form.addEventListener("submit", function (event) {
    if (!form.elements.title.value.trim() || !form.elements.body.value.trim()) return; // the page says what is missing
    var queue = read(QUEUE, []).concat({ pairs: typed(), why: "" });
    if (!keep(QUEUE, queue)) return; // no room on this device: sent as any form
    event.preventDefault();
    clear();
    send();
  });
  form.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.querySelector("button[type=submit]").click();
  });
  form.addEventListener("input", draft);
  form.addEventListener("change", draft);
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", function (event) {
    if (read(QUEUE, []).length) event.preventDefault();
  });

  document.querySelector("[data-keys]").hidden = false;
  if (!form.hasAttribute("data-typed") && empty()) {
    var before = read(DRAFT, null);
    if (before) fill(before);
  }
  send();
})();
