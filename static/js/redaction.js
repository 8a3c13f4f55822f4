// What a rédacteur writes is kept while they write, and said beside the button; never over what somebody else wrote.
// Without it, the button does the same.
(function () {
  "use strict";
  var forms = document.querySelectorAll("[data-autosave]");
  if (!forms.length || !window.fetch || !window.FormData || !forms[0].requestSubmit) return;
  var PAUSE = 1500;
  var AGAIN = 10000;
  var WAIT = 8000;
  var SMALL = 15000; // characters that a page may still send once it is left
  var NOT_SAVED = "Pas enregistré : le portail ne répond pas. Vos mots sont ici, un nouvel essai part dans dix secondes.";
  var AWAY =
    "Pas enregistré : le portail ne vous reconnaît plus, ou il est en panne. Vos mots sont ici : connectez-vous dans un " +
    "autre onglet, un nouvel essai part toutes les dix secondes.";
  var leaving;
  var keepers = Array.prototype.map.call(forms, keeper);

  // Whoever came in again, in another tab, has another token: that of this page opened anew.
  function renew() {
    return fetch(window.location.href, { credentials: "same-origin" })
      .then(function (response) {
        return response.text();
      })
      .then(function (html) {
        var fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-autosave]");
        if (!fresh) return;
        Array.prototype.forEach.call(document.querySelectorAll("[name=csrfmiddlewaretoken]"), function (field) {
          field.value = fresh.elements.csrfmiddlewaretoken.value;
        });
      });
  }

  // One form. Its promises are kept once nothing of it is on its way.
  function keeper(form) {
    var note = form.querySelector("[data-saved]");
    var timer, sending, dirty, stopped, failed, away;
    var typed; // since what was sent last was read from the form
    var first; // what was sent to make a passage, until an answer comes: the same again makes no second one

    function say(words) {
      if (note.textContent !== words) note.textContent = words;
    }
    function wait(delay) {
      clearTimeout(timer);
      timer = setTimeout(save, delay);
    }
    function read(told) {
      var seal = form.elements.seal.value;
      // The other forms about the same words; never those of another form that is being written.
      Array.prototype.forEach.call(document.querySelectorAll("input[name=seal]"), function (field) {
        if (field.form === form || (seal && field.value === seal)) field.value = told.seal;
      });
      if (told.address) form.action = told.address;
    }
    function answered(response) {
      away = (response.headers.get("Content-Type") || "").indexOf("json") < 0;
      if (away) {
        lost(AWAY);
        return renew();
      }
      return response.json().then(function (told) {
        say(told.said);
        first = null;
        stopped = response.status === 409;
        failed = !response.ok;
        if (response.ok) {
          read(told);
          return;
        }
        dirty = true;
        if (typed) wait(PAUSE); // this answer is about words that are no longer those of the form
      });
    }
    function lost(why) {
      dirty = failed = true;
      say(why);
      wait(AGAIN);
    }
    function save() {
      clearTimeout(timer);
      if (sending) return sending.then(save);
      if (!dirty || stopped) return Promise.resolve();
      var data = first;
      var late = window.AbortController && new AbortController();
      var patience = late && setTimeout(late.abort.bind(late), WAIT);
      if (!data) {
        data = new FormData(form);
        data.append("act", form.getAttribute("data-autosave"));
        dirty = typed = false;
        if (form.elements.submission_key && !form.elements.seal.value) first = data;
      }
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      sending = fetch(form.action, {
        method: "POST",
        body: data,
        credentials: "same-origin",
        keepalive: form.querySelector("textarea").value.length < SMALL,
        signal: late ? late.signal : undefined,
      })
        .then(answered)
        .catch(function () {
          lost(away ? AWAY : NOT_SAVED);
        })
        .then(function () {
          clearTimeout(patience);
          sending = null;
          if (dirty && !failed) wait(PAUSE);
        });
      return sending;
    }

    // Kept once nothing is on its way, what was waiting for its turn included.
    function rest() {
      return sending ? sending.then(rest) : Promise.resolve();
    }

    form.addEventListener("input", function () {
      dirty = typed = true;
      if (!stopped) wait(PAUSE);
    });
    form.addEventListener("focusout", function () {
      if (dirty) save();
    });
    return {
      form: form,
      // The button of this very form sends what is typed: only what is on its way is waited for.
      finish: function () {
        return (first || away) && !sending ? save().then(rest) : rest();
      },
      keep: function () {
        return save().then(rest);
      },
      isSending: function () {
        return !!(sending || first || away);
      },
      isUnsaved: function () {
        return !!(dirty || sending || first);
      },
      isAtRisk: function () {
        return dirty && (failed || stopped);
      },
      show: function () {
        note.scrollIntoView({ block: "center" });
      },
    };
  }

  // Another button of the page, or this one while a request is on its way: first what is being written.
  document.addEventListener("submit", function (event) {
    if (leaving) return;
    function waits(one) {
      return one.form === event.target ? one.isSending() : one.isUnsaved();
    }
    if (!keepers.some(waits)) {
      leaving = true;
      return;
    }
    event.preventDefault();
    Promise.all(
      keepers.filter(waits).map(function (one) {
        return one.form === event.target ? one.finish() : one.keep();
      })
    ).then(function () {
      var left = keepers.filter(waits)[0];
      if (left) {
        left.show();
        return;
      }
      leaving = true;
      event.target.requestSubmit(event.submitter);
    });
  });
  // Come back to as it was left, it would write over what has been added since.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) window.location.reload();
  });
  window.addEventListener("beforeunload", function (event) {
    if (leaving) return;
    keepers.forEach(function (one) {
      if (one.isAtRisk()) event.preventDefault();
      else one.keep();
    });
  });
})();
