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

// data-autosave="/…/open" (empty: the draft is not begun yet): what is typed is saved when typing pauses or the page is
// left for another, and who else has the draft open is told. Files and links wait for the button.
const autosave = (form) => {
  const said = document.getElementById("autosave");
  const editing = document.getElementById("editing");
  const waits = (name) => name === "link" || name.startsWith("file");
  let typed = 0;
  let saved = 0;
  let under = false;
  let ended = false;
  let timer;

  const send = (url, body, keepalive) => fetch(url, {
    method: "POST", body, keepalive, redirect: "manual", headers: { accept: "application/json" },
  });
  const tell = (words, isTrouble) => {
    said.setAttribute("aria-live", isTrouble ? "polite" : "off");
    said.textContent = words;
  };
  const later = (pause) => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(save, pause);
  };
  const save = async (isLeft) => {
    clearTimeout(timer);
    if (under || ended || leaving || typed === saved) return;
    under = true;
    const now = typed;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (!waits(name)) body.append(name, value);
    body.set("do", "autosave");
    let pause = 30000;
    try {
      // a request that outlives its page may bring 64 kB
      const answer = await send(form.action.split("#")[0], body, isLeft === true && String(body).length < 60000);
      const isJson = (answer.headers.get("content-type") || "").startsWith("application/json");
      const told = isJson ? await answer.json() : {};
      if (answer.ok && isJson) {
        saved = now;
        pause = 4000;
        form.elements.version.value = told.version;
        if (!form.dataset.autosave) {
          form.dataset.autosave = `${told.draft}/open`;
          form.action = `${told.draft}#errors`;
          history.replaceState(history.state, "", told.draft);
        }
        const waiting = [...form.elements].some((field) => waits(field.name) && (field.dataset.typed || field.files?.length));
        if (typed === saved && !waiting) changed.delete(form);
        tell(told.said);
      } else if (answer.status === 409) {
        ended = true;
        tell(`${told.said || "This draft can't be saved any more"}.`, true);
      } else if (answer.status >= 500 || answer.status === 429) {
        tell("Not saved yet: the service does not answer. Your text is still here, and is tried again.", true);
      } else {
        tell("Not saved: you are not signed in any more, or may not change it. Your text is still here: sign in in another tab.", true);
      }
    } catch {
      tell("Not saved yet: no connection. Your text is still here, and is tried again.", true);
    }
    under = false;
    if (typed !== saved) later(pause);
  };
  const beat = async () => {
    if (document.hidden || ended || !form.dataset.autosave) return;
    try {
      const answer = await send(form.dataset.autosave, new URLSearchParams({ version: form.elements.version.value }));
      if (answer.ok) editing.textContent = (await answer.json()).said;
    } catch {
      // told again in a minute
    }
  };
  form.addEventListener("input", (event) => {
    if (waits(event.target.name)) {
      event.target.dataset.typed = "yes";
      return;
    }
    typed += 1;
    later(4000);
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? save(true) : beat()));
  setInterval(beat, 60000);
  beat();
};
document.querySelectorAll("form[data-autosave]").forEach(autosave);

// data-copy="id": copies what that field holds.
const copying = (button) => {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    } catch {
      field.select();
    }
  });
};
document.querySelectorAll("[data-copy]").forEach(copying);
