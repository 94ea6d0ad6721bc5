// Conveniences only: every page works without this file.
"use strict";

// The summary of problems takes the focus; its links open what hides the field and focus it.
const focusOn = (target) => {
  for (let part = target; part; part = part.parentElement) {
    if (part.tagName === "DETAILS") part.open = true;
    part.hidden = false;
  }
  const field = target.matches("fieldset") ? target.querySelector("input, select, textarea") : target;
  (field || target).focus();
  target.scrollIntoView({ block: "center" });
};
const summary = document.getElementById("errors");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    focusOn(target);
  });
}

// data-reveal-when="purpose=for-action" or "purpose=for-action|in-response": shown while one of them is chosen.
const revealed = document.querySelectorAll("[data-reveal-when]");
const reveal = () => {
  for (const part of revealed) {
    const [name, values] = part.dataset.revealWhen.split("=");
    const form = part.closest("form") || document;
    const chosen = [...form.querySelectorAll(`[name="${name}"]`)]
      .filter((control) => control.checked || control.tagName === "SELECT")
      .map((control) => control.value);
    const asked = values.split("|").some((value) => chosen.includes(value));
    part.hidden = !asked && !part.querySelector(".has-problem");
  }
};
if (revealed.length) {
  reveal();
  document.addEventListener("change", reveal);
  addEventListener("pageshow", reveal);
}

// data-unsaved: ask before leaving a form that was changed and is not being sent.
const changed = new Set();
let leaving = false;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && "unsaved" in form.dataset) changed.add(form);
});
addEventListener("beforeunload", (event) => {
  if (!leaving && changed.size) {
    event.preventDefault();
    event.returnValue = true;
  }
});

// A form sent twice within three seconds goes once.
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (event.timeStamp - sent.get(form) < 3000) {
    event.preventDefault();
    return;
  }
  sent.set(form, event.timeStamp);
  changed.delete(form);
  leaving = !changed.size;
});
addEventListener("pageshow", (event) => {
  leaving = false;
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});

// data-suggest="/groups/suggest?…": the groups that fit what is typed. The field holds several, with ; between.
const suggest = (input) => {
  const list = document.createElement("ul");
  const status = document.createElement("span");
  const box = document.createElement("div");
  let active = -1;
  let asked = 0;
  let timer;

  box.className = "suggest";
  list.className = "suggest-list";
  list.id = `${input.id}-suggestions`;
  list.role = "listbox";
  list.hidden = true;
  list.setAttribute("aria-label", "Suggestions");
  status.className = "visually-hidden";
  status.role = "status";
  input.replaceWith(box);
  box.append(input, list, status);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  const bounds = () => {
    const at = input.selectionStart;
    const start = input.value.lastIndexOf(";", at - 1) + 1;
    const end = input.value.indexOf(";", at);
    return [start, end < 0 ? input.value.length : end];
  };
  const close = () => {
    asked += 1;
    clearTimeout(timer);
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", at === index));
    if (index < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[index].id);
    list.children[index].scrollIntoView({ block: "nearest" });
  };
  const choose = (item) => {
    const [start, end] = bounds();
    const before = input.value.slice(0, start);
    const rest = input.value.slice(end).replace(/^;\s*/, "");
    const head = `${before}${before ? " " : ""}${item.dataset.value}; `;
    input.value = head + rest;
    input.setSelectionRange(head.length, head.length);
    close();
    status.textContent = `${item.dataset.value} chosen`;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const show = (found) => {
    list.replaceChildren(...found.map(({ value, label }, at) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${at}`;
      item.role = "option";
      item.dataset.value = value;
      item.textContent = label || value;
      return item;
    }));
    mark(-1);
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = found.length === 1 ? "1 suggestion" : `${found.length} suggestions`;
  };
  const ask = async () => {
    const word = input.value.slice(...bounds()).trim();
    const mine = (asked += 1);
    if (!word) return close();
    const url = new URL(input.dataset.suggest, location.href);
    url.searchParams.set("q", word);
    try {
      const answer = await fetch(url, { headers: { accept: "application/json" } });
      const found = answer.ok ? await answer.json() : [];
      if (mine === asked && document.activeElement === input) show(found.slice(0, 12));
    } catch {
      close();
    }
  };

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event.isTrusted) timer = setTimeout(ask, 120);
  });
  const keys = {
    ArrowDown: () => mark(active + 1 < list.children.length ? active + 1 : 0),
    ArrowUp: () => mark(active > 0 ? active - 1 : list.children.length - 1),
    Enter: () => active >= 0 && choose(list.children[active]),
    Escape: close,
  };
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (list.hidden) {
      if (event.key === "ArrowDown") ask();
    } else if (event.key in keys && !(event.key === "Enter" && active < 0)) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) choose(item);
  });
};
document.querySelectorAll("input[data-suggest]").forEach(suggest);
