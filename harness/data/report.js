"use strict";
// Search, folding and keys. Without it the page can be read and folded all the same.
(() => {
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const tests = [...document.querySelectorAll("details.test")];
  let lines = null; // what can be found, gathered at the first search
  let folded = null; // how things were folded before the search

  const gather = () => tests.map((test) => ({
    test,
    title: test.querySelector("summary").textContent.toLowerCase(),
    rows: [...test.querySelectorAll(".rows li, .log li")].map((row) => ({
      row, text: row.textContent.toLowerCase(), list: row.parentElement, folds: row.closest(".repeat, .log"),
    })),
    lists: [...test.querySelectorAll(".rows")],
    folds: [...test.querySelectorAll(".repeat, .log")],
  }));

  const restore = () => {
    for (const [details, open] of folded || []) details.open = open;
    folded = null;
  };

  const find = () => {
    const wanted = search.value.trim().toLowerCase();
    lines = lines || gather();
    if (!wanted) {
      for (const { test, rows, lists } of lines) {
        test.hidden = false;
        for (const list of lists) list.hidden = false;
        for (const { row } of rows) if (row.hidden) row.hidden = false;
      }
      restore();
      found.textContent = "";
      found.dataset.of = "";
      return;
    }
    folded = folded || [...document.querySelectorAll("main details")].map((details) => [details, details.open]);
    let count = 0;
    let inTests = 0;
    for (const { test, title, rows, lists, folds } of lines) {
      const named = title.includes(wanted);
      const hits = new Set();
      let here = 0;
      const withHits = new Set();
      for (const { row, text, list, folds: fold } of rows) {
        const hit = text.includes(wanted);
        row.hidden = !hit && !named;
        if (hit) {
          here += 1;
          withHits.add(list);
          if (fold) hits.add(fold);
        }
      }
      test.hidden = !named && !here;
      test.open = here > 0;
      for (const list of lists) list.hidden = !named && !withHits.has(list);
      for (const fold of folds) fold.open = hits.has(fold);
      count += here;
      inTests += test.hidden ? 0 : 1;
    }
    found.textContent = `${count} lines in ${inTests} tests`;
    found.dataset.of = wanted; // so that it can be told from the result of the search before
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 120);
  });
  search.form.addEventListener("submit", (event) => event.preventDefault());

  for (const box of document.querySelectorAll("input[name=kind]")) {
    const apply = () => document.body.classList.toggle(`no-${box.value}`, !box.checked);
    box.addEventListener("change", apply);
    apply(); // a browser may have kept the boxes as they were before a reload
  }

  const foldAll = (open) => {
    for (const details of document.querySelectorAll("details.test, details.repeat")) details.open = open;
  };
  document.getElementById("unfold").addEventListener("click", () => foldAll(true));
  document.getElementById("fold").addEventListener("click", () => foldAll(false));

  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  const go = (step, wanted) => {
    const shown = tests.filter((test) => !test.hidden && wanted(test));
    if (!shown.length) return;
    const here = shown.indexOf(document.activeElement.closest("details.test"));
    const next = shown[here < 0 ? (step > 0 ? 0 : shown.length - 1) : (here + step + shown.length) % shown.length];
    next.querySelector("summary").focus();
    next.scrollIntoView({ block: "start" });
  };
  const failed = (test) => test.querySelector("summary .failed, summary .error, summary .not-finished");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      search.value = "";
      find();
      return;
    }
    if (event.target instanceof HTMLInputElement) return;
    const keys = {
      "/": () => search.focus(),
      j: () => go(1, () => true),
      k: () => go(-1, () => true),
      f: () => go(1, failed),
    };
    if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  // A link leads into what may be folded.
  const unfoldTarget = () => {
    let element = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (const target = element; element; element = element.parentElement.closest("details")) {
      if (element.tagName === "DETAILS") element.open = true;
      if (!element.parentElement) break;
      if (element === target) target.scrollIntoView({ block: "start" });
    }
  };
  addEventListener("hashchange", unfoldTarget);
  unfoldTarget();

  // What is folded is not printed.
  addEventListener("beforeprint", () => {
    for (const test of tests) if (failed(test)) test.open = true;
  });
})();
