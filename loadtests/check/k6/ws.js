import { defineMetric } from './engine.js';
import { post, receive } from './wire.js';

defineMetric('ws_sessions', 'counter');

const patience = 30000;

function connect(url, params, body) {
    const handlers = {};
    const tell = (event, ...details) => (handlers[event] ?? []).forEach((handler) => handler(...details));
    let ended = false;
    let timer = { handler: null, at: Infinity };
    const socket = {
        on: (event, handler) => (handlers[event] ??= []).push(handler),
        send: (text) => post({ kind: 'send', text }),
        close: () => {
            if (!ended) {
                ended = true;
                post({ kind: 'close' });
            }
        },
        setTimeout: (handler, milliseconds) => {
            timer = { handler, at: Date.now() + milliseconds };
        },
    };
    post({ kind: 'open', url, headers: params?.headers ?? {} });
    const first = receive(patience);
    if (first.kind !== 'open') {
        return { status: first.status, error: first.error, headers: {}, url };
    }

    body(socket);
    tell('open');
    for (;;) {
        const message = receive(Math.min(patience, timer.at - Date.now() + patience));
        if (message.kind === 'frame' && message.opcode === 1) {
            tell('message', message.text);
        } else if (message.kind === 'frame' && message.opcode === 8) {
            ended = true;
            tell('close', 1000);
            post({ kind: 'end' });
        } else if (message.kind === 'error') {
            tell('error', { error: () => message.error });
        } else if (message.kind === 'closed') {
            if (!ended) {
                tell('error', { error: () => 'websocket: close 1006 (abnormal closure): unexpected EOF' });
            }

            return { status: first.status, error: '', headers: {}, url };
        }
    }
}

export default { connect };
