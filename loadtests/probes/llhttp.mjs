// Reads messages as Node's HTTP server (llhttp) does: on standard input one array of base64 texts as JSON, each sent over a
// connection of its own; on standard output, for each, the requests that the server took it for.
import http from 'node:http';
import net from 'node:net';

const requests = new Map();
const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    requests.get(request.socket.remotePort).push({
      method: request.method,
      target: request.url,
      fields: request.rawHeaders,
      body: Buffer.concat(chunks).toString('latin1'),
      trailers: request.rawTrailers,
    });
    response.end();
  });
});

function ask(message) {
  return new Promise(resolve => {
    const socket = net.connect(server.address().port, '127.0.0.1', () => {
      requests.set(socket.localPort, []);
      const port = socket.localPort;
      socket.on('data', () => {});
      // What the server refuses, it may reset.
      socket.on('error', () => {});
      socket.on('close', () => resolve(requests.get(port)));
      socket.end(Buffer.from(message, 'base64'));
    });
  });
}

let input = '';
process.stdin.on('data', text => { input += text; });
process.stdin.on('end', () => {
  server.listen(0, '127.0.0.1', async () => {
    const answers = [];
    for (const message of JSON.parse(input)) {
      answers.push(await ask(message));
    }
    process.stdout.write(JSON.stringify(answers));
    server.close();
  });
});
