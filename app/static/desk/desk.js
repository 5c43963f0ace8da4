/* The desk's one script. Everything here only makes quicker what plain links and forms do without it. */
"use strict";

(() => {
  const dialog = document.getElementById("ask-dialog");
  let asking = null;

  /* Buttons that do harm: ask here instead of on the server's own page. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const source = event.submitter && event.submitter.dataset.confirm ? event.submitter : form;
    if (!source.dataset || !source.dataset.confirm || form.dataset.confirmed || !dialog || !dialog.showModal) return;
    event.preventDefault();
    asking = { form, submitter: event.submitter };
    dialog.querySelector("[data-part=words]").textContent = source.dataset.confirm;
    dialog.querySelector("[data-part=detail]").textContent = source.dataset.confirmDetail || "";
    dialog.querySelector("[data-part=yes]").textContent = source.dataset.confirmYes || "Yes, go on";
    dialog.returnValue = "";
    dialog.showModal();
    dialog.querySelector("[value=no]").focus();
  });

  if (dialog) {
    dialog.addEventListener("close", () => {
      const { form, submitter } = asking || {};
      asking = null;
      if (!form || dialog.returnValue !== "yes") return;
      const answer = document.createElement("input");
      answer.type = "hidden";
      answer.name = "confirmed";
      answer.value = "yes";
      answer.dataset.added = "";
      form.append(answer);
      form.dataset.confirmed = "yes";
      form.requestSubmit(submitter || undefined);
    });
  }

  /* A second press of a button that posts is the same press. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    form.dataset.changed = "";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      delete form.dataset.confirmed;
      form.querySelectorAll("input[data-added]").forEach((field) => field.remove());
    });
    document.querySelectorAll("[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  /* Changes that were not saved are not lost by a stray click. */
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-guard")) form.dataset.changed = "yes";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-guard][data-changed=yes]")) event.preventDefault();
  });

  /* Lists of rows inside a form: add and remove. */
  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-row-add]");
    if (add) {
      const list = add.closest("[data-rows]");
      const number = Number(add.dataset.next);
      add.dataset.next = String(number + 1);
      const holder = document.createElement("div");
      holder.innerHTML = list.querySelector("template").innerHTML.replaceAll("__n__", String(number));
      const row = holder.firstElementChild;
      add.parentElement.before(row);
      const first = row.querySelector("input:not([type=hidden]), select, textarea");
      if (first) first.focus();
      const form = add.closest("form");
      if (form) form.dataset.changed = "yes";
    }
    const remove = event.target.closest("[data-row-remove]");
    if (remove) {
      const list = remove.closest("[data-rows]");
      remove.closest("[data-row]").remove();
      list.querySelector("[data-row-add]").focus();
    }
  });

  /* One box selects every row of the page. */
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-check-all]")) return;
    event.target.closest("table").querySelectorAll("input[name=rowid]").forEach((box) => { box.checked = event.target.checked; });
  });

  /* Menus close on Escape and when something else is pressed; one is open at a time. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
    const box = document.getElementById("desk-search");
    const typing = event.target.matches && event.target.matches("input, select, textarea, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && box) {
      event.preventDefault();
      box.focus();
    }
  });
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
})();
