// A client by ws: texts and binaries of many sizes, compressed and not, pings, and the codes of closes. Prints one line for each case.
const { WebSocket } = require(process.argv[3]);
const url = process.argv[2];

const open = (options) => new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
});
const next = (socket, event) => new Promise((resolve, reject) => {
    socket.once(event, (...values) => resolve(values));
    socket.once('error', reject);
});

(async () => {
    for (const perMessageDeflate of [false, true]) {
        const socket = await open({ perMessageDeflate });
        for (const size of [0, 1, 125, 126, 127, 65535, 65536, 1000000]) {
            const text = 'é'.repeat(size / 2) + 'x'.repeat(size % 2);
            socket.send(text);
            const [data, isBinary] = await next(socket, 'message');
            console.log(`text ${size} ${perMessageDeflate} ${data.toString() === text && !isBinary}`);
            const bytes = Buffer.alloc(size, 0xfe);
            socket.send(bytes);
            const [back, isBinaryBack] = await next(socket, 'message');
            console.log(`binary ${size} ${perMessageDeflate} ${bytes.equals(back) && isBinaryBack}`);
        }

        // One message in fragments, with a ping in the middle of it.
        const pong = next(socket, 'pong');
        socket.send('one ', { fin: false });
        socket.ping('between');
        socket.send('message', { fin: true });
        const [whole] = await next(socket, 'message');
        console.log(`fragments ${perMessageDeflate} ${whole.toString() === 'one message' && (await pong)[0].toString() === 'between'}`);
        socket.close(4321, 'bye');
        const [code] = await next(socket, 'close');
        console.log(`close ${perMessageDeflate} ${code === 4321}`);
    }
})().catch((failed) => {
    console.error(failed);
    process.exit(1);
});
