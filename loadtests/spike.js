// Quiet, then many times as much at once, then quiet again. Nothing fails, and afterwards answers come as fast as before.
//
//   RATE       100    requests a second when it is quiet
//   PEAK       3000   in the spike
//   QUIET      20s    before and after
//   SPIKE      20s    of the spike; it rises and falls within a second each
//   VUS        100    clients at the start
//   MAX_VUS    500    and at most
//   FAILED     0      which share of the requests may fail
//   P95_QUIET  100    milliseconds, before the spike and when it is over

import { home } from './lib/home.js';
import { integer, number, seconds } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';
import { windowThresholds, windows } from './lib/windows.js';

const rate = integer('RATE', 100);
const peak = integer('PEAK', 3000);
const quiet = seconds('QUIET', '20s');
const spike = seconds('SPIKE', '20s');
const duration = 2 * quiet + spike + 2;
const maxVus = integer('MAX_VUS', 500);
const isQuiet = [`p(95)<${integer('P95_QUIET', 100)}`];

export const options = {
    scenarios: {
        spike: {
            executor: 'ramping-arrival-rate',
            startRate: rate,
            timeUnit: '1s',
            stages: [
                { target: rate, duration: `${quiet}s` },
                { target: peak, duration: '1s' },
                { target: peak, duration: `${spike}s` },
                { target: rate, duration: '1s' },
                { target: rate, duration: `${quiet}s` },
            ],
            preAllocatedVUs: Math.min(integer('VUS', 100), maxVus),
            maxVUs: maxVus,
        },
    },
    thresholds: Object.assign(windowThresholds(), {
        http_req_failed: [`rate<=${number('FAILED', 0, 0)}`],
        http_reqs: ['count>0'],
        'window_duration{window:0}': isQuiet,
        [`window_duration{window:${windows - 2}}`]: isQuiet,
        [`window_duration{window:${windows - 1}}`]: isQuiet,
    }),
    summaryTrendStats: trendStats,
    tags: { suite: 'edge', script: 'spike' },
};

export const handleSummary = summaryOf('spike', { rate, peak, quiet, spike, duration });

export default function () {
    home();
}
