/** The file in which the programme's published build of the patient's pages is named to the host. */
import { readFileSync } from 'node:fs'
import { Hash } from '../../protocol/ids.ts'
import type { Vault } from '../../vault/vault.ts'
import { type HostConfig, HostConfigError } from './config.ts'

/** How often it is read again, milliseconds: a new build is named without a restart. */
const EVERY_MS = 60_000

/**
 * Has the log name the build that the file holds, now and whenever it holds another. Without a file nothing is named yet.
 * Throws `HostConfigError` `host-portal-build` when what is there now is no hash; later that is told to `onError`. Gives what
 * ends it.
 */
export async function followPortalBuild(
  { portal, portalBuild }: Pick<HostConfig, 'portal' | 'portalBuild'>,
  { vault, onError }: { readonly vault: Pick<Vault, 'portal'>; onError(error: unknown): void },
): Promise<() => void> {
  if (portal === null || portalBuild === null) return () => {}
  const look = async () => {
    const build = readHash(portalBuild)
    if (build !== null) await vault.portal.name({ origin: portal, build })
  }
  await look()
  const timer = setInterval(() => void look().catch(onError), EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

function readHash(file: string): Hash | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw malformed(file, error)
  }
  const hash = Hash.safeParse(text.trim())
  if (hash.success) return hash.data
  throw malformed(file)
}

function malformed(file: string, cause?: unknown): HostConfigError {
  return new HostConfigError(`${file} does not hold the hash of a build, as coffre portal build prints it`, {
    code: 'host-portal-build',
    cause,
  })
}
