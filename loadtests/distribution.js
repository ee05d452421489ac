// Who gets how many of 10,000 requests: the counts of each replica against the weights.
//
//   REQUESTS   10000    how many
//   VUS        20       clients, each on a connection of its own
//   WEIGHTS    1,1,1    a weight for each replica; the fleet is brought to as many, with these weights
//   TOLERANCE  5        by how many percent of all requests a count may be off: the default pick looks at what is in flight, and so at
//                       how fast each replica is just then; with Edge:Fleet:Pick=RoundRobin it can be 1
//   SETTLE     11       seconds until new replicas have their whole share

import http from 'k6/http';
import { check } from 'k6';
import { Counter } from 'k6/metrics';
import { bringToWeights, members, restore } from './lib/fleet.js';
import { baseUrl, integer, integers, number } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';

const requests = integer('REQUESTS', 10000);
// k6 takes no more clients than requests.
const vus = Math.min(integer('VUS', 20), requests);
const weights = integers('WEIGHTS', '1,1,1');
const tolerance = number('TOLERANCE', 5, 0);

// By the place in /rep's list, since thresholds have to name what they are about before the names are known.
const shares = new Counter('replica_requests');
const unknown = new Counter('replica_unknown');

/** @type {{ [metric: string]: string[] }} */
const thresholds = {
    'http_req_failed{scenario:shares}': ['rate==0'],
    checks: ['rate==1'],
    replica_requests: [`count==${requests}`],
    replica_unknown: ['count==0'],
};
const total = weights.reduce((sum, weight) => sum + weight, 0);
weights.forEach((weight, i) => {
    const expected = (requests * weight) / total;
    const off = (requests * tolerance) / 100;
    thresholds[`replica_requests{place:${i + 1}}`] = [`count>=${Math.floor(expected - off)}`, `count<=${Math.ceil(expected + off)}`];
});

export const options = {
    scenarios: {
        shares: { executor: 'shared-iterations', vus, iterations: requests, maxDuration: '10m' },
    },
    thresholds,
    summaryTrendStats: trendStats,
    setupTimeout: '5m',
    teardownTimeout: '5m',
    tags: { suite: 'edge', script: 'distribution' },
};

export const handleSummary = summaryOf('distribution', { requests, weights });

/** @returns {{ before: import('./lib/fleet.js').Member[], names: string[] }} */
export function setup() {
    const before = members();
    return { before, names: bringToWeights(weights) };
}

/** @param {{ names: string[] }} data */
export default function (data) {
    const response = http.get(`${baseUrl}/home`, { tags: { name: '/home' } });
    check(response, { 'home answers 200': (r) => r.status === 200 });
    const place = data.names.indexOf(response.headers['X-Edge-Replica']);
    if (place < 0) {
        unknown.add(1);
    } else {
        unknown.add(0);
        shares.add(1, { place: `${place + 1}` });
    }
}

/** @param {{ before: import('./lib/fleet.js').Member[] }} data */
export function teardown(data) {
    restore(data.before);
}
