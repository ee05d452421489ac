// What the environment says: k6 passes the system's variables on, and `k6 run -e NAME=value` sets more.

/** Where the balancer answers, without a slash at the end. */
export const baseUrl = text('BASE_URL', 'http://127.0.0.1:5000').replace(/\/+$/, '');

/** What the balancer's own paths want as `Authorization: Bearer`; empty for none, which is enough from loopback. */
export const token = text('TOKEN', '');

/**
 * @param {string} name
 * @param {string} preset where it is not set, or empty
 * @returns {string}
 */
export function text(name, preset) {
    return __ENV[name] || preset;
}

/**
 * @param {string} name
 * @param {number} preset
 * @param {number} [least] what is allowed at least; 1 without it
 * @returns {number}
 */
export function number(name, preset, least = 1) {
    const said = __ENV[name];
    const value = said ? Number(said) : preset;
    if (!(value >= least)) {
        throw new Error(`${name} is "${said}"; allowed is a number from ${least}`);
    }

    return value;
}

/**
 * @param {string} name
 * @param {number} preset
 * @param {number} [least]
 * @returns {number}
 */
export function integer(name, preset, least = 1) {
    const value = number(name, preset, least);
    if (!Number.isInteger(value)) {
        throw new Error(`${name} is ${value}; allowed is an integer`);
    }

    return value;
}

/**
 * A span of time, in whole seconds.
 * @param {string} name
 * @param {string} preset as 90s, 1m30s, 2h
 * @returns {number}
 */
export function seconds(name, preset) {
    const said = text(name, preset);
    const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(said);
    const total = parts === null ? 0 : Number(parts[1] || 0) * 3600 + Number(parts[2] || 0) * 60 + Number(parts[3] || 0);
    if (total === 0) {
        throw new Error(`${name} is "${said}"; allowed is a time like 90s, 1m30s or 2h`);
    }

    return total;
}

/**
 * @param {string} name
 * @param {string} preset
 * @returns {number[]} at least one
 */
export function integers(name, preset) {
    return text(name, preset).split(',').map((part) => {
        const value = Number(part);
        if (!Number.isInteger(value) || value < 1) {
            throw new Error(`${name} has "${part}" in it; allowed are integers from 1, with commas between`);
        }

        return value;
    });
}
