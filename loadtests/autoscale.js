// A load under which the number of replicas follows it, and how many there are. No request fails, whatever starts and ends
// meanwhile; there are never more than the maximum.
//
//   RATE      200   requests a second when it is quiet
//   PEAK      2000  in the spike
//   QUIET     20s   before
//   SPIKE     60s   of the spike
//   MAXIMUM   4     replicas at most; one at least
//   GROWN     0     how many there have to be at some time; with the balancer's own Edge:Scale:InFlight of 20 that takes requests that are slow
//   VUS       100   clients at the start
//   MAX_VUS   500   and at most
//
// It needs replicas that the balancer made. The bounds of before hold again afterwards.

import { sleep } from 'k6';
import { Trend } from 'k6/metrics';
import { scale, scaleBetween } from './lib/fleet.js';
import { home } from './lib/home.js';
import { integer, seconds } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';
import { windowThresholds } from './lib/windows.js';

const rate = integer('RATE', 200);
const peak = integer('PEAK', 2000);
const quiet = seconds('QUIET', '20s');
const spike = seconds('SPIKE', '60s');
const maximum = integer('MAXIMUM', 4);
const grown = integer('GROWN', 0, 0);
const maxVus = integer('MAX_VUS', 500);
const duration = quiet + spike + 1;

const inRotation = new Trend('replicas_in_rotation');

export const options = {
    scenarios: {
        load: {
            executor: 'ramping-arrival-rate',
            startRate: rate,
            timeUnit: '1s',
            stages: [
                { target: rate, duration: `${quiet}s` },
                { target: peak, duration: '1s' },
                { target: peak, duration: `${spike}s` },
            ],
            preAllocatedVUs: Math.min(integer('VUS', 100), maxVus),
            maxVUs: maxVus,
            exec: 'load',
        },
        watch: { executor: 'constant-vus', vus: 1, duration: `${duration}s`, exec: 'watch' },
    },
    thresholds: Object.assign(windowThresholds(), {
        'http_req_failed{scenario:load}': ['rate==0'],
        'http_reqs{scenario:load}': ['count>0'],
        checks: ['rate==1'],
        replicas_in_rotation: [`max>=${grown}`, `max<=${maximum}`, 'min>0'],
    }),
    summaryTrendStats: trendStats,
    setupTimeout: '5m',
    teardownTimeout: '5m',
    tags: { suite: 'edge', script: 'autoscale' },
};

export const handleSummary = summaryOf('autoscale', { rate, peak, quiet, spike, maximum, duration });

/** @returns {{ before: import('./lib/fleet.js').Scale }} */
export function setup() {
    const before = scale();
    scaleBetween(1, maximum);
    return { before };
}

export function load() {
    home();
}

export function watch() {
    inRotation.add(scale().inRotation);
    sleep(1);
}

/** @param {{ before: import('./lib/fleet.js').Scale }} data */
export function teardown(data) {
    scaleBetween(data.before.minimum, data.before.maximum);
}
