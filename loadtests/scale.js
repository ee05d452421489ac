// How the load of a replica falls as the fleet grows: N from 2 to 6 by /add, 10,000 requests each, with the mean load and
// its spread. One client sends them in batches, since each size has to be over before the next is built.
//
//   FROM, TO   2, 6     sizes of the fleet
//   REQUESTS   10000    for each size
//   BATCH      50       requests on their way at a time, each on a connection of its own
//   SPREAD     25       by how many percent of the mean the most and the least loaded may be apart: the default pick looks at what is
//                       in flight; with Edge:Fleet:Pick=RoundRobin it can be 1
//   SETTLE     11       seconds until new replicas have their whole share

import http from 'k6/http';
import { check } from 'k6';
import { Counter, Gauge } from 'k6/metrics';
import { bringToWeights, members, restore } from './lib/fleet.js';
import { baseUrl, integer, number } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';

const from = integer('FROM', 2);
const to = integer('TO', 6, from);
const requests = integer('REQUESTS', 10000);
const batch = integer('BATCH', 50);
const spreadAtMost = number('SPREAD', 25, 0);

const shares = new Counter('replica_requests');
const meanLoad = new Gauge('mean_load');
const spread = new Gauge('load_spread_percent');
const deviation = new Gauge('load_deviation');
const sizes = new Counter('sizes_measured');

/** @type {{ [metric: string]: string[] }} */
const thresholds = {
    'http_req_failed{name:/home}': ['rate==0'],
    checks: ['rate==1'],
    sizes_measured: [`count==${to - from + 1}`],
};
for (let n = from; n <= to; n++) {
    // Of requests that were answered by a replica that is known; so none was lost or went elsewhere.
    thresholds[`mean_load{n:${n}}`] = [`value==${requests / n}`];
    thresholds[`load_spread_percent{n:${n}}`] = [`value<=${spreadAtMost}`];
    thresholds[`load_deviation{n:${n}}`] = ['value>=0'];
    for (let place = 1; place <= n; place++) {
        thresholds[`replica_requests{n:${n},place:${place}}`] = ['count>0'];
    }
}

export const options = {
    scenarios: {
        scale: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '30m' },
    },
    thresholds,
    summaryTrendStats: trendStats,
    batch,
    batchPerHost: batch,
    setupTimeout: '5m',
    teardownTimeout: '5m',
    tags: { suite: 'edge', script: 'scale' },
};

export const handleSummary = summaryOf('scale', { from, to, requests });

/** @returns {{ before: import('./lib/fleet.js').Member[] }} */
export function setup() {
    return { before: members() };
}

export default function () {
    // What an exception ends early leaves no more than this.
    sizes.add(0);
    for (let n = from; n <= to; n++) {
        const names = bringToWeights(new Array(n).fill(1));
        check(names, { 'the fleet has the size that was asked for': (list) => list.length === n });
        const counts = countsOf(names, n);
        const mean = counts.reduce((sum, count) => sum + count, 0) / n;
        const variance = counts.reduce((sum, count) => sum + (count - mean) * (count - mean), 0) / n;
        counts.forEach((count, i) => shares.add(count, { n: `${n}`, place: `${i + 1}` }));
        meanLoad.add(mean, { n: `${n}` });
        spread.add((100 * (Math.max.apply(null, counts) - Math.min.apply(null, counts))) / mean, { n: `${n}` });
        deviation.add(Math.sqrt(variance), { n: `${n}` });
        sizes.add(1);
    }
}

/**
 * @param {string[]} names
 * @param {number} n
 * @returns {number[]} how many requests each of them answered
 */
function countsOf(names, n) {
    const counts = names.map(() => 0);
    for (let sent = 0; sent < requests; sent += batch) {
        const calls = [];
        for (let i = sent; i < Math.min(sent + batch, requests); i++) {
            calls.push({ method: 'GET', url: `${baseUrl}/home`, params: { tags: { name: '/home', n: `${n}` } } });
        }

        http.batch(calls).forEach((response) => {
            check(response, { 'home answers 200': (r) => r.status === 200 });
            const place = names.indexOf(response.headers['X-Edge-Replica']);
            if (place >= 0) {
                counts[place]++;
            }
        });
    }

    return counts;
}

/** @param {{ before: import('./lib/fleet.js').Member[] }} data */
export function teardown(data) {
    restore(data.before);
}
