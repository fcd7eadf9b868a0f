// Shows how far a preview is, and what came of it once it is done. Without it the page has a link: "Look again".
(function () {
  "use strict";
  var box = document.querySelector("[data-preview]");
  if (!box || !window.fetch) { return; }
  var bar = box.querySelector("progress"), says = document.getElementById("working"), told = "";
  function ask() {
    fetch("/timings/preview/" + encodeURIComponent(box.dataset.preview) + "/progress", { credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (found) {
        if (found.state !== "running" || String(found.shown) !== box.dataset.shown) { window.location.reload(); return; }
        var share = Math.floor(found.share * 100), tens = Math.floor(share / 10) * 10 + " per cent of the whole is done.";
        bar.value = share;
        if (tens !== told) { told = tens; says.textContent = says.dataset.says + tens; }
        window.setTimeout(ask, 1500);
      })
      .catch(function () { window.setTimeout(ask, 5000); });
  }
  window.setTimeout(ask, 1500);
})();
