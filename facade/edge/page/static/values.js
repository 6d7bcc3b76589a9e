// Values as their reader likes them: amounts and dates in the tenant's locale and zone.

import { spoken, t } from "./words.js";

let locale = "en";
let zone = "UTC";

/** Show values as this tenant has them from now on. */
export function settle(me) {
  try {
    locale = Intl.getCanonicalLocales(me.locale.replaceAll("_", "-"))[0] ?? "en";
  } catch {
    locale = "en";
  }
  zone = me.time_zone;
}

/** A cell as text; '' for nothing. */
export function shown(value, column) {
  if (value === null || value === undefined || value === "") return "";
  switch (column.kind) {
    case "boolean":
      return t(value ? "yes" : "no");
    case "money":
      return money(amount(value, column), column);
    case "number":
      return Number.isInteger(value) && !column.digits ? String(value) : decimal(value, column.digits);
    case "date":
      return day(String(value));
    case "moment":
      return moment(String(value));
    default:
      return String(value);
  }
}

/** A cell as a number, for sorting and drawing; NaN where it is none. */
export function amount(value, column) {
  const number = typeof value === "number" ? value : value === null || value === "" ? NaN : Number(value);
  return column.minor ? number / 100 : number;
}

/** A figure on an axis. */
export function compact(value, column) {
  const style = { notation: Math.abs(value) >= 10000 ? "compact" : "standard", maximumFractionDigits: 2 };
  const currency = column.kind === "money" && column.currency ? { style: "currency", currency: column.currency } : {};
  return formatted(value, { ...style, ...currency, minimumFractionDigits: 0 });
}

/** The moment of a turn, in the reader's own words. */
export function clockTime(iso) {
  return written(
    new Date(iso),
    { hour: "2-digit", minute: "2-digit" },
    spoken() === "zh" ? "zh-Hans" : navigator.language,
  );
}

function money(value, column) {
  if (Number.isNaN(value)) return "";
  if (column.currency) return formatted(value, { style: "currency", currency: column.currency });
  return decimal(value, column.digits ? 2 : 0);
}

function decimal(value, digits = 0) {
  return formatted(value, { minimumFractionDigits: digits, maximumFractionDigits: Math.max(digits, 12) });
}

/** How many digits after the point a column shows, so that its figures stand under each other. */
export function digitsOf(values) {
  const fractions = values.map((value) => /\.(\d+)$/.exec(String(value ?? ""))?.[1].length ?? 0);
  return Math.min(4, Math.max(0, ...fractions));
}

function formatted(value, options) {
  try {
    return new Intl.NumberFormat(locale, options).format(value);
  } catch {
    return String(value);
  }
}

// English without a region keeps ISO 8601, as the service's own words do.
function day(text) {
  if (locale === "en") return text;
  const date = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? text : written(date, { dateStyle: "medium", timeZone: "UTC" });
}

function moment(text) {
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const date = new Date(zoned ? text.replace(" ", "T") : `${text.replace(" ", "T")}Z`);
  if (Number.isNaN(date.getTime())) return text;
  const timeZone = zoned ? zone : "UTC";
  if (locale !== "en") return written(date, { dateStyle: "medium", timeStyle: "short", timeZone });
  const parts = written(date, { dateStyle: "short", timeStyle: "short", timeZone, hourCycle: "h23" }, "sv-SE");
  return parts.replace(",", "");
}

function written(date, options, tag = locale) {
  try {
    return new Intl.DateTimeFormat(tag, options).format(date);
  } catch {
    return date.toISOString();
  }
}
