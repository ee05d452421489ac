// One replica: so many requests at a time, each for so long, the others in line. Its health check is always answered at once.
// usage: node replica.js well|slow|stalled|failing|cold; prints the port that it listens at.

import http from 'node:http';

const WORKERS = 2;
const SERVICE_MS = 10;
const kind = process.argv[2];
/** @type {(() => void)[]} */
const line = [];
let busy = 0;
let firstAt = 0;

// Since the first request: that is when the load begins.
const elapsed = () => (firstAt === 0 ? 0 : Date.now() - firstAt);
const serviceMs = () => (kind === 'slow' ? 3 * SERVICE_MS : kind === 'cold' && elapsed() < 3000 ? 10 * SERVICE_MS : SERVICE_MS);
const stalls = () => kind === 'stalled' && elapsed() >= 2000 && elapsed() < 4000;

function next() {
    while (busy < WORKERS && line.length > 0 && !stalls()) {
        const answer = line.shift();
        busy++;
        setTimeout(() => {
            // What is under way when it stalls ends when that is over.
            const end = () => {
                if (stalls()) {
                    setTimeout(end, 10);
                    return;
                }
                busy--;
                answer?.();
                next();
            };
            end();
        }, serviceMs());
    }
    if (stalls()) {
        setTimeout(next, 10);
    }
}

const server = http.createServer((request, response) => {
    request.resume();
    if (request.url === '/heartbeat') {
        response.end('well');
        return;
    }
    firstAt ||= Date.now();
    if (kind === 'failing') {
        response.statusCode = 500;
        response.end('no database');
        return;
    }
    line.push(() => response.end('done'));
    next();
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    console.log(typeof address === 'object' ? address?.port : address);
});
