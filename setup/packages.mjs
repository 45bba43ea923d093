// Plain JavaScript, because it runs on whatever Node (>= 20) the machine came with: it brings everything else.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's top folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The Node that everything of ours runs on, brought in by the `node` package; the machine's own only starts it. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

/**
 * The environment in which programs of `node_modules` find the pinned Node first, and Node what it compiled the last time:
 * a command then starts in a third of the time. The cache lies among the packages, never in a folder that others can
 * write to: whoever could change it could as well change the program.
 */
export const environment = {
  ...process.env,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'compiled'),
  PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
}

const readJson = path => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

/**
 * Whether `node_modules` is what `package-lock.json` says. npm writes the list of what it installed as the last thing it
 * does, so a half-made installation never compares equal. Packages for other platforms are absent by right.
 */
export const packagesInstalled = () => {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages
  const have = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (!wanted || !have || !existsSync(pinnedNode)) return false
  return Object.entries(wanted).every(([path, { integrity, optional }]) => {
    if (path === '') return true
    const found = have[path]
    return found === undefined ? optional === true : found.integrity === integrity
  })
}

const run = (command, args) => {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error) throw error
  return status === 0
}

/**
 * Installs the packages of the lockfile when they are not there; costs milliseconds when they are.
 * @returns {boolean} whether the packages are there now; what went wrong is on the terminal
 */
export const ensurePackages = () => {
  if (packagesInstalled()) return true
  console.log('Installing the packages of package-lock.json (npm ci; about a minute the first time) …')
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  if (!run('npm', ['ci', '--ignore-scripts', ...quiet])) {
    console.error('npm ci failed: see above. Is the package registry reachable from here?')
    return false
  }
  // The pinned Node is the only package that needs its installation script. Left to itself npm would run another: a build of
  // better-sqlite3, which carries its binaries and wants no compiler.
  if (!run('npm', ['rebuild', 'node', ...quiet])) return false
  if (!existsSync(pinnedNode)) {
    console.error(
      `The package "node" brought no program for ${process.platform} ${process.arch}: Coffre cannot run here.`,
    )
    return false
  }
  return true
}
