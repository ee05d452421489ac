// What a run leaves behind: k6-NAME.json, which loadtests/report reads, and the same as text, which is printed as well.

import { baseUrl, text } from './settings.js';

/**
 * @typedef {{ type: string, contains: string, values: { [stat: string]: number }, thresholds?: { [source: string]: { ok: boolean } } }} Metric
 * @typedef {{ name: string, path: string, passes: number, fails: number }} Check
 * @typedef {{ name: string, checks: Check[], groups: Group[] }} Group
 * @typedef {{ metrics: { [name: string]: Metric }, root_group: Group, state: { testRunDurationMs: number }, setup_data?: unknown }} SummaryData
 */

const folder = text('RESULTS', '.').replace(/\/+$/, '');

/** The percentiles that the summaries have; for `options.summaryTrendStats`. */
export const trendStats = ['min', 'avg', 'med', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max', 'count'];

/**
 * @param {string} script its name
 * @param {{ [name: string]: unknown }} [settings] what the run was asked for, as far as the report has to know
 * @returns {(data: SummaryData) => { [path: string]: string }} a handleSummary
 */
export function summaryOf(script, settings = {}) {
    return (data) => {
        const words = textOf(script, data);
        const json = JSON.stringify(Object.assign({ script, baseUrl, settings, finished: new Date().toISOString() }, data), null, 2);
        return {
            stdout: words,
            [`${folder}/k6-${script}.json`]: json,
            [`${folder}/k6-${script}.txt`]: words,
        };
    };
}

/**
 * @param {string} script
 * @param {SummaryData} data
 * @returns {string}
 */
function textOf(script, data) {
    const lines = ['', `${script} against ${baseUrl}, ${(data.state.testRunDurationMs / 1000).toFixed(1)} s`, '', 'thresholds'];
    // The parts of a scenario's time are for the report, but for those that something is asked of.
    const names = Object.keys(data.metrics)
        .filter((name) => name.indexOf('{window:') < 0 || asked(data.metrics[name]).length > 0)
        .sort((a, b) => (sortable(a) < sortable(b) ? -1 : 1));
    names.forEach((name) => {
        const thresholds = data.metrics[name].thresholds || {};
        asked(data.metrics[name]).forEach((source) => {
            lines.push(`  ${thresholds[source].ok ? 'holds ' : 'BROKEN'}  ${name}: ${source}`);
        });
    });

    const checks = checksOf(data.root_group);
    if (checks.length > 0) {
        const failed = checks.filter((check) => check.fails > 0);
        lines.push('', `checks: ${checks.length - failed.length} of ${checks.length} always held`);
        failed.forEach((check) => lines.push(`  FAILED  ${check.path}: ${check.fails} of ${check.passes + check.fails}`));
    }

    lines.push('', 'metrics');
    names.forEach((name) => lines.push(`  ${name}: ${valuesOf(data.metrics[name])}`));
    return `${lines.join('\n')}\n\n`;
}

/**
 * @param {Metric} metric
 * @returns {string[]} its thresholds, without those of at least 0, which hold in any case: they only bring it into the summary
 */
function asked(metric) {
    return Object.keys(metric.thresholds || {}).filter((source) => !/>=0$/.test(source)).sort();
}

/**
 * @param {string} name
 * @returns {string} such that 1,024 comes before 10,240
 */
function sortable(name) {
    return name.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
}

/**
 * @param {Group} group
 * @returns {Check[]}
 */
function checksOf(group) {
    return group.groups.reduce((all, inner) => all.concat(checksOf(inner)), group.checks.slice());
}

/**
 * @param {Metric} metric
 * @returns {string}
 */
function valuesOf(metric) {
    // k6 has them in another order each time.
    const order = ['value'].concat(trendStats, ['rate', 'passes', 'fails']);
    return Object.keys(metric.values)
        .sort((a, b) => order.indexOf(a) - order.indexOf(b))
        .map((stat) => `${stat}=${Math.round(metric.values[stat] * 1000) / 1000}`)
        .join(' ');
}
