import { addSample, now } from './engine.js';
import { post, receive } from './wire.js';

const allowed = new Set(['headers', 'tags', 'timeout', 'responseType', 'responseCallback']);
const defaultCallback = (status) => status >= 200 && status < 400;
const milliseconds = { ms: 1, s: 1000, m: 60000 };

// Go's canonical form: k6 hands header fields out under these names.
function canonical(name) {
    return name.split('-').map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase()).join('-');
}

function prepare(method, url, body, params) {
    const unknown = Object.keys(params).filter((key) => !allowed.has(key));
    if (unknown.length > 0) {
        throw new Error(`${url}: k6 has no parameter ${unknown}, or its stand-in has not`);
    }

    const time = /^([\d.]+)(ms|s|m)$/.exec(params.timeout ?? '60s');
    return {
        method,
        url,
        body: body === null || body === undefined ? null : typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body),
        headers: params.headers ?? {},
        timeout: Number(time[1]) * milliseconds[time[2]],
    };
}

function finish(request, params, raw) {
    const expected = (params.responseCallback ?? defaultCallback)(raw.status);
    const tags = { name: request.url, method: request.method, status: `${raw.status}`, expected_response: `${expected}`, ...params.tags };
    addSample('http_reqs', 1, tags);
    addSample('http_req_failed', expected ? 0 : 1, tags);
    addSample('http_req_duration', raw.duration, tags);
    const type = params.responseType ?? (now.options.discardResponseBodies ? 'none' : 'text');
    const bytes = raw.body === null ? null : new Uint8Array(raw.body);
    const body = bytes === null || type === 'none' ? null : type === 'binary' ? bytes.slice().buffer : new TextDecoder().decode(bytes);
    return {
        url: request.url,
        status: raw.status,
        error: raw.error,
        error_code: raw.error === '' ? 0 : 1000,
        headers: Object.fromEntries(Object.entries(raw.headers).map(([name, value]) => [canonical(name), String(value)])),
        body,
        timings: { duration: raw.duration },
        json: () => JSON.parse(body),
    };
}

function send(calls) {
    const requests = calls.map(([method, url, body, params]) => prepare(method, url, body, params ?? {}));
    post({ kind: 'call', requests, atOnce: now.options.batchPerHost ?? 6 });
    const { answers } = receive(Math.max(...requests.map((r) => r.timeout)) + 1000);
    return answers.map((raw, i) => finish(requests[i], calls[i][3] ?? {}, raw));
}

function request(method, url, body, params) {
    return send([[method, url, body, params]])[0];
}

// k6 ignores further arguments without a word.
function withoutBody(method, given) {
    if (given.length > 2) {
        throw new Error(`http.${method.toLowerCase()} takes a URL and parameters, and got ${given.length} arguments`);
    }

    return request(method, given[0], null, given[1]);
}

export default {
    request,
    get: (...given) => withoutBody('GET', given),
    head: (...given) => withoutBody('HEAD', given),
    post: (url, body, params) => request('POST', url, body, params),
    put: (url, body, params) => request('PUT', url, body, params),
    del: (url, body, params) => request('DELETE', url, body, params),
    batch: (calls) => send(calls.map((c) => [c.method, c.url, c.body ?? null, c.params])),
    expectedStatuses: (...statuses) => {
        if (statuses.some((status) => typeof status !== 'number')) {
            throw new Error(`http.expectedStatuses got ${statuses}`);
        }

        return (status) => statuses.includes(status);
    },
};
