// SPDX-License-Identifier: Apache-2.0
// The browser's twin of ui/format.py: numbers, bound words and moments. A test holds both to one table.

const WAN = 1e4;
const YI = 1e8;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = { zh: [..."日一二三四五六"].map((sign) => `周${sign}`), en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
const BOUNDS = {
  exact: { zh: ["", ""], en: ["", ""] },
  over: { zh: ["超", ""], en: ["over ", ""] },
  nearly: { zh: ["近", ""], en: ["nearly ", ""] },
  about: { zh: ["约", ""], en: ["about ", ""] },
  odd: { zh: ["", "余"], en: ["", " odd"] },
  at_least: { zh: ["至少", ""], en: ["at least ", ""] },
  at_most: { zh: ["至多", ""], en: ["at most ", ""] },
  preliminary: { zh: ["初步统计", ""], en: ["preliminary ", ""] },
};

const written = [0, 1, 2].map((digits) => new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }));

export function number(value, digits = 0) {
  const size = 10 ** digits;
  const rounded = (Math.sign(value) * Math.round(Math.abs(value) * size)) / size || 0;
  const text = written[digits].format(Math.abs(rounded));
  return rounded < 0 ? `\u2212${text}` : text;
}

export function short(value, lang) {
  if (lang === "en" || Math.abs(value) < WAN) return number(value);
  const [unit, word] = Math.abs(value) >= YI ? [YI, "亿"] : [WAN, "万"];
  return number(value / unit, 2).replace(/\.?0+$/, "") + word;
}

/** A bound without a word here is shown as it is: it must not pass for an exact number. */
export function bounded(text, bound, lang) {
  const [before, after] = BOUNDS[bound ?? "exact"]?.[lang] ?? [`${bound} `, ""];
  return before + text + after;
}

const zones = new Map();

/** The parts of a moment on the clock of a zone. */
export function parts(moment, zone) {
  if (!zones.has(zone)) {
    zones.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "2-digit", minute: "2-digit", second: "2-digit",
    }));
  }
  const found = {};
  for (const { type, value } of zones.get(zone).formatToParts(new Date(moment))) found[type] = value;
  return found;
}

export function day(moment, lang, zone) {
  const p = parts(moment, zone);
  return lang === "zh" ? `${Number(p.month)}月${Number(p.day)}日` : `${Number(p.day)} ${MONTHS[Number(p.month) - 1]}`;
}

/** A day with its year, where other years stand beside it. */
export function dated(moment, lang, zone) {
  const year = Number(parts(moment, zone).year);
  return lang === "zh" ? `${year}年${day(moment, lang, zone)}` : `${day(moment, lang, zone)} ${year}`;
}

export function weekday(moment, lang, zone) {
  const p = parts(moment, zone);
  return WEEKDAYS[lang][new Date(Date.UTC(Number(p.year), Number(p.month) - 1, Number(p.day))).getUTCDay()];
}

export function clockTime(moment, zone, seconds = false) {
  const p = parts(moment, zone);
  return seconds ? `${p.hour}:${p.minute}:${p.second}` : `${p.hour}:${p.minute}`;
}

export const moment = (value, lang, zone) => `${day(value, lang, zone)} ${clockTime(value, zone)}`;

/** ISO date of a moment in a zone, to find the show day. */
export function isoDate(value, zone) {
  const p = parts(value, zone);
  return `${p.year}-${p.month.padStart(2, "0")}-${p.day.padStart(2, "0")}`;
}

/** The instant of a clock time of a zone. A full ISO moment is taken as it is. */
export function fromLocal(date, time, zone) {
  if (time.length > 8) return Date.parse(time);
  const guess = Date.parse(`${date}T${time.slice(0, 5)}:00Z`);
  const shown = Date.parse(`${isoDate(guess, zone)}T${clockTime(guess, zone)}:00Z`);
  return guess - (shown - guess);
}

/** A moment as ISO text with the offset of a zone, to the second: what stands in an address. */
export function zoned(value, zone) {
  const p = parts(value, zone);
  const two = (n) => String(n).padStart(2, "0");
  const local = `${isoDate(value, zone)}T${p.hour}:${p.minute}:${p.second}`;
  const ahead = Math.round((Date.parse(`${local}Z`) - Math.floor(Number(new Date(value)) / 1000) * 1000) / 60_000);
  return `${local}${ahead < 0 ? "-" : "+"}${two(Math.floor(Math.abs(ahead) / 60))}:${two(Math.abs(ahead) % 60)}`;
}

/** A span as minutes:seconds; from one hour on as hours and minutes, with their units. */
export function age(ms, lang) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
  const [hours, minutes] = [Math.floor(s / 3600), two(Math.floor(s / 60) % 60)];
  return lang === "zh" ? `${hours}时${minutes}分` : `${hours} h ${minutes}`;
}
