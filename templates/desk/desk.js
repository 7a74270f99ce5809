// The desk works without this file; with it, it is quicker and safer.
(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]");
  var typed = false;

  // What was typed is not left by mistake.
  if (form) {
    form.addEventListener("input", function () { typed = true; });
    form.addEventListener("submit", function () { typed = false; });
    window.addEventListener("beforeunload", function (e) { if (typed) { e.preventDefault(); } });
  }

  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", function (e) {
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = "1";
    window.setTimeout(function () { delete e.target.dataset.sent; }, 3000);
  });

  // Faults of a form are read first.
  var problems = document.getElementById("problems");
  if (problems) {
    problems.querySelectorAll('a[href^="#"]').forEach(function (a, i) {
      var field = document.getElementById(a.getAttribute("href").slice(1));
      if (!field || field.tagName === "FIELDSET") { return; }
      a.id = "problem-" + i;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", ((field.getAttribute("aria-describedby") || "") + " " + a.id).trim());
    });
    problems.focus();
  }

  // What is unmasked hides itself again: data-mask-after="seconds". The hidden
  // text leaves the page, so that it cannot be copied from it either.
  document.querySelectorAll("[data-mask-after]").forEach(function (el) {
    window.setTimeout(function () {
      el.textContent = el.dataset.masked || "";
      el.classList.add("masked");
    }, 1000 * Number(el.dataset.maskAfter));
  });

  // Keys: "/" goes to the page's entry field (data-entry), "?" to nothing that
  // types. Elements with data-key="x" are pressed by Alt+x.
  document.addEventListener("keydown", function (e) {
    var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName);
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
      var entry = document.querySelector("[data-entry]");
      if (entry) { e.preventDefault(); entry.focus(); entry.select(); }
    }
    if (e.altKey && !e.ctrlKey && !e.metaKey && /^[0-9a-z]$/.test(e.key)) {
      var pressed = document.querySelector('[data-key="' + e.key + '"]');
      if (pressed) { e.preventDefault(); pressed.click(); }
    }
  });

  // A page brought back by the browser's "back" after signing out shows
  // nothing of before.
  window.addEventListener("pageshow", function (e) { if (e.persisted) { window.location.reload(); } });
})();
