// Load in one scenario, /add and /rm in another: replicas come and go, and no request fails.
//
//   RATE      200   requests a second
//   DURATION  60s
//   VUS       50    clients at the start; up to four times as many where answers take long
//   PAUSE     1     seconds between two changes of the fleet

import { check, sleep } from 'k6';
import { Counter } from 'k6/metrics';
import { add, members, remove, restore } from './lib/fleet.js';
import { home } from './lib/home.js';
import { integer, number, seconds } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';
import { windowThresholds } from './lib/windows.js';

/** @typedef {import('./lib/fleet.js').Member} Member */

const rate = integer('RATE', 200);
const duration = seconds('DURATION', '60s');
const vus = integer('VUS', 50);
const pause = number('PAUSE', 1, 0);

const changes = new Counter('fleet_changes');

export const options = {
    scenarios: {
        load: {
            executor: 'constant-arrival-rate',
            rate,
            timeUnit: '1s',
            duration: `${duration}s`,
            preAllocatedVUs: vus,
            maxVUs: vus * 4,
            exec: 'load',
        },
        churn: { executor: 'constant-vus', vus: 1, duration: `${duration}s`, gracefulStop: '90s', exec: 'churn' },
    },
    thresholds: Object.assign(
        {
            'http_req_failed{scenario:load}': ['rate==0'],
            'http_req_failed{scenario:churn}': ['rate==0'],
            'http_reqs{scenario:load}': ['count>0'],
            checks: ['rate==1'],
            fleet_changes: ['count>=2'],
        },
        windowThresholds(),
    ),
    summaryTrendStats: trendStats,
    setupTimeout: '5m',
    teardownTimeout: '5m',
    tags: { suite: 'edge', script: 'churn' },
};

export const handleSummary = summaryOf('churn', { rate, duration });

/** @returns {{ before: Member[] }} */
export function setup() {
    return { before: members() };
}

export function load() {
    home();
}

/** @param {{ before: Member[] }} data */
export function churn(data) {
    try {
        change(data.before);
    } finally {
        // Also where the balancer refuses, so that it is not asked without a pause.
        sleep(pause);
    }
}

/** @param {Member[]} before */
function change(before) {
    const names = before.map((member) => member.name);
    const grown = add(2);
    changes.add(1);
    check(grown, { 'two were added': (now) => now.length === names.length + 2 });
    sleep(pause);
    // The oldest leaves, and one that is new; then it comes back, and the other new one leaves.
    const added = grown.filter((name) => names.indexOf(name) < 0);
    remove(2, [names[0], added[0]]);
    changes.add(1);
    sleep(pause);
    add(1, [names[0]], before[0].weight);
    const shrunk = remove(1, [added[1]]);
    changes.add(2);
    check(shrunk, { 'the fleet is as it was': (now) => now.join() === names.join() });
}

/** @param {{ before: Member[] }} data */
export function teardown(data) {
    restore(data.before);
}
