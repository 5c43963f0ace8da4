/* Square's card field on the review page: the card goes from the browser to Square, and we get a single-use token.
   Runs only where the shop is connected to Square itself. */
(() => {
  "use strict";

  let card = null;

  const say = (words) => {
    const place = document.getElementById("card-error");
    place.textContent = words;
    place.hidden = !words;
  };

  const load = (address) =>
    new Promise((done, failed) => {
      if (window.Square) return done();
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = () => failed(new Error("script"));
      document.head.append(script);
    });

  const attach = async () => {
    const field = document.getElementById("card-field");
    if (!field || field.childElementCount) return;
    try {
      await load(field.dataset.script);
      const payments = window.Square.payments(field.dataset.application, field.dataset.location);
      card = await payments.card();
      await card.attach(field);
    } catch {
      say("The card field could not be loaded. Check your connection and reload this page; your order is kept.");
    }
  };

  const tokenize = async (form) => {
    if (!card) throw new Error("The card field is not ready yet. Wait a moment and try again.");
    const cents = Number(form.elements.shown_total.value);
    const result = await card.tokenize({
      amount: (cents / 100).toFixed(2),
      currencyCode: "USD",
      intent: "CHARGE",
      customerInitiated: true,
      sellerKeyedIn: false,
      billingContact: {},
    });
    if (result.status !== "OK") {
      const first = result.errors && result.errors[0];
      throw new Error(first ? first.message : "Check the card details and try again.");
    }
    return result.token;
  };

  // A token is used once, so each press asks for a new one before the form goes out.
  document.addEventListener("htmx:confirm", async (event) => {
    const form = event.target.closest("[data-square-card]");
    const pressed = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
    if (!form || (pressed && pressed.name === "later")) return; // paying later asks no card
    const way = form.elements.payment_method;
    if (way && way.value !== "square") return; // on account or on pickup: no card is needed
    event.preventDefault();
    say("");
    try {
      form.elements.source_token.value = await tokenize(form);
      event.detail.issueRequest(true);
    } catch (error) {
      say(error.message);
    }
  });

  document.addEventListener("DOMContentLoaded", attach);
  document.addEventListener("htmx:afterSettle", attach);
})();
