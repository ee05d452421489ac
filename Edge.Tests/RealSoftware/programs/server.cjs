// What applications behind Node do: echo a body, stream with trailers, send interim answers, fail.
const http = require('node:http');

const server = http.createServer((request, response) => {
    const path = new URL(request.url, 'http://h').pathname;
    if (path === '/echo') {
        const pieces = [];
        request.on('data', (piece) => pieces.push(piece));
        request.on('end', () => {
            const body = Buffer.concat(pieces);
            response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length }).end(body);
        });
    } else if (path === '/stream') {
        response.writeHead(200, { 'Content-Type': 'text/plain', Trailer: 'Checksum' });
        for (let i = 0; i < 200; i++) {
            response.write(`part ${i}\n`);
        }
        if ((request.headers.te ?? '').includes('trailers')) {
            response.addTrailers({ Checksum: 'abc' });
        }
        response.end();
    } else if (path === '/interim') {
        for (let i = 0; i < 40; i++) {
            response.writeProcessing();
        }
        response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.writeHead(200, { 'Content-Length': 2 }).end('ok'));
    } else if (path === '/size') {
        response.writeHead(200, { 'Content-Length': 3000000 }).end(Buffer.alloc(3000000));
    } else if (path === '/fail') {
        response.writeHead(500).end();
    } else {
        response.writeHead(404, { 'Content-Length': 0 }).end();
    }
});

// With ws beside it, what it echoes over WebSocket.
if (process.argv[3]) {
    const { WebSocketServer } = require(process.argv[3]);
    new WebSocketServer({ server, perMessageDeflate: true }).on('connection', (socket) => {
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
}

server.listen(Number(process.argv[2]), '127.0.0.1');
