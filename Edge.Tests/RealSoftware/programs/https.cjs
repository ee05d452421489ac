// Node's own client over TLS: what it gets, over kept and over new connections, and how many sessions were resumed. One line for each case.
// usage: node https.cjs PORT CA-FILE VERSION
const https = require('node:https');
const fs = require('node:fs');

const [port, ca, version] = process.argv.slice(2);
const body = Buffer.alloc(1_000_000, 'n');
const trust = { ca: fs.readFileSync(ca), servername: 'example.org', minVersion: version, maxVersion: version };

function ask(agent, method, path, sent) {
    return new Promise((resolve, reject) => {
        const request = https.request({ host: '127.0.0.1', port, agent, method, path }, response => {
            const got = [];
            const reused = request.socket.isSessionReused();
            response.on('data', piece => got.push(piece));
            response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(got), reused }));
        });
        request.on('error', reject);
        request.end(sent);
    });
}

async function main() {
    const kept = new https.Agent({ ...trust, keepAlive: true, maxSockets: 1 });
    console.log('get', (await ask(kept, 'GET', '/size')).body.length);
    console.log('post', (await ask(kept, 'POST', '/echo', body)).body.equals(body));
    kept.destroy();

    const anew = new https.Agent({ ...trust, keepAlive: false });
    let resumed = 0;
    for (let i = 0; i < 21; i++) {
        const answer = await ask(anew, 'POST', '/echo', body);
        if (!answer.body.equals(body)) throw new Error(`request ${i}: ${answer.status}`);
        resumed += answer.reused;
    }
    console.log('resumed', resumed);
}

main();
