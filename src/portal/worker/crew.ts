/** Helpers of this worker, for large documents: they run its own script, and only check and open blocks. */
import { type Crew, crewOfWorkers, serveCrew } from '../../client/browser.ts'

/** Below this many bytes helpers take longer to start than they save. */
const WORTH = 16 * 1024 * 1024
const HELPERS_MAX = 4
const NAME = 'crew'

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** Trusted Types: the one script address that this worker uses is its own. */
const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('coffre-worker', {
  createScriptURL(url) {
    if (url === location.href) return url
    throw new TypeError('Not this worker')
  },
})

/** Whether this is a helper: then it serves, and does nothing else. */
export function servesAsHelper(
  scope: Pick<Worker, 'postMessage' | 'addEventListener'> & { readonly name: string },
): boolean {
  if (scope.name !== NAME) return false
  serveCrew(scope)
  scope.postMessage('there')
  return true
}

/** Helpers for a content of so many bytes, one a core; `undefined` when this worker alone is as fast. Close it at the end. */
export async function startHelpers(size: number): Promise<Crew | undefined> {
  const cores = navigator.hardwareConcurrency
  if (size < WORTH || cores < 2) return undefined
  const url = policy === undefined ? location.href : policy.createScriptURL(location.href)
  const helpers = Array.from(
    { length: Math.min(cores, HELPERS_MAX) },
    () => new Worker(url, { type: 'module', name: NAME }),
  )
  try {
    await Promise.all(helpers.map(isThere))
    return crewOfWorkers(helpers)
  } catch {
    for (const helper of helpers) helper.terminate()
    return undefined // a browser without workers in workers opens it here, more slowly
  }
}

function isThere(helper: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    helper.addEventListener('message', () => resolve(), { once: true })
    helper.addEventListener('error', reject, { once: true })
  })
}
