import { addSample, defineMetric } from './engine.js';

class Metric {
    constructor(type, name, isTime) {
        this.name = defineMetric(name, type, isTime ? 'time' : 'default');
    }

    add(value, tags) {
        addSample(this.name, Number(value), tags);
    }
}

export class Counter extends Metric {
    constructor(name, isTime) {
        super('counter', name, isTime);
    }
}

export class Gauge extends Metric {
    constructor(name, isTime) {
        super('gauge', name, isTime);
    }
}

export class Rate extends Metric {
    constructor(name, isTime) {
        super('rate', name, isTime);
    }
}

export class Trend extends Metric {
    constructor(name, isTime) {
        super('trend', name, isTime);
    }
}
