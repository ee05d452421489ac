// k6's calls wait for their answers. Here a second thread does the work, and this one sleeps meanwhile.

import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

const signal = new Int32Array(new SharedArrayBuffer(4));
const { port1: port, port2: other } = new MessageChannel();
const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { port: other, signal }, transferList: [other] });
worker.unref();
port.unref();

export function post(message) {
    port.postMessage(message);
}

/** The next message of the other thread; throws where none comes in time. */
export function receive(milliseconds) {
    const until = Date.now() + milliseconds;
    for (;;) {
        const seen = Atomics.load(signal, 0);
        const received = receiveMessageOnPort(port);
        if (received !== undefined) {
            return received.message;
        }

        if (Date.now() >= until || Atomics.wait(signal, 0, seen, until - Date.now()) === 'timed-out') {
            throw new Error(`nothing came in ${milliseconds} ms`);
        }
    }
}

export function close() {
    port.close();
    worker.terminate();
}
