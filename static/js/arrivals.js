// The door, when the network comes and goes: the list is searched here, and a tap is kept on this device until the
// server has it. Without this script each tap is a form, and works all the same.
// What waits holds codes, hours, and the names typed for those who are on no list; never the list itself.
(function () {
  "use strict";
  var list = document.getElementById("list");
  var net = document.getElementById("net");
  var q = document.getElementById("q");
  var came = document.getElementById("came");
  var found = document.getElementById("found");
  var door = document.getElementById("venir");
  if (!list || !door || !window.fetch || !window.localStorage || !list.dataset.store) return;

  var STORE = list.dataset.store;
  var BOTH = list.dataset.both === "oui";
  var AGAIN = 5000;
  var OLD = 7 * 24 * 3600 * 1000;
  var people = {};
  var sending = false;
  var timer;
  var trouble = "";

  function fold(words) {
    return words.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/’/g, "'");
  }
  function queue() {
    try {
      var kept = JSON.parse(localStorage.getItem(STORE) || "[]");
      return kept.filter(function (one) { return Date.now() - one.at < OLD; });
    } catch (unreadable) {
      return [];
    }
  }
  function keep(waiting) {
    try {
      if (waiting.length) localStorage.setItem(STORE, JSON.stringify(waiting));
      else localStorage.removeItem(STORE);
      return true;
    } catch (full) {
      return false;
    }
  }

  // One line of the list: as templates/admin/consultation/rencontre/arrivals_line.html.
  function button(value, words, label, plain) {
    var made = document.createElement("button");
    made.name = "tap";
    made.value = value;
    made.textContent = words;
    if (label) made.setAttribute("aria-label", label);
    if (plain) made.className = "plain";
    return made;
  }
  function small(words) {
    var made = document.createElement("small");
    made.textContent = words;
    return made;
  }
  function draw(code) {
    var one = people[code];
    var hadFocus = one.line.contains(document.activeElement);
    one.line.className = one.here ? "here" : "";
    one.line.textContent = "";
    if (one.here) {
      var said = document.createElement("span");
      var name = document.createElement("b");
      name.textContent = one.label;
      said.append(name, " ", small([one.here, one.note, one.noPhoto ? "pas de photo" : ""].filter(Boolean).join(" · ")));
      var photo = one.noPhoto ? "Ne refuse plus" : "Pas de photo";
      one.line.append(
        said,
        button("photo-" + (one.noPhoto ? "oui" : "non") + " " + code, photo, photo + " : " + one.label, true),
        button("effacer " + code, "Effacer", "Effacer l’arrivée : " + one.label, true)
      );
    } else {
      var main = button("arrivee " + code + (BOTH ? " salle" : ""), one.label);
      if (one.before) main.append(" ", small(one.before));
      one.line.append(main);
      if (BOTH) one.line.append(button("arrivee " + code + " distance", "À distance", "À distance : " + one.label, true));
    }
    if (hadFocus) one.line.querySelector("button").focus();
  }
  function read(line) {
    var here = line.classList.contains("here");
    var words = line.querySelector("small");
    var said = words ? words.textContent : "";
    var main = line.querySelector(here ? "b" : "button");
    var label = (here ? main : main.firstChild).textContent.trim();
    people[line.id] = { line: line, label: label, here: "", note: "", before: here ? "" : said, noPhoto: false };
    return here;
  }
  function add(code, label) {
    var line = document.createElement("li");
    line.id = code;
    list.querySelector("ul").append(line);
    people[code] = { line: line, label: label, here: "", note: "", before: "", noPhoto: false };
  }

  // What the server says is; what waits here is drawn over it.
  function show(state) {
    Object.keys(state.names).forEach(function (code) { if (!people[code]) add(code, state.names[code]); });
    Object.keys(people).forEach(function (code) {
      var one = people[code];
      var before = [one.here, one.note, one.noPhoto].join("|");
      one.here = state.here[code] || "";
      one.note = state.notes[code] || "";
      one.noPhoto = state.photo.indexOf(code) > -1;
      if (code[0] === "V" && !one.here) {
        one.line.remove();
        delete people[code];
      } else if (before !== [one.here, one.note, one.noPhoto].join("|")) draw(code);
    });
    came.textContent = state.label;
    queue().forEach(foresee);
    sift();
  }
  function foresee(one) {
    if (!one.tap) return;
    var parts = one.tap.split(" ");
    var who = people[parts[1]];
    if (!who) return;
    if (parts[0] === "arrivee" && !who.here) who.here = clock(one.at);
    if (parts[0] === "effacer") who.here = "";
    if (parts[0] === "photo-non") who.noPhoto = true;
    if (parts[0] === "photo-oui") who.noPhoto = false;
    draw(parts[1]);
  }
  function clock(at) {
    var when = new Date(at);
    return when.getHours() + " h" + (when.getMinutes() ? " " + ("0" + when.getMinutes()).slice(-2) : "");
  }

  function say() {
    var waiting = queue().length;
    var words = waiting === 1 ? "1 arrivée pas encore envoyée" : waiting + " arrivées pas encore envoyées";
    net.textContent = "";
    if (trouble) line(trouble, "");
    if (waiting) {
      line(words + (navigator.onLine === false ? ", faute de réseau : elles partiront seules." : "…"), "waits");
      var erase = button("", "Effacer de cet appareil", "", true);
      erase.type = "button";
      erase.addEventListener("click", function () {
        if (!window.confirm("Effacer de cet appareil ce qui n’est pas encore envoyé ? Ces arrivées ne seront pas notées.")) return;
        keep([]);
        window.location.reload();
      });
      net.append(erase);
    }
    function line(said, kind) {
      var made = document.createElement("p");
      made.className = kind;
      made.textContent = said;
      net.append(made);
    }
  }

  function send() {
    clearTimeout(timer);
    var next = queue()[0];
    if (sending || !next) return say();
    sending = true;
    var body = new FormData();
    Object.keys(next.fields || { tap: 1 }).forEach(function (name) { body.set(name, next.fields ? next.fields[name] : next.tap); });
    body.set("ago", Math.max(0, Math.round((Date.now() - next.at) / 1000)));
    body.set("csrfmiddlewaretoken", list.elements.csrfmiddlewaretoken.value);
    ask({ method: "POST", body: body }).then(function (answer) {
      sending = false;
      if (answer.status === 403 || answer.status === 0) return leave("Vous n’êtes plus connecté : rien n’est perdu, rechargez cette page et reconnectez-vous.");
      if (answer.status >= 500) return leave("Le site ne répond pas : l’envoi reprendra seul.");
      keep(queue().filter(function (one) { return one.key !== next.key; }));
      trouble = "";
      if (answer.state) {
        show(answer.state);
        if (answer.state.says) refused(next, answer.state.says);
      }
      send();
    }, function () {
      sending = false;
      leave("");
    });
  }
  function leave(said) {
    trouble = said;
    say();
    timer = setTimeout(send, AGAIN);
  }
  function refused(one, said) {
    var who = one.tap ? people[one.tap.split(" ")[1]] : null;
    trouble = (who ? who.label : (one.fields && (one.fields.name || one.fields.email)) || "") + " : " + said;
    if (one.fields) {
      ["name", "email"].forEach(function (name) { if (!door.elements[name].value) door.elements[name].value = one.fields[name] || ""; });
    }
  }
  // A log-in page in answer is no answer: status 0.
  function ask(options) {
    options.headers = { Accept: "application/json" };
    options.credentials = "same-origin";
    return fetch(window.location.pathname, options).then(function (answer) {
      var json = (answer.headers.get("Content-Type") || "").indexOf("application/json") === 0;
      if (answer.redirected || (answer.ok && !json)) return { status: 0 };
      if (!json) return { status: answer.status };
      return answer.json().then(function (state) { return { status: answer.status, state: state }; });
    });
  }
  function put(one) {
    one.at = Date.now();
    one.key = one.at + "-" + Math.random();
    if (!keep(queue().concat(one))) {
      trouble = "Cet appareil ne garde rien : attendez le réseau avant de toucher un nom.";
      return say();
    }
    foresee(one);
    say();
    send();
  }
  function refresh() {
    if (document.hidden || sending || queue().length) return send();
    ask({}).then(function (answer) { if (answer.state) show(answer.state); }, function () {});
  }

  function sift() {
    var words = fold(q.value.trim());
    var shown = 0;
    Object.keys(people).forEach(function (code) {
      var match = !words || fold(people[code].label).indexOf(words) > -1 || code.toLowerCase() === words;
      people[code].line.hidden = !match;
      if (match) shown += 1;
    });
    if (!words) found.textContent = "";
    else if (!shown) found.textContent = "Personne de ce nom n’est inscrit. Notez une venue sans inscription, plus bas.";
    else found.textContent = shown + (shown > 1 ? " noms" : " nom") + " pour « " + q.value.trim() + " ».";
    return shown;
  }
  function freshKey() {
    var signs = Array.prototype.map.call(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    });
    return signs.join("");
  }

  list.addEventListener("submit", function (event) {
    var pressed = event.submitter;
    if (!pressed || pressed.name !== "tap") return;
    event.preventDefault();
    put({ tap: pressed.value });
    q.value = "";
    sift();
  });
  document.getElementById("find").addEventListener("submit", function (event) {
    event.preventDefault();
    var first = sift() && list.querySelector("li:not([hidden]) button");
    if (first) first.focus();
    else {
      door.elements.name.value = q.value.trim();
      door.elements.name.focus();
    }
  });
  q.addEventListener("input", sift);
  door.addEventListener("submit", function (event) {
    var fields = { venir: "oui" };
    ["name", "email", "college", "key"].forEach(function (name) { fields[name] = door.elements[name].value.trim(); });
    if (door.elements.image_refused.checked) fields.image_refused = "on";
    // What the server would refuse is refused there, with its reason.
    if (!fields.name && (!fields.email || !door.elements.email.validity.valid)) return;
    if (fields.email && !door.elements.email.validity.valid) return;
    event.preventDefault();
    door.reset();
    door.elements.key.value = freshKey();
    put({ fields: fields });
  });
  window.addEventListener("online", send);
  window.addEventListener("offline", say);
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, 30000);

  var lines = Array.prototype.slice.call(list.querySelectorAll("li"));
  var drawn = lines.filter(read);
  drawn.forEach(function (line) {
    var one = people[line.id];
    var said = line.querySelector("small").textContent.split(" · ");
    one.here = said[0].trim();
    one.noPhoto = said.indexOf("pas de photo") > -1;
    one.note = said.slice(1).filter(function (words) { return words !== "pas de photo"; }).join(" · ");
  });
  queue().forEach(foresee);
  sift();
  send();
})();
