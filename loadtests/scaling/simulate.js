// What sharing nothing costs, by simulation: loops and hosts that know nothing of each other get their connections by
// chance, and each goes round the replicas by itself. Prints the tables of docs/scaling.md; the same every time.
//
// usage: node loadtests/scaling/simulate.js

// xorshift32, so that the tables do not change from run to run.
let state = 2463534242;
function random() {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
}

function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}

const trials = 200;

/** By how much the busiest of so many loops is above the mean, when the kernel's hash deals connections out. */
function busiest(loops, connections) {
    return median(
        Array.from({ length: trials }, () => {
            const counts = new Array(loops).fill(0);
            for (let i = 0; i < connections; i++) {
                counts[Math.floor(random() * loops)]++;
            }

            return Math.max(...counts) / (connections / loops);
        }),
    );
}

/** How far the most and the least loaded replica are apart, in requests, when so many cursors each go round by themselves. */
function apart(cursors, replicas, requests) {
    const places = Array.from({ length: cursors }, () => Math.floor(random() * replicas));
    const counts = new Array(replicas).fill(0);
    for (let i = 0; i < requests; i++) {
        const cursor = Math.floor(random() * cursors);
        counts[places[cursor]]++;
        places[cursor] = (places[cursor] + 1) % replicas;
    }

    return Math.max(...counts) - Math.min(...counts);
}

/** The most that any replica has in flight, over the mean, when any request may be the next to end. */
function deepest(cursors, replicas, inFlight, picks) {
    const places = Array.from({ length: cursors }, () => Math.floor(random() * replicas));
    const flying = Array.from({ length: inFlight }, () => null);
    const counts = new Array(replicas).fill(0);
    const peaks = [];
    for (let i = 0; i < picks; i++) {
        // One ends, any of them, and its client sends the next.
        const slot = Math.floor(random() * inFlight);
        if (flying[slot] !== null) {
            counts[flying[slot]]--;
        }

        const cursor = slot % cursors;
        flying[slot] = places[cursor];
        counts[places[cursor]]++;
        places[cursor] = (places[cursor] + 1) % replicas;
        if (i > inFlight * 20 && i % inFlight === 0) {
            peaks.push(Math.max(...counts) / (inFlight / replicas));
        }
    }

    return median(peaks);
}

function row(cells) {
    console.log(`| ${cells.join(' | ')} |`);
}

row(['connections', '2 loops', '16 loops', '64 loops']);
row(['---:', '---:', '---:', '---:']);
for (const connections of [64, 1000, 10000, 100000]) {
    row([connections.toLocaleString('en-US'), ...[2, 16, 64].map((loops) => busiest(loops, connections).toFixed(2))]);
}

console.log();
row(['loops in all', '3 replicas', '16 replicas', '256 replicas']);
row(['---:', '---:', '---:', '---:']);
for (const cursors of [2, 16, 64, 512]) {
    row([`${cursors}`, ...[3, 16, 256].map((replicas) => `${median(Array.from({ length: 21 }, () => apart(cursors, replicas, 200000)))}`)]);
}

console.log();
row(['loops in all', '3 replicas', '16 replicas', '256 replicas']);
row(['---:', '---:', '---:', '---:']);
for (const cursors of [2, 16, 64, 512]) {
    row([`${cursors}`, ...[3, 16, 256].map((replicas) => deepest(cursors, replicas, 4096, 200000).toFixed(2))]);
}
