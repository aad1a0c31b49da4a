// The headline, details and remedy for a status. Pure functions that do not touch the page.

import { commandsIn } from "./commands.js";
import { count, duration, many, percent, time } from "./format.js";

const SIGNS = { ok: "✓", wait: "…", warn: "▲", bad: "■", gone: "?" };
/** Announced instead of headlines that change all the time. */
const SPOKEN = { behind: "Behind.", loading: "Loading." };
const BUDGET = "Waiting for Flameup’s budget.";
const WORKING = ["starting", "loading", "stopped", "halted"];

/**
 * Returns headline, details (sentences), remedy, commands (of the reason), tone (ok, wait, warn, bad, gone), title (of the tab), and announcement (for
 * screen readers, when it changes).
 */
export function verdict(status) {
  const commands = commandsIn(status.reason).filter((command) => !status.remedy?.includes(command));
  const said = { ...byState(status), remedy: status.remedy, commands };
  if (!status.ready && !WORKING.includes(status.state)) {
    said.tone = "bad";
    said.headline = `Not ready. ${said.headline}`;
    said.short = `Not ready: ${said.short.toLowerCase()}`;
  }
  const todo = attention(status);
  if (todo !== null && said.tone === "ok") said.tone = "warn";
  if (todo !== null && status.state !== "halted") said.details.unshift(todo);
  said.title = `${SIGNS[said.tone]} ${said.short} – ${place(status)}`;
  said.announcement = [
    SPOKEN[status.state] ?? said.headline,
    todo,
    status.remedy === null ? null : bare(status.remedy),
  ]
    .filter(Boolean)
    .join(" ");
  return said;
}

/** Whether nothing can be read from the slot any more. Then nothing is caught up until every row is sent again. */
export const isSlotGone = (status) => ["lost", "missing"].includes(status.slot_status);

/** Distinguishes pages of several jobs. */
export function place(status) {
  const table = status.source.slice(status.source.lastIndexOf("/") + 1);
  return status.host === null ? table : `${table} on ${status.host}`;
}

export function gone(since, now, where) {
  return {
    tone: "gone",
    headline: `No answer from the sidecar since ${time(since, now)}.`,
    details: ["The figures below are from that time."],
    remedy: null,
    commands: [],
    title: `${SIGNS.gone} No answer – ${where}`,
    announcement: `No answer from the sidecar since ${time(since, now)}.`,
  };
}

function byState(status) {
  const people = status.people === null ? null : `${many(status.people, "person", "people")}.`;
  const left = status.waiting_seconds_left === null || isSlotGone(status) ? "" : `, about ${duration(status.waiting_seconds_left)} left`;
  const waiting = status.waiting > 0 ? `${many(status.waiting, "change is", "changes are")} waiting${left}.` : null;
  const last = status.last_delivered_at === null
    ? null
    : `Last delivered ${duration(Math.max(0, (Date.parse(status.at) - Date.parse(status.last_delivered_at)) / 1000))} ago.`;
  const reason = sentence(status.reason, status.at);
  const words = (tone, headline, short, ...details) => ({ tone, headline, short, details: details.filter(Boolean) });
  switch (status.state) {
    case "starting":
      return words("wait", "Starting.", "Starting", reason);
    case "loading":
      return loading(status, words, reason, last);
    case "in_step":
      return words("ok", "In step.", "In step", people, last, reason);
    case "behind": {
      const by = status.lag_seconds === null ? "" : ` by ${duration(status.lag_seconds)}`;
      return words("warn", `Behind${by}.`, `Behind${by}`, reason, waiting, last);
    }
    case "throttled": {
      const reset = status.budget === null ? 0 : (Date.parse(status.budget.reset) - Date.parse(status.at)) / 1000;
      const headline = throttled(status.reason ?? "");
      const next = reset > 0 && headline === BUDGET ? `More requests in ${duration(reset)}.` : null;
      return words("wait", headline, "Throttled", reason, waiting, next, last);
    }
    case "outage":
      return outage(status, words, waiting);
    case "halted":
      return halted(status, words);
    case "stopped":
      return words("gone", "Stopped.", "Stopped", reason, last);
    default:
      return words("warn", `${status.state}.`, status.state, reason);
  }
}

function loading(status, words, reason, last) {
  const load = status.backfills.find((one) => one.state === "running" && one.rows_total !== null);
  if (load === undefined) {
    return words("wait", "Loading.", "Loading", reason, last);
  }
  const done = percent(load.rows_read, load.rows_total);
  const rows = `${count(load.rows_read)} of about ${many(load.rows_total, "person", "people")}.`;
  const left = load.seconds_left === null || isSlotGone(status) ? null : `About ${duration(load.seconds_left)} left.`;
  return words("wait", `Loading: ${done} %.`, `Loading ${done} %`, rows, left, last);
}

/** The beginning of the reason says what stops sending. */
function throttled(reason) {
  if (reason.startsWith("the API ask")) return "Paused at Flameup’s request.";
  return reason.startsWith("flameup.max-requests-per-minute") ? "Waiting for the configured limit." : BUDGET;
}

/** The name before the colon of the reason says whose outage it is. */
function outage(status, words, waiting) {
  const [, whose, what] = /^(Flameup|Postgres): (.+)$/s.exec(status.reason ?? "") ?? [null, null, status.reason];
  const headline = whose === null ? "Outage." : `Outage of ${whose}.`;
  return words("warn", headline, bare(headline), sentence(what, status.at), since(status), safe(status), isSlotGone(status) ? null : "The job resumes by itself.", waiting);
}

/** The first clause of the reason says what happened; the others are details. */
function halted(status, words) {
  const [, what, , more] = /^(.+?)((?:; |\. )(.+))?$/s.exec(bare(status.reason ?? "the job is halted"));
  const begin = what.includes(": ") ? "Action needed." : "Action needed:";
  // Commands have lines of their own.
  const commands = commandsIn(status.reason);
  const rest = more?.split("; ").filter((clause) => !commands.includes(clause)).join("; ") || null;
  return words("bad", `${begin} ${what} at ${time(status.since, status.at)}.`, "Action needed", sentence(rest, status.at), safe(status));
}

/** Null if the slot is lost or unknown, or if a gap is possible, which needs `resync`. */
function safe(status) {
  if (/nothing is lost/i.test(status.reason)) return null;
  const whole = ["reserved", "extended"].includes(status.slot_status) && !/\bresync\b/.test(`${status.reason} ${status.remedy}`);
  return whole ? "Nothing is lost." : null;
}

/** The number of notices with a remedy; null for none. */
function attention(status) {
  const number = status.notices.filter((notice) => notice.remedy !== null).length;
  return number === 0 ? null : `${many(number, "notice needs", "notices need")} attention.`;
}

const since = (status) => `Since ${time(status.since, status.at)}.`;

const bare = (text) => text.replace(/[.\s]+$/, "").replaceAll("`", "");

/** With times in the viewer's time zone. */
function sentence(text, now) {
  if (text === null) return null;
  return asSentence(bare(text).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => time(at, now)));
}

/** With a capital letter, unless it begins with a name, and a full stop. */
export const asSentence = (text) => `${/^[a-z]+[ ,]/.test(text) ? text[0].toUpperCase() + text.slice(1) : text}.`;
