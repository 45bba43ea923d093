// `npm run model`: brings the packages, then runs test/model/main.ts on the pinned Node. Plain JavaScript: see packages.mjs.
import { join } from 'node:path'
import { launch } from './launch.mjs'
import { ensurePackages, root } from './packages.mjs'

if (!ensurePackages()) process.exit(1)
launch(join(root, 'test', 'model', 'main.ts'), process.argv.slice(2))
