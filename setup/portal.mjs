// `npm run portal`: the stories of the patient's pages, with a picture of every screen at two widths, kept under docs/images.
// Plain JavaScript: see packages.mjs.
import { join } from 'node:path'
import { launch } from './launch.mjs'
import { ensurePackages, environment, root } from './packages.mjs'
import { ensurePrograms } from './system.mjs'

if (!ensurePackages()) process.exit(1)
ensurePrograms()
environment.COFFRE_SHOTS ??= join(root, 'docs', 'images', 'portal')
environment.TAP_TIMEOUT ??= '600'
launch(join(root, 'test', 'journeys', 'portal.test.ts'), process.argv.slice(2))
