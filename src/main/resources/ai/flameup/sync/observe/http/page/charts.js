// The last hour as charts by uPlot, each with a summary in words.

import { bytes, bytesMarks, count, duration, durationMarks, rate, time, utc } from "./format.js";

const HOUR = 3600;
const HEIGHT = 150;
/** Samples are ten seconds apart. If they are further apart than this, the process was down. */
const GAP_SECONDS = 45;
const MOMENTS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
const POWERS = Array.from({ length: 50 }, (none, power) => 2 ** power);
const PLOTS = [
  { key: "lag_seconds", title: "Lag", say: duration, least: 10, steps: MOMENTS, label: durationMarks },
  { key: "retained_wal_bytes", title: "Retained WAL", say: bytes, least: 1 << 20, steps: POWERS, label: bytesMarks },
  { key: "delivered_per_second", title: "Delivered per second", say: rate, least: 5 },
  { key: "requests_per_minute", title: "Requests per minute", say: count, least: 10 },
];

const colours = () => {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return { line: of("--line"), fill: of("--fill"), grid: of("--edge"), text: of("--soft") };
};

class Plot {
  constructor(what, home) {
    this.what = what;
    this.figure = home.appendChild(document.createElement("figure"));
    this.figure.className = "card";
    const caption = this.figure.appendChild(document.createElement("figcaption"));
    caption.appendChild(document.createElement("h3")).textContent = what.title;
    this.words = caption.appendChild(document.createElement("p"));
    this.box = this.figure.appendChild(document.createElement("div"));
    this.box.className = "plot";
    this.box.setAttribute("role", "img");
    this.data = [[], []];
    new ResizeObserver(() => this.chart?.setSize(this.size())).observe(this.box);
  }

  size() {
    return { width: Math.max(200, this.box.clientWidth), height: HEIGHT };
  }

  show(times, samples, now) {
    this.now = now;
    this.data = [times, samples.map((sample) => sample?.[this.what.key] ?? null)];
    this.chart ? this.chart.setData(this.data) : this.draw();
    this.summarize();
  }

  draw() {
    this.chart?.destroy();
    const { line, fill, grid, text } = colours();
    const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    this.chart = new uPlot(
      {
        ...this.size(),
        padding: [10, 12, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false } },
        scales: {
          x: { range: () => [this.now - HOUR, this.now] },
          y: { range: (chart, low, high) => [0, Math.max(this.what.least, (high ?? 0) * 1.15)] },
        },
        axes: [
          { ...axis, size: 28, space: 70, values: (chart, at) => at.map((one) => time(one * 1000, this.now * 1000)) },
          { ...axis, size: 64, space: 28, ...(this.what.steps && { incrs: this.what.steps }), values: (chart, marks) => (this.what.label ? this.what.label(marks) : marks.map(this.what.say)) },
        ],
        series: [{}, { stroke: line, fill, width: 2, points: { show: false }, spanGaps: false }],
        hooks: { setCursor: [(chart) => this.point(chart.cursor.idx)] },
      },
      this.data,
      this.box,
    );
  }

  /** The value under the pointer, or else the summary. */
  point(index) {
    const value = index === null || index === undefined ? null : this.data[1][index];
    if (value === null || value === undefined) {
      this.words.textContent = this.summary;
      return;
    }
    const at = this.data[0][index] * 1000;
    this.words.textContent = `${time(at, this.now * 1000)}: ${this.what.say(value)}`;
  }

  summarize() {
    const known = this.data[1].filter((value) => value !== null);
    this.summary = known.length === 0
      ? "Unknown yet"
      : `Last ${this.what.say(known[known.length - 1])}, at most ${this.what.say(Math.max(...known))}`;
    this.box.setAttribute("aria-label", `${this.what.title}, the last hour. ${this.summary}.`);
    this.point(this.chart.cursor.idx);
  }
}

export class Charts {
  constructor(home, table) {
    this.plots = PLOTS.map((what) => new Plot(what, home));
    this.table = table;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.plots.forEach((plot) => plot.chart && plot.draw()));
  }

  show(samples, at) {
    // The last sample may be younger than the status.
    const now = Math.max(Date.parse(at), ...samples.slice(-1).map((sample) => Date.parse(sample.at))) / 1000;
    const times = [];
    const shown = [];
    for (const sample of samples) {
      const second = Date.parse(sample.at) / 1000;
      if (times.length > 0 && second - times[times.length - 1] > GAP_SECONDS) {
        times.push(second - 1);
        shown.push(null);
      }
      times.push(second);
      shown.push(sample);
    }
    this.plots.forEach((plot) => plot.show(times, shown, now));
    this.list(samples, now);
  }

  /** One row for each five minutes, the newest first. */
  list(samples, now) {
    const rows = new Map();
    samples.forEach((sample) => rows.set(Math.floor(Date.parse(sample.at) / 300_000), sample));
    const shown = [...rows.values()].reverse().map((sample) => {
      const row = document.createElement("tr");
      const head = row.appendChild(document.createElement("th"));
      head.scope = "row";
      const moment = head.appendChild(document.createElement("time"));
      moment.dateTime = sample.at;
      moment.title = utc(sample.at);
      moment.textContent = time(sample.at, now * 1000);
      PLOTS.forEach(({ key, title, say }) => {
        const cell = row.appendChild(document.createElement("td"));
        cell.dataset.label = title;
        cell.textContent = sample[key] === null ? "unknown" : say(sample[key]);
      });
      return row;
    });
    this.table.replaceChildren(...shown);
  }
}
