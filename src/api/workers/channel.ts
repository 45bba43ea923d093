/**
 * What HTTP workers and the one thread that owns the store tell each other. A worker calls an act of the vault by name;
 * answers come back under the call's number. Octets go piece by piece, each asked for: nothing is sent ahead of its reader.
 */
import type { MessagePort } from 'node:worker_threads'
import { CoffreError } from '../../crypto/errors.ts'
import type { ProblemCode } from '../../protocol/problems.ts'
import { Refusal, type RefusalExtra } from '../../vault/errors.ts'

/** From a worker. Several go in one message. */
export type FromWorker =
  | {
      readonly kind: 'call'
      readonly id: number
      readonly act: readonly [part: string, name: string]
      readonly args: unknown[]
    }
  | { readonly kind: 'note'; readonly reason: string }
  | PieceMessage

/** To a worker. */
export type ToWorker =
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SentError }
  | PieceMessage

/** A stream's pieces: asked for one at a time by who reads, until `last`. */
export type PieceMessage =
  | { readonly kind: 'more'; readonly stream: number }
  | { readonly kind: 'enough'; readonly stream: number }
  | { readonly kind: 'piece'; readonly stream: number; readonly bytes: Uint8Array }
  | { readonly kind: 'last'; readonly stream: number; readonly error?: SentError }

/** Stands in arguments and answers where a stream of octets stood. */
export interface StreamMark {
  readonly coffreStream: number
}

export function isStreamMark(value: unknown): value is StreamMark {
  return typeof value === 'object' && value !== null && 'coffreStream' in value
}

/** Posts over a port: what is said in one turn goes in one message; what hands memory over goes at once. */
export function batchedPost<M extends FromWorker | ToWorker>(port: MessagePort) {
  let waiting: M[] = []
  return (message: M, transfer: ArrayBuffer[] = []): void => {
    if (transfer.length > 0) {
      port.postMessage([message], transfer)
      return
    }
    waiting.push(message)
    if (waiting.length > 1) return
    setImmediate(() => {
      const messages = waiting
      waiting = []
      port.postMessage(messages)
    })
  }
}

/** An error as it crosses: refusals as they are, defects by what the operator's log tells of them. */
export type SentError =
  | { readonly kind: 'refusal'; readonly code: ProblemCode; readonly message: string; readonly extra: RefusalExtra }
  | { readonly kind: 'coffre'; readonly code: string; readonly message: string; readonly stack: string }
  | { readonly kind: 'defect'; readonly name: string; readonly stack: string }

export function sendError(error: unknown): SentError {
  if (Refusal.is(error)) {
    const { code, message, extra } = error as Refusal
    return { kind: 'refusal', code, message, extra }
  }
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  if (CoffreError.is(error)) return { kind: 'coffre', code: error.code, message: error.message, stack }
  return { kind: 'defect', name: error instanceof Error ? error.name : typeof error, stack }
}

export function receiveError(sent: SentError): Error {
  if (sent.kind === 'refusal') return new Refusal(sent.code, sent.message, { extra: sent.extra })
  const error = sent.kind === 'coffre' ? new CoffreError(sent.message, { code: sent.code }) : new Error(sent.name)
  error.stack = sent.stack
  return error
}
