// A service that sleeps, again and again, and what the first requests wait for it. None of them fails: they are held until a
// replica is up, however many come at once.
//
//   ROUNDS    5     times that it is sent to sleep
//   REQUESTS  100   that come at once each time, on connections of their own
//   WAKE      5000  milliseconds that the slowest of them may wait
//
// It needs replicas that the balancer made. The bounds of before hold again afterwards.

import http from 'k6/http';
import { check } from 'k6';
import { Counter } from 'k6/metrics';
import { fallAsleep, scale, scaleBetween } from './lib/fleet.js';
import { baseUrl, integer } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';

const rounds = integer('ROUNDS', 5);
const requests = integer('REQUESTS', 100);
const sleeps = new Counter('sleeps');

export const options = {
    scenarios: {
        sleep: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '30m' },
    },
    thresholds: {
        'http_req_failed{name:/home}': ['rate==0'],
        'http_req_duration{name:/home}': [`max<${integer('WAKE', 5000)}`],
        checks: ['rate==1'],
        sleeps: [`count==${rounds}`],
    },
    summaryTrendStats: trendStats,
    batch: requests,
    batchPerHost: requests,
    setupTimeout: '5m',
    teardownTimeout: '5m',
    tags: { suite: 'edge', script: 'sleep' },
};

export const handleSummary = summaryOf('sleep', { rounds, requests });

/** @returns {{ before: import('./lib/fleet.js').Scale }} */
export function setup() {
    return { before: scale() };
}

export default function () {
    sleeps.add(0);
    scaleBetween(0, 1);
    for (let round = 0; round < rounds; round++) {
        fallAsleep();
        check(scale(), { 'it is asleep': (now) => now.state === 'asleep' && now.inRotation === 0 });
        const calls = [];
        for (let i = 0; i < requests; i++) {
            calls.push({ method: 'GET', url: `${baseUrl}/home`, params: { tags: { name: '/home' } } });
        }

        http.batch(calls).forEach((response) => {
            check(response, { 'home answers 200': (r) => r.status === 200 });
        });
        check(scale(), { 'it is awake': (now) => now.inRotation > 0 });
        sleeps.add(1);
    }
}

/** @param {{ before: import('./lib/fleet.js').Scale }} data */
export function teardown(data) {
    scaleBetween(data.before.minimum, data.before.maximum);
}
