(() => {
  "use strict";
  const one = (what, where = document) => where.querySelector(what);
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const bar = one(".bar"), search = one("#_search"), tag = one("#_tag"), code = one("#_code");
  const said = one("#_said"), clear = one("#_clear"), nothing = one(".nothing"), help = one("dialog"), keys = one("#_keys");
  const groups = all(".group"), aside = all(".aside");
  const plain = text => (/^[\0-\x7f]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, "")).toLowerCase();
  const words = paper => paper.words ??= plain(
    all("h3, .by, .line, .others, .abstract", paper.element).map(part => part.textContent).join("\n"));
  const papers = all("article").map(element => ({
    element,
    group: element.closest(".group"),
    tags: new Set(element.dataset.tags.split(" ")),
    area: element.closest(".group").dataset.area,
    code: element.dataset.code,
    words: null,
  }));
  const number = count => count.toLocaleString("en") + (count === 1 ? " paper" : " papers");
  let told = 0, noted = 0;

  function fits(paper, wanted) {
    if (code.value && paper.code !== code.value) return false;
    const of = tag.value;
    if (of && !(of.startsWith("area:") ? paper.area === of.slice(5) : paper.tags.has(of))) return false;
    return wanted.every(word => words(paper).includes(word));
  }

  function show(note = true) {
    const wanted = plain(search.value).split(/\s+/).filter(Boolean);
    const narrowed = Boolean(wanted.length || tag.value || code.value);
    const full = new Set();
    let count = 0;
    for (const paper of papers) {
      const shown = fits(paper, wanted);
      if (paper.element.hidden === shown) paper.element.hidden = !shown;
      if (shown) { count += 1; full.add(paper.group); }
    }
    for (const group of groups) group.hidden = !full.has(group);
    for (const element of aside) element.hidden = narrowed;
    nothing.hidden = count > 0 || !papers.length;
    clear.hidden = !narrowed;
    clearTimeout(told);
    const result = narrowed ? `${count.toLocaleString("en")} of ${number(papers.length)}` : said.dataset.all;
    told = setTimeout(() => { if (said.textContent !== result) said.textContent = result; }, note ? 150 : 0);
    if (!note) return;
    clearTimeout(noted);
    noted = setTimeout(remember, 250);
    requestAnimationFrame(() => {
      const start = one("main").getBoundingClientRect().top;
      if (start < 0) scrollBy({ top: start, behavior: "instant" });
    });
  }

  function remember() {
    const state = new URLSearchParams();
    if (search.value.trim()) state.set("q", search.value.trim());
    if (tag.value) state.set("tag", tag.value);
    if (code.value) state.set("code", code.value);
    const hash = state.toString();
    if (hash || location.hash.includes("=")) history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  }

  function recall() {
    const hash = location.hash.slice(1);
    const state = new URLSearchParams(hash.includes("=") ? hash : "");
    search.value = state.get("q") || "";
    for (const [field, value] of [[tag, state.get("tag")], [code, state.get("code")]]) {
      field.value = value || "";
      if (field.selectedIndex < 0) field.value = "";
    }
    show(false);
    if (hash && !hash.includes("=")) document.getElementById(hash)?.scrollIntoView();
  }

  function reset() {
    search.value = tag.value = code.value = "";
    show();
  }

  function step(by) {
    const shown = papers.filter(paper => !paper.element.hidden).map(paper => paper.element);
    if (!shown.length) return;
    const here = shown.indexOf(document.activeElement?.closest("article"));
    const top = bar.getBoundingClientRect().bottom;
    const below = shown.findIndex(element => element.getBoundingClientRect().bottom > Math.max(top, 0) + 1);
    const next = here >= 0 ? here + by : below < 0 ? shown.length - 1 : below;
    const goal = shown[Math.min(Math.max(next, 0), shown.length - 1)];
    goal.focus({ preventScroll: true });
    goal.scrollIntoView({ block: "start" });
  }

  const acts = {
    "/": () => { search.focus(); search.select(); },
    "?": () => help.showModal(),
    j: () => step(1),
    k: () => step(-1),
    o: () => { const more = one("details", document.activeElement?.closest("article") || document.createElement("i")); if (more) more.open = !more.open; },
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    const field = event.target.closest?.("input, select, textarea");
    if (event.key === "Escape") {
      if (field === search && !search.value) search.blur();
      reset();
      event.preventDefault();
    } else if (!field && keys.checked && Object.hasOwn(acts, event.key)) {
      acts[event.key]();
      event.preventDefault();
    }
  });

  for (const mark of all(".marks [data-tag]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.tag = mark.dataset.tag;
    button.textContent = mark.textContent;
    mark.replaceWith(button);
  }
  document.addEventListener("click", event => {
    const wanted = event.target.closest("button[data-tag]");
    if (wanted) { tag.value = wanted.dataset.tag; show(); bar.scrollIntoView({ block: "start" }); tag.focus({ preventScroll: true }); }
    if (event.target.closest(".contents a")) { if (!clear.hidden) reset(); }
  });
  search.addEventListener("input", () => show());
  tag.addEventListener("change", () => show());
  code.addEventListener("change", () => show());
  clear.addEventListener("click", () => { reset(); search.focus(); });
  one("#_help").addEventListener("click", () => help.showModal());
  one("#_close").addEventListener("click", () => help.close());
  addEventListener("hashchange", recall);
  for (const element of papers) element.element.tabIndex = -1;
  if (!matchMedia("(min-width: 76rem)").matches) one(".contents")?.removeAttribute("open");
  bar.hidden = false;
  recall();
  let read = 0;  // while nobody types, so that the first letter typed waits for nothing
  setTimeout(function more() {
    for (const end = read + 50; read < Math.min(end, papers.length); read += 1) words(papers[read]);
    if (read < papers.length) setTimeout(more, 20);
  }, 200);
})();
