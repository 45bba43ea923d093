/** Encrypting files in the `age` format (C2SP age.md), for who keeps them elsewhere than on this machine. */
import { Encrypter, generateHybridIdentity, identityToRecipient } from 'age-encryption'
import type { Bytes } from '../crypto/bytes.ts'
import { InputError } from './errors.ts'

/** Fewest characters of a passphrase: it is guessed at offline, by whoever has the files. */
const PASSPHRASE_MIN = 12

/** Encrypts one file as it comes. */
export type AgeSealer = (content: AsyncIterable<Bytes>) => AsyncIterable<Bytes>

/** To these recipients (`age1…`, `age1pq1…`), each of whom opens it alone. Throws `InputError` `recipient-malformed`. */
export function sealToRecipients(recipients: readonly string[]): AgeSealer {
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch (cause) {
      throw new InputError('That is not a recipient of age: it begins with age1 (age-keygen makes one)', {
        code: 'recipient-malformed',
        cause,
      })
    }
  }
  return content => sealed(encrypter, content)
}

/**
 * To a key made now, itself encrypted with a passphrase: `identity` is that file. So many files want the passphrase once,
 * and none of them is only as strong as a public-key algorithm of before quantum computers. Throws `InputError`
 * `passphrase-weak`.
 */
export async function sealToPassphrase(passphrase: string): Promise<{ seal: AgeSealer; identity: Bytes }> {
  if ([...passphrase].length < PASSPHRASE_MIN) {
    throw new InputError(
      `A passphrase for an export has at least ${PASSPHRASE_MIN} characters: several words are best`,
      {
        code: 'passphrase-weak',
      },
    )
  }
  const identity = await generateHybridIdentity()
  const locked = new Encrypter()
  locked.setPassphrase(passphrase)
  const encrypter = new Encrypter()
  encrypter.addRecipient(await identityToRecipient(identity))
  return { seal: content => sealed(encrypter, content), identity: await locked.encrypt(`${identity}\n`) }
}

async function* sealed(encrypter: Encrypter, content: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  const reader = (await encrypter.encrypt(streamOf(content))).getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Pieces may be lent, the memory of one used again for the next: none is asked for before the one before is enciphered. */
function streamOf(content: AsyncIterable<Bytes>): ReadableStream<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await pieces.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
