// What a connection costs Edge in memory, by what it is doing: opens many in one state, and divides by them what the
// balancer's resident memory grew by, and its managed memory. What the kernel holds for a socket or a pipe is not in it.
// Replica and clients are this process; everything is on 127.0.0.1. memory.sh runs it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const words = process.argv.slice(2);
const count = words[0] === '--connections' ? Number(words.splice(0, 2)[1]) : 1000;
const binary = words[0] ?? fileURLToPath(new URL('../../dist/edge', import.meta.url));
if (!Number.isInteger(count) || count < 1 || count > 20000) {
    console.error('usage: loadtests/scaling/memory.sh [--connections N] [EDGE]');
    process.exit(64);
}

const large = 64 * 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, '.');

/** Fills a socket until its kernel and the other side take no more. */
function fill(socket) {
    while (socket.write(piece)) {
        // As long as it is taken.
    }
}

/** state → what the client sends first, what it waits for before it counts as being there, and what the replica does. */
const states = {
    idle: { text: 'GET / HTTP/1.1\r\nHost: h\r\n\r\n', there: 'hello' },
    'reading a head': { text: 'GET / HTTP/1.1\r\nHost: h\r\nCookie: half', there: null },
    'waiting for a response': { text: 'GET /never HTTP/1.1\r\nHost: h\r\n\r\n', there: null },
    'response to a client that does not read': { text: 'GET /large HTTP/1.1\r\nHost: h\r\n\r\n', there: 'HTTP/1.1 200', stalls: true },
    'body to a replica that does not read': { text: `POST /never HTTP/1.1\r\nHost: h\r\nContent-Length: ${large}\r\n\r\n`, there: null, sends: true },
    tunnel: { text: 'GET /tunnel HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n', there: 'HTTP/1.1 101' },
};

const replica = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
        const head = data.toString('latin1', 0, 40);
        if (head.startsWith('GET /large')) {
            socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${large}\r\n\r\n`);
            fill(socket);
            socket.on('drain', () => fill(socket));
        } else if (head.startsWith('GET /tunnel')) {
            socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
        } else if (head.includes('/never')) {
            socket.pause();
        } else {
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
        }
    });
});
replica.listen(0, '127.0.0.1');
await once(replica, 'listening');

function residentKib(pid) {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

async function managed(port) {
    const response = await fetch(`http://127.0.0.1:${port}/edge/status`, { headers: { Connection: 'close' } });
    return (await response.json()).message.process.managedBytes;
}

async function start() {
    const edge = spawn(binary, [], {
        env: {
            ...process.env,
            EDGE__LISTEN: '127.0.0.1:0',
            EDGE__LOOPS: '2',
            EDGE__FLEET__DRIVER: 'static',
            EDGE__FLEET__ADDRESSES__0: `127.0.0.1:${replica.address().port}`,
            EDGE__HEALTH__INTERVAL: '01:00:00',
            EDGE__TIMEOUTS__REQUESTHEAD: '00:10:00',
            EDGE__TIMEOUTS__POOLIDLE: '00:00:01',
            EDGE__OVERLOAD__PERREPLICA: '0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    let port = 0;
    const lines = createInterface(edge.stdout);
    for await (const line of lines) {
        port = Number(/listens at http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? port);
        if (line.startsWith('in rotation')) {
            break;
        }
    }

    edge.stdout.resume();
    return { edge, port };
}

function open(port, state) {
    return new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
            socket.write(state.text);
            if (state.sends) {
                fill(socket);
                socket.on('drain', () => fill(socket));
            }

            if (state.there === null) {
                resolve(socket);
            }
        });
        let got = '';
        socket.on('data', (data) => {
            got = (got + data.toString('latin1', 0, 400)).slice(0, 800);
            if (state.there !== null && got.includes(state.there)) {
                resolve(socket);
                if (state.stalls) {
                    socket.pause();
                }
            }
        });
        socket.on('error', reject);
    });
}

async function openAll(port, state, many) {
    const sockets = [];
    while (sockets.length < many) {
        sockets.push(...(await Promise.all(Array.from({ length: Math.min(50, many - sockets.length) }, () => open(port, state)))));
    }

    return sockets;
}

console.log('| state | resident, bytes each | managed, bytes each | resident after they ended, KiB above the start |');
console.log('|---|---:|---:|---:|');
for (const [name, state] of Object.entries(states)) {
    const { edge, port } = await start();
    // What the first connections allocate once is no connection's cost.
    (await openAll(port, states.idle, 50)).forEach((socket) => socket.destroy());
    await managed(port);
    await pause(1500);
    const before = { resident: residentKib(edge.pid), managed: await managed(port) };
    const sockets = await openAll(port, state, count);
    await pause(2500);
    const during = { resident: residentKib(edge.pid), managed: await managed(port) };
    const gone = sockets.filter((socket) => socket.destroyed).length;
    sockets.forEach((socket) => socket.destroy());
    await pause(2500);
    const after = residentKib(edge.pid);
    // Not asked to end: that would wait for responses to clients that may still read, for all it knows.
    edge.kill('SIGKILL');
    await once(edge, 'exit');
    if (gone > 0) {
        console.error(`${name}: ${gone} connections were closed meanwhile; the figure is not to be quoted`);
        process.exitCode = 1;
    }

    const each = (value) => Math.round(value / count).toLocaleString('en-US');
    console.log(`| ${name} | ${each((during.resident - before.resident) * 1024)} | ${each(during.managed - before.managed)} | ${(after - before.resident).toLocaleString('en-US')} |`);
}

process.exit();
