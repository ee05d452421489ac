// What the scripts import from k6 comes from the stand-in. A module that it lacks is an error, as is anything from elsewhere.

const modules = new Set(['k6', 'k6/http', 'k6/metrics', 'k6/execution', 'k6/crypto', 'k6/ws']);

export function resolve(specifier, context, next) {
    if (modules.has(specifier)) {
        return { url: new URL(`./k6/${specifier.split('/')[1] ?? 'core'}.js`, import.meta.url).href, format: 'module', shortCircuit: true };
    }

    if (specifier.startsWith('k6') || specifier.startsWith('http')) {
        throw new Error(`The stand-in for k6 has no ${specifier}.`);
    }

    return next(specifier, context);
}
