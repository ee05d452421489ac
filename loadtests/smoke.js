// The whole REST contract: every path, every row of good and bad input, and that what is refused changes nothing.
// One client, one pass. It needs a fleet that the balancer owns (containers or child processes) and that nobody else
// changes meanwhile, and it removes and brings back every replica.
//
//   MAXIMUM       256   Edge:Fleet:Maximum, where it is another
//   KEEP_FLEET    0     1: skip what needs a fleet of none, where clients must not see 503
//   CONFLICT_NAME       a container outside the fleet, for the engine's own refusal; skipped where empty

import http from 'k6/http';
import { check, group } from 'k6';
import { Counter } from 'k6/metrics';
import { asOperator, members, replicas, restore, status } from './lib/fleet.js';
import { baseUrl, integer, text, token } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';

/**
 * @typedef {import('k6/http').RefinedResponse<'text'>} Answer
 * @typedef {{ row: string, method?: string, path: string, body?: string | null, status: number | number[], says?: string, header?: [string, string], headers?: { [name: string]: string } }} Row
 */

const maximum = integer('MAXIMUM', 256);
const rows = new Counter('contract_rows');
const passes = new Counter('contract_passes');

export const options = {
    scenarios: {
        contract: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '15m' },
    },
    thresholds: {
        checks: ['rate==1'],
        // Every call names the status that it expects, so a failed one is an answer that the contract doesn't have.
        http_req_failed: ['rate==0'],
        contract_rows: ['count>100'],
        contract_passes: ['count==1'],
    },
    summaryTrendStats: trendStats,
    setupTimeout: '5m',
    teardownTimeout: '5m',
    tags: { suite: 'edge', script: 'smoke' },
};

export const handleSummary = summaryOf('smoke');

const long = new Array(64 + 1).join('x');

/** @type {Row[]} */
const refusedOfBoth = [
    { row: 'no body', path: '*', body: null, status: 400 },
    { row: 'not JSON', path: '*', body: 'n=1', status: 400 },
    { row: 'half a JSON', path: '*', body: '{"n": 1', status: 400 },
    { row: 'two JSON values', path: '*', body: '{"n": 1}{"n": 1}', status: 400 },
    { row: 'a list', path: '*', body: '[1]', status: 400 },
    { row: 'a number', path: '*', body: '1', status: 400 },
    { row: 'null', path: '*', body: 'null', status: 400 },
    { row: 'n missing', path: '*', body: '{}', status: 400, says: 'n ' },
    { row: 'n missing beside hostnames', path: '*', body: '{"hostnames": []}', status: 400, says: 'n ' },
    { row: 'n a text', path: '*', body: '{"n": "1"}', status: 400, says: 'n ' },
    { row: 'n null', path: '*', body: '{"n": null}', status: 400, says: 'n ' },
    { row: 'n a truth value', path: '*', body: '{"n": true}', status: 400, says: 'n ' },
    { row: 'n a list', path: '*', body: '{"n": [1]}', status: 400, says: 'n ' },
    { row: 'n a fraction', path: '*', body: '{"n": 1.5}', status: 400, says: 'n ' },
    { row: 'n zero', path: '*', body: '{"n": 0}', status: 400, says: 'n ' },
    { row: 'n negative', path: '*', body: '{"n": -1}', status: 400, says: 'n ' },
    { row: 'n beyond 32 bits', path: '*', body: '{"n": 4294967297}', status: 400, says: 'n ' },
    { row: 'n twice', path: '*', body: '{"n": 1, "n": 1}', status: 400, says: 'n' },
    { row: 'N for n', path: '*', body: '{"N": 1}', status: 400, says: 'N' },
    { row: 'an unknown property', path: '*', body: '{"n": 1, "colour": "blue"}', status: 400, says: 'colour' },
    { row: 'hostnames a text', path: '*', body: '{"n": 1, "hostnames": "a"}', status: 400, says: 'hostnames' },
    { row: 'hostnames null', path: '*', body: '{"n": 1, "hostnames": null}', status: 400, says: 'hostnames' },
    { row: 'a number among hostnames', path: '*', body: '{"n": 1, "hostnames": [1]}', status: 400, says: 'hostnames' },
    { row: 'an empty hostname', path: '*', body: '{"n": 1, "hostnames": [""]}', status: 400, says: 'hostname' },
    { row: 'a hostname twice', path: '*', body: '{"n": 2, "hostnames": ["same", "same"]}', status: 400, says: 'same' },
    { row: 'a hostname of 64', path: '*', body: `{"n": 1, "hostnames": ["${long}"]}`, status: 400, says: 'hostname' },
    { row: 'a hostname with a hyphen first', path: '*', body: '{"n": 1, "hostnames": ["-a"]}', status: 400, says: '-a' },
    { row: 'a hostname with a dot first', path: '*', body: '{"n": 1, "hostnames": [".a"]}', status: 400, says: '.a' },
    { row: 'a hostname with an underscore first', path: '*', body: '{"n": 1, "hostnames": ["_a"]}', status: 400, says: '_a' },
    { row: 'a hostname with a space', path: '*', body: '{"n": 1, "hostnames": ["a b"]}', status: 400, says: 'a b' },
    { row: 'a hostname with a slash', path: '*', body: '{"n": 1, "hostnames": ["a/b"]}', status: 400, says: 'a/b' },
    { row: 'a hostname beyond ASCII', path: '*', body: '{"n": 1, "hostnames": ["servér"]}', status: 400, says: 'hostname' },
    { row: 'a body over 64 KiB', path: '*', body: `{"n": 1, "hostnames": ["${new Array(65537).join('x')}"]}`, status: 413 },
];

