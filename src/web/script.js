// The one script, for pages behind a session. Every page does its work without it; here are only saved steps.
"use strict";

// A file dropped on its field is chosen there.
for (const field of document.querySelectorAll("[data-drop]")) {
  const input = field.querySelector("input[type=file]");
  const lit = (on) => (event) => { event.preventDefault(); field.classList.toggle("over", on); };
  for (const name of ["dragenter", "dragover"]) field.addEventListener(name, lit(true));
  for (const name of ["dragleave", "drop"]) field.addEventListener(name, lit(false));
  field.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

// A form that is sent once is not sent twice by an impatient press.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
