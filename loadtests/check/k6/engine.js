// Metrics, thresholds and the order of things, as k6 documents them.

const kinds = {
    counter: ['count', 'rate'],
    gauge: ['value'],
    rate: ['rate'],
    trend: ['avg', 'min', 'max', 'med', 'p'],
};

/** How many iterations a scenario has that k6 would run for a certain time. */
const iterationsFor = { 'constant-arrival-rate': 60, 'ramping-arrival-rate': 60, 'constant-vus': 2 };

/** name → { type, contains, samples: [{ value, tags }] } */
const metrics = new Map();
const group = { name: '', path: '', groups: new Map(), checks: new Map() };

/** What is running now. */
export const now = { scenario: null, group, options: {}, began: 0 };

export function defineMetric(name, type, contains = 'default') {
    if (!/^[a-zA-Z_]\w{0,127}$/.test(name)) {
        throw new Error(`${name} is no name of a metric`);
    }

    if (!metrics.has(name)) {
        metrics.set(name, { type, contains, samples: [] });
    }

    return name;
}

export function addSample(name, value, tags = {}) {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw new Error(`${name} got ${value}, which is no number`);
    }

    for (const [tag, text] of Object.entries(tags)) {
        if (typeof text !== 'string') {
            throw new Error(`the tag ${tag} of ${name} is ${text}, which is no text`);
        }
    }

    const own = now.scenario === null ? {} : { scenario: now.scenario.name };
    metrics.get(name).samples.push({ value, tags: { ...own, group: now.group.path, ...tags } });
}

for (const [name, type, contains] of [
    ['http_reqs', 'counter'],
    ['http_req_failed', 'rate'],
    ['http_req_duration', 'trend', 'time'],
    ['iterations', 'counter'],
    ['iteration_duration', 'trend', 'time'],
    ['checks', 'rate'],
    ['dropped_iterations', 'counter'],
]) {
    defineMetric(name, type, contains);
}

function percentile(sorted, percent) {
    const at = (percent / 100) * (sorted.length - 1);
    const below = Math.floor(at);
    return sorted[below] + (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]) * (at - below);
}

function statOf(sorted, stat) {
    switch (stat) {
        case 'min':
            return sorted[0];
        case 'max':
            return sorted[sorted.length - 1];
        case 'avg':
            return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
        case 'med':
            return percentile(sorted, 50);
        case 'count':
            return sorted.length;
        default: {
            const percent = /^p\(([\d.]+)\)$/.exec(stat);
            if (percent === null) {
                throw new Error(`${stat} is no statistic of a trend`);
            }

            return percentile(sorted, Number(percent[1]));
        }
    }
}

function valuesOf(type, samples, seconds, stats) {
    const values = samples.map((sample) => sample.value);
    const sum = values.reduce((total, value) => total + value, 0);
    switch (type) {
        case 'counter':
            return { count: sum, rate: sum / seconds };
        case 'gauge':
            return values.length === 0
                ? { value: 0, min: 0, max: 0 }
                : { value: values[values.length - 1], min: Math.min(...values), max: Math.max(...values) };
        case 'rate': {
            const passes = values.filter((value) => value !== 0).length;
            return { rate: values.length === 0 ? 0 : passes / values.length, passes, fails: values.length - passes };
        }
        default: {
            const sorted = values.sort((a, b) => a - b);
            return Object.fromEntries(stats.map((stat) => [stat, sorted.length === 0 ? 0 : statOf(sorted, stat)]));
        }
    }
}

function holds(type, samples, seconds, source) {
    const parts = /^([a-z]+)(\([\d.]+\))?(<=|>=|==|<|>)(-?[\d.]+(?:e[+-]?\d+)?)$/.exec(source);
    if (parts === null || !kinds[type].includes(parts[1])) {
        throw new Error(`${source} is no threshold of a ${type}`);
    }

    const stat = parts[1] + (parts[2] ?? '');
    const value = valuesOf(type, samples, seconds, [stat])[stat];
    const bound = Number(parts[4]);
    return { '<=': value <= bound, '>=': value >= bound, '==': value === bound, '<': value < bound, '>': value > bound }[parts[3]];
}

function exportGroup(of) {
    return { name: of.name, path: of.path, groups: [...of.groups.values()].map(exportGroup), checks: [...of.checks.values()] };
}

function asJson(data) {
    return data === undefined ? undefined : JSON.parse(JSON.stringify(data));
}

