import { addSample, now } from './engine.js';

export function check(value, checks, tags = {}) {
    let all = true;
    for (const [name, predicate] of Object.entries(checks)) {
        const path = `${now.group.path}::${name}`;
        const entry = now.group.checks.get(name) ?? { name, path, id: path, passes: 0, fails: 0 };
        now.group.checks.set(name, entry);
        const good = Boolean(predicate(value));
        entry[good ? 'passes' : 'fails']++;
        addSample('checks', good ? 1 : 0, { check: name, ...tags });
        if (!good) {
            console.error(`check failed: ${path}`);
            all = false;
        }
    }

    return all;
}

export function group(name, body) {
    const outer = now.group;
    const inner = outer.groups.get(name) ?? { name, path: `${outer.path}::${name}`, groups: new Map(), checks: new Map() };
    outer.groups.set(name, inner);
    now.group = inner;
    try {
        return body();
    } finally {
        now.group = outer;
    }
}

export function fail(reason) {
    throw new Error(reason);
}

export function sleep(seconds) {
    if (typeof seconds !== 'number' || !(seconds >= 0)) {
        throw new Error(`sleep got ${seconds}`);
    }

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000);
}
