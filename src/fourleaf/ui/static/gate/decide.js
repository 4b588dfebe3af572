// SPDX-License-Identifier: Apache-2.0
// The first row of a rule table whose conditions all hold. engines/admission/rules/deciding.py decides in the same way.

const BITS = 53;

const same = (value, other) => typeof value !== "object" || value === null ? value === other : false;
const number = (value) => Number.isSafeInteger(value);

/** Whether a mask of rights has a bit. Shifting would cut it to 32. */
function has(mask, bit) {
  if (!number(mask) || !number(bit) || mask < 0 || bit < 0 || bit >= BITS) return false;
  return Math.floor(mask / 2 ** bit) % 2 === 1;
}

const HOLDS = new Map([
  ["eq", same],
  ["ne", (value, other) => !same(value, other)],
  ["lt", (value, other) => number(value) && number(other) && value < other],
  ["ge", (value, other) => number(value) && number(other) && value >= other],
  ["in", (value, other) => Array.isArray(other) && other.some((one) => same(value, one))],
  ["bit", has],
  ["nobit", (value, other) => !has(value, other)],
]);

/** A field that is missing is unknown: null. */
const field = (known, name) => (Object.hasOwn(known, name) ? known[name] ?? null : null);

const isField = (operand) => typeof operand === "object" && operand !== null && !Array.isArray(operand);

export function holds(known, [name, operator, operand]) {
  const test = HOLDS.get(operator);
  if (!test) throw new Error(`no such operator: ${operator}`);
  return test(field(known, name), isField(operand) ? field(known, operand.field) : operand);
}

/** rows: of a table; the last one has no conditions. known: all that is known of one attempt. */
export function decide(rows, known) {
  return rows.find((row) => row.when.every((condition) => holds(known, condition)));
}
