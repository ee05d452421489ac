// The request that most scripts send.

import http from 'k6/http';
import { check } from 'k6';
import { baseUrl } from './settings.js';
import { countInWindow } from './windows.js';

/** Asks for /home, checks the answer and counts it in its part of the scenario's time. */
export function home() {
    const response = http.get(`${baseUrl}/home`, { tags: { name: '/home' }, timeout: '30s' });
    const good = check(response, {
        'home answers 200': (r) => r.status === 200,
        'home greets': (r) => typeof r.body === 'string' && r.body.indexOf('Hello from Server: ') > 0,
    });
    countInWindow(good, response.timings.duration);
}
