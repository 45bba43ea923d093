// `npm run lockfile`: run it after `npm install`. Plain JavaScript: see packages.mjs.
//
// A package may come in one build per platform, each an optional package. A registry mirror that keeps only the builds it needs
// makes npm drop the others from the lockfile, and npm ci then refuses that lockfile on every machine. This writes back the
// ones that are missing, with the platform that their name tells; npm fetches such a package on that platform alone.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './packages.mjs'

const path = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

const missing = Object.values(lock.packages).flatMap(({ dev, optionalDependencies = {} }) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !Object.hasOwn(lock.packages, `node_modules/${name}`))
    .map(([name, version]) => ({ name, version, dev })),
)

for (const { name, version, dev } of missing) {
  const words = name.split(/[/-]/)
  const os = systems.find(system => words.includes(system))
  const cpu = processors.find(processor => words.includes(processor))
  const libc = words.some(word => word.startsWith('musl'))
    ? 'musl'
    : words.some(word => word.startsWith('gnu'))
      ? 'glibc'
      : null
  if (!os || !cpu || !/^\d/.test(version)) {
    console.error(`${name}@${version}: neither in the lockfile nor named after a platform; add it by hand`)
    process.exitCode = 1
    continue
  }
  lock.packages[`node_modules/${name}`] = {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  }
  console.log(`added ${name}@${version} (${os} ${cpu}${libc ? ` ${libc}` : ''})`)
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
if (missing.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
