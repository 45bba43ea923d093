/** `age` twice: Debian's command, on a file, and the `age-encryption` package, in this process. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rival } from './packages.ts'

/** What this calls of `age-encryption`. */
interface AgePackage {
  generateX25519Identity(): Promise<string>
  identityToRecipient(identity: string): Promise<string>
  Encrypter: new () => { addRecipient(recipient: string): void; encrypt(file: Uint8Array): Promise<Uint8Array> }
  Decrypter: new () => { addIdentity(identity: string): void; decrypt(file: Uint8Array): Promise<Uint8Array> }
}

/** Both ways of both, over the same content. Each function does the whole of its work once. */
export interface Age {
  packageSeal(): Promise<Uint8Array>
  packageOpen(): Promise<Uint8Array>
  /** File to nowhere, as a process of its own; `null` where the command is not installed. */
  commandSeal: (() => void) | null
  commandOpen: (() => void) | null
  /** Removes the files. */
  close(): void
}

/** Prepares `content` for each of them: as a file, and sealed. */
export async function ageOver(content: Uint8Array): Promise<Age> {
  const { Encrypter, Decrypter, generateX25519Identity, identityToRecipient } =
    await rival<AgePackage>('age-encryption')
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  const encrypter = new Encrypter()
  encrypter.addRecipient(recipient)
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)

  const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-age-'))
  const [plain, sealed, key] = [join(folder, 'plain'), join(folder, 'sealed.age'), join(folder, 'identity')]
  writeFileSync(plain, content)
  writeFileSync(key, `${identity}\n`, { mode: 0o600 })
  const command = (...args: string[]) => void execFileSync('age', args, { stdio: 'ignore' })
  const installed = spawnSync('age', ['--version']).error === undefined
  if (installed) command('-r', recipient, '-o', sealed, plain)
  else process.stderr.write('The age command is not installed (Debian: apt-get install age): left out\n')
  const sealedByPackage = await encrypter.encrypt(content)
  return {
    packageSeal: () => encrypter.encrypt(content),
    packageOpen: () => decrypter.decrypt(sealedByPackage),
    commandSeal: installed ? () => command('-r', recipient, '-o', '/dev/null', plain) : null,
    commandOpen: installed ? () => command('-d', '-i', key, '-o', '/dev/null', sealed) : null,
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
