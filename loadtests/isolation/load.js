// An open load on one service: so many requests a second, each measured from when it was due, on connections that are kept.
// usage: node load.js PORT PER_SECOND SECONDS; prints p50 and p99 in ms, and how many were not answered with 200.

import http from 'node:http';

const [port, perSecondText, secondsText] = process.argv.slice(2);
const perSecond = Number(perSecondText);
const total = perSecond * Number(secondsText);
const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity });
/** @type {number[]} */
const times = [];
let failed = 0;
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
    const options = { agent, host: '127.0.0.1', port: Number(port), path: '/home', headers: { host: 'good.example' } };
    const request = http.get(options, (response) => {
        response.resume();
        response.on('end', () => end(response.statusCode === 200));
    });
    request.on('error', () => end(false));
}

function tell() {
    times.sort((a, b) => a - b);
    /** @param {number} share */
    const quantile = (share) => (times[Math.min(total - 1, Math.floor(total * share))] ?? 0).toFixed(2);
    console.log(`${quantile(0.5)} ${quantile(0.99)} ${failed}`);
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
}, 1);
