// The balancer's REST contract as functions, for scripts that need a fleet of a certain size. What goes wrong here ends
// the script: figures of another fleet than the one that was asked for would be worth nothing.

import http from 'k6/http';
import { check, fail, sleep } from 'k6';
import { baseUrl, number, token } from './settings.js';

/**
 * @typedef {{ name: string, state: string, weight: number, restarts: number, since: string, requests: number, failures: number }} Replica
 * @typedef {{ name: string, weight: number }} Member
 * @typedef {{ state: string, minimum: number, maximum: number, target: number, inRotation: number, why: string, next: string }} Scale
 * @typedef {{ balancer: { started: string, driver: string, minimum: number, maximum: number }, process: { pid: number, uptimeSeconds: number, managedBytes: number }, replicas: Replica[] }} Status
 */

// A replica that is new gets its share in steps (Edge:Fleet:SlowStart, 10 s); shares are counted after that.
const settleSeconds = number('SETTLE', 11, 0);

/**
 * What a call of the balancer's own paths is sent with.
 * @param {string} name for the tag `name`
 * @returns {{ headers: { [name: string]: string }, tags: { [name: string]: string }, timeout: string, responseType: 'text' }}
 */
export function asOperator(name) {
    /** @type {{ [name: string]: string }} */
    const headers = { 'Content-Type': 'application/json' };
    if (token !== '') {
        headers.Authorization = `Bearer ${token}`;
    }

    return {
        headers,
        tags: { name },
        // A start and a drain may each take 30 s.
        timeout: '120s',
        responseType: 'text',
    };
}

/**
 * @param {{ status: number, error: string, body: unknown }} response
 * @param {string} what
 * @returns {any} the answer's message
 */
function messageOf(response, what) {
    // k6 ends an iteration that throws and goes on: only a failed check makes the run fail, too.
    if (!check(response, { 'the balancer does what the script needs': (r) => r.status === 200 })) {
        fail(`${what}: ${response.status} ${response.error} ${response.body}`);
    }

    return JSON.parse(String(response.body)).message;
}

/** @returns {string[]} the replicas that run now, in the balancer's order */
export function replicas() {
    return messageOf(http.get(`${baseUrl}/rep`, asOperator('/rep')), 'GET /rep').replicas;
}

/** @returns {Status} */
export function status() {
    return messageOf(http.get(`${baseUrl}/edge/status`, asOperator('/edge/status')), 'GET /edge/status');
}

/**
 * @param {number} n
 * @param {string[]} [hostnames]
 * @param {number} [weight]
 * @returns {string[]} the replicas that run then
 */
export function add(n, hostnames = [], weight = 1) {
    const body = JSON.stringify({ n, hostnames, weight });
    return messageOf(http.post(`${baseUrl}/add`, body, asOperator('/add')), `POST /add ${body}`).replicas;
}

/**
 * @param {number} n
 * @param {string[]} [hostnames]
 * @returns {string[]} the replicas that run then
 */
export function remove(n, hostnames = []) {
    const body = JSON.stringify({ n, hostnames });
    return messageOf(http.del(`${baseUrl}/rm`, body, asOperator('/rm')), `DELETE /rm ${body}`).replicas;
}

/** @returns {Scale} how the number of replicas follows the load */
export function scale() {
    return messageOf(http.get(`${baseUrl}/edge/scale`, asOperator('/edge/scale')), 'GET /edge/scale');
}

/**
 * @param {number} minimum
 * @param {number} maximum
 * @returns {Scale}
 */
export function scaleBetween(minimum, maximum) {
    const body = JSON.stringify({ minimum, maximum });
    return messageOf(http.post(`${baseUrl}/edge/scale`, body, asOperator('/edge/scale')), `POST /edge/scale ${body}`);
}

/** Has the service sleep: no replica runs when this returns. */
export function fallAsleep() {
    messageOf(http.post(`${baseUrl}/edge/sleep`, null, asOperator('/edge/sleep')), 'POST /edge/sleep');
}

/** Waits until those that are new, or back, have their whole share. By the balancer's clock, not by this machine's. */
function settle() {
    const now = status();
    const time = Date.parse(now.balancer.started) + now.process.uptimeSeconds * 1000;
    const youngest = Math.min.apply(null, now.replicas.map((replica) => time - Date.parse(replica.since)));
    sleep(Math.max(0, settleSeconds - youngest / 1000));
}

/**
 * Adds or removes until there are so many.
 * @param {number} n
 * @returns {string[]} the replicas that run then
 */
export function bringTo(n) {
    const now = replicas();
    if (now.length < n) {
        return add(n - now.length);
    }

    return now.length > n ? remove(now.length - n, now.slice(n)) : now;
}

/** @returns {Member[]} those that run now, for `restore` */
export function members() {
    const names = replicas();
    return status().replicas.filter((r) => names.indexOf(r.name) >= 0).map((r) => ({ name: r.name, weight: r.weight }));
}

/**
 * Brings the fleet to one replica for each weight, in the balancer's order, and waits until each has its whole share.
 * @param {number[]} weights
 * @returns {string[]} the replicas' names, in the order of the weights
 */
export function bringToWeights(weights) {
    const names = bringTo(weights.length);
    members().forEach((member) => {
        const weight = weights[names.indexOf(member.name)];
        if (member.weight !== weight) {
            remove(1, [member.name]);
            add(1, [member.name], weight);
        }
    });
    settle();
    return names;
}

/**
 * Brings back the fleet that was there before.
 * @param {Member[]} before
 */
export function restore(before) {
    const now = members();
    const missing = before.filter((old) => now.every((member) => member.name !== old.name));
    const surplus = now.filter((member) => before.every((old) => old.name !== member.name));
    const changed = before.filter((old) => now.some((member) => member.name === old.name && member.weight !== old.weight));
    missing.forEach((member) => add(1, [member.name], member.weight));
    changed.forEach((member) => {
        remove(1, [member.name]);
        add(1, [member.name], member.weight);
    });
    if (surplus.length > 0) {
        remove(surplus.length, surplus.map((member) => member.name));
    }
}