/** @type {Row[]} */
const refused = refusedOfBoth
    .map((row) => Object.assign({}, row, { path: '/add', method: 'POST' }))
    .concat(refusedOfBoth.map((row) => Object.assign({}, row, { path: '/rm', method: 'DELETE' })))
    .concat([
        {
            row: 'more hostnames than n',
            method: 'POST',
            path: '/add',
            body: '{"n": 1, "hostnames": ["one", "two"]}',
            status: 400,
            says: 'Length of hostname list is more than newly added instances',
        },
        {
            row: 'more hostnames than n',
            method: 'DELETE',
            path: '/rm',
            body: '{"n": 1, "hostnames": ["one", "two"]}',
            status: 400,
            says: 'Length of hostname list is more than removable instances',
        },
        { row: 'over the maximum', method: 'POST', path: '/add', body: `{"n": ${maximum + 1}}`, status: 400 },
        { row: 'weight zero', method: 'POST', path: '/add', body: '{"n": 1, "weight": 0}', status: 400, says: 'weight' },
        { row: 'weight 257', method: 'POST', path: '/add', body: '{"n": 1, "weight": 257}', status: 400, says: 'weight' },
        { row: 'weight a text', method: 'POST', path: '/add', body: '{"n": 1, "weight": "1"}', status: 400, says: 'weight' },
        { row: 'weight a fraction', method: 'POST', path: '/add', body: '{"n": 1, "weight": 0.5}', status: 400, says: 'weight' },
        { row: 'a weight', method: 'DELETE', path: '/rm', body: '{"n": 1, "weight": 1}', status: 400, says: 'weight' },
        { row: 'more than there are', method: 'DELETE', path: '/rm', body: `{"n": ${maximum + 1}}`, status: 400 },
        {
            row: 'a name that is no replica',
            method: 'DELETE',
            path: '/rm',
            body: '{"n": 1, "hostnames": ["nobody_is_called_this"]}',
            status: 404,
            says: 'nobody_is_called_this',
        },
    ]);

