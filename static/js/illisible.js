// « Insérer [illisible] »: puts the mark where one is typing; without this script it is typed.
for (const button of document.querySelectorAll("[data-illisible]")) {
  const text = document.getElementById(button.dataset.illisible);
  button.hidden = false;
  button.addEventListener("click", () => {
    text.setRangeText("[illisible]", text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}
