// Plain JavaScript: see packages.mjs.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The programs that tests call, and the Debian package that has each. A test that wants one more adds a line. */
export const programs = [
  { program: 'openssl', debian: 'openssl', why: 'the listeners are probed by another TLS than ours' },
  { program: 'age', debian: 'age', why: 'an encrypted export is opened by age itself' },
  { program: 'strace', debian: 'strace', why: 'the power-cut simulation records writes and syncs' },
  { program: 'pdftotext', debian: 'poppler-utils', why: 'the text of letters and kits is read back' },
  { program: 'pdftoppm', debian: 'poppler-utils', why: 'the QR codes of letters and kits are read back' },
  { program: 'certutil', debian: 'libnss3-tools', why: 'a browser learns the authority of a test’s host' },
  { program: 'chromium', debian: 'chromium', why: 'the SDK and its cryptography run in a real browser' },
]

const isThere = program =>
  (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })

const apt = args =>
  spawnSync('apt-get', ['-q', '-y', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0

/** Brings the programs of the list on Debian as root; elsewhere says what to install, and the tests that want them fail. */
export const ensurePrograms = (wanted = programs) => {
  const missing = wanted.filter(({ program }) => !isThere(program))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map(({ debian }) => debian))]
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.log(`Installing what tests want from the system: ${packages.join(' ')} …`)
    const install = ['install', '--no-install-recommends', ...packages]
    if (apt(install) || (apt(['update']) && apt(install))) return
  }
  for (const { program, debian, why } of wanted.filter(({ program }) => !isThere(program))) {
    console.log(`Missing: ${program} (${why}). Install it; on Debian: apt-get install ${debian}`)
  }
}
