// Icons, drawn on a grid of 24 with a line of 1.75. They only accompany words or carry a label on their button.

import { s } from "./dom.js";

const PATHS = {
  send: ["M12 19V5", "m5.5 11.5 6.5-6.5 6.5 6.5"],
  stop: ["M7 7h10v10H7z"],
  menu: ["M4 7h16M4 12h16M4 17h10"],
  plus: ["M12 5v14M5 12h14"],
  close: ["m6 6 12 12M18 6 6 18"],
  down: ["m6 9.5 6 6 6-6"],
  check: ["m4.5 12.5 5 5 10-11"],
  cross: ["m7 7 10 10M17 7 7 17"],
  up: ["M7 10v10H4V10z", "M7 11l4-7c1.6 0 2.4 1 2.2 2.6L12.800 10H18a2 2 0 0 1 2 2.400l-1.200 6A2 2 0 0 1 16.800 20H7"],
  bad: ["M17 14V4h3v10z", "M17 13l-4 7c-1.600 0-2.400-1-2.200-2.600l.4-3.400H6a2 2 0 0 1-2-2.400l1.200-6A2 2 0 0 1 7.200 4H17"],
  copy: ["M9 9h10v11H9z", "M6 15H5V4h10v2"],
  load: ["M12 4v11M7 11l5 5 5-5M5 20h14"],
  chart: ["M4 20V4", "M4 20h16", "m7 15 4-5 3.500 3 5-7"],
  table: ["M4 5h16v14H4z", "M4 10h16M4 14.500h16M10 10v9"],
  clock: ["M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z", "M12 7.500V12l3 2"],
  warn: ["M12 4 2.800 20h18.400z", "M12 10v4.500M12 17.300v.2"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"],
  moon: ["M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z"],
  globe: ["M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z", "M3.500 12h17M12 3.500c5 5 5 12 0 17M12 3.500c-5 5-5 12 0 17"],
  out: ["M10 4H5v16h5", "M10 12h10M16 8l4 4-4 4"],
  shield: ["M12 3 5 6v5.500c0 4.300 2.900 7.700 7 9.500 4.100-1.800 7-5.200 7-9.500V6z", "m9 12 2.200 2.200L15.200 10"],
  steps: ["M5 6h.01M5 12h.01M5 18h.01", "M9.500 6H20M9.500 12H20M9.500 18H16"],
  sort: ["m8 10 4-4 4 4M8 14l4 4 4-4"],
  ascending: ["m7 14 5-5 5 5"],
  descending: ["m7 10 5 5 5-5"],
  left: ["m14.500 6-6 6 6 6"],
  right: ["m9.500 6 6 6-6 6"],
  spark: ["M12 4v5M12 15v5M4 12h5M15 12h5"],
  key: ["M14.500 4a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11z", "M10.500 13.500 4 20M7 17l2.500 2.500"],
};

/** An icon that assistive technology skips. */
export function icon(name) {
  const lines = PATHS[name].map((d) => s("path", { d }));
  return s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, lines);
}

/** The mark: a portico. */
export function mark() {
  return s(
    "svg",
    { class: "mark", viewBox: "0 0 32 32", "aria-hidden": "true", focusable: "false" },
    s("rect", { class: "mark-ground", width: 32, height: 32, rx: 8 }),
    s("path", { class: "mark-line", d: "M7 13 16 7l9 6z" }),
    s("path", { class: "mark-line", d: "M10 16.500v6M16 16.500v6M22 16.500v6M7.500 25.500h17" }),
  );
}

/** The large drawing of the sign-in. */
export function portico() {
  const columns = [60, 108, 156, 204, 252].flatMap((x) => [
    s("path", { d: `M${x} 128h28` }),
    s("path", { d: `M${x + 4} 134v132M${x + 11} 134v132M${x + 17} 134v132M${x + 24} 134v132` }),
    s("path", { d: `M${x} 272h28` }),
  ]);
  return s(
    "svg",
    { class: "portico", viewBox: "18 32 304 272", "aria-hidden": "true", focusable: "false" },
    s("path", { d: "M36 104 170 36l134 68z" }),
    s("path", { d: "M62 98 170 46l108 52z" }),
    s("path", { d: "M170 66a13 13 0 1 0 .1 0z" }),
    s("path", { d: "M40 110h260M44 122h252" }),
    columns,
    s("path", { d: "M40 280h260M30 290h280M20 300h300" }),
  );
}
