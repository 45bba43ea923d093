// `npm run testssl`: testssl.sh on a started host's patients' listener, held against the findings that are explained.
// Plain JavaScript: see packages.mjs.
import { join } from 'node:path'
import { launch } from './launch.mjs'
import { ensurePackages, root } from './packages.mjs'
import { ensurePrograms } from './system.mjs'

if (!ensurePackages()) process.exit(1)
ensurePrograms([{ program: 'testssl', debian: 'testssl.sh', why: 'it tests the patients’ listener' }])
launch(join(root, 'test', 'testssl', 'main.ts'), process.argv.slice(2))
