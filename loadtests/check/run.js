// Runs a script's logic on node, on a stand-in for the part of k6 that the scripts use, against a balancer that really
// answers. It is a check of the scripts, no load generator: iterations come one after the other, a scenario of a certain
// duration gets a fixed number of them, and its figures mean nothing.
//
// usage: node check/run.js SCRIPT [NAME=value…]        what k6 would take as -e NAME=value
// Ends with 0, with 99 where a threshold does not hold, or with 107 where the script threw, as k6 does.

import { mkdirSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

register('./resolve.js', import.meta.url);
const [script, ...assignments] = process.argv.slice(2);
if (script === undefined) {
    console.error('usage: node check/run.js SCRIPT [NAME=value…]');
    process.exit(64);
}

globalThis.__ENV = { ...process.env };
for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    globalThis.__ENV[assignment.slice(0, at)] = assignment.slice(at + 1);
}

globalThis.__VU = 0;
globalThis.__ITER = 0;
const { Run } = await import('./k6/engine.js');
const { close } = await import('./k6/wire.js');
let code;
try {
    const run = new Run(await import(pathToFileURL(resolve(script)).href));
    code = run.toTheEnd() ? 0 : 99;
    for (const [path, text] of Object.entries(run.summary())) {
        if (path === 'stdout') {
            process.stdout.write(text);
        } else {
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, text);
        }
    }
} catch (error) {
    console.error(error);
    code = 107;
}

close();
process.exitCode = code;
