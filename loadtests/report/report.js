// Turns the summaries of the k6 scripts into one page with charts, which needs nothing beside it.
//
// usage: node loadtests/report/report.js [--pictures FOLDER] k6-NAME.json… >report.html
//   --pictures FOLDER   writes each chart as an SVG file there, too

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { escape, latencyChart, loadChart, rateChart, sharesChart, short } from './charts.js';

const percentiles = ['med', 'p(95)', 'p(99)', 'p(99.9)'];
const usage = 'usage: node loadtests/report/report.js [--pictures FOLDER] k6-NAME.json… >report.html';

const files = process.argv.slice(2);
let pictures = null;
if (files[0] === '--pictures') {
    [, pictures] = files.splice(0, 2);
}

if (files.length === 0 || pictures === undefined) {
    console.error(usage);
    process.exit(64);
}

const summaries = files.map((file) => {
    const summary = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof summary.script !== 'string' || typeof summary.metrics !== 'object') {
        console.error(`${file} is no summary of a script of loadtests/.`);
        process.exit(65);
    }

    return summary;
});

/** name → SVG */
const charts = new Map();
for (const summary of summaries) {
    if (summary.script === 'distribution') {
        charts.set('shares', sharesOf(summary));
    }

    if (summary.script === 'scale') {
        charts.set('mean-load', loadOf(summary));
    }
}

const timed = summaries.filter((summary) => latencyOf(summary) !== undefined);
if (timed.length > 0) {
    const rows = timed.map((summary) => ({ name: summary.script, values: percentiles.map((name) => latencyOf(summary)[name]) }));
    charts.set('latency', latencyChart('of the load of each script, on a logarithmic scale', rows, ['p50', 'p95', 'p99', 'p99.9']));
}

for (const summary of summaries.filter((s) => s.metrics.window_requests !== undefined)) {
    charts.set(summary.script === 'throughput' ? 'throughput' : `over-time-${summary.script}`, rateOf(summary));
}

if (pictures !== null) {
    mkdirSync(pictures, { recursive: true });
    charts.forEach((svg, name) => writeFileSync(join(pictures, `${name}.svg`), svg));
}

process.stdout.write(page());

function count(summary, metric) {
    return summary.metrics[metric]?.values.count ?? 0;
}

// Where a script counts its load by time, /add and the like beside it are left out.
function latencyOf(summary) {
    return (summary.metrics.window_duration ?? summary.metrics.http_req_duration)?.values;
}

function sharesOf(summary) {
    const { weights, requests } = summary.settings;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const shares = weights.map((weight, i) => ({
        name: summary.setup_data?.names?.[i] ?? `replica ${i + 1}`,
        count: count(summary, `replica_requests{place:${i + 1}}`),
        expected: (requests * weight) / total,
    }));
    return sharesChart(`${short(requests)} requests, weights ${weights.join(', ')}`, shares);
}

function loadOf(summary) {
    const { from, to, requests } = summary.settings;
    const sizes = [];
    for (let n = from; n <= to; n++) {
        const counts = Array.from({ length: n }, (_, i) => count(summary, `replica_requests{n:${n},place:${i + 1}}`));
        sizes.push({
            n,
            mean: summary.metrics[`mean_load{n:${n}}`]?.values.value ?? 0,
            deviation: summary.metrics[`load_deviation{n:${n}}`]?.values.value ?? 0,
            least: Math.min(...counts),
            most: Math.max(...counts),
        });
    }

    return loadChart(`${short(requests)} requests for each size`, sizes);
}

function rateOf(summary) {
    const parts = [];
    const names = Object.keys(summary.metrics).filter((name) => name.startsWith('window_requests{'));
    const seconds = summary.settings.duration;
    const cut = names.length === 0 ? 1 : 1 + Math.max(...names.map((name) => Number(/\d+/.exec(name)[0])));
    for (let i = 0; i < cut; i++) {
        const failed = count(summary, `window_failures{window:${i}}`);
        const all = count(summary, `window_requests{window:${i}}`);
        parts.push({ second: (seconds * (i + 0.5)) / cut, rate: ((all - failed) * cut) / seconds, failed: (failed * cut) / seconds });
    }

    const dropped = count(summary, 'dropped_iterations');
    const note = dropped === 0 ? '' : `, ${short(dropped)} never sent for want of clients`;
    return rateChart(`Requests a second: ${summary.script}`, `${short(count(summary, 'window_requests'))} requests in ${short(seconds)} s${note}`, parts, seconds);
}

function page() {
    const rows = summaries.map((summary) => {
        // Those of at least 0 hold in any case: they only bring a part of a metric into the summary.
        const thresholds = Object.entries(summary.metrics)
            .flatMap(([name, metric]) => Object.entries(metric.thresholds ?? {}).map(([source, { ok }]) => ({ name: `${name}: ${source}`, ok })))
            .filter((threshold) => !threshold.name.endsWith('>=0'));
        const broken = thresholds.filter((threshold) => !threshold.ok).map((threshold) => threshold.name).sort();
        const messages = summary.metrics.ws_echoed !== undefined;
        const duration = messages ? summary.metrics.ws_round_trip?.values : latencyOf(summary);
        const cells = [
            escape(summary.script),
            broken.length === 0 ? `all ${thresholds.length} hold` : `<strong>broken: ${escape(broken.join('; '))}</strong>`,
            messages ? `${short(count(summary, 'ws_echoed'))} messages` : short(count(summary, 'http_reqs')),
            messages ? short(count(summary, 'ws_wrong')) : short(summary.metrics.http_req_failed?.values.passes ?? 0),
            duration === undefined ? '' : `${short(duration.med)} / ${short(duration['p(99)'])}`,
            short(summary.state.testRunDurationMs / 1000),
            escape(summary.finished),
        ];
        return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
    });
    return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Edge under load</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0 2rem; }
th, td { text-align: left; padding: .3rem .8rem; border-bottom: 1px solid #d5dbe1; vertical-align: top; }
strong { color: #b42318; }
svg { max-width: 100%; height: auto; border: 1px solid #d5dbe1; margin: 0 0 1rem; }
</style>
<h1>Edge under load</h1>
<p>Against ${escape([...new Set(summaries.map((summary) => summary.baseUrl))].join(', '))}.</p>
<table>
<tr><th>script</th><th>thresholds</th><th>requests</th><th>failed</th><th>p50 / p99, ms</th><th>seconds</th><th>finished</th></tr>
${rows.join('\n')}
</table>
${[...charts.values()].join('\n')}
</html>
`;
}
