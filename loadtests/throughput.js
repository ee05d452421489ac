// Requests arrive at a rate that climbs, whether the ones before were answered or not (open loop), until the balancer, the
// replicas or k6 itself has no more to give. The report shows at which rate that was; dropped_iterations are requests that
// k6 had no client left for. Beyond saturation answers are late, but there are answers: none may fail.
//
//   RATE      100     requests a second in the beginning
//   MAX_RATE  20000   and in the end
//   DURATION  60s     of the climb
//   VUS       100     clients at the start
//   MAX_VUS   500     and at most, which bounds what is in flight
//   FAILED    0.001   which share of the requests may fail
//   P95_CALM  100     milliseconds, in the first tenth of the climb

import { home } from './lib/home.js';
import { integer, number, seconds } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';
import { windowThresholds } from './lib/windows.js';

const rate = integer('RATE', 100);
const maxRate = integer('MAX_RATE', 20000);
const duration = seconds('DURATION', '60s');
const maxVus = integer('MAX_VUS', 500);
const calm = [`p(95)<${integer('P95_CALM', 100)}`];

export const options = {
    scenarios: {
        climb: {
            executor: 'ramping-arrival-rate',
            startRate: rate,
            timeUnit: '1s',
            stages: [{ target: maxRate, duration: `${duration}s` }],
            preAllocatedVUs: Math.min(integer('VUS', 100), maxVus),
            maxVUs: maxVus,
        },
    },
    thresholds: Object.assign(windowThresholds(), {
        http_req_failed: [`rate<=${number('FAILED', 0.001, 0)}`],
        http_reqs: ['count>0'],
        'window_duration{window:0}': calm,
        'window_duration{window:1}': calm,
    }),
    summaryTrendStats: trendStats,
    tags: { suite: 'edge', script: 'throughput' },
};

export const handleSummary = summaryOf('throughput', { rate, maxRate, duration });

export default function () {
    home();
}
