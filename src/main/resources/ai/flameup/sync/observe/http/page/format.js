// Numbers and times in English, with times in the viewer's time zone.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const rough = new Intl.NumberFormat("en", { maximumSignificantDigits: 2 });

export const count = (number) => whole.format(number);

export const many = (number, one, several) => `${count(number)} ${number === 1 ? one : several}`;

export const rate = (number) => (number < 10 ? rough.format(number) : count(number));

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** Powers of 1024, as in the configuration. */
export function bytes(number) {
  let unit = 0;
  while (number >= 1023.5 && unit < UNITS.length - 1) {
    number /= 1024;
    unit++;
  }
  return `${number < 9.95 && unit > 0 ? Number(number.toFixed(1)) : count(number)} ${UNITS[unit]}`;
}

/** One unit, or two if the second matters. */
export function duration(seconds) {
  const two = (big, bigUnit, small, smallUnit) => (small > 0 && big < 10 ? `${big} ${bigUnit} ${small} ${smallUnit}` : `${big} ${bigUnit}`);
  if (seconds < 1) return seconds > 0 ? "under 1 s" : "0 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return two(hours, "h", minutes % 60, "min");
  return two(Math.floor(hours / 24), hours < 48 ? "day" : "days", hours % 24, "h");
}

/** Labels of evenly spaced marks, in one unit. */
export function durationMarks(marks) {
  const step = marks.length > 1 ? marks[1] - marks[0] : 1;
  const [size, unit] = [[86_400, "d"], [3_600, "h"], [60, "min"]].find(([least]) => step >= least) ?? [1, "s"];
  return marks.map((mark) => `${count(mark / size)} ${unit}`);
}

/** Labels of evenly spaced marks, in the unit of the largest. */
export function bytesMarks(marks) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, ...marks)) / 10));
  return marks.map((mark) => `${fine.format(mark / 1024 ** power)} ${UNITS[power]}`);
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dated = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

const ticking = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** 03:12:45 */
export const second = (at) => ticking.format(new Date(at));

/** 03:12, with the day if it is not the day of `now`. */
export function time(at, now) {
  const date = new Date(at);
  return date.toDateString() === new Date(now).toDateString() ? clock.format(date) : dated.format(date);
}

export const utc = (at) => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

export const percent = (part, total) => (total > 0 ? Math.min(100, Math.floor((100 * part) / total)) : 0);
