import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto'

// The key pairs behind certificates: made, written as PEM, read again.

/** RSA as on the real cards (2048) and their roots (4096); P-256 for the host's own listener. */
export type KeyKind = 'rsa-2048' | 'rsa-4096' | 'p-256'

const ALGORITHMS: Readonly<Record<KeyKind, RsaHashedKeyGenParams | EcKeyGenParams>> = {
  'rsa-2048': rsa(2048),
  'rsa-4096': rsa(4096),
  'p-256': { name: 'ECDSA', namedCurve: 'P-256' },
}

function rsa(modulusLength: number): RsaHashedKeyGenParams {
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }
}

/** A new key pair of the kind, its private half exportable. */
export async function makeKeys(kind: KeyKind): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHMS[kind], true, ['sign', 'verify'])) as CryptoKeyPair
}

/** The key pair of a private key read from a PEM (encrypted or not). */
export async function keysOfPem(pem: string, kind: KeyKind, pin?: string): Promise<CryptoKeyPair> {
  const key = createPrivateKey(pin === undefined ? pem : { key: pem, passphrase: pin })
  const imported = (await webcrypto.subtle.importKey(
    'pkcs8',
    key.export({ type: 'pkcs8', format: 'der' }),
    ALGORITHMS[kind],
    true,
    ['sign'],
  )) as CryptoKey
  const { kty, n, e, crv, x, y } = key.export({ format: 'jwk' })
  const publicJwk = Object.fromEntries(
    Object.entries({ kty, n, e, crv, x, y }).filter(([, value]) => value !== undefined),
  )
  const publicKey = (await webcrypto.subtle.importKey('jwk', publicJwk, ALGORITHMS[kind], true, [
    'verify',
  ])) as CryptoKey
  return { privateKey: imported, publicKey }
}

/** PKCS#8 PEM of a private key; encrypted (AES-256-CBC, PBES2) when there is a PIN. */
export async function keyPem(privateKey: CryptoKey, pin?: string): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey))
  const key: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  der.fill(0)
  const plain = { type: 'pkcs8', format: 'pem' } as const
  return key.export(pin === undefined ? plain : { ...plain, cipher: 'aes-256-cbc', passphrase: pin }) as string
}
