// Filters the engagements in the browser. Text of records goes into the page as text only, never as markup.
"use strict";

const PAGE = 50;
const column = Object.fromEntries(ENGAGEMENTS.columns.map((name, i) => [name, i]));
const form = document.getElementById("filters");
const body = document.querySelector("#found tbody");
const more = document.getElementById("more");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const searched = ENGAGEMENTS.rows.map((row) => plain(row.filter((cell) => typeof cell === "string").join(" ")));
const places = ENGAGEMENTS.rows.map((row) => plain(row[column.place]));
let found = [];
let shown = 0;

function wanted() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
}

function filter() {
  const want = wanted();
  const words = plain(want.text ?? "").split(/\s+/).filter(Boolean);
  const place = plain(want.place ?? "").trim();
  const exact = ["country", "kind", "actor_kind", "level"].filter((name) => want[name]);
  found = ENGAGEMENTS.rows.filter((row, i) => {
    const year = row[column.year];
    return exact.every((name) => row[column[name]] === want[name])
      && words.every((word) => searched[i].includes(word))
      && places[i].includes(place)
      && (!want.from || (year !== null && year >= Number(want.from)))
      && (!want.to || (year !== null && year <= Number(want.to)));
  });
  shown = 0;
  body.replaceChildren();
  show();
  history.replaceState(null, "", "#" + new URLSearchParams(want));
}

function show() {
  for (const row of found.slice(shown, shown + PAGE)) body.append(line(row));
  shown = Math.min(shown + PAGE, found.length);
  more.hidden = shown >= found.length;
  document.getElementById("count").textContent =
    `${found.length.toLocaleString("en")} of ${ENGAGEMENTS.rows.length.toLocaleString("en")} engagements` +
    (shown < found.length ? `, ${shown} shown` : "") +
    (wanted().from || wanted().to ? "; those without a certain year are left out" : "");
}

function line(row) {
  const value = (name) => row[column[name]];
  const cells = [
    ["Date", value("date") || "not dated"],
    ["Place", value("country"), [value("place"), value("level")].filter(Boolean).join(" · "),
      ENGAGEMENTS.pages[value("place_id")] ?? `country_${value("iso3")}.html`],
    ["Chinese actor", value("actor"), [value("actor_kind"), value("province")].filter(Boolean).join(" · ")],
    ["Activity", value("activity")],
    ["What happened", value("description")],
  ];
  const line = document.createElement("tr");
  for (const [label, first, second, page] of cells) {
    const cell = part(line, "td", page ? "" : first);
    cell.dataset.label = label;
    if (page) part(cell, "a", first).href = page;
    if (second) part(cell, "span", second).className = "second";
  }
  const sources = part(line, "td", "");
  sources.dataset.label = "Sources";
  const addresses = value("sources").split(" ").filter((address) => /^https?:\/\//i.test(address));
  for (const address of addresses) {
    const link = part(sources, "a", host(address));
    link.href = address;
    link.rel = "noopener noreferrer external";
    sources.append(" ");
  }
  if (!addresses.length) sources.textContent = "–";
  return line;
}

function host(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "");
  } catch {
    return "source";
  }
}

function part(parent, tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  parent.append(element);
  return element;
}

// a spreadsheet must not run a cell as a formula
function csv(value) {
  let text = String(value ?? "");
  if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = "'" + text;
  return /[",\n\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

function download() {
  const lines = [ENGAGEMENTS.columns, ...found].map((row) => row.map(csv).join(",") + "\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines, {type: "text/csv;charset=utf-8"}));
  link.download = "engagements_selected.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
  if (form.elements[name]) form.elements[name].value = value;
}
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", filter);
form.addEventListener("reset", () => setTimeout(filter));
more.addEventListener("click", () => {
  const next = body.rows.length;
  show();
  body.rows[next]?.querySelector("a")?.focus();
});
document.getElementById("download").addEventListener("click", download);
filter();