/** @type {[string, string, string[]][]} what each path takes, and what it doesn't */
const methods = [
    ['/heartbeat', 'GET, HEAD', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']],
    ['/rep', 'GET', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']],
    ['/add', 'POST', ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']],
    ['/rm', 'DELETE', ['GET', 'PUT', 'POST', 'PATCH', 'OPTIONS']],
    ['/edge/status', 'GET', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']],
];

/** @returns {{ before: import('./lib/fleet.js').Member[] }} */
export function setup() {
    return { before: members() };
}

/** @param {{ before: import('./lib/fleet.js').Member[] }} data */
export default function (data) {
    // A pass that an exception ends early leaves no more than this.
    passes.add(0);
    const before = replicas();
    check(before, { 'there is a replica to begin with': (names) => names.length > 0 });
    group('heartbeat', heartbeat);
    group('rep', () => list(before));
    group('forwarding', () => forwarding(before));
    group('status', () => everything(before));
    group('bad input', () => badInput(before));
    group('methods', () => wrongMethods(before));
    group('access', () => access(before));
    group('add and rm', () => changes(before, data.before));
    if (text('CONFLICT_NAME', '') !== '') {
        group('driver', () => engineRefuses(before));
    }

    if (text('KEEP_FLEET', '0') !== '1') {
        group('nobody left', () => nobodyLeft(before));
    }

    passes.add(1);
}

/** @param {{ before: import('./lib/fleet.js').Member[] }} data */
export function teardown(data) {
    restore(data.before);
}

/**
 * Sends a row of the contract and checks its status, the shape of its answer and what it says.
 * @param {Row} row
 * @returns {Answer}
 */
function send(row) {
    const method = row.method || 'GET';
    const expected = typeof row.status === 'number' ? [row.status] : row.status;
    const params = Object.assign(asOperator(row.path), { responseCallback: http.expectedStatuses.apply(null, expected) });
    if (row.headers !== undefined) {
        params.headers = row.headers;
    }

    const body = row.body === undefined ? null : row.body;
    const response = http.request(method, `${baseUrl}${row.path}`, body, params);
    const name = `${method} ${row.path}, ${row.row}`;
    const answer = jsonOf(response);
    const failure = expected[0] >= 400;
    rows.add(1);
    check(response, {
        [`${name}: ${expected.join(' or ')}`]: (r) => expected.indexOf(r.status) >= 0,
    });
    if (expected[0] !== 200 || row.says !== undefined) {
        check(response, {
            [`${name}: in the contract's shape`]: () =>
                answer !== null && Object.keys(answer).sort().join() === 'message,status' && answer.status === (failure ? 'failure' : 'successful'),
            [`${name}: says it as the contract does`]: () =>
                answer !== null && (!failure || (String(answer.message).indexOf('<Error> ') === 0 && String(answer.message).indexOf(row.says || '') >= 0)),
            [`${name}: JSON`]: (r) => r.headers['Content-Type'] === 'application/json',
        });
    }

    const header = row.header;
    if (header !== undefined) {
        check(response, { [`${name}: ${header[0]} is ${header[1]}`]: (r) => r.headers[header[0]] === header[1] });
    }

    return response;
}

/**
 * @param {Answer} response
 * @returns {any} null where it is no JSON
 */
function jsonOf(response) {
    try {
        return JSON.parse(String(response.body));
    } catch (broken) {
        return null;
    }
}

/**
 * @param {Answer} response
 * @param {string} name
 * @returns {string[]} the replicas that the answer lists
 */
function listed(response, name) {
    const answer = jsonOf(response);
    const message = answer !== null && answer.message && Array.isArray(answer.message.replicas) ? answer.message : { N: -1, replicas: [] };
    check(answer, {
        [`${name}: N, replicas and status, as the contract has them`]: (a) =>
            a !== null && a.status === 'successful' && Object.keys(message).sort().join() === 'N,replicas' && message.N === message.replicas.length,
        [`${name}: in natural order`]: () => message.replicas.join() === message.replicas.slice().sort(naturally).join(),
    });
    return message.replicas;
}

/**
 * @param {string} a
 * @param {string} b
 * @returns {number} server_2 before server_10
 */
function naturally(a, b) {
    const left = a.match(/\d+|\D+/g) || [];
    const right = b.match(/\d+|\D+/g) || [];
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
        if (left[i] !== right[i]) {
            const numbers = /^\d/.test(left[i]) && /^\d/.test(right[i]);
            return numbers && Number(left[i]) !== Number(right[i]) ? Number(left[i]) - Number(right[i]) : left[i] < right[i] ? -1 : 1;
        }
    }

    return left.length - right.length;
}

/**
 * @param {string[]} before
 * @param {string} after what
 */
function unchanged(before, after) {
    check(replicas(), { [`the fleet is as it was, after ${after}`]: (now) => now.join() === before.join() });
}

function heartbeat() {
    const answer = send({ row: 'from anybody', path: '/heartbeat', status: 200, headers: {} });
    check(answer, { 'GET /heartbeat: empty': (r) => !r.body });
    const head = send({ row: 'from anybody', method: 'HEAD', path: '/heartbeat', status: 200, headers: {} });
    check(head, { 'HEAD /heartbeat: empty': (r) => !r.body });
}

/** @param {string[]} before */
function list(before) {
    const names = listed(send({ row: 'as it is', path: '/rep', status: 200 }), 'GET /rep');
    check(names, { 'GET /rep: those that were there': (now) => now.join() === before.join() });
}

/** @param {string[]} before */
function forwarding(before) {
    /** @type {{ [name: string]: number }} */
    const seen = {};
    // Rounds enough for one that is new and gets a tenth of its share.
    const rounds = 20 * members().reduce((sum, member) => sum + member.weight, 0);
    for (let i = 0; i < rounds && (i < before.length || Object.keys(seen).length < before.length); i++) {
        const home = send({ row: 'forwarded', path: '/home', status: 200, headers: {} });
        const answer = jsonOf(home);
        check(home, {
            'GET /home: a greeting': () => answer !== null && answer.status === 'successful' && answer.message.indexOf('Hello from Server: ') === 0,
            'GET /home: names a replica that is there': (r) => before.indexOf(r.headers['X-Edge-Replica']) >= 0,
        });
        seen[home.headers['X-Edge-Replica']] = 1;
    }

    check(seen, { 'GET /home: every replica has its turn': (names) => Object.keys(names).length === before.length });
    send({ row: 'a path that replicas lack', path: '/other', status: 404, says: "'/other' endpoint does not exist in server replicas", headers: {} });
}

/** @param {string[]} before */
function everything(before) {
    send({ row: 'as it is', path: '/edge/status', status: 200 });
    const now = status();
    check(now, {
        'status: the balancer, its version, its driver and why': (s) => hasAll(s.balancer, ['version', 'started', 'driver', 'why']),
        'status: each replica': (s) => s.replicas.map((r) => r.name).sort().join() === before.slice().sort().join(),
        'status: everything about each': (s) =>
            s.replicas.every((r) => hasAll(r, ['name', 'address', 'state', 'why', 'since', 'weight', 'inFlight', 'requests', 'failures', 'restarts'])),
    });
    send({ row: 'a path of the balancer that it lacks', path: '/edge/other', status: 404 });
}

/**
 * @param {object} value
 * @param {string[]} names
 * @returns {boolean}
 */
function hasAll(value, names) {
    return names.every((name) => name in value);
}

/** @param {string[]} before */
function badInput(before) {
    refused.forEach((row) => {
        send(row);
        unchanged(before, `${row.method} ${row.path}, ${row.row}`);
    });
    const taken = { row: 'a name that is taken', path: '/add', method: 'POST', body: JSON.stringify({ n: 1, hostnames: [before[0]] }), status: 409, says: before[0] };
    send(taken);
    // One good name and one taken: all or nothing.
    const half = { row: 'a free name beside one that is taken', path: '/add', method: 'POST', body: JSON.stringify({ n: 2, hostnames: ['smoke_half', before[0]] }), status: 409, says: before[0] };
    send(half);
    send({ row: 'a replica beside a name that is none', path: '/rm', method: 'DELETE', body: JSON.stringify({ n: 2, hostnames: [before[0], 'smoke_none'] }), status: 404, says: 'smoke_none' });
    send({ row: 'one more than there are', path: '/rm', method: 'DELETE', body: JSON.stringify({ n: before.length + 1 }), status: 400 });
    unchanged(before, 'rows that name a replica');
    const minimum = status().balancer.minimum;
    if (minimum > 0) {
        send({ row: 'below the minimum', path: '/rm', method: 'DELETE', body: JSON.stringify({ n: before.length - minimum + 1 }), status: 400 });
        unchanged(before, 'a removal below the minimum');
    }
}

/** @param {string[]} before */
function wrongMethods(before) {
    methods.forEach(([path, allowed, others]) => {
        others.forEach((method) => send({ row: 'another method', method, path, status: 405, header: ['Allow', allowed] }));
    });
    unchanged(before, 'other methods');
}

/** @param {string[]} before */
function access(before) {
    if (token === '') {
        // Without one, callers from loopback are let in, as all rows before have shown; others never got this far.
        return;
    }

    /** @type {[string, string]} */
    const asks = ['Www-Authenticate', 'Bearer'];
    send({ row: 'no token', path: '/rep', status: 401, header: asks, headers: {} });
    send({ row: 'no token', path: '/edge/status', status: 401, header: asks, headers: {} });
    send({ row: 'no token', method: 'POST', path: '/add', body: '{"n": 1}', status: 401, header: asks, headers: {} });
    send({ row: 'no token', method: 'DELETE', path: '/rm', body: '{"n": 1}', status: 401, header: asks, headers: {} });

    // No more than these: an address that sends many wrong ones is not listened to for a while.
    [`Bearer ${token}x`, `Bearer ${token.slice(0, -1)}`, `Basic ${token}`].forEach((Authorization, i) => {
        send({ row: `wrong token ${i + 1}`, path: '/rep', status: 401, header: asks, headers: { Authorization } });
    });
    send({ row: 'a wrong token', method: 'DELETE', path: '/rm', body: '{"n": 1}', status: 401, header: asks, headers: { Authorization: 'Bearer wrong' } });
    unchanged(before, 'callers without the token');
}

/**
 * @param {string[]} before
 * @param {import('./lib/fleet.js').Member[]} then the same, with weights
 */
function changes(before, then) {
    const one = listed(send({ row: 'one', method: 'POST', path: '/add', body: '{"n": 1}', status: 200 }), 'add one');
    check(one, {
        'add one: one more, and nobody less': (now) => now.length === before.length + 1 && before.every((name) => now.indexOf(name) >= 0),
    });
    const free = one.filter((name) => before.indexOf(name) < 0);
    check(free, { 'add one: under a free name server_k': (names) => names.length === 1 && /^server_\d+$/.test(names[0]) });

    const named = listed(
        send({ row: 'a named one and another', method: 'POST', path: '/add', body: '{"n": 2, "hostnames": ["Smoke-1.a_b"], "weight": 3}', status: 200 }),
        'add two',
    );
    check(named, { 'add two: one under the name given': (now) => now.length === one.length + 2 && now.indexOf('Smoke-1.a_b') >= 0 });
    check(status().replicas, {
        'add two: with the weight given': (all) =>
            all.filter((r) => one.indexOf(r.name) < 0).every((r) => r.weight === 3) && all.filter((r) => free.indexOf(r.name) >= 0).every((r) => r.weight === 1),
        'add two: in rotation when it answers': (all) => all.every((r) => r.state === 'healthy'),
    });
    check(replicas(), { 'rep: what add answered': (now) => now.join() === named.join() });

    const without = listed(send({ row: 'a named one', method: 'DELETE', path: '/rm', body: '{"n": 1, "hostnames": ["Smoke-1.a_b"]}', status: 200 }), 'rm named');
    check(without, { 'rm named: just that one': (now) => now.join() === named.filter((name) => name !== 'Smoke-1.a_b').join() });

    const random = listed(send({ row: 'a named one and a random one', method: 'DELETE', path: '/rm', body: JSON.stringify({ n: 2, hostnames: free }), status: 200 }), 'rm two');
    check(random, {
        'rm two: the named one and one more': (now) => now.length === without.length - 2 && now.indexOf(free[0]) < 0 && now.every((name) => without.indexOf(name) >= 0),
    });
    restore(then);
    unchanged(before, 'it was brought back');
}

/** @param {string[]} before */
function engineRefuses(before) {
    const name = text('CONFLICT_NAME', '');
    const row = { row: 'a name that the engine has given away', method: 'POST', path: '/add', body: JSON.stringify({ n: 1, hostnames: [name] }), status: [502, 409, 503], says: name };
    send(row);
    unchanged(before, "the engine's refusal");
}

/** @param {string[]} before */
function nobodyLeft(before) {
    if (status().balancer.minimum > 0) {
        return;
    }

    const none = listed(send({ row: 'all', method: 'DELETE', path: '/rm', body: JSON.stringify({ n: before.length }), status: 200 }), 'rm all');
    check(none, { 'rm all: nobody is left': (now) => now.length === 0 });
    const lost = send({ row: 'no replica', path: '/home', status: 503, says: 'No server container found for this request', headers: {} });
    check(lost, { 'no replica: says when to come again': (r) => Number(r.headers['Retry-After']) > 0 });
    send({ row: 'from a fleet of none', method: 'DELETE', path: '/rm', body: '{"n": 1}', status: 400 });
    listed(send({ row: 'all of them again', method: 'POST', path: '/add', body: JSON.stringify({ n: before.length, hostnames: before }), status: 200 }), 'add all');
    unchanged(before, 'all of them were brought back');
}
