// Rows that can be sorted, leafed through, downloaded and drawn.

import { chartable, chartView } from "./chart.js";
import { csvOf, download } from "./csv.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { amount, digitsOf, shown } from "./values.js";
import { t } from "./words.js";

const PAGE = 10;
const PILL_CHARS = 18;
const PILL_KINDS = 8;
const HUES = 6;
const NAMES = /(?:^|[_ ])(?:id|no|nr|number|code|key|ref|zip|phone|year|version)$/i;
const STATE = /(?:^|[_ ])(?:status|state|stage|priority|severity|type|kind|role|tier|plan|channel|category)$/i;

/** A grid of the `facade` field as an element. */
export function tableView(given) {
  const grid = {
    ...given,
    columns: given.columns.map(
      (column, index) => ({ ...column, digits: numeric(column) ? digitsOf(given.rows.map((row) => row[index])) : 0 }),
    ),
  };
  const state = { rows: grid.rows, sorted: null, page: 0, view: "table", measure: null };
  const drawing = chartable(grid);
  if (drawing?.series) state.view = "chart";
  const body = h("div", { class: "grid-body" });
  const section = h("section", { class: "grid", "aria-label": grid.title || t("showTable") });
  const update = () => {
    fill(section, head(grid, state, drawing, update), body);
    if (state.view === "chart") fill(body, chartView(grid, drawing, state, update));
    else fill(body, table(grid, state, update), pager(state, update));
  };
  update();
  return section;
}

/** A grid made of a Markdown table, for conversations whose rows are not kept. */
export function gridOf(header, rows) {
  const columns = header.map(
    (title, index) => ({ name: title, title, kind: kindOf(rows, index), currency: "", minor: false }),
  );
  const typed = rows.map(
    (row) => columns.map((column, index) => (column.kind === "number" ? Number(row[index]) : row[index] ?? "")),
  );
  return { title: "", columns, rows: typed, total: null, more: false };
}

function kindOf(rows, index) {
  const cells = rows.map((row) => row[index] ?? "").filter(Boolean);
  if (cells.length && cells.every((cell) => /^-?\d{1,15}(?:\.\d+)?$/.test(cell))) return "number";
  return cells.length && cells.every((cell) => /^\d{4}-\d{2}-\d{2}$/.test(cell)) ? "date" : "text";
}

function head(grid, state, drawing, update) {
  const count = grid.rows.length;
  const beyond = grid.total !== null && grid.total > count;
  const told = beyond ? t(
    "rowsOf",
    { count, total: grid.total },
  ) : grid.more ? t("rowsMore", { count }) : count === 1 ? t("row1") : t("rows", { count });
  return h(
    "div",
    { class: "grid-head" },
    h("h3", { class: "grid-title" }, grid.title ? h("span", {}, grid.title) : null, h("small", {}, told)),
    h("div", { class: "grid-tools" }, drawing ? views(state, update) : null, csvButton(grid)),
  );
}

function views(state, update) {
  const pick = (view, name) =>
    h(
      "button",
      {
        type: "button",
        class: "segment",
        "aria-pressed": String(state.view === view),
        on: {
          click: (event) => {
            const tools = event.currentTarget.closest(".grid");
            state.view = view;
            update();
            tools.querySelector(`.segment[data-view="${view}"]`)?.focus();
          },
        },
        "data-view": view,
      },
      icon(view),
      h("span", {}, t(name)),
    );
  return h(
    "div",
    { class: "segments", role: "group", "aria-label": t("view") },
    pick("table", "showTable"),
    pick("chart", "showChart"),
  );
}

function csvButton(grid) {
  const name = `${(grid.title || "rows").replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60)}.csv`;
  return h(
    "button",
    { type: "button", class: "ghost", on: { click: () => download(name, csvOf(grid)) } },
    icon("load"),
    h("span", {}, t("csv")),
  );
}

