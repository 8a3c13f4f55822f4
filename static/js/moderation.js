// The keys of a moderator, where they asked for them; and what is selected goes to the form that masks.
(function () {
  "use strict";
  var desk = document.querySelector(".desk");
  var text = document.getElementById("texte");
  var said = document.getElementById("said");
  if (!desk || !text) return;

  // Said again once the page is there: a live region that is born full is not read.
  function say(words) {
    var line = document.createElement("p");
    line.textContent = words;
    line.className = "visually-hidden";
    setTimeout(function () { said.append(line); }, 150);
  }
  var told = said.querySelector(".messagelist");
  if (told) say(told.textContent.trim());

  function part(name) { return document.querySelector("[data-act=" + name + "]"); }

  function tool(name) {
    var opened = document.querySelector("[data-tool=" + name + "]");
    if (!opened) return null;
    opened.open = true;
    return opened;
  }

  function focusFirst(opened) {
    var field = opened && opened.querySelector("textarea, select, input:not([type=hidden])");
    if (field) field.focus();
  }

  // The words selected in the text, on one line: a passage to a line of the form.
  function selected() {
    var selection = window.getSelection();
    if (!selection || selection.isCollapsed || !text.contains(selection.anchorNode)) return "";
    return selection.toString().replace(/\s+/g, " ").trim();
  }

  function fillMask() {
    var opened = document.querySelector("[data-tool=mask]");
    var words = selected();
    var field = opened && opened.querySelector("textarea");
    if (field && words) field.value = words;
    return words;
  }
  document.addEventListener("mouseup", fillMask);

  var refuse = {
    choose: function (digit) {
      var label = document.querySelector("[data-reason='" + digit + "']");
      if (!label) return;
      label.querySelector("input").checked = true;
      part("refuse").focus();
      say(label.textContent.trim() + ". Entrée pour confirmer.");
    },
    now: function () {
      if (document.querySelector("[data-reason] input:checked")) part("refuse").click();
      else document.querySelector(".reasons input").focus();
    }
  };

  var acts = {
    publish: function () { part("publish").click(); },
    refuse: refuse.now,
    next: function () { part("next").click(); },
    previous: function () { part("previous").click(); },
    note: function () { focusFirst(tool("note")); },
    opinion: function () { focusFirst(tool("opinion")); },
    reformulation: function () { focusFirst(tool("reformulation")); },
    mask: function () {
      var words = fillMask();
      var opened = tool("mask");
      if (!opened) return;
      var reason = opened.querySelector("[name=reason]");
      if (words && !reason.value) reason.focus();
      else focusFirst(opened);
    },
    help: function () { document.getElementById("touches").showModal(); }
  };

  if (!("keys" in desk.dataset)) return;
  var bindings = {};
  document.querySelectorAll("[data-key]").forEach(function (key) { bindings[key.textContent] = key.dataset.key; });
  var help = part("help");
  help.hidden = false;
  help.addEventListener("click", acts.help);

  // A radio or a tick takes no letter: what is typed elsewhere is left alone.
  function typing(target) {
    if (target.isContentEditable || target.closest("textarea, select, dialog")) return true;
    return target.matches("input") && !target.matches("[type=radio], [type=checkbox]");
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) text.focus();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat || typing(event.target)) return;
    // On an AZERTY keyboard the row of digits gives them with Maj only: their place counts, not their sign.
    var digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    var act = bindings[event.key.toLowerCase()];
    if (!act && !digit) return;
    event.preventDefault();
    if (act) { if (act === "help" || document.querySelector("[data-act=" + act + "], [data-tool=" + act + "]")) acts[act](); }
    else if (part("refuse")) refuse.choose(digit[1]);
  });
})();
