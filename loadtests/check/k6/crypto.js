import { createHash, randomBytes as bytesOf } from 'node:crypto';

function sha256(input, encoding) {
    if (encoding !== 'hex') {
        throw new Error(`the stand-in for k6 has no encoding ${encoding}`);
    }

    return createHash('sha256').update(typeof input === 'string' ? input : new Uint8Array(input)).digest('hex');
}

function randomBytes(size) {
    return new Uint8Array(bytesOf(size)).buffer;
}

export default { randomBytes, sha256 };
