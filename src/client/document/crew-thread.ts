/** What a thread of a crew does when `crew.ts` tells it to: seals and opens blocks. The same in Node and in a page's worker. */
import { type Bytes, equal, wipe } from '../../crypto/bytes.ts'
import type { ChunksKey } from '../../crypto/chunks.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { type MessageToSeal, SpanOpener, SpanSealer } from '../../crypto/spans.ts'
import { BlockBuffer } from '../../log/block-tree.ts'
import { openBlock, sealBlock } from './block-work.ts'

/** What a thread is told, in order. Buffers come with it, and go back with the answer. */
export type Told =
  | { readonly what: 'seal'; readonly body: number; readonly message: MessageToSeal; readonly header: Bytes }
  | {
      readonly what: 'open'
      readonly body: number
      readonly key: ChunksKey
      readonly header: Bytes
      readonly length: number
    }
  | { readonly what: 'end'; readonly body: number }
  | ({ readonly what: 'seal block'; readonly plaintextLength: number } & BlockJob)
  /** `leaf`: opened only when its hash is that; `null` when that was compared already. */
  | ({ readonly what: 'open block'; readonly length: number; readonly leaf: Bytes | null } & BlockJob)

interface BlockJob {
  readonly body: number
  readonly index: number
  readonly plaintext: ArrayBuffer
  readonly block: ArrayBuffer
}

/** The answer to one block, in the order in which they were told. */
export type Answer =
  | {
      readonly plaintext: ArrayBuffer
      readonly block: ArrayBuffer
      readonly leaf: Bytes
      /** Bytes sealed or opened; `null`: another block than the signed one, of which nothing was opened. */
      readonly length: number | null
    }
  | { readonly failed: { readonly code: string | null; readonly message: string } }

/** Gives the function that takes what the thread is told. `answer` sends, and hands the buffers over. */
export function crewThread(answer: (answer: Answer, buffers: ArrayBuffer[]) => void): (told: Told) => Promise<void> {
  const sealers = new Map<number, SpanSealer>()
  const openers = new Map<number, SpanOpener>()

  async function work(told: Told): Promise<Answer | null> {
    switch (told.what) {
      case 'seal':
        sealers.set(told.body, SpanSealer.joining(told.message, told.header))
        wipe(told.message.key)
        return null
      case 'open':
        openers.set(told.body, new SpanOpener(told.key, told.header, told.length))
        wipe(told.key.key)
        return null
      case 'end':
        sealers.get(told.body)?.wipe()
        openers.get(told.body)?.wipe()
        sealers.delete(told.body)
        openers.delete(told.body)
        return null
      case 'seal block': {
        const block = new BlockBuffer(told.block)
        const { length, leaf } = await sealBlock(begun(sealers, told.body), { ...told, block })
        return { plaintext: told.plaintext, block: told.block, leaf, length }
      }
      case 'open block': {
        const block = new BlockBuffer(told.block)
        const leaf = told.leaf === null ? new Uint8Array(0) : await block.leafHash(told.length)
        const isSigned = told.leaf === null || equal(leaf, told.leaf)
        const length = isSigned ? openBlock(begun(openers, told.body), { ...told, block }).opened.length : null
        return { plaintext: told.plaintext, block: told.block, leaf, length }
      }
    }
  }

  async function answered(told: Told): Promise<Answer | null> {
    try {
      return await work(told)
    } catch (error) {
      if (!('plaintext' in told)) return null // its blocks will say that it has not begun
      wipe(new Uint8Array(told.plaintext))
      return { failed: { code: CryptoError.is(error) ? error.code : null, message: (error as Error).message } }
    }
  }

  // Begun as they are told, so that one block is at the cipher while another is hashed; answered in their order.
  let answers = Promise.resolve()
  return told => {
    const done = answered(told)
    answers = answers.then(async () => {
      const one = await done
      if (one !== null) answer(one, 'block' in one ? [one.plaintext, one.block] : [])
    })
    return answers
  }
}

function begun<T>(bodies: ReadonlyMap<number, T>, body: number): T {
  const found = bodies.get(body)
  if (found === undefined) throw new CryptoError('This message has ended: start another', { code: 'key-wiped' })
  return found
}
