/* The shop's own script. Pages work without it; it makes them quicker to use and says aloud what happened. Needs htmx 2. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const on = (name, act, early = false) => document.addEventListener(name, act, early);

  /* ---- Saying what happened: HX-Trigger {"announce": "words"} is read out once, politely ---- */
  function announce(words) {
    const region = byId("live-region");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = words; }, 80);
  }
  on("announce", (event) => announce(String(event.detail.value ?? event.detail)));

  /* Rows of a table that went into the cart are empty again: HX-Trigger {"clearFields": ["id", …]} */
  on("clearFields", (event) => [].concat(event.detail.value).forEach((id) => { if (byId(id)) byId(id).value = ""; }));

  /* ---- Focus ---- */
  function focusOn(element) {
    if (!element) return;
    if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
    element.focus({ preventScroll: false });
  }
  // A press on a control that is off lands on what is around it: the focus is as lost there as on the body.
  const isLost = () => [null, document.body, byId("main")].includes(document.activeElement);

  /* ---- While waiting: the pressed control is off, keeps its width, and turns only after 300 ms (see the style) ---- */
  const waiting = new Map(); // request -> control
  const isBusy = (control) => control.getAttribute("aria-busy") === "true";
  function startWaiting(control) {
    if (!control || isBusy(control)) return;
    control.style.minWidth = control.getBoundingClientRect().width + "px";
    control.setAttribute("aria-busy", "true");
    if ("disabled" in control) control.disabled = true;
    else control.setAttribute("aria-disabled", "true");
  }
  function stopWaiting(control) {
    if (!control) return;
    control.style.minWidth = "";
    control.removeAttribute("aria-busy");
    control.removeAttribute("aria-disabled");
    if ("disabled" in control) control.disabled = false;
  }
  function pressed(config) {
    const event = config.triggeringEvent;
    const control = (event && event.submitter) || config.elt;
    return control && control.matches("button, input[type=submit], a.btn") ? control : null;
  }
  on("htmx:beforeRequest", (event) => {
    const control = pressed(event.detail.requestConfig);
    if (!control) return;
    waiting.set(event.detail.xhr, { control, id: control.id, next: control.dataset.focus });
    startWaiting(control);
  });
  on("htmx:afterRequest", (event) => {
    const held = waiting.get(event.detail.xhr);
    if (!held) return;
    stopWaiting(held.control);
    if (event.detail.xhr.status >= 200 && event.detail.xhr.status < 300) sayDone(held); // htmx counts a 422, which it swaps in, as a success too
    setTimeout(() => { // after htmx has settled, so that it is the new control that gets the focus
      waiting.delete(event.detail.xhr);
      if (!isLost()) return;
      const same = held.id ? byId(held.id) : document.contains(held.control) ? held.control : null;
      focusOn((held.next && document.querySelector(held.next)) || same || document.querySelector("#main h1"));
    }, 60);
  });
  function sayDone(held) {
    setTimeout(() => {
      const control = (held.id && byId(held.id)) || held.control;
      const word = control.closest("[data-done]")?.dataset.done;
      if (!word || control.dataset.said || !document.contains(control)) return;
      if (document.querySelector(".error-summary")) return;
      control.style.minWidth = control.getBoundingClientRect().width + "px";
      const before = [...control.childNodes];
      control.dataset.said = "1";
      control.replaceChildren(word);
      setTimeout(() => {
        control.replaceChildren(...before);
        delete control.dataset.said;
        control.style.minWidth = "";
      }, 2000);
    }, 40);
  }

  /* Plain forms: a second press while the page is on its way is ignored. */
  window.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method === "dialog") return;
    delete event.target.dataset.changed;
    const control = event.submitter;
    if (!control) return;
    setTimeout(() => startWaiting(control)); // after the browser has collected name and value
    setTimeout(() => stopWaiting(control), 15000); // an answer that is a download leaves this page standing
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("[aria-busy=true]").forEach(stopWaiting);
  });
  on("click", (event) => {
    const link = event.target.closest("[aria-disabled=true]");
    if (link) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  /* ---- Answers that went wrong ---- */
  let failed = null;
  function showTrouble(html, config, canRetry) {
    const region = byId("notice-region");
    if (!region) return;
    region.innerHTML = html;
    failed = config;
    const words = region.querySelector(".notice__words");
    if (canRetry && words && !region.querySelector("[data-retry]")) {
      words.append(byId("notice-broken").content.querySelector(".notice__actions").cloneNode(true));
    }
  }
  function tryAgain() {
    const config = failed;
    clearTrouble();
    if (!config || !document.contains(config.elt)) { location.reload(); return; }
    const event = config.triggeringEvent;
    if (config.elt.matches("form")) config.elt.requestSubmit((event && event.submitter) || undefined);
    else if (config.elt.matches("a, button")) config.elt.click();
    else window.htmx.trigger(config.elt, event ? event.type : "change");
  }
  function clearTrouble() {
    const region = byId("notice-region");
    if (region && region.childElementCount) region.replaceChildren();
    failed = null;
  }
  on("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig, serverResponse } = event.detail;
    if (xhr.status < 400 || xhr.status === 422) { clearTrouble(); return; }
    if (xhr.getResponseHeader("HX-Retarget")) { event.detail.shouldSwap = true; return; }
    event.detail.shouldSwap = false;
    if (xhr.status === 401) {
      location.assign("/login?next=" + encodeURIComponent(location.pathname + location.search));
      return;
    }
    const isFragment = serverResponse && /^\s*</.test(serverResponse) && !/<html|<!doctype/i.test(serverResponse.slice(0, 300));
    showTrouble(isFragment ? serverResponse : byId("notice-broken").innerHTML, requestConfig, xhr.status >= 500);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    on(name, (event) => showTrouble(byId("notice-unreachable").innerHTML, event.detail.requestConfig, true));
  }
  on("click", (event) => { if (event.target.closest("[data-retry]")) tryAgain(); });

  /* ---- After a swap: the summary of errors takes the focus; a new page its heading ---- */
  const prefix = "Error: ";
  on("htmx:afterSettle", (event) => {
    const summary = event.detail.xhr && event.detail.xhr.status === 422 && document.querySelector(".error-summary");
    const bare = document.title.startsWith(prefix) ? document.title.slice(prefix.length) : document.title;
    document.title = document.querySelector(".error-summary") ? prefix + bare : bare;
    if (summary) {
      summary.closest("form[data-guard]")?.setAttribute("data-changed", "1");
      focusOn(summary);
    } else if (event.detail.boosted && !event.detail.xhr.greeted) {
      event.detail.xhr.greeted = true; // settles fire once for each swapped element
      greetPage();
    }
  });
  function greetPage() {
    window.scrollTo(0, 0);
    focusOn(document.querySelector("#main h1"));
    announce(document.title);
  }
  on("htmx:historyRestore", () => focusOn(document.querySelector("#main h1")));

  /* ---- Asking first ---- */
  function ask(words, detail, yes) {
    const dialog = byId("confirm-dialog");
    const part = (name) => dialog.querySelector(`[data-part=${name}]`);
    part("words").textContent = words;
    part("detail").textContent = detail || "";
    part("yes").dataset.plain ??= part("yes").textContent;
    part("yes").textContent = yes || part("yes").dataset.plain;
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((answer) => {
      dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    });
  }
  on("submit", (event) => {
    const form = event.target;
    const source = event.submitter && event.submitter.dataset.confirm ? event.submitter : form;
    if (!source.dataset.confirm || !byId("confirm-dialog")) return;
    if (form.dataset.confirmed) { delete form.dataset.confirmed; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { confirm, confirmDetail, confirmYes } = source.dataset;
    ask(confirm, confirmDetail, confirmYes).then((isSure) => {
      if (!isSure) { focusOn(event.submitter); return; }
      form.dataset.confirmed = "1";
      form.requestSubmit(event.submitter);
    });
  }, true);
  on("htmx:confirm", (event) => {
    if (!event.detail.question || !byId("confirm-dialog")) return;
    event.preventDefault();
    ask(event.detail.question).then((isSure) => { if (isSure) event.detail.issueRequest(true); });
  });

  /* ---- Fields: looked at when they are left, never while typing; a message goes as soon as the answer is right ---- */
  const hasShape = (box) => new RegExp(`^(?:${box.dataset.shape})$`).test(box.type === "password" ? box.value : box.value.trim());
  function markWrong(box) {
    const line = byId("field-error").content.firstElementChild.cloneNode(true);
    line.id = box.id + "-error";
    line.querySelector("[data-part=words]").textContent = box.dataset.wrong;
    box.closest(".field").append(line);
    box.closest(".field").classList.add("field--wrong");
    box.setAttribute("aria-invalid", "true");
    box.setAttribute("aria-describedby", `${box.getAttribute("aria-describedby") || ""} ${line.id}`.trim());
  }
  function markRight(box) {
    byId(box.id + "-error")?.remove();
    box.closest(".field").classList.remove("field--wrong");
    box.removeAttribute("aria-invalid");
    const rest = (box.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== box.id + "-error");
    if (rest.length) box.setAttribute("aria-describedby", rest.join(" "));
    else box.removeAttribute("aria-describedby");
  }
  const isWrong = (box) => box.getAttribute("aria-invalid") === "true";
  on("focusout", (event) => {
    const box = event.target.closest(".field [data-shape]");
    // On the way to a button nothing may move: the press would miss it. The server looks at everything then.
    if (event.relatedTarget?.closest("button, [type=submit]")) return;
    if (box && box.value.trim() && !isWrong(box) && !hasShape(box)) markWrong(box);
  });
  on("input", (event) => {
    const box = event.target.closest(".field input, .field textarea, .field select");
    if (!box || !isWrong(box) || !byId(box.id + "-error")) return;
    if (box.dataset.shape ? hasShape(box) : box.required && box.value.trim()) markRight(box);
  });

  /* ---- Unsaved changes ---- */
  on("input", (event) => {
    const form = event.target.closest && event.target.closest("form[data-guard]");
    if (form) form.dataset.changed = "1";
  });
  on("htmx:beforeRequest", (event) => { delete event.detail.elt.dataset.changed; });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-guard][data-changed]")) event.preventDefault();
  });

  /* ---- Quantities: one step is a case; what is typed is never changed silently ---- */
  function step(box, direction) {
    const pack = Number(box.dataset.pack) || 1;
    const least = Math.max(Number(box.dataset.min) || 0, pack);
    const floor = box.closest("[data-zero]") ? 0 : least;
    const now = parseInt(box.value.replace(/[\s,]/g, ""), 10) || 0;
    const cases = now / pack;
    let wanted = (direction > 0 ? Math.floor(cases) + 1 : Math.ceil(cases) - 1) * pack;
    if (wanted < least) wanted = direction > 0 ? Math.ceil(least / pack) * pack : floor;
    if (wanted === now) return;
    box.value = String(wanted);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(box.stepTimer);
    box.stepTimer = setTimeout(() => box.dispatchEvent(new Event("change", { bubbles: true })), 400);
  }
  // The steps do nothing without this script, so it brings them along, one on each side of the box.
  function bringSteps(root) {
    const steps = byId("quantity-steps");
    if (!steps) return;
    root.querySelectorAll(".qty:not(:has([data-step]))").forEach((place) => {
      const box = place.querySelector("input");
      const [less, more] = steps.content.cloneNode(true).children;
      for (const button of [less, more]) {
        button.ariaLabel += (box.getAttribute("aria-label") || "").replace("Quantity: ", "");
        button.id = box.id + (button === less ? "-less" : "-more");
      }
      box.before(less);
      box.after(more);
    });
  }
  bringSteps(document);
  on("htmx:afterSwap", () => bringSteps(document));
  on("htmx:oobAfterSwap", () => bringSteps(document));
  on("click", (event) => {
    const button = event.target.closest("[data-step]");
    const box = button && button.closest(".qty").querySelector("input");
    if (box) step(box, Number(button.dataset.step));
  });
  on("keydown", (event) => {
    if (!["ArrowUp", "ArrowDown"].includes(event.key) || !event.target.matches(".qty input")) return;
    event.preventDefault();
    step(event.target, event.key === "ArrowUp" ? 1 : -1);
  });

  /* ---- Small things ---- */
  on("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });
  on("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  on("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
