// Draws run.sh's raw results: in each case, every balancer's CPU time a request as a multiple of HAProxy's.
// usage: node chart.js raw.tsv >chart.svg
// The picture needs nothing beside it, and takes the reader's choice of light or dark.
import { readFileSync } from 'node:fs';
import { escape, short } from '../report/charts.js';

const width = 820;
const left = 150;
const right = 150;
const bar = 15;
const gap = 30;
const top = 62;

const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2933 }
.title { font-size: 15px; font-weight: 600 } .case { font-weight: 600 } .faint { fill: #616e7c }
.axis { stroke: #c3cad2 } .one { stroke: #616e7c; stroke-dasharray: 4 3 } .spread { stroke: #1f2933; stroke-width: 1.5 }
.edge { fill: #2b6cb8 } .haproxy { fill: #d0803c } .nginx { fill: #5a9e6c } .caddy, .yarp { fill: #9a8fb8 }
@media (prefers-color-scheme: dark) {
text { fill: #e4e7eb } .faint { fill: #9aa5b1 } .axis { stroke: #4a5561 } .one { stroke: #9aa5b1 } .spread { stroke: #e4e7eb }
}`;

/** @param {number[]} values sorted */
function median(values) {
    const middle = Math.floor(values.length / 2);
    return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// The rows, as cases with their balancers in the order in which they were first measured.
function read(raw) {
    const cases = new Map();
    for (const line of raw.trim().split('\n').slice(1)) {
        const [name, proxy, , cpu] = line.split('\t');
        const balancers = cases.get(name) ?? cases.set(name, new Map()).get(name);
        balancers.set(proxy, [...(balancers.get(proxy) ?? []), Number(cpu)].sort((a, b) => a - b));
    }
    return [...cases].map(([name, balancers]) => ({ name, balancers: [...balancers].map(([proxy, values]) => ({ proxy, values })) }));
}

// What the others are divided by: HAProxy, or, where it was not measured, the nearest thing to it.
function reference(balancers) {
    return balancers.find(({ proxy }) => proxy === 'haproxy') ?? balancers.find(({ proxy }) => proxy.startsWith('haproxy')) ?? balancers[0];
}

const text = (x, y, content, attributes = '') => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escape(content)}</text>`;
const line = (x1, y1, x2, y2, kind) => `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" class="${kind}"/>`;

// One balancer: its bar, a line from the least to the most of its rounds, and the two figures.
function row({ proxy, values }, one, y, x, most) {
    const middle = median(values);
    const ratio = middle / one;
    const beyond = ratio > most ? ' ▸' : '';
    const [least, highest] = [values[0], values[values.length - 1]].map((value) => x(Math.min(value / one, most)));
    return [
        text(left - 8, y + 11, proxy, 'text-anchor="end"'),
        `<rect x="${left}" y="${y}" width="${(x(Math.min(ratio, most)) - left).toFixed(1)}" height="${bar - 3}" class="${proxy.split('-')[0]}"/>`,
        ...(values.length > 1 ? [line(least, y + bar / 2 - 1.5, highest, y + bar / 2 - 1.5, 'spread')] : []),
        text(width - right + 10, y + 11, `${ratio.toFixed(2)}${beyond}  (${short(middle)} µs)`),
    ];
}

function draw(cases) {
    const ratios = cases.flatMap(({ balancers }) => balancers.map(({ values }) => values[values.length - 1] / median(reference(balancers).values)));
    // One slow balancer must not make all the others' bars too short to compare.
    const most = Math.min(Math.max(...ratios, 1.2), 3);
    const x = (ratio) => left + ((width - left - right) * ratio) / most;
    const content = [];
    let y = top;
    for (const { name, balancers } of cases) {
        const against = reference(balancers);
        content.push(text(left, y + 12, against.proxy === 'haproxy' ? name : `${name} (1 is ${against.proxy})`, 'class="case"'));
        y += 18;
        const end = y + bar * balancers.length;
        content.push(...balancers.flatMap((balancer, i) => row(balancer, median(against.values), y + bar * i, x, most)));
        content.push(line(left, y - 2, left, end, 'axis'), line(x(1), y - 2, x(1), end, 'one'));
        y = end + gap - 18;
    }
    const rounds = Math.max(...cases.flatMap(({ balancers }) => balancers.map(({ values }) => values.length)));
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="CPU time a request, against HAProxy">`,
        `<style>${style}</style>`,
        text(16, 24, 'CPU time a request, HAProxy = 1: shorter is better', 'class="title"'),
        text(16, 44, `user and system time of the balancer; medians of ${rounds} round(s), lines from the least to the most`, 'class="faint"'),
        ...content,
        '</svg>',
        '',
    ].join('\n');
}

process.stdout.write(draw(read(readFileSync(process.argv[2], 'utf8'))));
