// A series as a line or as bars, in plain SVG. The table beside it holds the same figures.

import { h, s } from "./dom.js";
import { amount, compact, shown } from "./values.js";
import { t } from "./words.js";

const WIDE = { width: 720, height: 280 };
const NARROW = { width: 400, height: 250 };
const MOST_POINTS = 120;
const MOST_BARS = 24;
const MOST_COLUMNS = 6;
const PERIOD = /^\d{4}(?:-(?:\d{2}(?:-\d{2})?|[QWqw]\d{1,2}))?$/;
const PERIOD_NAME = /(?:^|[_ ])(?:date|day|week|month|quarter|year|period)$/i;
const NO_MEASURE = /(?:^|[_ ])(?:id|no|number|year|code|zip|phone|version|page)$/i;

/** What can be drawn of a grid: along which column, which measures; null when it is no series. `series`: nothing but
 *  one, so that it is drawn at first sight. */
export function chartable(grid) {
  if (grid.rows.length < 2) return null;
  const measures = grid.columns.filter((column, index) => isMeasure(column, index, grid.rows));
  if (!measures.length) return null;
  if (grid.columns.length > MOST_COLUMNS) return null;
  const first = (fits) => grid.columns.findIndex((column, index) => fits(column, index) && distinct(grid.rows, index));
  const period = first((column, index) => PERIOD_NAME.test(column.name) && isTime(column, index, grid.rows));
  const name = first((column) => column.kind === "text" && !NO_MEASURE.test(column.name));
  const time = first((column) => column.kind === "date" || column.kind === "moment");
  const along = [period, name, time].find((index) => index >= 0);
  if (along === undefined) return null;
  const kind = along === name && along !== period ? "bars" : "line";
  if (grid.rows.length > (kind === "bars" ? MOST_BARS : MOST_POINTS)) return null;
  return {
    along,
    measures,
    kind,
    series: grid.rows.length > 2 && !grid.columns.some((column) => NO_MEASURE.test(column.name)),
  };
}

function isMeasure(column, index, rows) {
  if (column.kind !== "number" && column.kind !== "money") return false;
  if (NO_MEASURE.test(column.name) || PERIOD_NAME.test(column.name)) return false;
  return rows.every((row) => Number.isFinite(amount(row[index], column)));
}

function isTime(column, index, rows) {
  if (column.kind === "date" || column.kind === "moment") return true;
  return PERIOD_NAME.test(column.name) && rows.every((row) => PERIOD.test(String(row[index])));
}

function distinct(rows, index) {
  return rows.every(
    (row) => row[index] !== null && row[index] !== "",
  ) && new Set(rows.map((row) => row[index])).size === rows.length;
}

/** The drawing, with a choice of measure where there are several. */
export function chartView(grid, drawing, state, update) {
  const measure = drawing.measures.find((column) => column.name === state.measure) ?? drawing.measures[0];
  const column = grid.columns.indexOf(measure);
  const axis = grid.columns[drawing.along];
  const points = grid.rows.map(
    (row) => ({
      label: shown(row[drawing.along], axis),
      key: String(row[drawing.along]),
      value: amount(row[column], measure),
      text: shown(row[column], measure),
    }),
  );
  if (drawing.kind === "line") points.sort((a, b) => (a.key < b.key ? -1 : 1));
  const facts = { measure: measure.title, by: axis.title };
  return h(
    "figure",
    { class: "chart" },
    h(
      "figcaption",
      {},
      h("span", {}, t("chartOf", facts)),
      drawing.measures.length > 1 ? picker(drawing.measures, measure, state, update) : null,
    ),
    drawn(points, measure, drawing.kind, facts),
  );
}

function picker(measures, chosen, state, update) {
  const change = (event) => {
    const section = event.currentTarget.closest(".grid");
    state.measure = event.currentTarget.value;
    update();
    section.querySelector("select").focus();
  };
  const options = measures.map(
    (column) => h("option", { value: column.name, selected: column === chosen }, column.title),
  );
  return h(
    "label",
    { class: "picker" },
    h("span", { class: "unseen" }, t("measure")),
    h("select", { on: { change } }, options),
  );
}

