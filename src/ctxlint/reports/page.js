"use strict";
(() => {
  for (const picture of document.querySelectorAll(".picture")) {
    picture.scrollLeft = (picture.scrollWidth - picture.clientWidth) / 2;
  }
  const form = document.querySelector("form");
  if (!form) return;
  const cards = [...document.querySelectorAll("article")];
  const groups = [...document.querySelectorAll("section.file")];
  const rules = [...form.querySelectorAll("button[data-rule]")];
  const text = form.querySelector("input");
  const file = form.querySelector("select");
  const status = document.querySelector(".status");
  const words = new Map();
  const wordsOf = (card) => {
    if (!words.has(card)) words.set(card, card.textContent.toLowerCase());
    return words.get(card);
  };
  const apply = () => {
    const wanted = rules.filter((b) => b.getAttribute("aria-pressed") === "true");
    const codes = new Set(wanted.map((b) => b.dataset.rule));
    const asked = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits = (!codes.size || codes.has(card.dataset.rule)) &&
        (!file.value || card.dataset.file === file.value) &&
        asked.every((word) => wordsOf(card).includes(word));
      card.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector("article:not([hidden])");
    const all = cards.length === 1 ? "The finding is shown." : `All ${shown} findings are shown.`;
    status.textContent = shown === cards.length
      ? all : `${shown} of ${cards.length} findings are shown.`;
  };
  const clear = () => {
    text.value = "";
    file.value = "";
    for (const button of rules) button.setAttribute("aria-pressed", "false");
    apply();
  };
  for (const button of rules) {
    button.addEventListener("click", () => {
      const pressed = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!pressed));
      apply();
    });
  }
  let soon = 0;
  text.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(apply, 100); });
  file.addEventListener("change", apply);
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  form.addEventListener("reset", (event) => { event.preventDefault(); clear(); });
  const arrive = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    const card = target.closest("article");
    if (card && card.hidden) clear();
    const folded = target.querySelector(":scope > details");
    if (folded) folded.open = true;
    for (let each = target.closest("details"); each; each = each.parentElement.closest("details")) {
      each.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", arrive);
  form.hidden = false;
  apply();
  arrive();
})();
