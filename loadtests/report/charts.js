// Charts as SVG, each from plain numbers to text, and readable without the page around them.

const width = 720;
const height = 320;
const margin = { left: 70, right: 24, top: 48, bottom: 48 };
const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
const ink = '#1f2933';
const faint = '#d5dbe1';
const main = '#2563a8';
const second = '#b4531a';
const percentileColours = ['#7fb2e5', '#4486c6', '#2563a8', '#123a66'];

/** @param {string} text */
export function escape(text) {
    return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
}

/** @param {number} value */
export function short(value) {
    const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

// Steps of 1, 2 or 5 times a power of ten, at most six of them from 0.
function ticks(most) {
    const rough = Math.max(most, 1e-9) / 5;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
    return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

// With a halo it can be read on a line, too.
function text(x, y, content, { anchor = 'middle', size = 12, weight = 'normal', fill = ink, halo = false } = {}) {
    const around = halo ? ' stroke="#ffffff" stroke-width="4" paint-order="stroke"' : '';
    return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="${fill}"${around}>${escape(content)}</text>`;
}

function line(x1, y1, x2, y2, { stroke = faint, thick = 1, dash = '' } = {}) {
    const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
    return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${stroke}" stroke-width="${thick}"${dashes}/>`;
}

function frame(title, subtitle, content, tall = height) {
    return [
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tall}" width="${width}" height="${tall}" role="img" aria-label="${escape(title)}" font-family="system-ui, sans-serif">`,
        `<rect width="${width}" height="${tall}" fill="#ffffff"/>`,
        text(margin.left, 20, title, { anchor: 'start', size: 15, weight: '600' }),
        text(margin.left, 37, subtitle, { anchor: 'start', fill: '#52606d' }),
        ...content,
        '</svg>',
        '',
    ].join('\n');
}

// The grid of a vertical axis from 0, and the function from a value to its place.
function vertical(most, unit) {
    // Room above the highest value, for its label.
    const marks = ticks(most * 1.1);
    const top = marks[marks.length - 1];
    const y = (value) => margin.top + inner.height * (1 - value / top);
    const grid = marks.flatMap((mark) => [line(margin.left, y(mark), width - margin.right, y(mark)), text(margin.left - 8, y(mark) + 4, short(mark), { anchor: 'end' })]);
    return { y, grid: [...grid, text(margin.left - 8, margin.top - 12, unit, { anchor: 'end', fill: '#52606d' })] };
}

/**
 * Bars of what each got, with a line where its share would be.
 * @param {string} subtitle
 * @param {{ name: string, count: number, expected: number }[]} shares
 */
export function sharesChart(subtitle, shares) {
    const { y, grid } = vertical(Math.max(...shares.map((share) => Math.max(share.count, share.expected))), 'requests');
    const step = inner.width / shares.length;
    const content = shares.flatMap((share, i) => {
        const left = margin.left + step * (i + 0.2);
        const middle = margin.left + step * (i + 0.5);
        return [
            `<rect x="${left.toFixed(1)}" y="${y(share.count).toFixed(1)}" width="${(step * 0.6).toFixed(1)}" height="${(y(0) - y(share.count)).toFixed(1)}" fill="${main}"/>`,
            line(left - 8, y(share.expected), left + step * 0.6 + 8, y(share.expected), { stroke: second, thick: 2, dash: '6 3' }),
            text(middle, y(share.count) + 18, short(share.count), { fill: '#ffffff', weight: '600' }),
            text(middle, height - margin.bottom + 18, share.name),
        ];
    });
    const note = text(width - margin.right, 37, 'dashed: the share by weight', { anchor: 'end', fill: second });
    return frame('What each replica answered', subtitle, [...grid, ...content, note]);
}

/**
 * The mean load over the number of replicas, with the least and the most loaded.
 * @param {string} subtitle
 * @param {{ n: number, mean: number, least: number, most: number, deviation: number }[]} sizes
 */
export function loadChart(subtitle, sizes) {
    const { y, grid } = vertical(Math.max(...sizes.map((size) => size.most)), 'requests');
    const step = inner.width / sizes.length;
    const x = (i) => margin.left + step * (i + 0.5);
    const path = sizes.map((size, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(size.mean).toFixed(1)}`).join(' ');
    const content = sizes.flatMap((size, i) => [
        line(x(i), y(size.least), x(i), y(size.most), { stroke: second, thick: 3 }),
        line(x(i) - 8, y(size.least), x(i) + 8, y(size.least), { stroke: second, thick: 2 }),
        line(x(i) - 8, y(size.most), x(i) + 8, y(size.most), { stroke: second, thick: 2 }),
        `<circle cx="${x(i).toFixed(1)}" cy="${y(size.mean).toFixed(1)}" r="5" fill="${main}"/>`,
        text(x(i), y(size.mean) - 14, `${short(size.mean)} ± ${short(size.deviation)}`, { halo: true }),
        text(x(i), height - margin.bottom + 18, `N = ${size.n}`),
    ]);
    const note = text(width - margin.right, 37, 'bars: least to most loaded; ±: standard deviation', { anchor: 'end', fill: second });
    return frame('Mean load of a replica as the fleet grows', subtitle, [...grid, `<path d="${path}" fill="none" stroke="${main}" stroke-width="2"/>`, ...content, note]);
}

/**
 * Percentiles of each run on a logarithmic axis.
 * @param {string} subtitle
 * @param {{ name: string, values: number[] }[]} rows milliseconds, from the lowest percentile to the highest
 * @param {string[]} names of the percentiles
 */
export function latencyChart(subtitle, rows, names) {
    const tall = margin.top + margin.bottom + 34 * rows.length + 16;
    const all = rows.flatMap((row) => row.values).map((value) => Math.max(value, 0.01));
    const from = Math.floor(Math.log10(Math.min(...all)));
    const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...all))));
    const left = margin.left + 40;
    const x = (value) => left + ((width - margin.right - left) * (Math.log10(Math.max(value, 0.01)) - from)) / (to - from);
    const bottom = tall - margin.bottom;
    const grid = Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i)).flatMap((mark) => [
        line(x(mark), margin.top, x(mark), bottom),
        text(x(mark), bottom + 18, `${mark.toLocaleString('en-US')} ms`, { anchor: mark === 10 ** to ? 'end' : 'middle' }),
    ]);
    const content = rows.flatMap((row, i) => {
        const y = margin.top + 34 * (i + 0.5) + 8;
        return [
            text(left - 10, y + 4, row.name, { anchor: 'end' }),
            line(x(row.values[0]), y, x(row.values[row.values.length - 1]), y, { stroke: '#9aa5b1', thick: 2 }),
            ...row.values.map((value, j) => `<circle cx="${x(value).toFixed(1)}" cy="${y}" r="6" fill="${percentileColours[j]}"><title>${escape(`${row.name} ${names[j]}: ${short(value)} ms`)}</title></circle>`),
        ];
    });
    const legend = names.flatMap((name, j) => {
        const at = left + j * 90;
        return [`<circle cx="${at}" cy="${bottom + 34}" r="6" fill="${percentileColours[j]}"/>`, text(at + 12, bottom + 38, name, { anchor: 'start' })];
    });
    return frame('Latency', subtitle, [...grid, ...content, ...legend], tall);
}

/**
 * Requests a second over time, with what failed.
 * @param {string} title
 * @param {string} subtitle
 * @param {{ second: number, rate: number, failed: number }[]} parts at the middle of each
 * @param {number} seconds of the whole
 */
export function rateChart(title, subtitle, parts, seconds) {
    const { y, grid } = vertical(Math.max(...parts.map((part) => part.rate)), 'a second');
    const x = (at) => margin.left + (inner.width * at) / seconds;
    const path = (values) => values.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join(' ');
    const marks = ticks(seconds).filter((mark) => mark <= seconds);
    const content = [
        ...marks.map((mark) => text(x(mark), height - margin.bottom + 18, `${short(mark)} s`)),
        `<path d="${path(parts.map((part) => [part.second, part.rate]))}" fill="none" stroke="${main}" stroke-width="2.5"/>`,
        `<path d="${path(parts.map((part) => [part.second, part.failed]))}" fill="none" stroke="${second}" stroke-width="2.5"/>`,
        text(width - margin.right, 37, 'failed', { anchor: 'end', fill: second }),
        text(width - margin.right - 48, 37, 'answered', { anchor: 'end', fill: main }),
    ];
    return frame(title, subtitle, [...grid, ...content]);
}
