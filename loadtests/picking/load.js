// An open load: so many requests a second, whether others are answered or not, each measured from when it was due.
// usage: node load.js http://127.0.0.1:5000 PER_SECOND SECONDS FAULTY; FAULTY is the X-Edge-Replica whose share is told.
// prints p50 and p99 in ms, the percentage that failed, and the percentage that the faulty replica got.

import http from 'node:http';

const [url, perSecondText, secondsText, faulty] = process.argv.slice(2);
const perSecond = Number(perSecondText);
const total = perSecond * Number(secondsText);
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
/** @type {number[]} */
const times = [];
let failed = 0;
let onFaulty = 0;
let sent = 0;
const begun = performance.now();

/** @param {number} due */
function ask(due) {
    /** @param {boolean} isGood */
    const end = (isGood) => {
        times.push(performance.now() - due);
        failed += isGood ? 0 : 1;
        if (times.length === total) {
            tell();
        }
    };
    const request = http.get(url ?? '', { agent, timeout: 30_000 }, (response) => {
        onFaulty += response.headers['x-edge-replica'] === faulty ? 1 : 0;
        response.resume();
        response.on('end', () => end(response.statusCode === 200));
        response.on('error', () => end(false));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', () => end(false));
}

function tell() {
    times.sort((a, b) => a - b);
    /** @param {number} share */
    const quantile = (share) => Math.round(times[Math.min(total - 1, Math.floor(total * share))] ?? 0);
    console.log(`${quantile(0.5)} ${quantile(0.99)} ${((100 * failed) / total).toFixed(1)} ${((100 * onFaulty) / total).toFixed(0)}`);
    process.exit(0);
}

const timer = setInterval(() => {
    while (sent < total && begun + (sent * 1000) / perSecond <= performance.now()) {
        ask(begun + (sent * 1000) / perSecond);
        sent++;
    }
    if (sent === total) {
        clearInterval(timer);
    }
}, 2);
