
(() => {
  "use strict";
  const one = what => document.querySelector(what);
  const section = one(".titles"), folded = one(".titles details"), nothing = one(".nothing");
  const search = one("#_search"), filters = [one("#_tag"), one("#_code")];
  const items = [...document.querySelectorAll(".titles li")], lists = document.querySelectorAll(".titles ul"), words = [];
  const more = one(".titles .more"), MOST = 200;  // a browser takes seconds to lay out thousands
  const plain = text => (/^[\0-\x7f]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, "")).toLowerCase();
  const number = count => count.toLocaleString("en");
  const found = document.createElement("button");
  found.type = "button";
  found.hidden = true;
  found.addEventListener("click", () => { section.scrollIntoView({ block: "start" }); one("#_listed").focus({ preventScroll: true }); });
  one("#_said").after(found);
  one("#_listed").tabIndex = -1;
  const said = item => {  // but not why it is listed: half of them are so for the same words
    const why = item.querySelector("i")?.textContent.length;
    return plain(why ? item.textContent.slice(0, -why) : item.textContent);
  };
  const of = place => words[place] ??= said(items[place]);
  let shown = "", open = false;

  function show() {
    const wanted = plain(search.value).split(/\s+/).filter(Boolean);
    const filtered = filters.some(field => field.value);  // nobody was asked what they are about, or for code
    const state = filtered ? "filtered" : wanted.join(" ");
    if (state !== shown) {
      if (folded && !shown) open = folded.open;
      shown = state;
      let count = 0;
      for (const [place, item] of items.entries()) {
        const fits = !filtered && wanted.every(word => of(place).includes(word));
        if (fits) count += 1;
        const there = fits && (!state || count <= MOST);
        if (item.hidden === there) item.hidden = !there;
      }
      for (const list of lists) list.hidden = !list.querySelector("li:not([hidden])");
      section.classList.toggle("found", Boolean(state));
      section.hidden = !count;
      if (folded) folded.open = state ? true : open;
      more.hidden = !state || count <= MOST;
      more.textContent = `and ${number(count - MOST)} more: search for more words.`;
      found.hidden = !state || !count;
      found.textContent = `and ${number(count)} of ${number(items.length)} by title`;
    }
    if (!section.hidden) nothing.hidden = true;  // after each search of the papers, which shows it
  }

  for (const what of ["input", "change", "click", "keydown", "hashchange"]) addEventListener(what, show);
  show();
  let read = 0;  // while nobody types
  setTimeout(function further() {
    for (const end = Math.min(read + 300, items.length); read < end; read += 1) of(read);
    if (read < items.length) setTimeout(further, 20);
  }, 300);
})();
