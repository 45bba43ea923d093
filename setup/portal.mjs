// `npm run portal`: the patient's pages in Chromium with axe on every screen. Plain JavaScript: see packages.mjs.
import { join } from 'node:path'
import { launch } from './launch.mjs'
import { ensurePackages, environment, root } from './packages.mjs'
import { ensurePrograms } from './system.mjs'

if (!ensurePackages()) process.exit(1)
ensurePrograms()
environment.COFFRE_AXE = 'every screen'
environment.TAP_TIMEOUT ??= '600'
launch(join(root, 'test', 'journeys', 'portal.test.ts'), process.argv.slice(2))
