// SPDX-License-Identifier: Apache-2.0
// Status is shape, word and color: the six shapes.

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  calm: ["circle", { cx: 8, cy: 8, r: 6.4 }],
  watch: ["path", { d: "M8 1.4 15 14.4H1Z" }],
  alert: ["path", { d: "M8 .8 15.2 8 8 15.2.8 8Z" }],
  danger: ["rect", { x: 1, y: 1, width: 14, height: 14 }],
  info: ["path", { d: "M8 6.6V14M8 2.2v1.6" }],
  unknown: ["rect", { x: 1.5, y: 1.5, width: 13, height: 13, rx: 3 }],
  closed: ["path", { d: "M2 2 14 14M14 2 2 14" }],
};

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** The shape of a status; the word stands beside it, so it is hidden from readers. */
export function shape(status) {
  const [tag, attributes] = PATHS[status] ?? PATHS.unknown;
  return svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", class: "shape" }, svg(tag, { ...attributes, class: `mk-${status}` }));
}

/** Small bars, oldest first, the last in full ink, each row on its own scale: they show a trend, the number beside them the size. Nothing is no bar. */
export function bars(values) {
  const most = Math.max(...values);
  const node = svg("svg", { viewBox: "0 0 53 22", "aria-hidden": "true", class: "bars" }, svg("rect", { x: 0, y: 21, width: 53, height: 1, class: "floor" }));
  values.forEach((value, index) => {
    const height = value ? Math.max(2, (22 * value) / most) : 0;
    node.append(svg("rect", { x: index * 9, y: 22 - height, width: 6, height, class: index === values.length - 1 ? "last" : "" }));
  });
  return node;
}

/** Draw the bars again only when their values changed. */
export function drawBars(node, values = []) {
  const drawn = values.join();
  if (node.dataset.drawn === drawn) return;
  node.dataset.drawn = drawn;
  node.replaceChildren(...(values.length ? [bars(values)] : []));
}
