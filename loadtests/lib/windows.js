// What happened when: the summary of k6 has sums over the whole run only, so each request is also counted in one of the
// equal parts of its scenario's time. loadtests/report draws them.

import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';

const requests = new Counter('window_requests');
const failures = new Counter('window_failures');
const duration = new Trend('window_duration', true);

/** Into how many parts a scenario's time is cut. */
export const windows = 20;

/**
 * Thresholds that always hold: a part is in the summary only where a threshold names it.
 * @returns {{ [metric: string]: string[] }}
 */
export function windowThresholds() {
    /** @type {{ [metric: string]: string[] }} */
    const thresholds = {};
    for (let i = 0; i < windows; i++) {
        thresholds[`window_requests{window:${i}}`] = ['count>=0'];
        thresholds[`window_failures{window:${i}}`] = ['count>=0'];
        thresholds[`window_duration{window:${i}}`] = ['max>=0'];
    }

    return thresholds;
}

/**
 * Counts a response where it belongs.
 * @param {boolean} good
 * @param {number} milliseconds
 */
export function countInWindow(good, milliseconds) {
    const window = Math.min(windows - 1, Math.floor(exec.scenario.progress * windows));
    const tags = { window: `${window}` };
    requests.add(1, tags);
    failures.add(good ? 0 : 1, tags);
    duration.add(milliseconds, tags);
}