function table(grid, state, update) {
  const pills = grid.columns.map((column, index) => statesOf(column, grid.rows, index));
  const rows = ordered(grid, state).slice(state.page * PAGE, (state.page + 1) * PAGE);
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": grid.title || t("showTable") },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, grid.columns.map((column, index) => heading(column, index, state, update)))),
      h(
        "tbody",
        {},
        rows.map(
          (row) => h("tr", {}, row.map((value, index) => cell(value, grid.columns[index], index, pills[index]))),
        ),
      ),
    ),
  );
}

function heading(column, index, state, update) {
  const sorted = state.sorted?.index === index ? state.sorted.direction : null;
  const turn = () => {
    const table = document.activeElement.closest("table").parentElement.parentElement;
    state.sorted = sorted === "descending" ? null : { index, direction: sorted === null ? "ascending" : "descending" };
    state.page = 0;
    update();
    table.querySelectorAll("th button")[index].focus();
  };
  return h(
    "th",
    { scope: "col", "aria-sort": sorted ?? "none", class: figure(column) ? "figure" : null },
    h(
      "button",
      { type: "button", class: "sorter", title: t("sortBy", { name: column.title }), on: { click: turn } },
      h("span", {}, column.title),
      icon(sorted ?? "sort"),
    ),
  );
}

function cell(value, column, index, pill) {
  const text = shown(value, column);
  const tag = index === 0 ? "th" : "td";
  const scope = index === 0 ? "row" : null;
  if (pill && text) return h(tag, { scope }, h("span", { class: `pill hue-${pill.indexOf(value) % HUES}` }, text));
  return h(tag, { scope, class: figure(column) ? "figure" : null, title: text.length > 32 ? text : null }, text);
}

function numeric(column) {
  return column.kind === "number" || column.kind === "money";
}

/** Figures stand to the right; a number that only names something does not. */
function figure(column) {
  return numeric(column) && !NAMES.test(column.name);
}

/** The words of a column of states, null for any other. The dot beside a word says nothing that the word does not. */
function statesOf(column, rows, index) {
  if (column.kind !== "text" || !STATE.test(column.name)) return null;
  const kinds = [...new Set(rows.map((row) => row[index]))].sort();
  return kinds.length <= PILL_KINDS && kinds.every(
    (each) => each === null || String(each).length <= PILL_CHARS,
  ) ? kinds : null;
}

function ordered(grid, state) {
  if (!state.sorted) return grid.rows;
  const { index, direction } = state.sorted;
  const column = grid.columns[index];
  const sign = direction === "ascending" ? 1 : -1;
  const by = numeric(column)
    ? (a, b) => amount(a[index], column) - amount(b[index], column)
    : (a, b) => String(a[index]).localeCompare(String(b[index]), undefined, { numeric: true, sensitivity: "base" });
  const empty = (row) => row[index] === null || row[index] === "";
  return [...grid.rows].sort((a, b) => (empty(a) || empty(b) ? empty(a) - empty(b) : sign * by(a, b)));
}

function pager(state, update) {
  const count = state.rows.length;
  if (count <= PAGE) return null;
  const last = Math.ceil(count / PAGE) - 1;
  const go = (step) => (event) => {
    const section = event.currentTarget.closest(".grid");
    state.page = Math.min(last, Math.max(0, state.page + step));
    update();
    const buttons = section.querySelectorAll(".pager button");
    (step < 0 ? [buttons[0], buttons[1]] : [buttons[1], buttons[0]]).find((each) => !each.disabled)?.focus();
  };
  const from = state.page * PAGE + 1;
  return h(
    "div",
    { class: "pager" },
    h("span", { role: "status" }, t("page", { from, to: Math.min(count, from + PAGE - 1), count })),
    h(
      "button",
      {
        type: "button",
        class: "round small",
        "aria-label": t("previous"),
        disabled: state.page === 0,
        on: { click: go(-1) },
      },
      icon("left"),
    ),
    h(
      "button",
      {
        type: "button",
        class: "round small",
        "aria-label": t("next"),
        disabled: state.page === last,
        on: { click: go(1) },
      },
      icon("right"),
    ),
  );
}
