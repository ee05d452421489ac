// What three services suffer from: one is dead, one is flooded with its queue full, and the replica of one answers nobody.
// usage: node trouble.js replica          a replica that answers health checks alone; prints its port
//        node trouble.js load PORT        the load that makes the trouble, until it is ended; says "full" when all that waits is there

import http from 'node:http';
import net from 'node:net';

/** @param {string} service */
const head = (service) => `GET / HTTP/1.1\r\nHost: ${service}.example\r\n\r\n`;

function replica() {
    const server = http.createServer((request, response) => {
        if (request.url === '/heartbeat') {
            response.end('well');
        }
    });
    server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        console.log(typeof address === 'object' ? address?.port : address);
    });
}

/** @param {number} port */
function load(port) {
    // 40 in flight and a queue of 100 full, on every loop: each has a share, and which one a connection is for is chance. And 200 requests in flight of
    // which none will be answered.
    for (const [service, requests] of /** @type {[string, number][]} */ ([['flooded', 400], ['hanging', 200]])) {
        for (let i = 0; i < requests; i++) {
            net.connect(port, '127.0.0.1').on('error', () => {}).write(head(service));
        }
    }

    // What is refused at once: the queue is full, or nobody is there.
    for (const service of ['flooded', 'dead']) {
        const socket = net.connect(port, '127.0.0.1');
        socket.on('error', () => {}).on('data', () => {});
        setTimeout(() => setInterval(() => socket.write(head(service)), 20), 500);
    }
    setTimeout(() => console.log('full'), 1000);
}

const [verb, port] = process.argv.slice(2);
if (verb === 'replica') {
    replica();
} else {
    load(Number(port));
}
