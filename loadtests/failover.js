// A steady load while replicas are killed by the surrounding script: failover.sh does both. No request may fail: all of
// them may be sent again, and a killed replica is out of rotation within milliseconds.
//
//   RATE         200   requests a second
//   DURATION     60s
//   VUS          50    clients at the start; up to four times as many where answers take long
//   FAILED       0     which share of the requests may fail
//   P99          2000  milliseconds
//   KILLS        0     how many replicas have to have been started again at least, as proof that something was killed

import { sleep } from 'k6';
import { Gauge } from 'k6/metrics';
import { replicas, status } from './lib/fleet.js';
import { home } from './lib/home.js';
import { integer, number, seconds } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';
import { windowThresholds } from './lib/windows.js';

const rate = integer('RATE', 200);
const duration = seconds('DURATION', '60s');
const vus = integer('VUS', 50);
const kills = integer('KILLS', 0, 0);

const restarts = new Gauge('replica_restarts');
const healthy = new Gauge('replicas_healthy');

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
        watch: { executor: 'constant-vus', vus: 1, duration: `${duration}s`, exec: 'watch' },
    },
    thresholds: Object.assign(
        {
            'http_req_failed{scenario:load}': [`rate<=${number('FAILED', 0, 0)}`],
            'http_req_duration{scenario:load}': [`p(99)<${integer('P99', 2000)}`],
            'http_reqs{scenario:load}': ['count>0'],
            replica_restarts: [`value>=${kills}`],
            replicas_healthy: ['value>0'],
        },
        windowThresholds(),
    ),
    summaryTrendStats: trendStats,
    tags: { suite: 'edge', script: 'failover' },
};

export const handleSummary = summaryOf('failover', { rate, duration });

/** @returns {{ restarts: number }} */
export function setup() {
    replicas();
    return { restarts: restartsOf() };
}

export function load() {
    home();
}

/** @param {{ restarts: number }} data */
export function watch(data) {
    try {
        restarts.add(restartsOf() - data.restarts);
        healthy.add(status().replicas.filter((replica) => replica.state === 'healthy').length);
    } finally {
        // Also where the balancer does not answer, so that it is not asked without a pause.
        sleep(0.5);
    }
}

/** @returns {number} of all replicas, so far */
function restartsOf() {
    return status().replicas.reduce((sum, replica) => sum + replica.restarts, 0);
}
