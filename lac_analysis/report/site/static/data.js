// Filters the engagements in the browser. Text of records goes into the page as text only, never as markup.
"use strict";

const PAGE = 50;
const column = Object.fromEntries(ENGAGEMENTS.columns.map((name, i) => [name, i]));
const form = document.getElementById("filters");
const body = document.querySelector("#found tbody");
const more = document.getElementById("more");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("’", "'");
const searched = ENGAGEMENTS.rows.map((row) => plain(row.filter((cell) => typeof cell === "string").join(" ")));
const places = ENGAGEMENTS.rows.map((row) => plain(row[column.where]));
const coded = {country: "country", kind: "activity_family", actor_kind: "actor_family", level: "level"};
const levels = Object.fromEntries([...form.elements.level.options].map((option) => [option.value, option.text]));
let found = [];
let planned = 0; // acts that match and are left out
let shown = 0;
let problems = []; // of the address

function wanted() {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
}

function filter() {
  const want = wanted();
  const words = plain(want.text ?? "").split(/\s+/).filter(Boolean);
  const place = plain(want.place ?? "").trim();
  const exact = Object.keys(coded).filter((name) => want[name] && want[name] !== "local");
  const matching = problems.length ? [] : ENGAGEMENTS.rows.filter((row, i) => {
    const year = row[column.year];
    return exact.every((name) => row[column[coded[name]]] === want[name])
      && (want.level !== "local" || row[column.level] !== "national")
      && words.every((word) => searched[i].includes(word))
      && places[i].includes(place)
      && (!want.from || (year !== null && year >= Number(want.from)))
      && (!want.to || (year !== null && year <= Number(want.to)));
  });
  found = want.planned ? matching : matching.filter((row) => !row[column.planned]);
  planned = matching.length - found.length;
  shown = 0;
  body.replaceChildren();
  show();
  if (!problems.length) history.replaceState(null, "", "#" + new URLSearchParams(want));
}

// fill the form from the address; what it does not know is said, not dropped
function read() {
  problems = [];
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = false;
    else if (field.name) field.value = "";
  }
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = [...form.elements].find((field) => field.name && field.name === name);
    if (!field) problems.push(`unknown filter in the address: ${name}`);
    else if (!fill(field, value)) {
      problems.push(`unknown ${field.type === "number" ? "year" : name} in the address: ${value}`);
    }
  }
  filter();
}

// true where the field can hold the value; a choice may be given by code or in words
function fill(field, value) {
  if (field.type === "checkbox") return field.checked = value === field.value;
  const choice = [...(field.options ?? [])].find((option) => [option.value, option.text].some((word) => plain(word) === plain(value)));
  field.value = field.options ? choice?.value ?? "" : value;
  return field.options ? Boolean(choice) : field.value === value;
}

function show() {
  for (const row of found.slice(shown, shown + PAGE)) body.append(line(row));
  shown = Math.min(shown + PAGE, found.length);
  more.hidden = shown >= found.length;
  const want = wanted();
  const number = (n) => n.toLocaleString("en");
  const all = ENGAGEMENTS.rows.filter((row) => want.planned || !row[column.planned]).length;
  let said = `${number(found.length)} of ${number(all)} engagements`;
  if (shown < found.length) said += `, ${shown} shown`;
  if (want.from || want.to) said += "; those without a certain year are left out";
  if (planned) said += `; ${number(planned)} planned left out`;
  if (want.from && want.to && Number(want.from) > Number(want.to)) {
    said = `No year lies from ${want.from} to ${want.to}: nothing is shown.`;
  }
  if (problems.length) {
    said = `${problems.join("; ")}. Nothing is shown: choose above, or Clear.`;
    said = said[0].toUpperCase() + said.slice(1);
  }
  const count = document.getElementById("count");
  count.textContent = said;
  count.classList.toggle("problem", said.includes("othing is shown"));
}

function line(row) {
  const value = (name) => row[column[name]];
  const cells = [
    ["Date", value("date") || "not dated", value("planned") ? "planned" : ""],
    ["Place", value("country_name"), [value("where"), levels[value("level")]].filter(Boolean).join(" · "),
      ENGAGEMENTS.pages[value("place_id")] ?? `country_${value("country")}.html`],
    ["Chinese actor", value("china_actor_text"), [value("actor_family"), value("province")].filter(Boolean).join(" · ")],
    ["Activity", value("activity_label")],
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
  const addresses = value("sources").split("; ").filter((address) => /^https?:\/\/[^\s"'<>]+$/i.test(address));
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

function change() {
  problems = [];
  filter();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", change);
form.addEventListener("reset", () => setTimeout(change));
addEventListener("hashchange", read);
more.addEventListener("click", () => {
  const next = body.rows.length;
  show();
  body.rows[next]?.querySelector("a")?.focus();
});
document.getElementById("download").addEventListener("click", download);
read();
