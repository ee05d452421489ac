// Deploys under load: a version that is bad, where one is named, which has to be taken back; a good one, which has to take
// the place of the old; and a rollback, after which the fleet is as it was. No request fails meanwhile.
//
//   IMAGE     replica:next   of the good version; this one is of the embedded fleet
//   BAD       (none)         of a version that fails GET requests: replica:failing, replica:hanging or replica:crashing
//   CANARY    10             of a hundred GET requests, how many the first new replica gets
//   RATE      200            requests a second; one in ten is a POST
//   DURATION  4m             has to be longer than all deploys take: each Edge:Deploy:Judge and Edge:Deploy:Bake at most, and starts
//   VUS       50             clients at the start; up to four times as many where answers take long
//   ECHO      /echo          a path that answers POST with the same body

import http from 'k6/http';
import { check, fail, sleep } from 'k6';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
import { asOperator } from './lib/fleet.js';
import { home } from './lib/home.js';
import { baseUrl, integer, seconds, text } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';
import { windowThresholds } from './lib/windows.js';

const image = text('IMAGE', 'replica:next');
const bad = text('BAD', '');
const canary = integer('CANARY', 10);
const rate = integer('RATE', 200);
const duration = seconds('DURATION', '4m');
const vus = integer('VUS', 50);
const echo = text('ECHO', '/echo');

// Of requests that the operator sends between two looks, so that there is something to compare also without the load.
const asksBetween = 20;

const decided = new Counter('deploys_decided');

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
        deploy: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: `${duration}s`, exec: 'deploy' },
    },
    thresholds: Object.assign(
        {
            'http_req_failed{scenario:load}': ['rate==0'],
            'http_req_failed{scenario:deploy}': ['rate==0'],
            'http_reqs{scenario:load}': ['count>0'],
            checks: ['rate==1'],
            deploys_decided: [`count==${bad === '' ? 2 : 3}`],
        },
        windowThresholds(),
    ),
    summaryTrendStats: trendStats,
    tags: { suite: 'edge', script: 'deploy' },
};

export const handleSummary = summaryOf('deploy', { image, bad, canary, rate, duration });

export function load() {
    if (exec.scenario.iterationInTest % 10 !== 0) {
        home();
        return;
    }

    const sent = `order ${exec.scenario.iterationInTest}`;
    const response = http.post(`${baseUrl}${echo}`, sent, { tags: { name: echo }, timeout: '30s' });
    check(response, { 'the echo answers 200': (r) => r.status === 200, 'the same order comes back': (r) => r.body === sent });
}

export function deploy() {
    // So that a run that is cut short is judged, too.
    decided.add(0);
    if (bad !== '') {
        begin(bad);
        end('reverted', `${bad} is taken back`);
    }

    begin(image);
    end('done', `${image} takes the place of the version before`);
    call('/edge/deploy/rollback', 200);
    end('reverted', 'the version before serves again');
}

/** @param {string} of its image */
function begin(of) {
    call('/edge/deploy', 202, { image: of, canary, force: true, wait: false });
}

/**
 * Waits until nothing more comes of the deploy without a person.
 * @param {string} wanted the state in which it has to end
 * @param {string} what
 */
function end(wanted, what) {
    for (;;) {
        const deploy = messageOf(http.get(`${baseUrl}/edge/deploy`, asOperator('/edge/deploy')), 200);
        if (['done', 'reverted', 'paused'].indexOf(deploy.state) >= 0) {
            check(deploy, { [what]: (d) => d.state === wanted });
            decided.add(1);
            return;
        }

        for (let i = 0; i < asksBetween; i++) {
            const response = http.get(`${baseUrl}/home`, { tags: { name: '/home' }, timeout: '30s' });
            check(response, { 'home answers 200': (r) => r.status === 200 });
        }

        sleep(0.1);
    }
}

/**
 * @param {string} path
 * @param {number} status
 * @param {object} [body]
 */
function call(path, status, body = {}) {
    return messageOf(http.post(`${baseUrl}${path}`, JSON.stringify(body), asOperator(path)), status);
}

/**
 * @param {{ status: number, error: string, body: unknown }} response
 * @param {number} status
 * @returns {any} the answer's message
 */
function messageOf(response, status) {
    if (!check(response, { 'the balancer does what the script needs': (r) => r.status === status })) {
        fail(`${response.status} ${response.error} ${response.body}`);
    }

    return JSON.parse(String(response.body)).message;
}
