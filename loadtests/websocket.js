// WebSockets through the balancer to the built-in replica's /echo: each client opens one, sends messages one after the
// other, and every message has to come back as it was, in order.
//
//   VUS       20      clients at a time
//   SESSIONS  100     connections in all
//   MESSAGES  50      on each
//   BYTES     128     of a message
//   P95       500     milliseconds from a message to its echo
//   ECHO      /echo   a path that takes an upgrade to WebSocket and sends back what it gets

import ws from 'k6/ws';
import { check } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { baseUrl, integer, text } from './lib/settings.js';
import { summaryOf, trendStats } from './lib/summary.js';

const sessions = integer('SESSIONS', 100);
// k6 takes no more clients than connections.
const vus = Math.min(integer('VUS', 20), sessions);
const messages = integer('MESSAGES', 50);
const bytes = integer('BYTES', 128);
const url = baseUrl.replace(/^http/, 'ws') + text('ECHO', '/echo');

const echoed = new Counter('ws_echoed');
const wrong = new Counter('ws_wrong');
const roundTrip = new Trend('ws_round_trip', true);

export const options = {
    scenarios: {
        sockets: { executor: 'shared-iterations', vus, iterations: sessions, maxDuration: '10m' },
    },
    thresholds: {
        checks: ['rate==1'],
        ws_echoed: [`count==${sessions * messages}`],
        ws_wrong: ['count==0'],
        ws_round_trip: [`p(95)<${integer('P95', 500)}`],
    },
    summaryTrendStats: trendStats,
    tags: { suite: 'edge', script: 'websocket' },
};

export const handleSummary = summaryOf('websocket', { sessions, messages, bytes });

const filling = new Array(bytes + 1).join('.');

/**
 * @param {number} number
 * @returns {string} a message that names its client, its session and its place
 */
function message(number) {
    return `${__VU}/${__ITER}/${number} ${filling}`.slice(0, Math.max(bytes, 24));
}

export default function () {
    // So that a run of which nothing came back is judged, too.
    echoed.add(0);
    let next = 0;
    let sent = 0;
    const response = ws.connect(url, { tags: { name: 'echo' } }, (socket) => {
        const send = () => {
            sent = Date.now();
            socket.send(message(next));
        };

        socket.on('open', send);
        socket.on('message', (data) => {
            roundTrip.add(Date.now() - sent);
            const same = data === message(next);
            wrong.add(same ? 0 : 1);
            echoed.add(same ? 1 : 0);
            next++;
            if (next < messages) {
                send();
            } else {
                socket.close();
            }
        });
        socket.on('error', () => wrong.add(1));
        socket.setTimeout(() => socket.close(), 30000);
    });
    check(response, {
        'the protocols were switched': (r) => r !== undefined && r.status === 101,
        'every message came back': () => next === messages,
    });
}
