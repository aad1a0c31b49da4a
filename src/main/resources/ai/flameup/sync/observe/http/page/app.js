// Polls the sidecar every two seconds, and updates the page.

import { Charts } from "./charts.js";
import { commandsIn, say } from "./commands.js";
import { bytes, count, duration, many, percent, rate, second, time, utc } from "./format.js";
import { asSentence, gone, isSlotGone, place, verdict } from "./verdict.js";

const EVERY_MS = 2_000;
const AT_MOST_MS = 30_000;
const PATIENCE_MS = 5_000;
const HISTORY_EVERY_MS = 10_000;

const byId = (id) => document.getElementById(id);
const charts = new Charts(byId("plots"), byId("history").tBodies[0]);
const seen = { status: null, answered: Date.now(), failures: 0, history: -Infinity };

/** Kept as data, because the sidecar may be gone when they are needed. */
const icons = Object.fromEntries(
  await Promise.all(
    ["ok", "wait", "warn", "bad", "gone"].map(async (tone) => {
      const answer = await fetch(`/icon-${tone}.svg`);
      return [tone, `data:image/svg+xml,${encodeURIComponent(await answer.text())}`];
    }),
  ),
);

/** Updates an element only if it changes, to keep selections and to avoid repeated announcements. Adds spaces between parts. */
function put(id, ...parts) {
  const element = byId(id);
  const nodes = parts.filter((part) => part);
  const fresh = document.createElement("div");
  fresh.append(...nodes.flatMap((node, index) => (index > 0 && node !== "." ? [" ", node] : [node])));
  if (element.innerHTML !== fresh.innerHTML) element.replaceChildren(...fresh.childNodes);
}

function make(name, text, attributes = {}) {
  const element = document.createElement(name);
  if (text !== null) element.textContent = text;
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  return element;
}

const moment = (at, text) => make("time", text, { datetime: at, title: utc(at) });

/** A bar for a part of 1; `words` is its value for screen readers. */
function putMeter(meter, part, words) {
  const full = Math.min(100, Math.round(100 * part));
  meter.hidden = false;
  meter.setAttribute("aria-valuenow", full);
  meter.setAttribute("aria-valuetext", words);
  meter.firstElementChild.style.width = `${full}%`;
}

function showVerdict(said) {
  document.documentElement.dataset.tone = said.tone;
  document.title = said.title;
  const icon = icons[said.tone];
  for (const [element, attribute] of [[byId("icon"), "href"], [byId("sign"), "src"]]) {
    if (element.getAttribute(attribute) !== icon) element.setAttribute(attribute, icon);
  }
  put("headline", said.headline);
  put("detail", said.details.join(" "));
  put("announcement", said.announcement);
  say(byId("remedy"), said.remedy, said.commands);
}

function showRoute(status) {
  byId("route").hidden = false;
  put("name", `flameup-sync ${status.version}${status.host === null ? "" : ` on ${status.host}`}`);
  put("source", status.source);
  put("destination", status.destination);
}

function showNotices(notices) {
  byId("notices").hidden = notices.length === 0;
  byId("notices").className = notices.some((notice) => notice.remedy !== null) ? "attention" : "";
  const list = byId("notice-list");
  const key = JSON.stringify(notices);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(
    ...notices.map((notice) => {
      const [item, message, remedy] = [make("li", null), make("div", null), make("div", null, { class: "remedy" })];
      say(message, asSentence(notice.message));
      say(remedy, notice.remedy);
      item.append(message, remedy);
      return item;
    }),
  );
}

function showLag(status) {
  put("lag", status.lag_seconds === null ? "Unknown" : status.lag_seconds === 0 ? "None" : duration(status.lag_seconds));
  put(
    "lag-more",
    `${count(status.waiting)} waiting, ${many(status.in_flight, "request", "requests")} in flight.`,
    status.waiting_seconds_left === null || isSlotGone(status) ? null : `About ${duration(status.waiting_seconds_left)} left.`,
    status.lag_bytes === null || isSlotGone(status) ? null : `${bytes(status.lag_bytes)} of WAL to the server’s end.`,
    ...(status.oldest_waiting_at === null ? [] : ["The oldest has waited since", moment(status.oldest_waiting_at, time(status.oldest_waiting_at, status.at)), "."]),
    ...deferred(status),
  );
}

