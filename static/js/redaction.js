// What a rédacteur writes is kept while they write, and said beside the button; never over what somebody else wrote.
// Without it, the button does the same.
(function () {
  "use strict";
  var form = document.querySelector("[data-autosave]");
  if (!form || !window.fetch || !window.FormData || !form.requestSubmit) return;
  var note = form.querySelector("[data-saved]");
  var PAUSE = 1500;
  var AGAIN = 10000;
  var WAIT = 8000;
  var SMALL = 15000; // characters that a page may still send once it is left
  var NOT_SAVED = "Pas enregistré : le portail ne répond pas. Vos mots sont ici, un nouvel essai part dans dix secondes.";
  var timer, sending, dirty, stopped, failed, leaving;

  function say(words) {
    if (note.textContent !== words) note.textContent = words;
  }
  function wait(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }
  function answered(response) {
    return response.json().then(function (told) {
      say(told.said);
      stopped = response.status === 409;
      failed = !response.ok;
      if (!response.ok) dirty = true;
      else
        Array.prototype.forEach.call(document.querySelectorAll("input[name=seal]"), function (seal) {
          seal.value = told.seal;
        });
    });
  }
  function lost() {
    dirty = failed = true;
    say(NOT_SAVED);
    wait(AGAIN);
  }
  // Always a promise, kept once nothing is on its way.
  function save() {
    clearTimeout(timer);
    if (sending) return sending.then(save);
    if (!dirty || stopped) return Promise.resolve();
    var data = new FormData(form);
    var late = window.AbortController && new AbortController();
    var patience = late && setTimeout(late.abort.bind(late), WAIT);
    data.append("act", "garder");
    dirty = false;
    sending = fetch(window.location.href, {
      method: "POST",
      body: data,
      credentials: "same-origin",
      keepalive: form.elements.text.value.length < SMALL,
      signal: late ? late.signal : undefined,
    })
      .then(answered)
      .catch(lost)
      .then(function () {
        clearTimeout(patience);
        sending = null;
      });
    return sending;
  }

  form.addEventListener("input", function () {
    dirty = true;
    if (!stopped) wait(PAUSE);
  });
  form.addEventListener("focusout", function () {
    if (dirty) save();
  });
  // Another button of the page, or this one while a request is on its way: first what is being written.
  document.addEventListener("submit", function (event) {
    var own = event.target === form;
    if (leaving || (own ? !sending : !dirty && !sending)) {
      leaving = true;
      return;
    }
    event.preventDefault();
    clearTimeout(timer);
    (own ? sending : save()).then(function () {
      if (!own && dirty) {
        note.scrollIntoView();
        return;
      }
      leaving = true;
      event.target.requestSubmit(event.submitter);
    });
  });
  window.addEventListener("beforeunload", function (event) {
    if (leaving || !dirty) return;
    if (failed || stopped) event.preventDefault();
    else save();
  });
})();
