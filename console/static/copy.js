// A button beside each text that is to be pasted elsewhere. Without this script the text can be selected by hand.
"use strict";
for (const button of document.querySelectorAll("button[data-copies]")) {
  const text = document.getElementById(button.dataset.copies);
  const said = document.getElementById(button.dataset.says);
  button.hidden = false;
  button.addEventListener("click", () => {
    text.focus();
    text.select(); // whatever the browser allows, the text is selected now
    const selected = () => { said.textContent = "Selected: press Ctrl and C to copy it."; };
    const copied = () => { said.textContent = "Copied."; };
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text.value).then(copied, selected);
    } else if (document.execCommand("copy")) {
      copied();
    } else {
      selected();
    }
  });
}