function deferred(status) {
  if (status.deferred === 0) return [];
  const left = status.deferred_seconds_left;
  return [
    `${count(status.deferred)} deferred since`,
    moment(status.deferred_since, time(status.deferred_since, status.at)),
    ".",
    left === null || isSlotGone(status) ? null : `About ${duration(left)} left${status.deferred_sent_per_second > 0 ? `, at ${rate(status.deferred_sent_per_second)} a second` : ""}.`,
  ];
}

function showWal(status) {
  const [held, limit] = [status.retained_wal_bytes, status.max_retained_wal_bytes];
  const words = isSlotGone(status) ? "None" : held === null ? "Unknown" : `${bytes(held)} of ${bytes(limit)}`;
  const meter = byId("wal-meter");
  put("wal", words);
  meter.hidden = held === null;
  if (held !== null) putMeter(meter, held / limit, words);
  meter.className = `meter ${held < limit / 2 ? "" : held < limit ? "warn" : "bad"}`;
  put(
    "wal-more",
    held === null || held < limit / 2 ? null : make("strong", held < limit ? "More than half of the limit." : "Past the limit."),
    `Slot ${status.slot}: ${status.slot_status ?? "unknown"}.`,
    status.slot_status === "lost" ? make("strong", "A gap is possible.") : null,
    isSlotGone(status) ? null : status.max_slot_wal_keep_bytes === null
      ? held !== null && "The server sets no limit."
      : `The server invalidates the slot at ${bytes(status.max_slot_wal_keep_bytes)}.`,
  );
}

function showBudget(status) {
  const budget = status.budget;
  const words = budget === null ? "Unknown" : `${count(budget.remaining)} of ${count(budget.limit)} left`;
  put("budget", words);
  byId("budget-meter").hidden = budget === null;
  if (budget !== null) putMeter(byId("budget-meter"), budget.remaining / Math.max(1, budget.limit), words);
  const reset = budget === null ? 0 : (Date.parse(budget.reset) - Date.parse(status.at)) / 1000;
  put(
    "budget-more",
    budget === null ? "Flameup has reported none." : reset > 0 ? `New window in ${duration(reset)}.` : "A new window has started.",
    `${rate(status.requests_per_minute)} requests in the last minute.`,
  );
}

const NO_STATUS = { none: "no response", not_sent: "not sent" };

function showLetters(status) {
  const letters = Object.entries(status.dead_letters_by_status);
  put("letters", status.dead_letters === 0 ? "None" : count(status.dead_letters));
  const table = byId("letters-table");
  table.hidden = letters.length === 0;
  table.tBodies[0].replaceChildren(
    ...letters.map(([code, number]) => {
      const row = make("tr", null);
      row.append(make("th", NO_STATUS[code] ?? code, { scope: "row" }), make("td", count(number)));
      return row;
    }),
  );
  const notice = status.notices.find((one) => one.name === "dead-letters");
  say(byId("letters-more"), letters.length === 0 ? "No person was refused." : notice?.remedy ?? null);
}

function showTotals(status) {
  put("delivered", count(status.delivered_total));
  put(
    "delivered-more",
    `${rate(status.delivered_per_second)} per second.`,
    `${many(status.requests_total, "request", "requests")}, ${count(status.retries_total)} repeated.`,
    ...(status.last_delivered_at === null ? [] : ["Last at", moment(status.last_delivered_at, time(status.last_delivered_at, status.at)), "."]),
  );
  put("saved", count(status.saved_unchanged_total + status.saved_replaced_total));
  put("saved-more", `${count(status.saved_unchanged_total)} unchanged, ${count(status.saved_replaced_total)} superseded by a newer state.`);
}

const KINDS = { first_load: "First load", reload: "Every row again", all: "All rows", where: "Rows by condition", ids: "Rows by id", gone: "Persons without a row" };

