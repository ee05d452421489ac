// Bodies from 1 KB to 10 MB, up and down: the built-in replica's /echo sends back what it gets, and what comes back has to
// be the same to the last byte.
//
//   SIZES     1024,10240,102400,1048576,10485760   bytes
//   EACH      20                                   requests of each size
//   VUS       4                                    clients
//   ECHO      /echo                                a path that answers POST with the same body

import http from 'k6/http';
import { check } from 'k6';
import crypto from 'k6/crypto';
import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';
import { baseUrl, integer, integers, text } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';

const sizes = integers('SIZES', '1024,10240,102400,1048576,10485760');
const each = integer('EACH', 20);
// k6 takes no more clients than requests.
const vus = Math.min(integer('VUS', 4), sizes.length * each);
const echo = text('ECHO', '/echo');

const whole = new Counter('bodies_whole');
const duration = new Trend('body_duration', true);

/** @type {{ [metric: string]: string[] }} */
const thresholds = {
    http_req_failed: ['rate==0'],
    checks: ['rate==1'],
    bodies_whole: [`count==${sizes.length * each}`],
};
sizes.forEach((size) => {
    thresholds[`bodies_whole{size:${size}}`] = [`count==${each}`];
    thresholds[`body_duration{size:${size}}`] = ['max>=0'];
});

export const options = {
    scenarios: {
        bodies: { executor: 'shared-iterations', vus, iterations: sizes.length * each, maxDuration: '15m' },
    },
    thresholds,
    summaryTrendStats: trendStats,
    tags: { suite: 'edge', script: 'bodies' },
};

export const handleSummary = summaryOf('bodies', { sizes, each });

// No two places of a body look alike, so that nothing can be lost, doubled or swapped unseen. Each client makes its own, so
// that none can pass for another's; by k6 itself, since a loop over 10 MB in a script takes seconds for each client.
const bytes = crypto.randomBytes(Math.max.apply(null, sizes));

/** @type {{ [size: number]: string }} */
const digests = {};

export default function () {
    const size = sizes[exec.scenario.iterationInTest % sizes.length];
    const sent = bytes.slice(0, size);
    digests[size] = digests[size] || crypto.sha256(sent, 'hex');
    const response = http.post(`${baseUrl}${echo}`, sent, {
        headers: { 'Content-Type': 'application/octet-stream' },
        responseType: 'binary',
        tags: { name: echo, size: `${size}` },
        timeout: '120s',
    });
    const good = check(response, {
        'the echo answers 200': (r) => r.status === 200,
        'as many bytes come back': (r) => r.body !== null && r.body.byteLength === size,
        'the same bytes come back': (r) => r.body !== null && crypto.sha256(r.body, 'hex') === digests[size],
    });
    whole.add(good ? 1 : 0, { size: `${size}` });
    duration.add(response.timings.duration, { size: `${size}` });
}
