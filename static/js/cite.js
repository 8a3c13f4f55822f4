// Words selected in a contribution come into the field beside it; without this they are pasted there.
(function () {
  "use strict";
  document.addEventListener("selectionchange", function () {
    var chosen = window.getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.anchorNode || !chosen.focusNode) return;
    var node = chosen.anchorNode.nodeType === 1 ? chosen.anchorNode : chosen.anchorNode.parentNode;
    var text = node.closest("[data-text]");
    // A selection that goes out of its contribution is no quotation of it.
    if (!text || !text.contains(chosen.focusNode)) return;
    var field = text.parentNode.querySelector("textarea[name=quote]");
    if (field) field.value = chosen.toString().trim();
  });
})();