/** One run of one script. */
export class Run {
    #script;
    #setupData;
    #seconds = 1;
    #thresholds = new Map();

    constructor(script) {
        this.#script = script;
        now.options = script.options;
    }

    /** False where a threshold does not hold. */
    toTheEnd() {
        now.began = Date.now();
        this.#inGroup('setup', () => {
            this.#setupData = asJson(this.#script.setup?.());
        });
        this.#runScenarios();
        this.#inGroup('teardown', () => this.#script.teardown?.(asJson(this.#setupData)));
        this.#seconds = Math.max(0.001, (Date.now() - now.began) / 1000);
        for (const [name, sources] of Object.entries(this.#script.options.thresholds ?? {})) {
            const { type, samples } = this.#select(name);
            const results = {};
            for (const source of sources) {
                // As k6 does: where nothing was measured, a rate is not judged, and all else is 0. But the form of each is.
                const ok = holds(type, samples, this.#seconds, source);
                results[source] = { ok: ok || (type === 'rate' && samples.length === 0) };
            }

            this.#thresholds.set(name, results);
        }

        return [...this.#thresholds.values()].every((results) => Object.values(results).every((result) => result.ok));
    }

    /** path → text, as the script's handleSummary has it. */
    summary() {
        const stats = this.#script.options.summaryTrendStats ?? ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)'];
        const data = {
            root_group: exportGroup(group),
            options: { summaryTrendStats: stats, summaryTimeUnit: '', noColor: true },
            state: { isStdOutTTY: false, isStdErrTTY: false, testRunDurationMs: this.#seconds * 1000 },
            metrics: {},
            setup_data: this.#setupData,
        };
        for (const name of [...metrics.keys(), ...this.#thresholds.keys()]) {
            const { type, contains, samples } = this.#select(name);
            // As k6 does: what has a threshold is in the summary in any case.
            if (samples.length > 0 || this.#thresholds.has(name)) {
                data.metrics[name] = { type, contains, values: valuesOf(type, samples, this.#seconds, stats) };
                if (this.#thresholds.has(name)) {
                    data.metrics[name].thresholds = this.#thresholds.get(name);
                }
            }
        }

        return this.#script.handleSummary(data);
    }

    #select(name) {
        const parts = /^(\w+)(?:\{(.*)\})?$/.exec(name);
        const metric = parts === null ? undefined : metrics.get(parts[1]);
        if (metric === undefined) {
            throw new Error(`a threshold is about ${name}, which is no metric`);
        }

        const wanted = (parts[2] ?? '').split(',').filter((pair) => pair !== '').map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)]);
        return { ...metric, samples: metric.samples.filter((sample) => wanted.every(([tag, text]) => sample.tags[tag] === text)) };
    }

    #inGroup(name, body) {
        now.group = { name, path: `::${name}`, groups: new Map(), checks: new Map() };
        body();
        now.group = group;
    }

    #runScenarios() {
        const scenarios = Object.entries(this.#script.options.scenarios).map(([name, said]) => {
            const vus = said.vus ?? said.preAllocatedVUs;
            const planned = iterationsFor[said.executor] ?? said.iterations * (said.executor === 'per-vu-iterations' ? vus : 1);
            const body = said.exec === undefined ? this.#script.default : this.#script[said.exec];
            if (typeof body !== 'function' || !(planned > 0) || !(vus > 0)) {
                throw new Error(`the scenario ${name} has no function, no iterations or no clients`);
            }

            if ((said.executor === 'shared-iterations' && said.iterations < vus) || said.maxVUs < vus) {
                throw new Error(`the scenario ${name} has more clients than iterations, or than it may have`);
            }

            return { name, vus, planned, body, done: 0, startTime: Date.now() };
        });
        for (;;) {
            // The one that is furthest behind, so that those of different lengths end together.
            const next = scenarios.filter((s) => s.done < s.planned).sort((a, b) => a.done / a.planned - b.done / b.planned)[0];
            if (next === undefined) {
                return;
            }

            now.scenario = next;
            globalThis.__VU = 1 + (next.done % next.vus);
            globalThis.__ITER = Math.floor(next.done / next.vus);
            const began = performance.now();
            next.body(asJson(this.#setupData));
            addSample('iteration_duration', performance.now() - began);
            addSample('iterations', 1);
            next.done++;
            now.scenario = null;
        }
    }
}
