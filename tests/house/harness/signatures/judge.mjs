// Judges every signature of every letter in a directory with mailauth: one line a signature, `FILE SELECTOR pass|fail`.
// DNS is the file `dns.json` there, a text by name; nobody else is asked.
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [directory, packages] = process.argv.slice(2);
const { dkimVerify } = createRequire(join(packages, 'package.json'))('mailauth/lib/dkim/verify');
const table = JSON.parse(readFileSync(join(directory, 'dns.json'), 'utf8'));
const resolver = async name => {
    if (name in table) return [[table[name]]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};
for (const name of readdirSync(directory).filter(name => name.endsWith('.eml')).sort()) {
    const { results } = await dkimVerify(readFileSync(join(directory, name)), { resolver });
    for (const { selector, status } of results.filter(result => result.selector)) {
        if (status.result !== 'pass') console.error(name, status);
        console.log(name, selector, status.result === 'pass' ? 'pass' : 'fail');
    }
}