function progressWords(one) {
  if (one.state === "queued") return "Queued";
  const rows = one.rows_total > 0
    ? `${percent(one.rows_read, one.rows_total)} %, ${count(one.rows_read)} of ${count(one.rows_total)}`
    : many(one.rows_read, "row", "rows");
  return one.state === "paused" ? `Paused at ${rows}` : rows;
}

function showBackfills(status) {
  const backfills = status.backfills;
  byId("backfills").hidden = backfills.length === 0;
  byId("backfills-table").tBodies[0].replaceChildren(
    ...backfills.map((one) => {
      const row = make("tr", null);
      const name = `${KINDS[one.kind] ?? one.kind} (${one.id})`;
      const progress = make("td", null);
      const words = progressWords(one);
      if (one.rows_total > 0 && one.state !== "queued") {
        const meter = make("div", null, { class: "meter", role: "meter", "aria-label": `Progress of ${name}`, "aria-valuemin": 0, "aria-valuemax": 100 });
        meter.append(make("div", null));
        putMeter(meter, one.rows_read / one.rows_total, words);
        progress.append(meter);
      }
      progress.append(words);
      const left = one.state === "running" && one.seconds_left !== null && !isSlotGone(status) ? duration(one.seconds_left) : "–";
      row.append(
        make("th", name, { scope: "row" }),
        progress,
        make("td", count(one.sent), { "data-label": "Sent" }),
        make("td", count(one.parked), { "data-label": "Parked" }),
        make("td", left, { "data-label": "Time left" }),
      );
      return row;
    }),
  );
}

function showJob(status) {
  put("job", `${status.mode}, process ${status.pid}, started`, moment(status.started_at, time(status.started_at, status.at)));
}

function show(status) {
  byId("figures").hidden = false;
  showVerdict(verdict(status));
  showRoute(status);
  showNotices(status.notices);
  showLag(status);
  showWal(status);
  showBudget(status);
  showLetters(status);
  showTotals(status);
  showBackfills(status);
  showJob(status);
  put("pulse", "Live, as of", moment(status.at, second(status.at)));
}

function showGone() {
  showVerdict(gone(seen.answered, Date.now(), seen.status === null ? "flameup-sync" : place(seen.status)));
  put("pulse", `Retrying every ${duration(pause() / 1000)}.`);
}

const pause = () => Math.min(AT_MOST_MS, EVERY_MS * 2 ** Math.max(0, seen.failures - 1));

/** Null without a usable response. */
async function ask(path) {
  try {
    const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

async function poll() {
  try {
    const status = await ask("/api/status");
    if (status === null) {
      seen.failures++;
      showGone();
      return;
    }
    // Another version of the sidecar has another page.
    if (seen.status !== null && seen.status.version !== status.version) location.reload();
    Object.assign(seen, { status, answered: Date.now(), failures: 0 });
    show(status);
    await updateHistory(status.at);
  } finally {
    setTimeout(poll, pause());
  }
}

const EVENTS = {
  started: "Started",
  stopped: "Stopped",
  halted: "Halted",
  resumed: "Resumed",
  outage_began: "Outage began",
  outage_ended: "Outage ended",
  deferral_began: "Deferral began",
  deferral_ended: "Deferral ended",
  backfill_ended: "Backfill ended",
};

/** The newest first. */
function showEvents(events, now) {
  byId("events").hidden = events.length === 0;
  byId("events-table").tBodies[0].replaceChildren(
    ...[...events].reverse().map((event) => {
      const row = make("tr", null);
      const at = make("th", null, { scope: "row" });
      at.append(moment(event.at, time(event.at, now)));
      const what = EVENTS[event.kind] ?? event.kind;
      row.append(at, make("td", event.message === null ? what : `${what}: ${event.message}`));
      return row;
    }),
  );
}

async function updateHistory(at) {
  if (performance.now() - seen.history < HISTORY_EVERY_MS) return;
  const history = await ask("/api/history");
  if (history === null) return;
  seen.history = performance.now();
  charts.show(history.samples, at);
  showEvents(history.events, at);
}

poll();
