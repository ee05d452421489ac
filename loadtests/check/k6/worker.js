// The thread that talks to the balancer.

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { workerData } from 'node:worker_threads';

const { port, signal } = workerData;
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
let socket = null;

function answer(message) {
    port.postMessage(message);
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
}

function call({ method, url, body, headers, timeout }) {
    const began = performance.now();
    return new Promise((resolve) => {
        const failed = (error) => resolve({ status: 0, headers: {}, body: null, error: String(error), duration: performance.now() - began });
        const length = body === null ? (method === 'GET' || method === 'HEAD' ? {} : { 'Content-Length': 0 }) : { 'Content-Length': body.byteLength };
        const request = http.request(url, { method, agent, headers: { ...headers, ...length }, timeout }, (response) => {
            const pieces = [];
            response.on('data', (piece) => pieces.push(piece));
            response.on('error', failed);
            response.on('end', () =>
                resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces), error: '', duration: performance.now() - began }),
            );
        });
        request.on('error', failed);
        request.on('timeout', () => request.destroy(new Error('request timeout')));
        request.end(body === null ? undefined : body);
    });
}

async function callAll({ requests, atOnce }) {
    const answers = new Array(requests.length);
    let next = 0;
    const work = async () => {
        while (next < requests.length) {
            const i = next++;
            answers[i] = await call(requests[i]);
        }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, requests.length) }, work));
    answer({ kind: 'answers', answers });
}

// RFC 6455 §5.2, as a client: whole messages, masked.
function sendFrame(opcode, payload) {
    const mask = randomBytes(4);
    const length = payload.length < 126 ? Buffer.from([0x80 | payload.length]) : Buffer.from([0xfe, payload.length >> 8, payload.length & 255]);
    socket.write(Buffer.concat([Buffer.from([0x80 | opcode]), length, mask, payload.map((byte, i) => byte ^ mask[i & 3])]));
}

function open({ url, headers }) {
    const request = http.request(url.replace(/^ws/, 'http'), {
        headers: { ...headers, Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64') },
    });
    request.on('error', (error) => answer({ kind: 'refused', error: String(error), status: 0 }));
    request.on('response', (response) => {
        response.resume();
        answer({ kind: 'refused', error: 'websocket: bad handshake', status: response.statusCode });
    });
    request.on('upgrade', (response, upgraded, ahead) => {
        socket = upgraded;
        let held = ahead;
        const take = () => {
            for (;;) {
                const coded = held.length < 2 ? 0 : held[1] & 0x7f;
                const head = coded === 126 ? 4 : 2;
                if (held.length < head || held.length < head + (coded === 126 ? held.readUInt16BE(2) : coded)) {
                    return;
                }

                const end = head + (coded === 126 ? held.readUInt16BE(2) : coded);
                answer({ kind: 'frame', opcode: held[0] & 0x0f, text: held.subarray(head, end).toString() });
                held = held.subarray(end);
            }
        };
        socket.on('data', (piece) => {
            held = Buffer.concat([held, piece]);
            take();
        });
        socket.on('close', () => answer({ kind: 'closed' }));
        socket.on('error', (error) => answer({ kind: 'error', error: String(error) }));
        answer({ kind: 'open', status: response.statusCode });
        take();
    });
    request.end();
}

port.on('message', (message) => {
    switch (message.kind) {
        case 'call':
            callAll(message);
            break;
        case 'open':
            open(message);
            break;
        case 'send':
            sendFrame(1, Buffer.from(message.text));
            break;
        case 'close':
            sendFrame(8, Buffer.from([0x03, 0xe8]));
            break;
        case 'end':
            socket.destroy();
            break;
    }
});
