// Behaviour of the pages. Everything here adds comfort: each page also works without it.
import htmx from "htmx.org";
import "htmx.org/dist/ext/hx-sse.js";

// A form that somebody has opened keeps what was typed while the page around it refreshes itself.
htmx.config.morphSkip = "details[open]:has(form), [hx-morph-skip]";

// ---- requests ------------------------------------------------------------------------------

/** Addresses stay short enough to pass on: empty filters are left out of them. */
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET" || !(ctx.request.body instanceof FormData)) return;
  for (const [name, value] of [...ctx.request.body]) if (value === "") ctx.request.body.delete(name);
});

/** A refresh that fails leaves the page as it stands; only forms answer with their refusal. */
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (ctx?.response?.status >= 400 && ctx.request.method === "GET") event.preventDefault();
});

document.addEventListener("submit", ({ target: form }) => {
  if (form.method !== "post") {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => { for (const field of form.elements) field.disabled = false; });
    return;
  }
  // Sent once: the button comes back when the page does (also from the back-forward cache).
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    }
  });
});

window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
});

// ---- live ----------------------------------------------------------------------------------

const waiting = new Map();
let connections = 0;

/** Lets a part refresh itself at most once in a short while, however many events arrive. */
function refresh(part) {
  if (waiting.has(part)) return;
  waiting.set(part, setTimeout(() => {
    waiting.delete(part);
    if (part.isConnected) htmx.trigger(part, "live");
  }, 250));
}

function concerns(part, fact) {
  const { liveItem, liveCommunity, liveEvents } = part.dataset;
  if (liveItem && liveItem !== fact.item_id) return false;
  if (liveCommunity && fact.community_id && liveCommunity !== fact.community_id) return false;
  return !liveEvents || liveEvents.split(" ").includes(fact.name);
}

document.addEventListener("htmx:sse:after:message", ({ detail: { message } }) => {
  const parts = document.querySelectorAll("[data-live]");
  if (message.event === "hello") {
    document.documentElement.dataset.connected = "true";
    // After a break nobody knows what was missed.
    if (connections++ > 0) parts.forEach(refresh);
    return;
  }
  let fact;
  try {
    fact = { name: message.event, ...JSON.parse(message.data) };
  } catch {
    return;
  }
  for (const part of parts) if (concerns(part, fact)) refresh(part);
});

document.addEventListener("htmx:sse:error", () => { delete document.documentElement.dataset.connected; });

// ---- keyboard and small helps --------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.activeElement?.closest("details[open].dropdown-box, details[open].side-toggle");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    return;
  }
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const search = document.getElementById("search");
  if (search && search.offsetParent !== null) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

document.addEventListener("click", (event) => {
  for (const box of document.querySelectorAll("details[open].dropdown-box")) {
    if (!box.contains(event.target)) box.open = false;
  }
  const actor = event.target.closest("[data-copy], [data-print], [data-dismiss]");
  if (!actor) return;
  if (actor.dataset.print !== undefined) window.print();
  if (actor.dataset.dismiss !== undefined) actor.closest(actor.dataset.dismiss)?.remove();
  if (actor.dataset.copy !== undefined) copy(actor);
});

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "已复制";
  } catch {
    // Without HTTPS there is no clipboard; the text is at least selected for Ctrl+C.
    field.select();
    button.textContent = "请按 Ctrl+C";
  }
}

/** Fields that only matter for one choice (a partial claim's quantity) are shown with that choice. */
function follow(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, ...values] = part.dataset.when.split(" ");
    const is = values.includes(new FormData(form).get(name));
    part.hidden = !is;
    for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !is;
  }
}

function prepare(root) {
  for (const part of root.querySelectorAll("form [data-when]")) follow(part.closest("form"));
  const stage = root.querySelector(".stages [aria-current]");
  if (stage) stage.parentElement.scrollLeft = stage.offsetLeft - stage.parentElement.clientWidth / 2;
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest("form");
  if (form?.querySelector("[data-when]")) follow(form);
});
document.addEventListener("htmx:after:swap", () => prepare(document));
prepare(document);

// Whoever corrects a form starts at what is wrong.
(document.querySelector(".refusal") || document.querySelector("[aria-invalid=true]"))?.focus();
