// A modest load for a long time: nothing fails, nothing gets slower, and the balancer's managed memory does not grow.
//
//   RATE      200    requests a second
//   DURATION  30m
//   VUS       20     clients at the start; up to ten times as many where answers take long
//   P99       500    milliseconds, over the whole run
//   GROWTH    8      MiB by which the managed memory may be above what it was in the beginning, at the end

import { sleep } from 'k6';
import { Gauge } from 'k6/metrics';
import { replicas, status } from './lib/fleet.js';
import { home } from './lib/home.js';
import { integer, number, seconds } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';
import { windowThresholds } from './lib/windows.js';

const rate = integer('RATE', 200);
const duration = seconds('DURATION', '30m');
const vus = integer('VUS', 20);

const growth = new Gauge('managed_growth_bytes');
const lost = new Gauge('replicas_not_healthy');

export const options = {
    scenarios: {
        load: {
            executor: 'constant-arrival-rate',
            rate,
            timeUnit: '1s',
            duration: `${duration}s`,
            preAllocatedVUs: vus,
            maxVUs: vus * 10,
            exec: 'load',
        },
        watch: { executor: 'constant-vus', vus: 1, duration: `${duration}s`, exec: 'watch' },
    },
    thresholds: Object.assign(
        {
            'http_req_failed{scenario:load}': ['rate==0'],
            'http_req_duration{scenario:load}': [`p(99)<${integer('P99', 500)}`],
            'http_reqs{scenario:load}': ['count>0'],
            checks: ['rate==1'],
            managed_growth_bytes: [`value<${number('GROWTH', 8, 0) * 1024 * 1024}`],
            replicas_not_healthy: ['value==0'],
        },
        windowThresholds(),
    ),
    summaryTrendStats: trendStats,
    tags: { suite: 'edge', script: 'soak' },
};

export const handleSummary = summaryOf('soak', { rate, duration });

/** @returns {{ managedBytes: number }} */
export function setup() {
    replicas();
    return { managedBytes: status().process.managedBytes };
}

export function load() {
    home();
}

/** @param {{ managedBytes: number }} data */
export function watch(data) {
    try {
        const now = status();
        growth.add(now.process.managedBytes - data.managedBytes);
        lost.add(now.replicas.filter((replica) => replica.state !== 'healthy').length);
    } finally {
        // Also where the balancer does not answer, so that it is not asked without a pause.
        sleep(Math.min(5, duration / 10));
    }
}
