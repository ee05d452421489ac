import { now } from './engine.js';

export default {
    scenario: {
        get name() {
            return now.scenario.name;
        },
        get iterationInTest() {
            return now.scenario.done;
        },
        get startTime() {
            return now.scenario.startTime;
        },
        get progress() {
            return now.scenario.done / now.scenario.planned;
        },
    },
};
