/** The packages that figures are measured against: in bench/package.json, apart from those of the product. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = resolve(import.meta.dirname, '..')
const require = createRequire(join(folder, 'package.json'))

/**
 * Loads a rival, installing all of them first when they are not there (`npm ci`, exact versions, no scripts). The figure
 * says which part of its interface it calls.
 */
export async function rival<T>(name: string): Promise<T> {
  ensureRivals()
  return (await import(pathToFileURL(require.resolve(name)).href)) as T
}

function ensureRivals(): void {
  const wanted = packagesOf(join(folder, 'package-lock.json'))
  const have = packagesOf(join(folder, 'node_modules', '.package-lock.json'))
  const missing = Object.entries(wanted).some(
    ([path, { optional, integrity }]) => path !== '' && !optional && have[path]?.integrity !== integrity,
  )
  if (!missing) return
  process.stderr.write('Installing the rivals of bench/package-lock.json (npm ci) …\n')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function packagesOf(lockfile: string): Record<string, { integrity?: string; optional?: boolean }> {
  if (!existsSync(lockfile)) return {}
  return (JSON.parse(readFileSync(lockfile, 'utf8')) as { packages: Record<string, { integrity?: string }> }).packages
}
