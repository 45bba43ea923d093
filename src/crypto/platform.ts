import type * as NodeCryptoModule from 'node:crypto'

type NodeCrypto = typeof NodeCryptoModule

/**
 * The named functions of the platform's native `node:crypto`, or `null` where there is none (a browser).
 *
 * Asked for by name and handed out one by one, so that a module holds what it names and nothing else: which functions
 * the host's code can reach stays visible to a search. Looked up at run time, so that bundles for browsers build.
 */
export function nodeCrypto<Name extends keyof NodeCrypto>(...names: readonly Name[]): Pick<NodeCrypto, Name> | null {
  const module: NodeCrypto | undefined = globalThis.process?.getBuiltinModule?.('node:crypto')
  if (module === undefined) return null
  const picked = {} as Pick<NodeCrypto, Name>
  for (const name of names) {
    if (module[name] === undefined) return null
    picked[name] = module[name]
  }
  return picked
}