function drawn(points, measure, kind, facts) {
  const values = points.map((point) => point.value);
  const ticks = ticksOf(Math.min(0, ...values), Math.max(0, ...values));
  const { width, height } = globalThis.innerWidth < 640 ? NARROW : WIDE;
  const left = 16 + 7.2 * Math.max(...ticks.map((tick) => compact(tick, measure).length));
  const inset = Math.max(14, 3.4 * Math.max(...points.map((point) => Math.min(14, point.label.length))) - 6);
  const area = { left, inset, right: width - 8, top: 14, bottom: height - 34 };
  const low = ticks[0];
  const high = ticks.at(-1);
  const y = (value) => area.bottom - ((value - low) / (high - low || 1)) * (area.bottom - area.top);
  const voice = t("chartVoice", {
    ...facts,
    kind: t(kind === "line" ? "line" : "bars"),
    count: points.length,
    min: compact(Math.min(...values), measure),
    max: compact(Math.max(...values), measure),
  });
  return s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": voice, class: "plot" },
    ticks.map((tick) => [
      s("line", { class: tick === 0 ? "axis" : "grid-line", x1: area.left, x2: area.right, y1: y(tick), y2: y(tick) }),
      s("text", { class: "tick", x: area.left - 8, y: y(tick) + 4, "text-anchor": "end" }, compact(tick, measure)),
    ]),
    kind === "line" ? line(points, area, y) : bars(points, area, y),
    labels(points, area, kind),
  );
}

function place(index, count, area, kind) {
  const width = area.right - area.left;
  const share = count === 1 ? 0.5 : index / (count - 1);
  if (kind === "line") return area.left + area.inset + share * (width - 2 * area.inset);
  return area.left + ((index + 0.5) / count) * width;
}

function line(points, area, y) {
  const at = points.map((point, index) => [place(index, points.length, area, "line"), y(point.value)]);
  const path = at.map(([px, py], index) => `${index ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`).join("");
  const base = y(0).toFixed(1);
  const ground = `${path}L${at.at(-1)[0].toFixed(1)} ${base}L${at[0][0].toFixed(1)} ${base}Z`;
  return [
    s("path", { class: "ground", d: ground }),
    s("path", { class: "stroke", d: path }),
    points.map((point, index) =>
      s(
        "g",
        { class: "point" },
        s("circle", { class: "reach", cx: at[index][0], cy: at[index][1], r: 14 }),
        s("circle", { class: "dot", cx: at[index][0], cy: at[index][1], r: points.length > 40 ? 2.5 : 4 }),
        s("title", {}, `${point.label}: ${point.text}`),
      ),
    ),
  ];
}

function bars(points, area, y) {
  const width = Math.min(56, ((area.right - area.left) / points.length) * 0.62);
  return points.map((point, index) => {
    const centre = place(index, points.length, area, "bars");
    const [top, bottom] = [Math.min(y(point.value), y(0)), Math.max(y(point.value), y(0))];
    return s(
      "g",
      { class: "point" },
      s(
        "rect",
        {
          class: "bar",
          x: centre - width / 2,
          y: top,
          width,
          height: Math.max(1, bottom - top),
          rx: Math.min(5, width / 4),
        },
      ),
      s("title", {}, `${point.label}: ${point.text}`),
    );
  });
}

/** As many labels as have room; a long one is cut, its whole text stands in the table. */
function labels(points, area, kind) {
  const longest = Math.max(...points.map((point) => Math.min(14, point.label.length)));
  const room = Math.max(1, Math.floor((area.right - area.left) / (longest * 7.4 + 14)));
  const every = Math.ceil(points.length / room);
  return points.map((point, index) => {
    if (index % every) return null;
    const text = point.label.length > 14 ? `${point.label.slice(0, 13)}…` : point.label;
    return s(
      "text",
      { class: "tick", x: place(index, points.length, area, kind), y: area.bottom + 22, "text-anchor": "middle" },
      text,
    );
  });
}

/** Round numbers around the values, about five of them. */
function ticksOf(low, high) {
  const rough = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step) || first + 1;
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
