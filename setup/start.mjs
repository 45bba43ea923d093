// `npm start`: brings the packages, then plays the journey in the development world. Plain JavaScript: see packages.mjs.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from './launch.mjs'
import { ensurePackages, root } from './packages.mjs'

const world = join(root, 'src', 'dev', 'main.ts')

if (!ensurePackages()) process.exit(1)
if (!existsSync(world)) {
  console.error('The development world (src/dev/main.ts) is not part of this checkout.')
  process.exit(1)
}
launch(world, process.argv.slice(2))
