/** A thread that signs requests for the store generator: signing is what generating costs. */
import { parentPort, workerData } from 'node:worker_threads'
import { fromBase64url, toBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { contentDigest, newNonce, parseBase, signatureBase } from '../../src/crypto/httpsig.ts'
import { SigningKey } from '../../src/crypto/sign.ts'

/** A request to be signed; everything but what never changes. */
export interface ToSign {
  /** Index among the keys. */
  readonly signer: number
  readonly authority: string
  readonly path: string
  readonly seen: string
  readonly acting?: string
  /** POSIX seconds. */
  readonly created: number
}

/** What an entry keeps of it. */
export interface Signed {
  readonly base: string
  readonly signature: string
}

export interface SignerKeys {
  readonly keys: readonly { readonly keyId: string; readonly seed: string }[]
}

const EMPTY = contentDigest(new Uint8Array(0))
const { keys } = workerData as SignerKeys
const signers = keys.map(({ keyId, seed }) => ({ keyId, key: SigningKey.fromSeed(fromBase64url(seed)) }))

function sign({ signer, authority, path, seen, acting, created }: ToSign): Signed {
  const { keyId, key } = signers[signer] as (typeof signers)[0]
  const lines: [string, string][] = [
    ['@method', 'GET'],
    ['@authority', authority],
    ['@path', path],
    ['@query', '?'],
    ['content-digest', EMPTY],
    ['coffre-seen', seen],
  ]
  if (acting !== undefined) lines.push(['coffre-acting', acting])
  const covered = lines.map(([name]) => `"${name}"`).join(' ')
  const parameters = `(${covered});created=${created};nonce="${newNonce()}";keyid="${keyId}";alg="ed25519";tag="coffre-v1"`
  const base = signatureBase(lines, parameters)
  return { base, signature: toBase64url(key.sign(utf8(base))) }
}

parentPort?.on('message', (batch: readonly ToSign[]) => {
  const signed = batch.map(sign)
  if (signed[0] !== undefined) parseBase(signed[0].base)
  parentPort?.postMessage(signed)
})
